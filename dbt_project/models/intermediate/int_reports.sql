{{ config(materialized='table') }}

with readings as (
    select * from {{ ref('stg_readings') }}
),

sources as (
    select * from {{ ref('stg_sources') }}
),

candidates as (
    select * from {{ ref('stg_agency_candidates') }}
),

agencies as (
    select * from {{ ref('int_agencies') }}
),

years as (
    select * from {{ ref('years') }}
),

resolved as (
    select
        candidates.report_id,
        agencies.agency_key,
        agencies.agency_kind,
        agencies.agency_level,
        agencies.region_code,
        agencies.valid_from
    from candidates
    inner join agencies
        on
            candidates.agency_key = agencies.agency_key
            and candidates.report_year >= agencies.valid_from
            and candidates.report_year <= agencies.valid_to
    where candidates.result = 'resolved'
),

-- an agency that the register does not have is kept under a key of its own, and stands in unresolved_agencies
identified as (
    select
        readings.report_id,
        case
            when resolved.report_id is null then readings.provisional_agency_id
            else {{ hash_key(['resolved.agency_key']) }}
        end as agency_id,
        resolved.agency_key,
        readings.agency_name,
        case when resolved.report_id is null then readings.agency_kind else resolved.agency_kind end as agency_kind,
        case when resolved.report_id is null then readings.agency_level else resolved.agency_level end as agency_level,
        case when resolved.report_id is null then readings.region_code else resolved.region_code end as region_code,
        resolved.report_id is not null as is_registered,
        resolved.valid_from as registered_from,
        readings.report_year,
        readings.scope,
        readings.scope_source,
        readings.scope_cue,
        readings.source_id,
        readings.sha256,
        sources.location,
        readings.media_type,
        readings.reader_version,
        readings.title,
        readings.published_on,
        readings.period_start,
        readings.period_end,
        readings.index_number,
        readings.site_code,
        readings.agency_source,
        readings.agency_name_in_text,
        readings.year_source,
        readings.warnings,
        coalesce(readings.published_on, '0000-00-00') || '|' || readings.report_id as version_order
    from readings
    left join sources on readings.source_id = sources.source_id
    left join resolved on readings.report_id = resolved.report_id
),

-- of an agency's reports of a year and scope the one with the latest date, none before any, then the largest key
latest as (
    select max(version_order) as version_order
    from identified
    group by agency_id, report_year, scope
),

final as (
    select
        identified.report_id,
        identified.agency_id,
        -- without a year where the register does not have it: an earlier report must not change the key of the others
        {{ hash_key(['identified.agency_id', 'identified.registered_from']) }} as agency_version_id,
        identified.agency_key,
        identified.is_registered,
        identified.agency_name,
        identified.agency_kind,
        identified.agency_level,
        identified.region_code,
        identified.report_year,
        identified.scope,
        identified.scope_source,
        identified.scope_cue,
        identified.source_id,
        identified.sha256,
        identified.location,
        identified.media_type,
        identified.reader_version,
        identified.title,
        identified.published_on,
        {{ deadline('identified.agency_kind', 'identified.scope') }} as deadline,
        identified.period_start,
        identified.period_end,
        identified.index_number,
        identified.site_code,
        identified.agency_source,
        identified.agency_name_in_text,
        identified.year_source,
        identified.warnings,
        latest.version_order is not null as is_current
    from identified
    left join latest on identified.version_order = latest.version_order
    left join years on identified.report_year = years.report_year
)

select * from final

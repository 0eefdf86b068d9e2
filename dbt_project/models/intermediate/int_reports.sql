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
        readings.warnings
    from readings
    left join sources on readings.source_id = sources.source_id
    left join resolved on readings.report_id = resolved.report_id
),

ranked as (
    select
        identified.*,
        -- without a year where the register does not have it: an earlier report must not change the key of the others
        {{ hash_key(['agency_id', 'registered_from']) }} as agency_version_id,
        row_number() over (
            partition by agency_id, report_year, scope
            order by published_on desc nulls last, report_id desc
        ) as version_rank
    from identified
),

final as (
    select
        ranked.report_id,
        ranked.agency_id,
        ranked.agency_version_id,
        ranked.agency_key,
        ranked.is_registered,
        ranked.agency_name,
        ranked.agency_kind,
        ranked.agency_level,
        ranked.region_code,
        ranked.report_year,
        ranked.scope,
        ranked.scope_source,
        ranked.scope_cue,
        ranked.source_id,
        ranked.sha256,
        ranked.location,
        ranked.media_type,
        ranked.reader_version,
        ranked.title,
        ranked.published_on,
        {{ deadline('ranked.agency_kind', 'ranked.scope') }} as deadline,
        ranked.period_start,
        ranked.period_end,
        ranked.index_number,
        ranked.site_code,
        ranked.agency_source,
        ranked.agency_name_in_text,
        ranked.year_source,
        ranked.warnings,
        ranked.version_rank = 1 as is_current
    from ranked
    left join years on ranked.report_year = years.report_year
)

select * from final

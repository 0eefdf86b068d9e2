with readings as (
    select * from {{ ref('stg_readings') }}
),

sources as (
    select * from {{ ref('stg_sources') }}
),

ranked as (
    select
        readings.*,
        sources.location,
        row_number() over (
            partition by readings.agency_id, readings.report_year, readings.scope
            order by readings.published_on desc nulls last, readings.report_id desc
        ) as version_rank
    from readings
    left join sources on readings.source_id = sources.source_id
),

final as (
    select
        report_id,
        agency_id,
        agency_name,
        agency_kind,
        agency_level,
        region_code,
        report_year,
        scope,
        scope_source,
        scope_cue,
        source_id,
        sha256,
        location,
        media_type,
        reader_version,
        title,
        published_on,
        period_start,
        period_end,
        index_number,
        site_code,
        agency_source,
        agency_name_in_text,
        year_source,
        warnings,
        version_rank = 1 as is_current
    from ranked
)

select * from final

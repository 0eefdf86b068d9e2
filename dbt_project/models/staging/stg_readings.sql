with source as (
    select * from {{ source('raw', 'readings') }}
),

final as (
    select
        {{ hash_key(['agency_name', "nullif(region_code, '')"]) }} as provisional_agency_id,
        report_id,
        source_id,
        sha256,
        reader_version,
        media_type,
        nullif(encoding, '') as encoding,
        nullif(title, '') as title,
        agency_name,
        agency_source,
        nullif(agency_name_in_text, '') as agency_name_in_text,
        nullif(agency_kind, '') as agency_kind,
        nullif(agency_level, '') as agency_level,
        nullif(region_code, '') as region_code,
        report_year,
        year_source,
        nullif(scope, '') as scope,
        scope_source,
        nullif(scope_cue, '') as scope_cue,
        nullif(published_on, '') as published_on,
        nullif(period_start, '') as period_start,
        nullif(period_end, '') as period_end,
        nullif(index_number, '') as index_number,
        nullif(site_code, '') as site_code,
        nullif(warnings, '') as warnings
    from source
)

select * from final

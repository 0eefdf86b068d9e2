with source as (
    select * from {{ source('raw', 'sources') }}
),

final as (
    select
        source_id,
        catalogue_line,
        nullif(agency_name, '') as agency_name,
        nullif(agency_kind, '') as agency_kind,
        nullif(region_code, '') as region_code,
        nullif(scope, '') as scope,
        report_year,
        location
    from source
)

select * from final

with agencies as (
    select * from {{ ref('int_agencies') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

-- what the latest report says of an agency that the register does not have
provisional as (
    select
        agency_id,
        agency_name,
        agency_kind,
        agency_level,
        region_code,
        agency_valid_from as valid_from,
        row_number() over (partition by agency_id order by report_year desc, report_id desc) as latest_first
    from reports
    where not is_registered
),

versions as (
    select
        {{ hash_key(['agency_key']) }} as agency_id,
        agency_key,
        agency_name,
        agency_kind,
        agency_level,
        region_code,
        case when superior_key is not null then {{ hash_key(['superior_key']) }} end as superior_agency_id,
        case when superior_line_key is not null then {{ hash_key(['superior_line_key']) }} end as superior_line_agency_id,
        valid_from,
        valid_to,
        true as is_registered
    from agencies
    union all
    select
        agency_id,
        cast(null as {{ dbt.type_string() }}),
        agency_name,
        agency_kind,
        agency_level,
        region_code,
        cast(null as {{ dbt.type_string() }}),
        cast(null as {{ dbt.type_string() }}),
        valid_from,
        9999,
        false
    from provisional
    where latest_first = 1
),

reported as (
    select
        agency_version_id,
        count(*) as report_count
    from reports
    group by agency_version_id
),

final as (
    select
        {{ hash_key(['versions.agency_id', 'versions.valid_from']) }} as agency_version_id,
        versions.agency_id,
        versions.agency_key,
        versions.agency_name,
        versions.agency_kind,
        versions.agency_level,
        versions.region_code,
        versions.superior_agency_id,
        versions.superior_line_agency_id,
        versions.is_registered,
        versions.valid_to = 9999 as is_latest,
        reported.agency_version_id is not null as has_report,
        versions.valid_from,
        versions.valid_to
    from versions
    left join reported
        on {{ hash_key(['versions.agency_id', 'versions.valid_from']) }} = reported.agency_version_id
)

select * from final

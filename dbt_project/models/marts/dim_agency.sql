with reports as (
    select * from {{ ref('int_reports') }}
),

lifetimes as (
    select
        agency_id,
        min(report_year) as valid_from,
        max(report_year) as valid_to
    from reports
    group by agency_id
),

-- what the agency's latest report says of it
ranked as (
    select
        agency_id,
        agency_name,
        agency_kind,
        agency_level,
        region_code,
        row_number() over (partition by agency_id order by report_year desc, report_id desc) as latest_first
    from reports
),

final as (
    select
        ranked.agency_id,
        ranked.agency_name,
        ranked.agency_kind,
        ranked.agency_level,
        ranked.region_code,
        lifetimes.valid_from,
        lifetimes.valid_to
    from ranked
    inner join lifetimes on ranked.agency_id = lifetimes.agency_id
    where ranked.latest_first = 1
)

select * from final

-- 10. Who asks: mix of applicants by region and kind of agency, 2019-.
-- 谁在申请:申请人构成,分省份与机关类别
with flows as (
    select * from {{ ref('fct_request_flow') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

regions as (
    select * from {{ ref('dim_region') }}
),

mixed as (
    select
        regions.province_name,
        agencies.agency_kind,
        flows.report_year,
        reports.scope,
        flows.applicant,
        sum(flows.requests_new) as requests
    from flows
    inner join reports on flows.report_id = reports.report_id
    inner join agencies on reports.agency_version_id = agencies.agency_version_id
    left join regions
        on
            reports.region_code = regions.region_code
            and flows.report_year between regions.valid_from and regions.valid_to
    where reports.is_current and flows.report_year >= 2019
    group by regions.province_name, agencies.agency_kind, flows.report_year, reports.scope, flows.applicant
)

select
    province_name,
    agency_kind,
    report_year,
    scope,
    applicant,
    requests,
    round(requests / sum(requests) over (partition by province_name, agency_kind, report_year, scope), 3) as share
from mixed
where requests is not null
order by report_year asc, province_name asc, agency_kind asc, scope asc, requests desc, applicant asc

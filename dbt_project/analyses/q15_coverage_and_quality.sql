-- 15. Coverage: division x level x year: which expected agencies have a report, in which form, from which place, with which
-- reading quality; zero reports against missing reports. Agencies without any report in a year are counted in q04.
-- 覆盖情况:有无报告、用何表式、来自何处、读取质量;零申请与缺报告之别
with coverage as (
    select * from {{ ref('coverage') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

panel as (
    select * from {{ ref('agency_year_panel') }}
),

regions as (
    select * from {{ ref('dim_region') }}
)

select
    coverage.report_year,
    regions.province_name,
    coverage.agency_name,
    coverage.status,
    reports.scope,
    coalesce(reports.form_three, reports.form_2014, reports.form_local, reports.form_prose) as form_of_requests,
    reports.media_type,
    reports.value_count,
    reports.missing_count,
    reports.residue_count,
    reports.is_certified,
    case
        when panel.requests_received = 0 then 'zero requests'
        when panel.requests_received > 0 then 'requests'
        when reports.report_id is not null then 'figure missing: ' || coalesce(panel.requests_received_missing, 'before 2014')
        else 'no report'
    end as requests
from coverage
left join reports
    on coverage.agency_id = reports.agency_id and coverage.report_year = reports.report_year and reports.is_current
left join panel on reports.report_id = panel.report_id
left join regions
    on
        coverage.region_code = regions.region_code
        and coverage.report_year between regions.valid_from and regions.valid_to
where coverage.status <> 'missing'
order by coverage.report_year, coverage.agency_name, reports.scope

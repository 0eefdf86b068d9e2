-- 1. Shares disclosed in full, in part, not disclosed, by province and year 2014-, with break flags. Scopes are kept apart.
-- 各省各年予以公开、部分公开、未公开的比例(2014年起),附断点标志
with panel as (
    select * from {{ ref('agency_year_panel') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

regions as (
    select * from {{ ref('dim_region') }}
)

select
    regions.province_name,
    panel.report_year,
    panel.scope,
    count(*) as reports,
    count(panel.not_disclosed) as reports_with_figures,
    sum(case when panel.not_disclosed is not null then panel.requests_processed end) as processed,
    round(
        sum(case when panel.not_disclosed is not null then panel.disclosed_full end)
        / nullif(sum(case when panel.not_disclosed is not null then panel.requests_processed end), 0), 3
    ) as share_full,
    round(
        sum(case when panel.not_disclosed is not null then panel.disclosed_part end)
        / nullif(sum(case when panel.not_disclosed is not null then panel.requests_processed end), 0), 3
    ) as share_part,
    round(
        sum(panel.not_disclosed)
        / nullif(sum(case when panel.not_disclosed is not null then panel.requests_processed end), 0), 3
    ) as share_not,
    max(panel.disclosed_full_relation) as relation,
    max(case when panel.disclosed_full_break or panel.agency_break then 1 else 0 end) = 1 as has_break
from panel
inner join reports on panel.report_id = reports.report_id
left join regions
    on
        reports.region_code = regions.region_code
        and panel.report_year between regions.valid_from and regions.valid_to
group by regions.province_name, panel.report_year, panel.scope
order by panel.report_year, regions.province_name, panel.scope

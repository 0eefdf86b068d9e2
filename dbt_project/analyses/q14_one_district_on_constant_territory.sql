-- 14. One district across a boundary change (海州 + 新浦), on constant territory: whatever divisions its land belonged to.
-- 跨越区划调整的同一地域(海州区与原新浦区)
with regions as (
    select * from {{ ref('dim_region') }}
),

years as (
    select * from {{ ref('dim_year') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

panel as (
    select * from {{ ref('agency_year_panel') }}
),

parts as (
    select
        years.report_year,
        regions.region_code,
        regions.region_name,
        regions.territory_id
    from years
    inner join regions on years.report_year between regions.valid_from and regions.valid_to
    where regions.constant_code = '320706' and years.report_year between 2012 and 2017
)

select
    parts.report_year,
    parts.region_name,
    parts.territory_id,
    agencies.agency_name,
    panel.scope,
    panel.requests_received,
    panel.disclosed_full,
    panel.disclosed_part,
    panel.not_disclosed,
    case when panel.report_id is null then 'no report' else 'reported' end as status
from parts
inner join agencies
    on
        parts.region_code = agencies.region_code
        and agencies.agency_kind = 'county_government'
        and parts.report_year between agencies.valid_from and agencies.valid_to
left join panel on agencies.agency_id = panel.agency_id and parts.report_year = panel.report_year
order by parts.report_year, parts.region_code

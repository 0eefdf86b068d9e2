-- 7. Rate of correction (review, direct, after review; closed cases) by level and region; before and after 2024.
-- 复议、直接起诉、复议后起诉的纠错率(已审结),分层级与省份,2024年前后
with reviews as (
    select * from {{ ref('fct_reviews') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

regions as (
    select * from {{ ref('dim_region') }}
)

select
    agencies.agency_level,
    regions.province_name,
    reviews.route,
    case when reviews.report_year < 2024 then 'before 2024' else 'since 2024' end as period,
    sum(case when reviews.outcome <> 'pending' then reviews.cases end) as closed,
    sum(case when reviews.outcome = 'corrected' then reviews.cases end) as corrected,
    sum(case when reviews.cases is null then 1 else 0 end) as cells_missing,
    round(
        sum(case when reviews.outcome = 'corrected' then reviews.cases end)
        / nullif(sum(case when reviews.outcome <> 'pending' then reviews.cases end), 0), 3
    ) as correction_rate
from reviews
inner join reports on reviews.report_id = reports.report_id
inner join agencies on reports.agency_version_id = agencies.agency_version_id
left join regions
    on
        reports.region_code = regions.region_code
        and reviews.report_year between regions.valid_from and regions.valid_to
where reports.is_current
group by
    agencies.agency_level, regions.province_name, reviews.route,
    case when reviews.report_year < 2024 then 'before 2024' else 'since 2024' end
order by agencies.agency_level, regions.province_name, reviews.route, period

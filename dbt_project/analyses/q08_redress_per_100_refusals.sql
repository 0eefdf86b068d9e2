-- 8. Direct suits, suits after review and reviews per 100 refusals, 2021- (review before suit since 2024).
-- 每百件未公开申请的直接起诉、复议后起诉与复议数
with panel as (
    select * from {{ ref('agency_year_panel') }}
),

reviews as (
    select * from {{ ref('fct_reviews') }}
),

by_route as (
    select
        report_id,
        case
            when count(case when route = 'review' then cases end) = count(case when route = 'review' then 1 end)
                then sum(case when route = 'review' then cases end)
        end as reviews,
        case
            when count(case when route = 'direct_suit' then cases end) = count(case when route = 'direct_suit' then 1 end)
                then sum(case when route = 'direct_suit' then cases end)
        end as direct_suits,
        case
            when
                count(case when route = 'suit_after_review' then cases end)
                = count(case when route = 'suit_after_review' then 1 end)
                then sum(case when route = 'suit_after_review' then cases end)
        end as suits_after_review
    from reviews
    group by report_id
)

select
    panel.report_year,
    panel.scope,
    count(*) as reports,
    sum(panel.not_disclosed) as refusals,
    sum(by_route.reviews) as reviews,
    sum(by_route.direct_suits) as direct_suits,
    sum(by_route.suits_after_review) as suits_after_review,
    round(100.0 * sum(by_route.reviews) / nullif(sum(panel.not_disclosed), 0), 1) as reviews_per_100,
    round(100.0 * sum(by_route.direct_suits) / nullif(sum(panel.not_disclosed), 0), 1) as direct_per_100,
    round(100.0 * sum(by_route.suits_after_review) / nullif(sum(panel.not_disclosed), 0), 1) as after_review_per_100,
    max(case when panel.litigation_total_break then 1 else 0 end) = 1 as series_break
from panel
inner join by_route on panel.report_id = by_route.report_id
where
    panel.report_year >= 2021
    and panel.not_disclosed is not null and by_route.reviews is not null
    and by_route.direct_suits is not null and by_route.suits_after_review is not null
group by panel.report_year, panel.scope
order by panel.report_year, panel.scope

-- 6. Rank agencies of one kind and level by the share not held and by petitions; change since 2019.
-- 同类同级机关按"不掌握"与信访类占比排名,及2019年以来的变化
with panel as (
    select * from {{ ref('agency_year_panel') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

shares as (
    select
        panel.agency_id,
        panel.report_year,
        panel.scope,
        agencies.agency_name,
        agencies.agency_kind,
        agencies.agency_level,
        panel.requests_processed,
        case when panel.requests_processed > 0 then panel.not_held / panel.requests_processed end as share_not_held,
        case
            when panel.requests_processed > 0 then panel.unprocessed_petition / panel.requests_processed
        end as share_petition
    from panel
    inner join agencies on panel.agency_version_id = agencies.agency_version_id
    where panel.report_year >= 2019
)

select
    s.agency_kind,
    s.agency_level,
    s.report_year,
    s.agency_name,
    s.requests_processed,
    round(s.share_not_held, 3) as share_not_held,
    round(s.share_petition, 3) as share_petition,
    case when s.share_not_held is not null then rank() over (
        partition by s.agency_kind, s.agency_level, s.report_year order by s.share_not_held desc nulls last
    ) end as rank_not_held,
    round(s.share_not_held - first_year.share_not_held, 3) as change_since_2019
from shares as s
left join shares as first_year
    on
        s.agency_id = first_year.agency_id and s.scope = first_year.scope and first_year.report_year = 2019
        and s.report_year > 2019
order by s.agency_kind asc, s.agency_level asc, s.report_year asc, s.share_not_held desc nulls last, s.agency_name asc

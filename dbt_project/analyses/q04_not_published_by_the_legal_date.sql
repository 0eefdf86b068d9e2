-- 4. Who has not published year y by the legal date; median delay by level? Missing, late and unreadable, never guessed:
-- where a report states no date, nobody is called late.
-- 谁没有按法定期限公布;各层级迟延天数的中位数
with coverage as (
    select * from {{ ref('coverage') }}
),

late as (
    select
        agency_kind,
        report_year,
        status,
        is_on_time,
        case when status = 'late' then cast(first_published_on as date) - cast(deadline as date) end as days_late
    from coverage
)

select
    agency_kind,
    report_year,
    count(*) as expected,
    sum(case when status in ('published', 'late') then 1 else 0 end) as published,
    sum(case when is_on_time then 1 else 0 end) as on_time,
    sum(case when status = 'late' then 1 else 0 end) as late,
    sum(case when status in ('published', 'late') and is_on_time is null then 1 else 0 end) as date_unknown,
    sum(case when status = 'missing' then 1 else 0 end) as missing,
    sum(case when status = 'unreadable' then 1 else 0 end) as unreadable,
    median(days_late) as median_days_late
from late
group by agency_kind, report_year
order by agency_kind, report_year

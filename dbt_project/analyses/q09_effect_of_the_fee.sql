-- 9. Effect of the 2021 fee: fee unpaid, fee collected (prose), excessive requests, new requests, before and after.
-- 2021年信息处理费的影响:逾期未缴费、收费额(正文)、大量反复申请、新收申请
with lines as (
    select * from {{ ref('fct_report_lines') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

by_report as (
    select
        lines.report_id,
        lines.report_year,
        max(case when lines.line_code = 'requests.new' and lines.column_code = 'total' then lines.reported_value end)
            as new_requests,
        max(case when lines.line_code = 'unprocessed.excessive' and lines.column_code = 'total' then lines.reported_value end)
            as excessive,
        max(case when lines.line_code = 'other.fee_unpaid' and lines.column_code = 'total' then lines.reported_value end)
            as fee_unpaid,
        max(case when lines.line_code = 'request_fees' and lines.form_table = 'prose' then lines.reported_yuan end)
            as fee_collected_yuan
    from lines
    inner join reports on lines.report_id = reports.report_id
    where reports.is_current and lines.report_year >= 2019
    group by lines.report_id, lines.report_year
)

select
    report_year,
    report_year >= 2021 as fee_in_force,
    count(*) as reports,
    cast(sum(new_requests) as bigint) as new_requests,
    cast(sum(excessive) as bigint) as excessive,
    count(excessive) as reports_with_excessive,
    cast(sum(fee_unpaid) as bigint) as fee_unpaid,
    sum(fee_collected_yuan) as fee_collected_yuan
from by_report
group by report_year
order by report_year

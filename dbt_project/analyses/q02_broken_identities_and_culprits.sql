-- 2. Which reports break a hard identity, which cell is the likely culprit, what value would close it?
-- The cell that the most violated identities of the report share comes first; the value is what would close each alone.
-- 哪些报告违反硬性勾稽关系,哪个单元格最可疑,改成多少可以平衡
with results as (
    select * from {{ ref('fct_identity_results') }}
),

operands as (
    select * from {{ ref('int_identity_operands') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

suspects as (
    select
        results.report_id,
        results.identity_id,
        results.member,
        results.lhs,
        results.rhs,
        operands.line_code,
        operands.column_code,
        operands.reported_value,
        operands.reported_value - case operands.side when 'lhs' then 1 else -1 end
            * operands.weight * results.difference as closing_value,
        count(*) over (partition by results.report_id, operands.line_code, operands.column_code) as violated_through_it
    from results
    inner join operands
        on
            results.report_id = operands.report_id
            and results.identity_id = operands.identity_id
            and results.form_id = operands.form_id
            and results.form_table = operands.form_table
            and results.member = operands.member
    where results.verdict = 'violated' and results.severity = 'H' and results.operator = '='
)

select
    agencies.agency_name,
    reports.report_year,
    suspects.identity_id,
    suspects.member,
    cast(suspects.lhs as bigint) as lhs,
    cast(suspects.rhs as bigint) as rhs,
    suspects.line_code,
    suspects.column_code,
    cast(suspects.reported_value as bigint) as reported,
    cast(suspects.closing_value as bigint) as would_close,
    suspects.violated_through_it
from suspects
inner join reports on suspects.report_id = reports.report_id
inner join agencies on reports.agency_version_id = agencies.agency_version_id
where suspects.closing_value >= 0
order by
    agencies.agency_name, reports.report_year, suspects.violated_through_it desc, suspects.identity_id, suspects.member,
    suspects.line_code, suspects.column_code

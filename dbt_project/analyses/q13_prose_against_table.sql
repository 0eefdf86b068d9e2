-- 13. Prose against table, with the sentence and its place. A difference is a finding, not a verdict on who is right.
-- 正文数字与表格数字的比较,附原句与位置
with lines as (
    select * from {{ ref('fct_report_lines') }}
),

harmonised as (
    select * from {{ ref('int_harmonised') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
)

select
    agencies.agency_name,
    reports.report_year,
    lines.line_code,
    lines.harmonised_code,
    lines.reported_value as in_the_prose,
    harmonised.harmonised_value as in_the_table,
    case
        when harmonised.report_id is null then 'no table'
        when harmonised.harmonised_value is null then 'undecidable: ' || harmonised.missing_reason
        when harmonised.harmonised_value = lines.reported_value then 'agrees'
        else 'differs'
    end as verdict,
    lines.raw_text,
    lines.address
from lines
inner join reports on lines.report_id = reports.report_id
inner join agencies on reports.agency_version_id = agencies.agency_version_id
left join harmonised
    on
        lines.report_id = harmonised.report_id
        and lines.harmonised_code = harmonised.harmonised_code
        and harmonised.form_table <> 'prose'
where lines.form_table = 'prose' and lines.harmonised_code is not null and reports.is_current
order by agencies.agency_name, reports.report_year, lines.line_code

-- 2. Which reports break a hard identity, which cell is the likely culprit, what value would close it?
-- The smallest sets of cells whose change would satisfy every hard identity of the report, with the likely cause. Cells of one set
-- belong together; where more than one set is as small, is_unique is false. Suggestions only: reported values do not change.
-- 哪些报告违反硬性勾稽关系,哪个单元格最可疑,改成多少可以平衡
with suggestions as (
    select * from {{ source('quality', 'suggestions') }}
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
    reports.hard_violated_count as violated,
    suggestions.set_number,
    suggestions.line_code,
    suggestions.column_code,
    suggestions.reported_value as reported,
    suggestions.suggested_value as suggested,
    suggestions.cause,
    suggestions.is_unique,
    suggestions.identities
from suggestions
inner join reports on suggestions.report_id = reports.report_id
inner join agencies on reports.agency_version_id = agencies.agency_version_id
where reports.hard_violated_count > 0 and suggestions.kind = 'correction'
order by
    agencies.agency_name, reports.report_year, suggestions.form_table, suggestions.set_number, suggestions.line_code,
    suggestions.column_code

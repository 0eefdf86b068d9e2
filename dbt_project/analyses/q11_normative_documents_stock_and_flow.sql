-- 11. Stock and flow of normative documents: where in_force <> previous + issued - repealed.
-- 规范性文件的存量与流量:现行有效 ≠ 上年现行有效 + 制发 − 废止
with disclosure as (
    select * from {{ ref('fct_disclosure') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

current_lines as (
    select
        disclosure.*,
        reports.scope,
        reports.agency_version_id
    from disclosure
    inner join reports on disclosure.report_id = reports.report_id
    where
        reports.is_current
        and disclosure.form_id = 'national_2021'
        and disclosure.line_code in ('rules', 'normative_documents')
)

select
    agencies.agency_name,
    b.report_year,
    b.scope,
    b.line_code,
    a.in_force as previous_in_force,
    b.issued,
    b.repealed,
    b.in_force,
    a.in_force + b.issued - b.repealed as expected_in_force,
    b.in_force - (a.in_force + b.issued - b.repealed) as difference,
    case
        when a.report_id is null then 'no report of the year before'
        when b.in_force = a.in_force + b.issued - b.repealed then 'agrees'
        when b.in_force <> a.in_force + b.issued - b.repealed then 'differs'
        else 'undecidable'
    end as verdict
from current_lines as b
inner join agencies on b.agency_version_id = agencies.agency_version_id
left join current_lines as a
    on
        b.agency_id = a.agency_id
        and b.scope = a.scope
        and b.line_code = a.line_code
        and b.report_year = a.report_year + 1
order by agencies.agency_name, b.report_year, b.line_code

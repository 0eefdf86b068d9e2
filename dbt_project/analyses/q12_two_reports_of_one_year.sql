-- 12. Same agency, same year: office report against territory report; re-issued versions and what changed.
-- 同一机关同一年度的两份报告:办公室口径与全市口径;重新发布的版本改了什么
with reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

lines as (
    select * from {{ ref('fct_report_lines') }}
),

-- an office and its government are one house
housed as (
    select
        reports.*,
        agencies.agency_name,
        case
            when agencies.agency_kind = 'government_office' and agencies.superior_agency_id is not null
                then agencies.superior_agency_id
            else reports.agency_id
        end as house_id
    from reports
    inner join agencies on reports.agency_version_id = agencies.agency_version_id
),

pairs as (
    select
        a.house_id,
        a.agency_name,
        a.report_year,
        a.report_id as first_id,
        b.report_id as second_id,
        case
            when a.agency_id = b.agency_id and (a.scope = b.scope or (a.scope is null and b.scope is null)) then 'version'
            else 'scope'
        end as pair_kind,
        a.scope as first_scope,
        b.scope as second_scope
    from housed as a
    inner join housed as b on a.house_id = b.house_id and a.report_year = b.report_year and a.report_id < b.report_id
)

select
    pairs.agency_name,
    pairs.report_year,
    pairs.pair_kind,
    pairs.first_scope,
    pairs.second_scope,
    x.line_code,
    x.column_code,
    x.reported_value as first_value,
    y.reported_value as second_value
from pairs
inner join lines as x on pairs.first_id = x.report_id
inner join lines as y
    on
        pairs.second_id = y.report_id
        and x.form_id = y.form_id
        and x.form_table = y.form_table
        and x.line_code = y.line_code
        and x.column_code = y.column_code
where x.reported_value is distinct from y.reported_value
order by pairs.agency_name, pairs.report_year, x.line_code, x.column_code

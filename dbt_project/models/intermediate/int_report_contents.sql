{{ config(materialized='table') }}

{%- set previous_build = trusted_build() %}

with reports as (
    select * from {{ ref('int_reports') }}
),

recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

summed_facts as (
    select * from {{ ref('stg_facts') }}
),

residue as (
    select * from {{ ref('stg_residue') }}
),

candidates as (
    select * from {{ ref('stg_agency_candidates') }}
),

declared_corrections as (
    select * from {{ ref('stg_corrections') }}
),

sentences as (
    select * from {{ ref('stg_sentences') }}
),

form_cells as (
    select * from {{ ref('stg_form_cells') }}
),

agency_parent as (
    select * from {{ ref('agency_parent') }}
),

-- the number of a cell within its table: any order that does not change
numbered_cells as (
    select
        form_id,
        form_table,
        line_code,
        column_code,
        row_number() over (partition by form_id, form_table order by line_code, column_code) as cell_no
    from form_cells
),

-- everything that is known of a report
of_parts as (
    {%- for part in ('reports', 'recognised_tables', 'facts', 'residue', 'candidates', 'declared_corrections', 'sentences') %}
    select
        report_id,
        {{ fingerprint(part) }} as fingerprint
    from {{ part }}
    group by report_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

of_reports as (
    select
        report_id,
        sum(fingerprint) as fingerprint
    from of_parts
    group by report_id
),

{% if previous_build -%}
unchanged as (
    select of_reports.report_id
    from of_reports
    inner join {{ this }} as before
        on of_reports.report_id = before.report_id and of_reports.fingerprint = before.fingerprint
),

due as (
    select of_reports.report_id
    from of_reports
    where of_reports.report_id not in (select unchanged.report_id from unchanged)
),

{% endif -%}
-- what a table adds up to, in three ways: two tables that agree in all of them are the same table
of_tables as (
    select
        facts.report_id,
        facts.form_id,
        facts.form_table,
        sum(
            case when facts.missing_reason in ('blank', 'slash', 'dash', 'none_word') then 1 else 0 end
        ) as no_number_count,
        sum(case when facts.reported_value <> 0 then 1 else 0 end) as not_zero_count,
        sum(facts.reported_value) as sum_0,
        sum(facts.reported_value * numbered_cells.cell_no) as sum_1,
        sum(facts.reported_value * numbered_cells.cell_no * numbered_cells.cell_no) as sum_2
    from summed_facts as facts
    inner join numbered_cells
        on
            facts.form_id = numbered_cells.form_id
            and facts.form_table = numbered_cells.form_table
            and facts.line_code = numbered_cells.line_code
            and facts.column_code = numbered_cells.column_code
    {%- if previous_build %}
    where facts.report_id in (select due.report_id from due)
    {%- endif %}
    group by facts.report_id, facts.form_id, facts.form_table
    {%- if previous_build %}
    union all
    -- a report that is as it was adds up to what it did
    select
        before.report_id,
        before.form_id,
        before.form_table,
        before.no_number_count,
        before.not_zero_count,
        before.sum_0,
        before.sum_1,
        before.sum_2
    from {{ this }} as before
    where before.form_id <> 'report' and before.report_id in (select unchanged.report_id from unchanged)
    {%- endif %}
),

contents as (
    select
        reports.report_id,
        reports.agency_id,
        reports.agency_name,
        of_tables.form_id,
        of_tables.form_table,
        of_tables.no_number_count,
        of_tables.not_zero_count,
        of_tables.sum_0,
        of_tables.sum_1,
        of_tables.sum_2,
        null as fingerprint,
        reports.report_year
    from of_tables
    inner join reports on of_tables.report_id = reports.report_id
    union all
    select
        reports.report_id,
        reports.agency_id,
        reports.agency_name,
        'report',
        'report',
        null,
        null,
        null,
        null,
        null,
        of_reports.fingerprint,
        reports.report_year
    from reports
    left join of_reports on reports.report_id = of_reports.report_id
),

{% if previous_build -%}
before_and_now as (
    {%- for rows in (this, 'contents') %}
    select
        report_id,
        agency_id,
        agency_name,
        form_id,
        form_table,
        not_zero_count,
        sum_0,
        sum_1,
        sum_2,
        fingerprint,
        report_year
    from {{ rows }}
    where form_table <> 'gone'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- what is the same before and now stands there twice; a report's own row stands for its tables, too
different as (
    select
        report_id,
        agency_id
    from before_and_now
    where form_table = 'report'
    group by report_id, agency_id, agency_name, fingerprint, report_year
    having count(*) = 1
),

-- an agency with all its years: they look back on each other, and one version of a year decides which other counts
first_affected as (
    select before_and_now.*
    from before_and_now
    where before_and_now.agency_id in (select different.agency_id from different)
),

-- whoever counts it among its children
parents as (
    select distinct before_and_now.agency_id
    from first_affected
    inner join agency_parent on first_affected.agency_name = agency_parent.child_name
    inner join before_and_now on agency_parent.parent_name = before_and_now.agency_name
),

-- whoever has, or had, the same table
twins as (
    select distinct contents.agency_id
    from first_affected
    inner join contents
        on
            first_affected.form_id = contents.form_id
            and first_affected.form_table = contents.form_table
            and first_affected.report_year = contents.report_year
            and first_affected.not_zero_count = contents.not_zero_count
            and first_affected.sum_0 = contents.sum_0
            and first_affected.sum_1 = contents.sum_1
            and first_affected.sum_2 = contents.sum_2
    where first_affected.not_zero_count > 0
),

gone as (
    select distinct
        report_id,
        agency_id,
        agency_name,
        report_year
    from first_affected
    where report_id not in (select reports.report_id from reports)
),

affected as (
    select agency_id from first_affected
    union
    select agency_id from parents
    union
    select agency_id from twins
),

{% endif -%}
final as (
    select
        contents.report_id,
        contents.agency_id,
        contents.agency_name,
        contents.form_id,
        contents.form_table,
        contents.no_number_count,
        contents.not_zero_count,
        contents.sum_0,
        contents.sum_1,
        contents.sum_2,
        contents.fingerprint,
        {% if previous_build -%}
        contents.agency_id in (select affected.agency_id from affected) as is_changed,
        '{{ previous_build }}' as previous_build_id,
        {%- else -%}
        true as is_changed,
        cast(null as {{ dbt.type_string() }}) as previous_build_id,
        {%- endif %}
        '{{ invocation_id }}' as build_id,
        contents.report_year
    from contents
    {%- if previous_build %}
    union all
    select
        report_id,
        agency_id,
        agency_name,
        'report',
        'gone',
        null,
        null,
        null,
        null,
        null,
        null,
        true,
        '{{ previous_build }}',
        '{{ invocation_id }}',
        report_year
    from gone
    {%- endif %}
)

select * from final

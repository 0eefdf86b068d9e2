{#- Integrity: what a mart holds of each table of a report, derived again from raw alone, past staging and intermediate: how many
    values, and their sum. `values` names the mart's columns, each with the cells of raw that it is made of (`f` the fact, `l`
    its line, `c` its column) and, where it is not the reported value itself, with the `value`. A value that is not whole has no
    place in a column of whole numbers. Returned: values that differ, that come from nowhere, reports that the mart lacks, and
    prose that speaks although the report has a table. -#}
{% test rederived_from_raw(model, facts, lines, columns, mart, values) %}
with expected as (
    {%- for column, said in values.items() %}
    {%- set value = said.get('value', 'f.reported_value') %}
    select
        f.report_id,
        f.form_id,
        f.form_table,
        '{{ column }}' as mart_column,
        {%- if said.get('whole', false) %}
        count(case when {{ value }} = floor({{ value }}) then 1 end) as value_count,
        sum(case when {{ value }} = floor({{ value }}) then {{ value }} end) as value_sum
        {%- else %}
        count({{ value }}) as value_count,
        sum({{ value }}) as value_sum
        {%- endif %}
    from {{ facts }} as f
    inner join {{ lines }} as l on f.form_id = l.form_id and f.form_table = l.form_table and f.line_code = l.line_code
    inner join {{ columns }} as c
        on f.form_id = c.form_id and f.form_table = c.form_table and f.column_code = c.column_code
    where l.mart = '{{ mart }}' and not c.is_total and {{ said['cells'] }}
    group by f.report_id, f.form_id, f.form_table
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

found as (
    {%- for column in values %}
    select
        report_id,
        form_id,
        form_table,
        '{{ column }}' as mart_column,
        count({{ column }}) as value_count,
        sum({{ column }}) as value_sum
    from {{ model }}
    group by report_id, form_id, form_table
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

speaking as (
    select distinct
        report_id,
        form_id,
        form_table
    from found
),

beside as (
    select
        e.report_id,
        e.form_id,
        e.form_table,
        e.mart_column,
        e.value_count,
        e.value_sum,
        f.value_count as mart_count,
        f.value_sum as mart_sum
    from expected as e
    inner join speaking as s on e.report_id = s.report_id and e.form_id = s.form_id and e.form_table = s.form_table
    left join found as f
        on
            e.report_id = f.report_id
            and e.form_id = f.form_id
            and e.form_table = f.form_table
            and e.mart_column = f.mart_column
)

select
    'another value' as defect,
    b.*
from beside as b
where b.mart_count is distinct from b.value_count or b.mart_sum is distinct from b.value_sum
union all
select
    'from nowhere' as defect,
    f.report_id,
    f.form_id,
    f.form_table,
    f.mart_column,
    null,
    null,
    f.value_count,
    f.value_sum
from found as f
left join expected as e
    on
        f.report_id = e.report_id
        and f.form_id = e.form_id
        and f.form_table = e.form_table
        and f.mart_column = e.mart_column
where e.report_id is null and f.value_count > 0
union all
select
    'not in the mart' as defect,
    e.*,
    null,
    null
from expected as e
where e.report_id not in (select report_id from speaking)
union all
select
    'prose although there is a table' as defect,
    e.*,
    null,
    null
from expected as e
inner join speaking as s on e.report_id = s.report_id
where s.form_table = 'prose' and e.form_table <> 'prose'
{% endtest %}

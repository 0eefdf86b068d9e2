{#- Integrity: the mart's rows derived again without its flags. A leaf is a fact on a line that is no other line's parent,
    below `roots`, in a column that no identity adds up from others. What is_total says must lead to the same rows.
    The prose has no structure to derive leaves from and is left out. -#}
{% test leaves_by_structure(model, facts, lines, terms, feeding, roots) %}
with parents as (
    select distinct
        form_id,
        form_table,
        parent as line_code
    from {{ lines }}
    where parent is not null
),

leaf_lines as (
    select
        l.form_id,
        l.form_table,
        l.line_code
    from {{ lines }} as l
    left join parents as p on l.form_id = p.form_id and l.form_table = p.form_table and l.line_code = p.line_code
    left join {{ lines }} as up on l.form_id = up.form_id and l.form_table = up.form_table and l.parent = up.line_code
    where
        p.line_code is null
        and (
            {%- for root in roots %}
            l.parent = '{{ root }}' or up.parent = '{{ root }}'{% if not loop.last %} or{% endif %}
            {%- endfor %}
        )
),

sum_columns as (
    select distinct
        form_id,
        form_table,
        column_code
    from {{ terms }}
    where identity_id = 't3_row_total' and side = 'lhs'
),

expected as (
    select
        f.report_id,
        f.form_id,
        f.form_table,
        f.line_code,
        count(*) as cell_count,
        sum(f.reported_value) as value_sum
    from {{ facts }} as f
    inner join leaf_lines as l on f.form_id = l.form_id and f.form_table = l.form_table and f.line_code = l.line_code
    inner join {{ feeding }} as m
        on
            f.report_id = m.report_id
            and f.form_id = m.form_id
            and f.form_table = m.form_table
            and m.mart = 'requests'
    left join sum_columns as s
        on f.form_id = s.form_id and f.form_table = s.form_table and f.column_code = s.column_code
    where s.column_code is null and f.column_code <> 'cumulative' and f.form_table <> 'prose'
    group by f.report_id, f.form_id, f.form_table, f.line_code
),

found as (
    select
        report_id,
        form_id,
        form_table,
        disposition as line_code,
        count(*) as cell_count,
        sum(reported_value) as value_sum
    from {{ model }}
    where form_table <> 'prose'
    group by report_id, form_id, form_table, disposition
)

select
    'not in the mart' as defect,
    e.*
from (select * from expected except select * from found) as e
union all
select
    'no leaf' as defect,
    f.*
from (select * from found except select * from expected) as f
{% endtest %}

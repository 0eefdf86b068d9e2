{#- Integrity: totals are never members. In a table whose identities all hold, the leaves of the mart add up to the
    total that the report prints (`totals`: its lines; the total column where there is one). A total counted as a member
    would make the sum twice as large. -#}
{% test leaves_add_up(model, measure, results, report_lines, totals) %}
with sound as (
    select
        report_id,
        form_id,
        form_table
    from {{ results }}
    group by report_id, form_id, form_table
    having sum(case when verdict in ('holds', 'holds_if_blank_is_zero') then 0 else 1 end) = 0
),

leaves as (
    select
        report_id,
        form_id,
        form_table,
        sum({{ measure }}) as leaf_sum
    from {{ model }}
    group by report_id, form_id, form_table
),

printed as (
    select
        report_id,
        form_id,
        form_table,
        line_code,
        reported_value
    from {{ report_lines }}
    where
        line_code in ({% for total in totals %}'{{ total }}'{% if not loop.last %}, {% endif %}{% endfor %})
        and column_code in ('total', 'value', 'year')
        and reported_value is not null
)

select
    p.report_id,
    p.line_code,
    p.reported_value,
    l.leaf_sum
from printed as p
inner join sound as s on p.report_id = s.report_id and p.form_id = s.form_id and p.form_table = s.form_table
left join leaves as l on p.report_id = l.report_id and p.form_id = l.form_id and p.form_table = l.form_table
where l.leaf_sum is null or l.leaf_sum <> p.reported_value
{% endtest %}

{#- Integrity: totals are never members. In a table whose own identities all hold, the leaves of the mart add up to the totals that
    the report prints. `totals` names each of them with two conditions: which rows of the mart are its `leaves`, and which
    report lines it is `printed` on. A total counted as a member would make the sum twice as large. Leaves that are all blank have no
    sum; in a sound table they stand under a printed zero. -#}
{% test leaves_add_up(model, measure, results, report_lines, totals) %}
with sound as (
    select
        report_id,
        form_id,
        form_table
    from {{ results }}
    where is_within_table
    group by report_id, form_id, form_table
    having sum(case when verdict in ('holds', 'holds_if_blank_is_zero') then 0 else 1 end) = 0
),

leaves as (
    {%- for total, said in totals.items() %}
    select
        report_id,
        form_id,
        form_table,
        '{{ total }}' as total,
        sum({{ measure }}) as leaf_sum
    from {{ model }}
    where {{ said['leaves'] }}
    group by report_id, form_id, form_table
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

printed as (
    {%- for total, said in totals.items() %}
    select
        report_id,
        form_id,
        form_table,
        '{{ total }}' as total,
        sum(reported_value) as printed_sum,
        count(*) - count(reported_value) as missing_count
    from {{ report_lines }}
    where {{ said['printed'] }}
    group by report_id, form_id, form_table
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    p.report_id,
    p.form_table,
    p.total,
    p.printed_sum,
    l.leaf_sum
from printed as p
inner join sound as s on p.report_id = s.report_id and p.form_id = s.form_id and p.form_table = s.form_table
left join leaves as l
    on p.report_id = l.report_id and p.form_id = l.form_id and p.form_table = l.form_table and p.total = l.total
where
    p.missing_count = 0
    and (l.report_id is null or l.leaf_sum <> p.printed_sum or (l.leaf_sum is null and p.printed_sum <> 0))
{% endtest %}

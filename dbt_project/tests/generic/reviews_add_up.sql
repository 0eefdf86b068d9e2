{#- Integrity: in a table whose identities all hold, the cases of a line's leaves add up to the total that the
    report prints: column `total` since 2019, the lines review.total and litigation.total of 2014. -#}
{% test reviews_add_up(model, results, report_lines) %}
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
        case when route = 'review' then 'review' else 'litigation' end as kind,
        sum(cases) as leaf_sum
    from {{ model }}
    group by report_id, form_id, form_table, case when route = 'review' then 'review' else 'litigation' end
),

printed as (
    select
        report_id,
        form_id,
        form_table,
        case when line_code in ('review', 'review.total') then 'review' else 'litigation' end as kind,
        sum(reported_value) as total_sum,
        count(*) - count(reported_value) as missing_count
    from {{ report_lines }}
    where
        (form_table = 'four' and column_code = 'total')
        or (form_table = '2014' and line_code in ('review.total', 'litigation.total'))
    group by
        report_id,
        form_id,
        form_table,
        case when line_code in ('review', 'review.total') then 'review' else 'litigation' end
)

select
    p.report_id,
    p.kind,
    p.total_sum,
    l.leaf_sum
from printed as p
inner join sound as s on p.report_id = s.report_id and p.form_id = s.form_id and p.form_table = s.form_table
left join leaves as l
    on p.report_id = l.report_id and p.form_id = l.form_id and p.form_table = l.form_table and p.kind = l.kind
where p.missing_count = 0 and (l.leaf_sum is null or l.leaf_sum <> p.total_sum)
{% endtest %}

{#- Integrity: the disclosure rates and the carry-over rate derived again from the facts of table three, without the seeds. -#}
{% test indicators_again(model, facts) %}
with cells as (
    select
        report_id,
        max(case when line_code = 'granted' then reported_value end) as granted,
        max(case when line_code = 'partial' then reported_value end) as partial,
        max(case when line_code = 'processed.total' then reported_value end) as processed,
        max(case when line_code = 'requests.new' then reported_value end) as new_requests,
        max(case when line_code = 'requests.carried_in' then reported_value end) as carried_in,
        max(case when line_code = 'requests.carried_out' then reported_value end) as carried_out
    from {{ facts }}
    where form_table = 'three' and column_code = 'total'
    group by report_id
    having count(distinct form_id) = 1
),

expected as (
    select report_id, 'disclosure_rate_full' as indicator_id, granted as numerator, processed as denominator from cells
    union all
    select report_id, 'disclosure_rate', granted + partial, processed from cells
    union all
    select report_id, 'carry_over_rate', carried_out, new_requests + carried_in from cells
)

select
    e.*,
    m.numerator as model_numerator,
    m.denominator as model_denominator,
    m.indicator_value
from expected as e
left join {{ model }} as m on e.report_id = m.report_id and e.indicator_id = m.indicator_id
where
    m.report_id is null
    or e.numerator is distinct from m.numerator
    or e.denominator is distinct from m.denominator
    or (m.indicator_value is null) <> (e.numerator is null or e.denominator is null or e.denominator = 0)
    or abs(m.indicator_value * e.denominator - e.numerator) > 0.000001 * e.denominator
{% endtest %}

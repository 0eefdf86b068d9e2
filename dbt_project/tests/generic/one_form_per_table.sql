{#- A report uses one form for each table. Two would be two readings of one table, or a report with two annexes. -#}
{% test one_form_per_table(model) %}
select
    report_id,
    form_table,
    count(*) as form_count
from {{ model }}
group by report_id, form_table
having count(*) > 1
{% endtest %}

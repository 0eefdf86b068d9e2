{#- One table of a report feeds the mart: a report that carries two forms of the same table would count its requests twice. -#}
{% test one_table_feeds(model) %}
select
    report_id,
    count(distinct form_id || '|' || form_table) as table_count
from {{ model }}
group by report_id
having count(distinct form_id || '|' || form_table) > 1
{% endtest %}

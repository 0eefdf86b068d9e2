{#- Zero results is an error: an empty table must not pass as a clean one. -#}
{% test at_least_one_row(model) %}
select row_count
from (select count(*) as row_count from {{ model }}) as counted
where row_count = 0
{% endtest %}

{#- The column is true in every row: neither false nor null. -#}
{% test is_true(model, column_name) %}
select *
from {{ model }}
where {{ column_name }} is null or not {{ column_name }}
{% endtest %}

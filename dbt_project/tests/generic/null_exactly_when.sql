{#- The column is null where the condition is true and nowhere else. -#}
{% test null_exactly_when(model, column_name, condition) %}
select *
from {{ model }}
where
    ({{ column_name }} is null and not ({{ condition }}))
    or ({{ column_name }} is not null and ({{ condition }}))
{% endtest %}

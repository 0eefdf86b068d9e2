{#- Missing is not zero: either a value or the reason why there is none, never both, never neither. -#}
{% test value_or_reason(model, value, reason) %}
select *
from {{ model }}
where
    ({{ value }} is null and {{ reason }} is null)
    or ({{ value }} is not null and {{ reason }} is not null)
{% endtest %}

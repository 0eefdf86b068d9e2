{#- Missing is not zero, for each measure of a wide table: either a value or the reason why there is none. -#}
{% test value_or_reason_each(model, pairs) %}
select *
from {{ model }}
where
    {%- for value, reason in pairs.items() %}
    ({{ value }} is null and {{ reason }} is null)
    or ({{ value }} is not null and {{ reason }} is not null)
    {%- if not loop.last %} or{% endif %}
    {%- endfor %}
{% endtest %}

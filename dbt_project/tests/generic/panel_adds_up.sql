{#- FULL + PART + NOT_DISCLOSED = processed, and the residual is missing exactly where a part of it is. -#}
{% test panel_adds_up(model) %}
select
    report_id,
    disclosed_full,
    disclosed_part,
    not_disclosed,
    requests_processed
from {{ model }}
where
    disclosed_full + disclosed_part + not_disclosed <> requests_processed
    or (not_disclosed is null) <> (disclosed_full is null or disclosed_part is null or requests_processed is null)
{% endtest %}

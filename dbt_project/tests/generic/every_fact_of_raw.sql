{#- Integrity: the mart's cells are the facts of raw, each once and with nothing changed: value, reason, text, unit, place. -#}
{% test every_fact_of_raw(model, facts) %}
{%- set cell %}
        report_id,
        form_id,
        form_table,
        line_code,
        column_code,
        reported_value,
        missing_reason,
        raw_text,
        unit,
        address,
        report_year
{%- endset %}
with expected as (
    select {{ cell }}
    from {{ facts }}
),

found as (
    select {{ cell }}
    from {{ model }}
)

select
    'not in the mart' as defect,
    e.*
from (select * from expected except all select * from found) as e
union all
select
    'not in raw' as defect,
    f.*
from (select * from found except all select * from expected) as f
{% endtest %}

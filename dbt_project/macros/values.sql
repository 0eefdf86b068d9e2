{#- What is done to a reported value, once. A missing value stays missing in every macro of this file. -#}

{#- Whole number of a reported decimal. Null where the report gives no value, or one that is not whole: it is never rounded. -#}
{% macro whole(value) -%}
    case when {{ value }} = floor({{ value }}) then cast({{ value }} as bigint) end
{%- endmacro %}

{#- Sum of a group of which every row has a value. Null where one is missing: the sum of the others is another quantity. -#}
{% macro whole_sum(value) -%}
    cast(case when count({{ value }}) = count(*) then sum({{ value }}) end as decimal(28, 4))
{%- endmacro %}

{#- Amount in 元 of a reported amount in the unit that is printed. Null for any other unit: better no amount than a wrong one. -#}
{% macro yuan(value, unit) -%}
    case {{ unit }}
        when '元' then cast({{ value }} as decimal(28, 4))
        when '万元' then cast({{ value }} * 10000 as decimal(28, 4))
        when '亿元' then cast({{ value }} * 100000000 as decimal(28, 4))
    end
{%- endmacro %}

{#- part ÷ whole, rounded half up to four decimals, as a floor of one quotient: of whole numbers below 2^53 it is exact on every
    engine, and engines differ in how they divide and round decimals. -#}
{% macro ratio(part, whole) -%}
    floor(
        (20000 * cast({{ part }} as double) + cast({{ whole }} as double)) / (2 * cast({{ whole }} as double))
    ) / 10000
{%- endmacro %}

{#- A value as an accepted correction has it, beside the reported one. `applied`: the accepted correction of the cell, joined
    from the left. Null where it withdraws the value. -#}
{% macro corrected(value, applied) -%}
    case when {{ applied }}.report_id is null then {{ value }} else {{ applied }}.corrected_value end
{%- endmacro %}

{#- Relative address of the evidence page, at the cell where there is one. -#}
{% macro evidence_url(report_id, grid_no, row_no, column_no) -%}
    'reports/' || {{ report_id }} || '.html' || case
        when {{ grid_no }} is null or {{ row_no }} is null or {{ column_no }} is null then ''
        else '#c-' || cast({{ grid_no }} as {{ dbt.type_string() }})
            || '-' || cast({{ row_no }} as {{ dbt.type_string() }})
            || '-' || cast({{ column_no }} as {{ dbt.type_string() }})
    end
{%- endmacro %}

{#- Why a measure of a wide row is null: not on the form, missing in the report, or reported and not usable (`otherwise`).
    Null exactly where the measure is known. Needs <measure>_count, <measure>_reason and <measure>_value in the row. -#}
{% macro why_missing(measure, converted, otherwise) -%}
    case
            when {{ measure }}_count = 0 then 'not_on_form'
            when {{ measure }}_value is null then {{ measure }}_reason
            when {{ converted }} is null then '{{ otherwise }}'
        end
{%- endmacro %}

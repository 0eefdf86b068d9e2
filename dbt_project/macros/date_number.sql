{#- A date, or its text YYYY-MM-DD, as the number yyyymmdd, so that dates compare as numbers. Null stays null. -#}
{% macro date_number(date) -%}
    cast(
            substring(cast({{ date }} as {{ dbt.type_string() }}), 1, 4)
            || substring(cast({{ date }} as {{ dbt.type_string() }}), 6, 2)
            || substring(cast({{ date }} as {{ dbt.type_string() }}), 9, 2) as int
        )
{%- endmacro %}

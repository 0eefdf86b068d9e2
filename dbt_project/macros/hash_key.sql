{#- A key that any engine computes alike: md5 of the parts, null and '' apart from every text. Input: SQL expressions. -#}
{% macro hash_key(parts) -%}
    md5(
    {%- for part in parts %}
        coalesce(cast({{ part }} as {{ dbt.type_string() }}), '<null>'){% if not loop.last %} || '|' ||{% endif %}
    {%- endfor %}
    )
{%- endmacro %}

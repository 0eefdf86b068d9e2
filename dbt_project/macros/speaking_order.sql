{#- A report may say the same in two tables, or in a table and its prose: one of them speaks. The order in which they come: a
    table before the prose, then the newest form. Input: aliases of the tables seen and of the forms. -#}
{% macro speaking_order(seen='seen', forms='forms') -%}
    case when {{ seen }}.form_table = 'prose' then 1 else 0 end asc,
                {{ forms }}.first_year desc,
                {{ seen }}.form_id desc,
                {{ seen }}.form_table asc
{%- endmacro %}

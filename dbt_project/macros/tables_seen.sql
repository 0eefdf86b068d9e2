{#- The tables that a report has: those that were recognised, and its prose where a figure was read from it. Input: the CTEs of
    the recognised tables and of the facts. -#}
{% macro tables_seen(recognised='recognised_tables', facts='facts') -%}
    select
        report_id,
        report_year,
        form_id,
        form_table
    from {{ recognised }}
    union
    select
        report_id,
        report_year,
        form_id,
        form_table
    from {{ facts }}
    where form_table = 'prose'
{%- endmacro %}

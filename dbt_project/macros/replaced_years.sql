{#- Materialization on DuckDB of a table of which some years are replaced (see year_partition): deleted and written again, in one
    transaction and in one pass. dbt's own incremental writes what is new twice, to a temporary table and from there, which
    would be a third of the time. Fails where the model's columns are not the table's: then the table must be rebuilt whole. -#}
{% materialization replaced_years, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is none or not existing.is_table %}
        {%- if existing is not none %}
            {% do adapter.drop_relation(existing) %}
        {%- endif %}
        {% call statement('main') -%}
            {{ create_table_as(False, target_relation, compiled_code) }}
        {%- endcall %}
    {%- else %}
        {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='name') | list -%}
        {%- set found = adapter.get_column_schema_from_query(compiled_code) | map(attribute='name') | list -%}
        {%- if columns | sort != found | sort %}
            {% do exceptions.raise_compiler_error(
                this ~ ' has other columns than its model: rebuild it whole, without the variable report_years'
            ) %}
        {%- endif %}
        {% call statement('main') -%}
            delete from {{ target_relation }} where {{ replaced_rows() }};
            insert into {{ target_relation }} ({{ columns | join(', ') }})
            select {{ columns | join(', ') }} from (
                {{ compiled_code }}
            ) as fresh
        {%- endcall %}
    {%- endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Which rows such a run replaces: those of the years asked for, and of the years after them the rows that look back. -#}
{% macro replaced_rows() -%}
    {%- set said = config.get('meta') or {} -%}
    {%- if said.get('of_one_year') -%}
        {{ in_report_years() }} or ({{ in_report_years(years_after=said['years_after']) }} and not {{ said['of_one_year'] }})
    {%- else -%}
        {{ in_report_years(years_after=said.get('years_after', 0)) }}
    {%- endif -%}
{%- endmacro %}

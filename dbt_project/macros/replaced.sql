{#- Materialization on DuckDB of a table that is written whole, or of which only some rows are written again (year_partition.sql
    says which): deleted and inserted in one transaction and in one pass. dbt's own incremental writes what is new twice.
    Each such table remembers, in its comment, as of which build of int_report_contents it is: see builds.sql.
    Fails where the model's columns are not the table's, or where the table is as of a build that the changes are not counted
    from: then it must be rebuilt whole. -#}
{% materialization replaced, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set build = current_build(target_relation) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and not existing.is_table %}
        {% do adapter.drop_relation(existing) %}
    {%- endif %}
    {%- if existing is not none and existing.is_table and replaces_rows() %}
        {%- if var('changed_reports') and build.previous and build.of_table not in (build.previous, build.id) %}
            {% do exceptions.raise_compiler_error(
                this ~ ' is not as of the build from which changes are counted: rebuild it whole, without the variable changed_reports'
            ) %}
        {%- endif %}
        {%- set columns = column_names('select * from ' ~ target_relation) -%}
        {%- if columns | sort != column_names(compiled_code) | sort %}
            {% do exceptions.raise_compiler_error(
                this ~ ' has other columns than its model: rebuild it whole, without the variables report_years and changed_reports'
            ) %}
        {%- endif %}
        {% call statement('main') -%}
            delete from {{ target_relation }} where {{ replaced_rows() }};
            insert into {{ target_relation }} ({{ columns | join(', ') }})
            select {{ columns | join(', ') }} from (
                {{ compiled_code }}
            ) as fresh;
            {{ remember_build(target_relation, build) }}
        {%- endcall %}
    {%- else %}
        {% call statement('main') -%}
            drop table if exists {{ target_relation }};
            {{ create_table_as(False, target_relation, compiled_code) }};
            {{ remember_build(target_relation, build) }}
        {%- endcall %}
    {%- endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Names of the columns of a query, in order. -#}
{% macro column_names(query) -%}
    {{ return(adapter.get_column_schema_from_query(query) | map(attribute='name') | list) }}
{%- endmacro %}

{#- Whether this run writes only some rows of such tables again. -#}
{% macro replaces_rows() -%}
    {{ return((var('changed_reports') or var('report_years')) | as_bool) }}
{%- endmacro %}

{#- Which rows such a run replaces: those of the reports that changed and of reports that are gone; or those of the years asked
    for, and of the years after them the rows that look back. -#}
{% macro replaced_rows() -%}
    {%- set said = config.get('meta') or {} -%}
    {%- if var('changed_reports') -%}
        {{ in_report_years() }} or report_id not in (select contents.report_id from {{ ref('int_report_contents') }} as contents)
    {%- elif said.get('of_one_year') -%}
        {{ in_report_years() }} or ({{ in_report_years(years_after=said['years_after']) }} and not {{ said['of_one_year'] }})
    {%- else -%}
        {{ in_report_years(years_after=said.get('years_after', 0)) }}
    {%- endif -%}
{%- endmacro %}

{#- How tables are written on DuckDB: in one transaction, which DuckDB's DDL is part of. dbt's own builds a table under another
    name and renames twice; its incremental writes what is new twice. -#}

{% materialization table, adapter='duckdb' %}
    {%- set existing, target_relation = existing_and_target() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {{ create_anew(target_relation, existing) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- A table that is written whole, or of which only some rows are written again (year_partition.sql says which). It remembers,
    in its comment, as of which build of int_report_contents it is: see builds.sql.
    Fails where the model's columns are not the table's, or where the table is as of a build that the changes are not counted
    from: then it must be rebuilt whole. -#}
{% materialization replaced, adapter='duckdb' %}
    {%- set existing, target_relation = existing_and_target() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set build = current_build(target_relation) -%}
    {%- set of_changes = var('changed_reports') and build.previous -%}
    {%- if of_changes or (var('report_years') and existing is not none and existing.is_table) %}
        {%- if of_changes and build.of_table not in (build.previous, build.id) %}
            {% do exceptions.raise_compiler_error(
                this ~ ' is not as of the build from which changes are counted: rebuild it whole, without the variable changed_reports'
            ) %}
        {%- endif %}
        {%- set columns = model.columns.keys() | list -%}
        {%- if build.column_count != columns | length %}  {#- and of other names the insertion says so -#}
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
            {{ create_anew(target_relation, existing) }};
            {{ remember_build(target_relation, build) }}
        {%- endcall %}
    {%- endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- (what stands under the model's name, or none; the table that will). -#}
{% macro existing_and_target() -%}
    {{ return((load_cached_relation(this), this.incorporate(type='table'))) }}
{%- endmacro %}

{#- SQL: the table of the model, in place of what stands there; until then the model may read that. -#}
{% macro create_anew(relation, existing) -%}
    {%- set fresh = relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_fresh'}) -%}
    {{ create_table_as(False, fresh, compiled_code) }};
    {%- if existing is not none %} drop {{ existing.type }} {{ existing }}; {%- endif %}
    alter table {{ fresh }} rename to {{ adapter.quote(relation.identifier) }}
{%- endmacro %}

{#- Which rows such a run replaces: those of the reports that changed or are gone; or those of the years asked for, and of the
    years after them the rows that look back. -#}
{% macro replaced_rows() -%}
    {%- set said = config.get('meta') or {} -%}
    {%- if said.get('of_one_year') and not var('changed_reports') -%}
        {{ in_report_years() }} or ({{ in_report_years(years_after=said['years_after']) }} and not {{ said['of_one_year'] }})
    {%- else -%}
        {{ in_report_years(years_after=said.get('years_after', 0)) }}
    {%- endif -%}
{%- endmacro %}

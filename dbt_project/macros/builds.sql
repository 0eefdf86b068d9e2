{#- Builds of int_report_contents, and which tables are as of which: how a run that replaces only what changed knows that nothing
    else is stale. DuckDB only: on other engines every build is whole or by year. -#}

{#- {id, previous, of_table, column_count}: the build of int_report_contents as it stands, the build that its changes are counted
    from (none: every report counts as changed), the build that the table `relation` is as of, and how many columns it has. -#}
{% macro current_build(relation) -%}
    {%- set contents = load_cached_relation(ref('int_report_contents')) -%}
    {%- if contents is none -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set built = remembered('build', 'select max(build_id), max(previous_build_id) from ' ~ contents)[0] -%}
    {%- for row in built_tables() if (row[0], row[1], row[2]) == (relation.database, relation.schema, relation.identifier) -%}
        {{ return({'id': built[0], 'previous': built[1], 'of_table': row[3], 'column_count': row[4]}) }}
    {%- endfor -%}
    {{ return({'id': built[0], 'previous': built[1]}) }}
{%- endmacro %}

{#- (database, schema, table, build it is as of, number of columns) of every table, as they were when the run first asked. -#}
{% macro built_tables() -%}
    {{ return(remembered('tables', 'select database_name, schema_name, table_name, comment, column_count from duckdb_tables()')) }}
{%- endmacro %}

{#- Rows of a query, without the log of dbt's run_query, which costs more than such a query. -#}
{% macro asked(query) -%}
    {{ return(adapter.execute(query, auto_begin=False, fetch=True)[1].rows if execute else []) }}
{%- endmacro %}

{#- The same, asked once in a run. Macros have no memory of their own; `graph` is what all models of a run share. -#}
{% macro remembered(name, query) -%}
    {%- set key = invocation_id ~ name -%}
    {%- if execute and key not in graph -%}
        {%- do graph.update({key: asked(query)}) -%}
    {%- endif -%}
    {{ return(graph[key] if execute else []) }}
{%- endmacro %}

{#- SQL: the table is as of this build. One of which only years were replaced is as of none. -#}
{% macro remember_build(relation, build) -%}
    comment on table {{ relation }} is '{{ 'none' if var('report_years') else build.id or '' }}'
{%- endmacro %}

{#- The build of int_report_contents that changes can be counted from, or none: only where every table that remembers a build is
    as of it. For int_report_contents itself, before it is built anew. -#}
{% macro trusted_build() -%}
    {%- if not execute or not var('changed_reports') or target.type == 'spark' or load_cached_relation(this) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set build = asked('select max(build_id) from ' ~ this)[0][0] -%}
    {%- set others = built_tables() | map(attribute=3) | select | reject('equalto', build) | list -%}
    {{ return(none if others else build) }}
{%- endmacro %}

{#- Order-free fingerprint of the rows of a group. Other engines replace by year and need none. -#}
{% macro fingerprint(rows) -%}
    {%- if target.type == 'duckdb' -%} sum(hash({{ rows }})) {%- else -%} cast(null as decimal(38, 0)) {%- endif -%}
{%- endmacro %}

{#- SQL: the report is one that int_report_contents calls changed. By name where they are few: names reach the scan of every
    table below, a subquery only the top of the plan. The names stand in one text, because that is a condition that the scan asks
    once for each name that it holds, before it reads another column; of IN it makes a join, to which it hands every row. -#}
{% macro is_changed_report(report_id) -%}
    {%- set those = 'select contents.report_id from ' ~ ref('int_report_contents') ~ ' as contents where contents.is_changed' -%}
    {%- set few = 200 -%}
    {%- set names = remembered('changed_reports', those ~ ' group by contents.report_id limit ' ~ (few + 1)) -%}
    {%- if names | length > few -%}
        {{ report_id }} in ({{ those }})
    {%- else -%}
        contains('|{{ names | map(attribute=0) | join('|') }}|', '|' || {{ report_id }} || '|')
    {%- endif -%}
{%- endmacro %}

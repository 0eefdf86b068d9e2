{#- Builds of int_report_contents, and which tables are as of which: how a run that replaces only what changed knows that nothing
    else is stale. DuckDB only: on other engines every build is whole or by year. -#}

{#- {id, previous, of_table, columns}: the build of int_report_contents as it stands, the build that its changes are counted from
    (none: every report counts as changed), the build that the table `relation` is as of, and the table's columns. -#}
{% macro current_build(relation) -%}
    {%- set contents = load_cached_relation(ref('int_report_contents')) -%}
    {%- if contents is none -%}
        {{ return({'columns': []}) }}
    {%- endif -%}
    {%- set built = remembered('build', 'select max(build_id), max(previous_build_id) from ' ~ contents)[0] -%}
    {%- set of_table, columns = known_table(relation) -%}
    {{ return({'id': built[0], 'previous': built[1], 'of_table': of_table, 'columns': columns}) }}
{%- endmacro %}

{#- (the build that a table is as of, its columns), as they were when the run first asked; (none, []) of one that was not there.
    `named`: a relation or a node. -#}
{% macro known_table(named) -%}
    {%- set tables = remembered('tables', "
        select
            columns.database_name,
            columns.schema_name,
            columns.table_name,
            any_value(tables.comment),
            string_agg(columns.column_name, ',')
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables using (database_oid, table_oid)
        group by columns.database_name, columns.schema_name, columns.table_name
    ") -%}
    {%- for row in tables if (row[0], row[1], row[2]) == (named.database, named.schema, named.identifier or named.alias) -%}
        {{ return((row[3], row[4].split(','))) }}
    {%- endfor -%}
    {{ return((none, [])) }}
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
    comment on table {{ relation }} is {{ "'" ~ build.id ~ "'" if build.id and not var('report_years') else 'null' }}
{%- endmacro %}

{#- The build of int_report_contents that changes can be counted from, or none: only where every replaced table is there and as
    of it. For int_report_contents itself, before it is built anew. -#}
{% macro trusted_build() -%}
    {%- if not execute or not var('changed_reports') or target.type == 'spark' or load_cached_relation(this) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set build = asked('select max(build_id) from ' ~ this)[0][0] -%}
    {#- dbt makes a dictionary of each node that is looked at; most are tests -#}
    {%- for name in graph.nodes if name.startswith('model.') -%}
        {%- set node = graph.nodes[name] -%}
        {%- if node.config.materialized == 'replaced' and known_table(node)[0] != build -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(build) }}
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

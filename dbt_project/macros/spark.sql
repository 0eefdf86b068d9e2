{#- What Apache Spark needs otherwise than DuckDB. dbt calls these by their names (dispatch); no model knows them. -#}

{#- A seed's columns: the type that its .yml says, else whole numbers as int (as on DuckDB) and text as string. -#}
{% macro spark_seed_types(model, agate_table) -%}
    {%- set said, types = model['config'].get('column_types', {}), [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set inferred = adapter.convert_type(agate_table, loop.index0) -%}
        {%- do types.append(said.get(name, 'int' if inferred == 'bigint' else 'string')) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = spark_seed_types(model, agate_table) -%}
    {%- set sql -%}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names %}`{{ name }}` {{ types[loop.index0] }}{{ ', ' if not loop.last }}{% endfor -%}
        ) using parquet
    {%- endset -%}
    {%- call statement('_') %}{{ sql }}{% endcall -%}
    {{ return(sql) }}
{%- endmacro %}

{#- dbt-spark's own binds a null as the text 'None' and does not escape a quote: here a null is null and text is escaped. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types, first = spark_seed_types(model, agate_table), [] -%}
    {%- for chunk in agate_table.rows | batch(5000) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {%- for row in chunk %}
            ({%- for value in row -%}
                {%- if value is none -%} cast(null as {{ types[loop.index0] }})
                {%- elif types[loop.index0] == 'string' -%} '{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
                {%- else -%} cast({{ value }} as {{ types[loop.index0] }})
                {%- endif -%}
                {{ ', ' if not loop.last }}
            {%- endfor -%}){{ ',' if not loop.last }}
            {%- endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
        {%- do first.append(sql) -%}
    {%- endfor -%}
    {{ return(first[0] if first else '') }}
{%- endmacro %}

{#- Parquet keeps no NOT NULL: what a contract promises is asked once, when the table is written, and breaks the build. -#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() if 'not_null' in (column.constraints | map(attribute='type')) -%}
        {%- do columns.append(column.name) -%}
    {%- endfor -%}
    {%- if config.get('contract').enforced and columns -%}
        {%- call statement('nulls', fetch_result=True) -%}
            select
                {%- for column in columns %} count(case when {{ column }} is null then 1 end){{ ',' if not loop.last }}{% endfor %}
            from {{ relation }}
        {%- endcall -%}
        {%- set found = load_result('nulls')['data'][0] -%}
        {%- for column in columns -%}
            {%- if found[loop.index0] > 0 -%}
                {%- do exceptions.raise_compiler_error(relation ~ '.' ~ column ~ ' is null in ' ~ found[loop.index0] ~ ' rows') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

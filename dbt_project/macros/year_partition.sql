{#- Facts are replaced by report_year. Without variables a fact table is rebuilt whole (the default). With report_years, only
    those years are deleted and written again, in one transaction. A year whose reports are all gone becomes empty, which
    delete+insert by key would not do. On Spark the same promise is insert_overwrite by partition: tables are partitioned by year.
    With changed_reports, only the rows of reports that int_report_contents calls changed; DuckDB only.
    `years_after`: how many years later a row may look back on a year. `of_one_year`: a condition on rows that do not. -#}
{% macro year_partition(years_after=0, of_one_year=none) -%}
    {%- if var('changed_reports') and (var('report_years') or target.type == 'spark') -%}
        {% do exceptions.raise_compiler_error('changed_reports goes neither with report_years nor with Spark: leave it out') %}
    {%- endif -%}
    {#- On every engine, though only DuckDB asks it: Dagster knows one graph of the models. A unit test is given what it looks at. -#}
    {%- if model.resource_type != 'unit_test' -%}
        {%- do ref('int_report_contents') -%}
    {%- endif -%}
    {%- if target.type == 'duckdb' -%}
        {{ return({'materialized': 'replaced', 'meta': {'years_after': years_after, 'of_one_year': of_one_year}}) }}
    {%- else -%}
        {{ return({
            'materialized': 'incremental' if var('report_years') else 'table', 'incremental_strategy': 'insert_overwrite',
            'file_format': 'parquet', 'partition_by': ['report_year'], 'on_schema_change': 'fail'
        }) }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that goes with it. Only in models that use year_partition: a view would keep it after the run. With
    `years_after`, the years after them too: a model that looks back depends on the year before. With `years_before`, what
    it looks back on. Of a changed report, all years of its agency are there: years before and after need no more words. -#}
{% macro in_report_years(column='report_year', years_after=0, years_before=0) -%}
    {%- if var('changed_reports') -%}
        {{ is_changed_report(column | replace('report_year', 'report_id')) }}
    {%- elif var('report_years') -%}
        {{ column }} in (
        {%- for year in var('report_years') -%}
            {%- set last = loop.last -%}
            {%- for away in range(-years_before, years_after + 1) -%}
                {{ year | int + away }}{% if not (last and loop.last) %}, {% endif %}
            {%- endfor -%}
        {%- endfor -%}
        )
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The same for the rows of one year (`of_one_year`) of a model of which other rows look back `years_after`: where a year is
    replaced as a whole partition, they are written again with it. -#}
{% macro in_own_years(column, years_after) -%}
    {{ in_report_years(column, years_after=years_after if target.type == 'spark' else 0) }}
{%- endmacro %}

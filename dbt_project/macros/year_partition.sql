{#- Facts are replaced by report_year. Without the variable report_years a fact table is rebuilt whole (the default);
    with it, only those years are deleted and written again, in one transaction. A year whose reports are all gone
    becomes empty, which delete+insert by key would not do. On Spark the same promise is insert_overwrite by partition.
    `years_after`: how many years later a row may look back on a year. `of_one_year`: a condition on rows that do not. -#}
{% macro year_partition(years_after=0, of_one_year=none) -%}
    {%- if not var('report_years') -%}
        {{ return({'materialized': 'table'}) }}
    {%- elif target.type == 'spark' -%}
        {{ return({
            'materialized': 'incremental', 'incremental_strategy': 'insert_overwrite', 'file_format': 'parquet',
            'partition_by': ['report_year'], 'on_schema_change': 'fail'
        }) }}
    {%- else -%}
        {{ return({
            'materialized': 'replaced_years', 'meta': {'years_after': years_after, 'of_one_year': of_one_year}
        }) }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that goes with it. Only in models that use year_partition: a view would keep it after the run. With
    `years_after`, the years after them too: a model that looks back depends on the year before. With `years_before`, what
    it looks back on. -#}
{% macro in_report_years(column='report_year', years_after=0, years_before=0) -%}
    {%- if var('report_years') -%}
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

{{ config(**year_partition()) }}

{%- set measures = panel_measures() %}

with reports as (
    select * from {{ ref('int_reports') }}
),

measured as (
    select * from {{ ref('int_measures') }}
),

corrections as (
    select * from {{ ref('corrections') }}
),

series_breaks as (
    select * from {{ ref('series_breaks') }}
),

years as (
    select * from {{ ref('years') }}
),

all_predecessors as (
    select * from {{ ref('agency_predecessors') }}
),

predecessors as (
    select distinct
        agency_id,
        since_year
    from all_predecessors
),

corrected_reports as (
    select distinct report_id
    from corrections
    where is_applied
),

breaks as (
    select
        {%- for measure in measures %}
        sum(case when series_breaks.measure = '{{ measure }}' then 1 else 0 end) as {{ measure }}_break_count,
        {%- endfor %}
        years.report_year
    from years
    left join series_breaks on years.report_year = series_breaks.report_year
    group by years.report_year
),

wide as (
    select
        report_id,
        {%- for measure in measures %}
        max(case when measure = '{{ measure }}' then measure_value end) as {{ measure }},
        max(case when measure = '{{ measure }}' then corrected_value end) as {{ measure }}_corrected,
        max(case when measure = '{{ measure }}' then missing_reason end) as {{ measure }}_missing,
        max(case when measure = '{{ measure }}' then relation_rank end) as {{ measure }}_rank,
        {%- endfor %}
        report_year
    from measured
    where {{ in_report_years() }}
    group by report_id, report_year
),

final as (
    select
        reports.agency_id,
        reports.scope,
        reports.report_id,
        reports.agency_version_id,
        predecessors.agency_id is not null as agency_break,
        corrected_reports.report_id is not null as is_corrected
        {%- for measure in measures %},
        {% if measure == 'budget_yuan' -%}
        cast(wide.{{ measure }} as decimal(28, 4)) as {{ measure }},
        wide.{{ measure }}_missing,
        cast(wide.{{ measure }}_corrected as decimal(28, 4)) as {{ measure }}_corrected,
        {%- else -%}
        {{ whole('wide.' ~ measure) }} as {{ measure }},
        case
            when wide.{{ measure }} <> floor(wide.{{ measure }}) then 'not_whole'
            else wide.{{ measure }}_missing
        end as {{ measure }}_missing,
        {{ whole('wide.' ~ measure ~ '_corrected') }} as {{ measure }}_corrected,
        {%- endif %}
        {{ relation_name('wide.' ~ measure ~ '_rank') }} as {{ measure }}_relation,
        breaks.{{ measure }}_break_count > 0 as {{ measure }}_break
        {%- endfor %},
        reports.report_year
    from reports
    inner join wide on reports.report_id = wide.report_id and reports.report_year = wide.report_year
    left join breaks on reports.report_year = breaks.report_year
    left join corrected_reports on reports.report_id = corrected_reports.report_id
    left join predecessors
        on reports.agency_id = predecessors.agency_id and reports.report_year = predecessors.since_year
    where reports.is_current and reports.report_year >= 2014
)

select * from final

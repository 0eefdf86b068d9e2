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
    select distinct
        report_year,
        measure
    from series_breaks
),

-- a count that is not whole is no count: it stands nowhere, and is missing for that reason
described as (
    select
        measured.report_id,
        measured.report_year,
        measured.measure,
        case
            when measured.measure = 'budget_yuan' or measured.measure_value = floor(measured.measure_value)
                then measured.measure_value
        end as measure_value,
        case
            when measured.measure <> 'budget_yuan' and measured.measure_value <> floor(measured.measure_value)
                then 'not_whole'
            else measured.missing_reason
        end as missing_reason,
        case
            when measured.measure = 'budget_yuan' or measured.corrected_value = floor(measured.corrected_value)
                then measured.corrected_value
        end as corrected_value,
        {{ relation_name('measured.relation_rank') }} as relation,
        case when breaks.measure is not null then 1 else 0 end as break_count
    from measured
    left join breaks on measured.report_year = breaks.report_year and measured.measure = breaks.measure
    where {{ in_report_years('measured.report_year') }}
),

wide as (
    select
        report_id,
        {%- for measure in measures %}
        max(case when measure = '{{ measure }}' then measure_value end) as {{ measure }},
        max(case when measure = '{{ measure }}' then missing_reason end) as {{ measure }}_missing,
        max(case when measure = '{{ measure }}' then corrected_value end) as {{ measure }}_corrected,
        max(case when measure = '{{ measure }}' then relation end) as {{ measure }}_relation,
        max(case when measure = '{{ measure }}' then break_count end) as {{ measure }}_break_count,
        {%- endfor %}
        report_year
    from described
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
        {%- for measure in measures %}
        {%- set type = 'decimal(28, 4)' if measure == 'budget_yuan' else 'bigint' %},
        cast(wide.{{ measure }} as {{ type }}) as {{ measure }},
        wide.{{ measure }}_missing,
        cast(wide.{{ measure }}_corrected as {{ type }}) as {{ measure }}_corrected,
        wide.{{ measure }}_relation,
        case when wide.{{ measure }}_break_count > 0 then true else false end as {{ measure }}_break
        {%- endfor %},
        reports.report_year
    from reports
    inner join wide on reports.report_id = wide.report_id and reports.report_year = wide.report_year
    left join corrected_reports on reports.report_id = corrected_reports.report_id
    left join predecessors
        on reports.agency_id = predecessors.agency_id and reports.report_year = predecessors.since_year
    where reports.is_current and reports.report_year >= 2014
)

select * from final

{{ config(**year_partition()) }}

with reports as (
    select * from {{ ref('int_reports') }}
),

sides as (
    select * from {{ ref('int_indicator_sides') }}
),

described as (
    select * from {{ ref('indicators_described') }}
),

asked as (
    select
        reports.report_id,
        reports.agency_id,
        reports.report_year,
        reports.published_on,
        reports.deadline,
        described.indicator_id,
        described.factor
    from reports
    cross join described
    where described.grain = 'report' and {{ in_report_years('reports.report_year') }}
),

-- both sides in one pass over the facts
figures as (
    select
        report_id,
        indicator_id,
        {%- for side in ('numerator', 'denominator') %}
        max(case when side = '{{ side }}' then side_value end) as {{ side }},
        max(case when side = '{{ side }}' then corrected_value end) as corrected_{{ side }},
        max(case when side = '{{ side }}' then missing_reason end) as {{ side }}_missing,
        {%- endfor %}
        min(case when side = 'denominator' then form_id end) as form_id,
        max(relation_rank) as worst_rank
    from sides
    where {{ in_report_years() }}
    group by report_id, indicator_id
),

-- both sides of a ratio of figures; on-time publication compares dates
two_sides as (
    select
        asked.report_id,
        asked.agency_id,
        asked.report_year,
        asked.indicator_id,
        asked.factor,
        case
            when asked.indicator_id <> 'on_time_publication' then figures.numerator
            when asked.published_on is null or asked.deadline is null then null
            when asked.published_on <= asked.deadline then 1
            else 0
        end as numerator,
        case
            when asked.indicator_id <> 'on_time_publication' then figures.denominator
            when asked.published_on is not null and asked.deadline is not null then 1
        end as denominator,
        figures.corrected_numerator,
        figures.corrected_denominator,
        case
            when asked.indicator_id = 'on_time_publication' and asked.published_on is null then 'no_date'
            when asked.indicator_id = 'on_time_publication' and asked.deadline is null then 'no_deadline'
            when asked.indicator_id = 'on_time_publication' then null
            when figures.numerator is null then coalesce(figures.numerator_missing, 'not_on_form')
            when figures.denominator is null then coalesce(figures.denominator_missing, 'not_on_form')
            when figures.denominator = 0 then 'denominator_zero'
        end as missing_reason,
        case
            when asked.indicator_id = 'on_time_publication' then 1
            else figures.worst_rank
        end as worst_rank,
        figures.form_id
    from asked
    left join figures
        on
            asked.report_id = figures.report_id
            and asked.indicator_id = figures.indicator_id
),

final as (
    select
        report_id,
        agency_id,
        indicator_id,
        form_id,
        cast(numerator as decimal(28, 4)) as numerator,
        cast(denominator as decimal(28, 4)) as denominator,
        case
            when missing_reason is null then cast(factor * numerator / denominator as decimal(20, 6))
        end as indicator_value,
        missing_reason,
        case
            when indicator_id = 'on_time_publication' and missing_reason is null
                then cast(factor * numerator as decimal(20, 6))
            when corrected_denominator <> 0
                then cast(factor * corrected_numerator / corrected_denominator as decimal(20, 6))
        end as corrected_value,
        {{ relation_name('worst_rank') }} as relation,
        report_year
    from two_sides
)

select * from final

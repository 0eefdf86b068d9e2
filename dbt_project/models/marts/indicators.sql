{{ config(**year_partition()) }}

with reports as (
    select * from {{ ref('int_reports') }}
),

numerator_sides as (
    select * from {{ ref('int_indicator_sides') }}
),

denominator_sides as (
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

numerators as (
    select * from numerator_sides
    where side = 'numerator' and {{ in_report_years() }}
),

denominators as (
    select * from denominator_sides
    where side = 'denominator' and {{ in_report_years() }}
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
            when asked.indicator_id <> 'on_time_publication' then numerators.side_value
            when asked.published_on is null or asked.deadline is null then null
            when asked.published_on <= asked.deadline then 1
            else 0
        end as numerator,
        case
            when asked.indicator_id <> 'on_time_publication' then denominators.side_value
            when asked.published_on is not null and asked.deadline is not null then 1
        end as denominator,
        numerators.corrected_value as corrected_numerator,
        denominators.corrected_value as corrected_denominator,
        case
            when asked.indicator_id = 'on_time_publication' and asked.published_on is null then 'no_date'
            when asked.indicator_id = 'on_time_publication' and asked.deadline is null then 'no_deadline'
            when asked.indicator_id = 'on_time_publication' then null
            when numerators.report_id is null and denominators.report_id is null then 'not_on_form'
            when numerators.side_value is null then coalesce(numerators.missing_reason, 'not_on_form')
            when denominators.side_value is null then coalesce(denominators.missing_reason, 'not_on_form')
            when denominators.side_value = 0 then 'denominator_zero'
        end as missing_reason,
        case
            when asked.indicator_id = 'on_time_publication' then 1
            when numerators.relation_rank > denominators.relation_rank then numerators.relation_rank
            else denominators.relation_rank
        end as worst_rank,
        denominators.form_id
    from asked
    left join numerators
        on
            asked.report_id = numerators.report_id
            and asked.report_year = numerators.report_year
            and asked.indicator_id = numerators.indicator_id
    left join denominators
        on
            asked.report_id = denominators.report_id
            and asked.report_year = denominators.report_year
            and asked.indicator_id = denominators.indicator_id
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

with reports as (
    select * from {{ ref('int_reports') }}
),

harmonised as (
    select * from {{ ref('int_harmonised') }}
),

measures as (
    select * from {{ ref('panel_measures') }}
),

asked as (
    select
        measure,
        count(*) as operand_count
    from measures
    group by measure
),

-- every measure of every report, and what is known of it, under one another: a condition on the year reaches both
seen as (
    select
        reports.report_id,
        reports.report_year,
        asked.measure,
        asked.operand_count,
        cast(null as {{ dbt.type_string() }}) as form_id,
        cast(null as int) as relation_rank,
        cast(null as decimal(28, 4)) as operand_value,
        cast(null as decimal(28, 4)) as corrected_operand,
        cast(null as {{ dbt.type_string() }}) as operand_reason
    from reports
    cross join asked
    union all
    select
        harmonised.report_id,
        harmonised.report_year,
        measures.measure,
        cast(null as bigint),
        harmonised.form_id,
        harmonised.relation_rank,
        cast(measures.weight * harmonised.harmonised_value as decimal(28, 4)),
        cast(measures.weight * harmonised.corrected_value as decimal(28, 4)),
        harmonised.missing_reason
    from harmonised
    inner join measures on harmonised.harmonised_code = measures.harmonised_code
),

final as (
    select
        report_id,
        report_year,
        measure,
        min(form_id) as form_id,
        cast(
            case when count(operand_value) = max(operand_count) then sum(operand_value) end as decimal(28, 4)
        ) as measure_value,
        cast(
            case when count(corrected_operand) = max(operand_count) then sum(corrected_operand) end as decimal(28, 4)
        ) as corrected_value,
        -- a reason of the report says more than the form's
        case
            when count(operand_value) < max(operand_count) then coalesce(min(operand_reason), 'not_on_form')
        end as missing_reason,
        max(relation_rank) as relation_rank
    from seen
    group by report_id, report_year, measure
)

select * from final

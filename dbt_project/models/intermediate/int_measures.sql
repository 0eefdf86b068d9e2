with reports as (
    select * from {{ ref('int_reports') }}
),

harmonised as (
    select * from {{ ref('int_harmonised') }}
),

measures as (
    select * from {{ ref('panel_measures') }}
),

operands as (
    select
        reports.report_id,
        reports.report_year,
        measures.measure,
        harmonised.form_id,
        harmonised.relation_rank,
        measures.weight * harmonised.harmonised_value as operand_value,
        case when harmonised.report_id is null then 'not_on_form' else harmonised.missing_reason end as operand_reason
    from reports
    cross join measures
    left join harmonised
        on
            reports.report_id = harmonised.report_id
            and reports.report_year = harmonised.report_year
            and measures.harmonised_code = harmonised.harmonised_code
),

final as (
    select
        report_id,
        report_year,
        measure,
        min(form_id) as form_id,
        cast(
            case when count(operand_value) = count(*) then sum(operand_value) end as decimal(28, 4)
        ) as measure_value,
        -- a reason of the report says more than the form's
        case
            when count(operand_value) < count(*)
                then
                    coalesce(
                        min(case when operand_reason <> 'not_on_form' then operand_reason end), min(operand_reason)
                    )
        end as missing_reason,
        max(relation_rank) as relation_rank
    from operands
    group by report_id, report_year, measure
)

select * from final

with mart_tables as (
    select * from {{ ref('int_mart_tables') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

terms as (
    select * from {{ ref('indicator_terms') }}
),

facts as (
    select * from {{ ref('int_corrected_facts') }}
),

-- dense: a cell that the report lacks is an operand without a value
operands as (
    select
        reports.report_id,
        reports.report_year,
        terms.indicator_id,
        terms.side,
        terms.form_id,
        {{ relation_rank('terms.relation') }} as relation_rank,
        terms.weight * facts.reported_value as operand_value,
        terms.weight * facts.corrected_value as corrected_operand,
        case when facts.report_id is null then 'absent' else facts.missing_reason end as operand_reason
    from reports
    inner join mart_tables on reports.report_id = mart_tables.report_id
    inner join terms
        on
            mart_tables.mart = terms.mart
            and mart_tables.form_id = terms.form_id
            and mart_tables.form_table = terms.form_table
    left join facts
        on
            reports.report_id = facts.report_id
            and reports.report_year = facts.report_year
            and terms.form_id = facts.form_id
            and terms.form_table = facts.form_table
            and terms.line_code = facts.line_code
            and terms.column_code = facts.column_code
),

final as (
    select
        report_id,
        report_year,
        indicator_id,
        side,
        min(form_id) as form_id,
        {{ whole_sum('operand_value') }} as side_value,
        {{ whole_sum('corrected_operand') }} as corrected_value,
        min(operand_reason) as missing_reason,
        max(relation_rank) as relation_rank
    from operands
    group by report_id, report_year, indicator_id, side
)

select * from final

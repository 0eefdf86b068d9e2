{{ config(**year_partition(years_after=2)) }}

with identity_results as (
    select * from {{ ref('fct_identity_results') }}
),

operands as (
    select * from {{ ref('int_comparison_operands') }}
),

violated as (
    select *
    from identity_results
    where family = 'prose' and verdict = 'violated' and {{ in_report_years(years_after=2) }}
),

final as (
    select distinct
        violated.report_id,
        violated.agency_id,
        violated.identity_id,
        violated.form_id,
        violated.form_table,
        violated.member,
        operands.line_code as prose_line_code,
        operands.operand_value as prose_value,
        violated.rhs as compared_value,
        violated.difference,
        operands.raw_text as sentence,
        operands.address,
        violated.statement,
        violated.report_year
    from violated
    inner join operands
        on
            violated.report_id = operands.report_id
            and violated.identity_id = operands.identity_id
            and violated.form_id = operands.form_id
            and violated.form_table = operands.form_table
            and violated.member = operands.member
    where
        operands.operand_table = 'prose'
        and operands.side = 'lhs'
        and {{ in_report_years('operands.report_year', years_after=2) }}
)

select * from final

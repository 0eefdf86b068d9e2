{{ config(**year_partition()) }}

with facts as (
    select * from {{ ref('int_facts') }}
),

corrections as (
    select * from {{ ref('corrections') }}
),

crosswalk as (
    select * from {{ ref('crosswalk') }}
),

applied as (
    select *
    from corrections
    where is_applied
),

final as (
    select
        facts.report_id,
        facts.agency_id,
        facts.form_id,
        facts.form_table,
        facts.line_id,
        facts.column_id,
        facts.line_code,
        facts.column_code,
        crosswalk.harmonised_code,
        facts.line_is_total or facts.column_is_total as is_total,
        facts.column_is_stock as is_stock,
        facts.kind,
        facts.reported_value,
        facts.missing_reason,
        {{ corrected('facts.reported_value', 'applied') }} as corrected_value,
        applied.report_id is not null as is_corrected,
        applied.reason as correction_reason,
        facts.raw_text,
        facts.unit,
        case when facts.kind = 'money' then {{ yuan('facts.reported_value', 'facts.unit') }} end as reported_yuan,
        facts.address,
        facts.grid_no,
        facts.row_no,
        facts.column_no,
        {{ evidence_url('facts.report_id', 'facts.grid_no', 'facts.row_no', 'facts.column_no') }} as evidence_url,
        facts.note,
        facts.report_year
    from facts
    left join crosswalk
        on
            facts.form_id = crosswalk.form_id
            and facts.form_table = crosswalk.form_table
            and facts.line_code = crosswalk.line_code
            and crosswalk.column_code in ('*', facts.column_code)
            and crosswalk.relation <> 'none'
    left join applied
        on
            facts.report_id = applied.report_id
            and facts.form_id = applied.form_id
            and facts.form_table = applied.form_table
            and facts.line_code = applied.line_code
            and facts.column_code = applied.column_code
    where {{ in_report_years('facts.report_year') }}
)

select * from final

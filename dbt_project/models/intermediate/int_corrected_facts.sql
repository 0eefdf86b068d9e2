with facts as (
    select * from {{ ref('stg_facts') }}
),

corrections as (
    select * from {{ ref('corrections') }}
),

applied as (
    select *
    from corrections
    where is_applied
),

final as (
    select
        facts.report_id,
        facts.form_id,
        facts.form_table,
        facts.line_code,
        facts.column_code,
        facts.unit,
        facts.reported_value,
        facts.missing_reason,
        {{ corrected('facts.reported_value', 'applied') }} as corrected_value,
        case
            when applied.report_id is null then facts.missing_reason
            when applied.corrected_value is null then 'withdrawn'
        end as corrected_missing_reason,
        applied.report_id is not null as is_corrected,
        applied.reason as correction_reason,
        facts.report_year
    from facts
    left join applied
        on
            facts.report_id = applied.report_id
            and facts.form_id = applied.form_id
            and facts.form_table = applied.form_table
            and facts.line_code = applied.line_code
            and facts.column_code = applied.column_code
)

select * from final

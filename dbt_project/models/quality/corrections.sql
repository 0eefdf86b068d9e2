with declared as (
    select * from {{ ref('stg_corrections') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

final as (
    select
        declared.source_id,
        declared.report_id,
        declared.form_id,
        declared.form_table,
        declared.line_code,
        declared.column_code,
        declared.status,
        declared.status = 'accepted' as is_applied,
        declared.action,
        facts.reported_value,
        facts.missing_reason,
        declared.corrected_value,
        declared.corrected_value - facts.reported_value as difference,
        declared.reason,
        declared.evidence,
        declared.reviewer,
        declared.declared_at,
        facts.address,
        case
            when facts.report_id is not null
                then {{ evidence_url('facts.report_id', 'facts.grid_no', 'facts.row_no', 'facts.column_no') }}
        end as evidence_url,
        facts.report_year
    from declared
    left join facts
        on
            declared.report_id = facts.report_id
            and declared.form_id = facts.form_id
            and declared.form_table = facts.form_table
            and declared.line_code = facts.line_code
            and declared.column_code = facts.column_code
)

select * from final

with source as (
    select * from {{ source('raw', 'corrections') }}
),

final as (
    select
        source_id,
        report_id,
        form_id,
        form_table,
        line_code,
        column_code,
        expected_value,
        expected_missing,
        action,
        corrected_value,
        reason,
        evidence,
        status,
        reviewer,
        declared_at
    from source
)

select * from final

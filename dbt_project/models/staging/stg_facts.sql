with source as (
    select * from {{ source('raw', 'facts') }}
),

final as (
    select
        report_id,
        report_year,
        form_id,
        form_table,
        line_code,
        column_code,
        reported_value,
        missing_reason,
        raw_text,
        unit,
        address,
        grid_no,
        row_no,
        column_no,
        nullif(note, '') as note
    from source
)

select * from final

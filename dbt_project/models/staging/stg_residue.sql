with source as (
    select * from {{ source('raw', 'residue') }}
),

final as (
    select
        report_id,
        report_year,
        form_table,
        residue_text,
        address,
        reason,
        grid_no,
        row_no,
        column_no
    from source
)

select * from final

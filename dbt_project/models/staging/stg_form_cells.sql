with source as (
    select * from {{ source('raw', 'form_cells') }}
),

final as (
    select
        form_id,
        form_table,
        line_code,
        column_code,
        kind,
        nullif(unit, '') as unit
    from source
)

select * from final

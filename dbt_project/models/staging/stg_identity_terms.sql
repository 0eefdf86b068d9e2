with source as (
    select * from {{ source('raw', 'identity_terms') }}
),

final as (
    select
        identity_id,
        form_id,
        form_table,
        member,
        side,
        line_code,
        column_code,
        weight
    from source
)

select * from final

with source as (
    select * from {{ source('raw', 'outcomes') }}
),

final as (
    select
        source_id,
        step,
        status,
        nullif(reason, '') as reason,
        nullif(detail, '') as detail,
        sha256,
        attempted_at
    from source
)

select * from final

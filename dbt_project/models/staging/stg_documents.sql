with source as (
    select * from {{ source('raw', 'documents') }}
),

final as (
    select
        sha256,
        location,
        media_type,
        size_bytes,
        fetched_at
    from source
)

select * from final

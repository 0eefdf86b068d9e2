with source as (
    select * from {{ source('raw', 'attachments') }}
),

final as (
    select
        attachment_id,
        source_id,
        attachment_no,
        kind,
        location
    from source
)

select * from final

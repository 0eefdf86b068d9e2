with source as (
    select * from {{ source('raw', 'sentences') }}
),

final as (
    select
        report_id,
        report_year,
        sentence_key,
        characters,
        address
    from source
)

select * from final

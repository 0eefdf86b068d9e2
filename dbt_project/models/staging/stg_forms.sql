with source as (
    select * from {{ source('raw', 'forms') }}
),

final as (
    select
        form_id,
        title_zh,
        title_en,
        basis,
        first_year,
        last_year
    from source
)

select * from final

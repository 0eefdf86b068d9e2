with source as (
    select * from {{ source('raw', 'tables') }}
),

final as (
    select
        report_id,
        report_year,
        form_id,
        form_table,
        evidence,
        address,
        copies
    from source
)

select * from final

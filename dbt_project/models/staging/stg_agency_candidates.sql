with source as (
    select * from {{ source('raw', 'agency_candidates') }}
),

final as (
    select
        report_id,
        report_year,
        candidate,
        agency_key,
        result,
        reason
    from source
)

select * from final

with source as (
    select * from {{ source('raw', 'identities') }}
),

final as (
    select
        identity_id,
        family,
        operator,
        severity,
        tolerance_absolute,
        tolerance_relative,
        statement_zh,
        statement_en,
        source,
        forms
    from source
)

select * from final

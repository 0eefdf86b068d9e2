with identifiers as (
    select * from {{ ref('identifiers') }}
),

final as (
    select
        {{ hash_key(['agency_key']) }} as agency_id,
        agency_key,
        scheme,
        identifier,
        scheme = 'site_code' as names_a_site,
        valid_from,
        valid_to,
        nullif(note, '') as note
    from identifiers
)

select * from final

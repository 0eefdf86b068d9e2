with agencies as (
    select * from {{ ref('int_agencies') }}
),

aliases as (
    select * from {{ ref('aliases') }}
),

names as (
    select
        agency_key,
        agency_name as alias,
        'official' as alias_kind,
        valid_from,
        valid_to
    from agencies
    union all
    select
        agency_key,
        alias,
        'other',
        valid_from,
        valid_to
    from aliases
),

final as (
    select
        {{ hash_key(['agency_key']) }} as agency_id,
        agency_key,
        alias,
        alias_kind,
        valid_from,
        valid_to
    from names
)

select * from final

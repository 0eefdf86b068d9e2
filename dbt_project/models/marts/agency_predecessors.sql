with regions as (
    select * from {{ ref('regions') }}
),

successions as (
    select * from {{ ref('successions') }}
),

-- where today's division began as several, its government follows those of the parts that ended the year before
territorial as (
    select
        regions.territory_id,
        parts.territory_id as part_id,
        regions.valid_from
    from regions
    inner join regions as parts
        on
            regions.constant_code = parts.constant_code
            and regions.valid_from = parts.valid_to + 1
            and regions.territory_id <> parts.territory_id
    where regions.government_name <> ''
),

found as (
    select
        agency_key,
        predecessor_key,
        year as since_year,
        relation,
        note
    from successions
    union all
    select
        'government:' || territory_id,
        'government:' || part_id,
        valid_from,
        'territory_changed',
        cast(null as {{ dbt.type_string() }})
    from territorial
    union all
    select
        'office:' || territory_id,
        'office:' || part_id,
        valid_from,
        'territory_changed',
        cast(null as {{ dbt.type_string() }})
    from territorial
),

final as (
    select
        {{ hash_key(['agency_key']) }} as agency_id,
        agency_key,
        {{ hash_key(['predecessor_key']) }} as predecessor_agency_id,
        predecessor_key,
        since_year,
        relation,
        note
    from found
)

select * from final

with regions as (
    select * from {{ ref('regions') }}
),

-- the hierarchy of each year: a period ends when the division changes or any of those above it does
with_parent as (
    select
        regions.*,
        parents.region_name as parent_name,
        parents.level as parent_level,
        parents.parent_code as grandparent_code,
        case when parents.valid_from > regions.valid_from then parents.valid_from else regions.valid_from end as from_year,
        case when parents.valid_to < regions.valid_to then parents.valid_to else regions.valid_to end as to_year
    from regions
    left join regions as parents
        on
            regions.parent_code = parents.region_code
            and regions.valid_from <= parents.valid_to
            and parents.valid_from <= regions.valid_to
),

with_grandparent as (
    select
        with_parent.*,
        grandparents.region_name as grandparent_name,
        case
            when grandparents.valid_from > with_parent.from_year then grandparents.valid_from else with_parent.from_year
        end as start_year,
        case
            when grandparents.valid_to < with_parent.to_year then grandparents.valid_to else with_parent.to_year
        end as end_year
    from with_parent
    left join regions as grandparents
        on
            with_parent.grandparent_code = grandparents.region_code
            and with_parent.from_year <= grandparents.valid_to
            and grandparents.valid_from <= with_parent.to_year
),

final as (
    select
        {{ hash_key(['region_code', 'start_year']) }} as region_id,
        region_code,
        region_name,
        level as region_level,
        nullif(parent_code, '') as parent_code,
        case
            when level = 'province' then region_code
            when parent_level = 'province' then parent_code
            else grandparent_code
        end as province_code,
        case
            when level = 'province' then region_name
            when parent_level = 'province' then parent_name
            else grandparent_name
        end as province_name,
        case
            when level = 'prefecture' then region_code
            when parent_level = 'prefecture' then parent_code
        end as prefecture_code,
        case
            when level = 'prefecture' then region_name
            when parent_level = 'prefecture' then parent_name
        end as prefecture_name,
        constant_code,
        territory_id,
        start_year as valid_from,
        end_year as valid_to
    from with_grandparent
)

select * from final

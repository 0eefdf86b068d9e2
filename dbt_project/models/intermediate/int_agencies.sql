{{ config(materialized='table') }}

with regions as (
    select * from {{ ref('regions') }}
),

listed as (
    select * from {{ ref('agencies') }}
),

-- each division has a government and its office, under the key of the territory: extractors/agencies/registry.py does the same
with_parent as (
    select
        regions.*,
        parents.territory_id as parent_territory_id
    from regions
    left join regions as parents
        on
            regions.parent_code = parents.region_code
            and regions.valid_from >= parents.valid_from
            and regions.valid_from <= parents.valid_to
    where regions.government_name <> ''
),

final as (
    select
        'government:' || territory_id as agency_key,
        government_name as agency_name,
        case level when 'province' then 'provincial' else level end || '_government' as agency_kind,
        level as agency_level,
        region_code,
        coalesce('government:' || parent_territory_id, 'state_council') as superior_key,
        cast(null as {{ dbt.type_string() }}) as superior_line_key,
        valid_from,
        valid_to
    from with_parent
    union all
    select
        'office:' || territory_id,
        government_name || case level when 'province' then '办公厅' else '办公室' end,
        'government_office',
        level,
        region_code,
        'government:' || territory_id,
        cast(null as {{ dbt.type_string() }}),
        valid_from,
        valid_to
    from with_parent
    union all
    select
        agency_key,
        agency_name,
        agency_kind,
        agency_level,
        nullif(region_code, ''),
        nullif(superior_key, ''),
        nullif(superior_line_key, ''),
        valid_from,
        valid_to
    from listed
)

select * from final

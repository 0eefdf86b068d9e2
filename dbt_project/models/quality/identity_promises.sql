{{ config(materialized='view') }}

with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

identity_terms as (
    select * from {{ ref('stg_identity_terms') }}
),

comparison_index as (
    select * from {{ ref('int_comparison_index') }}
),

identity_results as (
    select * from {{ ref('fct_identity_results') }}
),

members as (
    select distinct
        identity_id,
        form_id,
        form_table,
        member
    from identity_terms
),

members_of_tables as (
    select
        form_id,
        form_table,
        count(*) as member_count
    from members
    group by form_id, form_table
),

promises as (
    select
        'identity_index_is_dense' as promise_id,
        'every identity has one result for each member of each table that it applies to' as statement,
        (
            select coalesce(sum(members_of_tables.member_count), 0)
            from recognised_tables
            inner join members_of_tables
                on
                    recognised_tables.form_id = members_of_tables.form_id
                    and recognised_tables.form_table = members_of_tables.form_table
        ) as expected_count,
        (
            select count(*) from identity_results
            where is_within_table
        ) as found_count
    union all
    select
        'comparison_index_is_dense',
        'every comparison has one result for each member that applies to a report',
        (select count(*) from comparison_index),
        (
            select count(*) from identity_results
            where not is_within_table
        )
),

final as (
    select
        promise_id,
        statement,
        cast(expected_count as bigint) as expected_count,
        cast(found_count as bigint) as found_count,
        expected_count = found_count as holds
    from promises
)

select * from final

with identities as (
    select * from {{ ref('stg_identities') }}
),

identity_terms as (
    select * from {{ ref('stg_identity_terms') }}
),

members as (
    select distinct
        identity_id,
        form_id,
        form_table,
        member
    from identity_terms
),

member_counts as (
    select
        identity_id,
        count(*) as member_count
    from members
    group by identity_id
),

final as (
    select
        identities.identity_id,
        identities.family,
        identities.operator,
        identities.severity,
        identities.severity = 'H' as is_hard,
        identities.tolerance_absolute,
        identities.tolerance_relative,
        identities.statement_zh,
        identities.statement_en,
        identities.source,
        identities.forms,
        member_counts.member_count
    from identities
    left join member_counts on identities.identity_id = member_counts.identity_id
)

select * from final

with identities as (
    select * from {{ ref('stg_identities') }}
),

identity_terms as (
    select * from {{ ref('stg_identity_terms') }}
),

comparison_terms as (
    select * from {{ ref('stg_comparison_terms') }}
),

forms as (
    select * from {{ ref('stg_forms') }}
),

members as (
    select distinct
        identity_id,
        form_id,
        form_table,
        member,
        true as is_within_table,
        cast(null as int) as first_year
    from identity_terms
    union all
    select distinct
        identity_id,
        form_id,
        form_table,
        member,
        false as is_within_table,
        first_year
    from comparison_terms
),

-- valid while its forms are, and where it needs years before, from the first that has them; a form may be used later
validity as (
    select
        members.identity_id,
        members.is_within_table,
        count(*) as member_count,
        min(case when members.first_year is not null then members.first_year else forms.first_year end) as valid_from,
        max(forms.last_year) as valid_to
    from members
    left join forms on members.form_id = forms.form_id
    group by members.identity_id, members.is_within_table
),

final as (
    select
        identities.identity_id,
        identities.family,
        identities.operator,
        identities.severity,
        identities.severity = 'H' as is_hard,
        validity.is_within_table,
        identities.tolerance_absolute,
        identities.tolerance_relative,
        identities.statement_zh,
        identities.statement_en,
        identities.statement_en || ' (' || identities.statement_zh || ')' as statement,
        identities.source,
        identities.forms,
        validity.valid_from,
        validity.valid_to,
        cast(validity.member_count as int) as member_count
    from identities
    left join validity on identities.identity_id = validity.identity_id
)

select * from final

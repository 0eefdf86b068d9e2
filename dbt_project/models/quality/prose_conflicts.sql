{{ config(materialized='view') }}

with identity_results as (
    select * from {{ ref('fct_identity_results') }}
),

comparison_terms as (
    select * from {{ ref('stg_comparison_terms') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

violated as (
    select *
    from identity_results
    where family = 'prose' and verdict = 'violated'
),

-- a comparison with the prose has what the prose states on its left side: a count or a share, of the report itself
stated as (
    select distinct
        identity_id,
        form_id,
        form_table,
        member,
        line_code,
        column_code
    from comparison_terms
    where operand_table = 'prose' and side = 'lhs' and reference = 'own'
),

prose_facts as (
    select *
    from facts
    where form_table = 'prose'
),

final as (
    select
        violated.report_id,
        violated.agency_id,
        violated.identity_id,
        violated.form_id,
        violated.form_table,
        violated.member,
        stated.line_code as prose_line_code,
        cast(prose_facts.reported_value as decimal(28, 4)) as prose_value,
        violated.rhs as compared_value,
        violated.difference,
        prose_facts.raw_text as sentence,
        prose_facts.address,
        violated.statement,
        violated.report_year
    from violated
    inner join stated
        on
            violated.identity_id = stated.identity_id
            and violated.form_id = stated.form_id
            and violated.form_table = stated.form_table
            and violated.member = stated.member
    inner join prose_facts
        on
            violated.report_id = prose_facts.report_id
            and stated.line_code = prose_facts.line_code
            and stated.column_code = prose_facts.column_code
)

select * from final

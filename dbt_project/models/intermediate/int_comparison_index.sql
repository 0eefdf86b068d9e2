{#- Facts are imported twice: an engine that keeps a shared CTE would write all of them. -#}
with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

prose_facts as (
    select * from {{ ref('stg_facts') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

comparison_terms as (
    select * from {{ ref('stg_comparison_terms') }}
),

links as (
    select * from {{ ref('int_report_links') }}
),

anchors as (
    {{ tables_seen(facts='prose_facts') }}
    union
    select
        report_id,
        report_year,
        'report',
        'report'
    from reports
),

members as (
    select
        identity_id,
        form_id,
        form_table,
        first_year,
        member,
        max(case when reference in ('children', 'children_known') then 1 else 0 end) as needs_children,
        max(case when side = 'within' then 1 else 0 end) as needs_statement
    from comparison_terms
    group by identity_id, form_id, form_table, first_year, member
),

stated_members as (
    select distinct
        facts.report_id,
        comparison_terms.identity_id,
        comparison_terms.form_id,
        comparison_terms.form_table,
        comparison_terms.member
    from facts
    inner join comparison_terms
        on
            facts.form_table = comparison_terms.operand_table
            and facts.line_code = comparison_terms.line_code
            and facts.column_code = comparison_terms.column_code
    where comparison_terms.side = 'within'
),

parents as (
    select distinct report_id from links
    where reference = 'children'
),

-- a roll-up applies where the children are declared
applicable as (
    select
        anchors.report_id,
        members.identity_id,
        members.form_id,
        members.form_table,
        members.member,
        members.needs_statement,
        anchors.report_year
    from anchors
    inner join members on anchors.form_id = members.form_id and anchors.form_table = members.form_table
    left join parents on anchors.report_id = parents.report_id
    where
        (members.first_year is null or anchors.report_year >= members.first_year)
        and (members.needs_children = 0 or parents.report_id is not null)
),

-- what is compared within a stated tolerance, where it is stated
final as (
    select
        report_id,
        identity_id,
        form_id,
        form_table,
        member,
        report_year
    from applicable
    where needs_statement = 0
    union all
    select
        applicable.report_id,
        applicable.identity_id,
        applicable.form_id,
        applicable.form_table,
        applicable.member,
        applicable.report_year
    from applicable
    inner join stated_members
        on
            applicable.report_id = stated_members.report_id
            and applicable.identity_id = stated_members.identity_id
            and applicable.form_id = stated_members.form_id
            and applicable.form_table = stated_members.form_table
            and applicable.member = stated_members.member
    where applicable.needs_statement = 1
)

select * from final

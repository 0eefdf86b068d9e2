with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
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
    select
        report_id,
        report_year,
        form_id,
        form_table
    from recognised_tables
    union
    select
        report_id,
        report_year,
        form_id,
        form_table
    from facts
    where form_table = 'prose'
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
        max(case when reference in ('children', 'children_known') then 1 else 0 end) as needs_children
    from comparison_terms
    group by identity_id, form_id, form_table, first_year, member
),

parents as (
    select distinct report_id from links
    where reference = 'children'
),

-- a roll-up applies where the children are declared
final as (
    select
        anchors.report_id,
        members.identity_id,
        members.form_id,
        members.form_table,
        members.member,
        anchors.report_year
    from anchors
    inner join members on anchors.form_id = members.form_id and anchors.form_table = members.form_table
    left join parents on anchors.report_id = parents.report_id
    where
        (members.first_year is null or anchors.report_year >= members.first_year)
        and (members.needs_children = 0 or parents.report_id is not null)
)

select * from final

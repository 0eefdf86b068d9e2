{{ config(materialized='table') }}

with reports as (
    select * from {{ ref('int_reports') }}
),

agency_parent as (
    select * from {{ ref('agency_parent') }}
),

offsets as (
    select
        'previous' as reference,
        1 as years_before
    union all
    select
        'before_previous',
        2
),

own as (
    select
        report_id,
        report_year,
        'own' as reference,
        report_id as other_report_id,
        agency_name as other_agency_name,
        report_year as other_year
    from reports
),

earlier as (
    select
        reports.report_id,
        reports.report_year,
        offsets.reference,
        others.report_id as other_report_id,
        reports.agency_name as other_agency_name,
        reports.report_year - offsets.years_before as other_year
    from reports
    cross join offsets
    left join reports as others
        on
            reports.agency_id = others.agency_id
            and reports.report_year - offsets.years_before = others.report_year
            and (reports.scope = others.scope or (reports.scope is null and others.scope is null))
            and others.is_current
),

-- every declared child, with its report where there is one
children as (
    select
        reports.report_id,
        reports.report_year,
        'children' as reference,
        others.report_id as other_report_id,
        agency_parent.child_name as other_agency_name,
        reports.report_year as other_year
    from reports
    inner join agency_parent
        on
            reports.agency_name = agency_parent.parent_name
            and reports.report_year >= agency_parent.first_year
            and (agency_parent.last_year is null or reports.report_year <= agency_parent.last_year)
    left join reports as others
        on
            agency_parent.child_name = others.agency_name
            and reports.report_year = others.report_year
            and (agency_parent.child_scope is null or agency_parent.child_scope = others.scope)
            and others.is_current
            and reports.report_id <> others.report_id
    where reports.scope = 'territory'
),

child_counts as (
    select
        report_id,
        count(other_report_id) as known_count
    from children
    group by report_id
),

-- the children that are known; where none is, one row that says so
children_known as (
    select
        children.report_id,
        children.report_year,
        'children_known' as reference,
        children.other_report_id,
        children.other_agency_name,
        children.other_year
    from children
    inner join child_counts on children.report_id = child_counts.report_id
    where children.other_report_id is not null or child_counts.known_count = 0
),

final as (
    select * from own
    union all
    select
        report_id,
        report_year,
        'stated',
        other_report_id,
        other_agency_name,
        other_year
    from own
    union all
    select * from earlier
    union all
    select * from children
    union all
    select * from children_known
)

select * from final

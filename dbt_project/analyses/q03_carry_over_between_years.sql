-- 3. Which agency-years break carried out(y) = carried in(y+1), by column, and does a merger or a change of scope explain it?
-- 哪些机关的结转数上下年不衔接,是否由合并或口径变化所致
with flows as (
    select * from {{ ref('fct_request_flow') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

predecessors as (
    select * from {{ ref('agency_predecessors') }}
),

current_flows as (
    select
        flows.*,
        reports.scope,
        reports.agency_version_id
    from flows
    inner join reports on flows.report_id = reports.report_id
    where reports.is_current
),

-- an agency continues as itself, or in the agency that follows it
continued as (
    select
        agency_id,
        agency_id as next_agency_id,
        'same agency' as continuity
    from (select distinct agency_id from current_flows) as known
    union all
    select
        predecessor_agency_id,
        agency_id,
        relation
    from predecessors
)

select
    agencies.agency_name,
    a.report_year,
    a.applicant,
    a.requests_carried_out,
    b.requests_carried_in as carried_in_next_year,
    b.requests_carried_in - a.requests_carried_out as difference,
    case
        when a.scope <> b.scope then 'scope changed: ' || a.scope || ' to ' || b.scope
        when continued.continuity <> 'same agency' then continued.continuity
        else 'not explained'
    end as explanation
from current_flows as a
inner join continued on a.agency_id = continued.agency_id
inner join current_flows as b
    on
        continued.next_agency_id = b.agency_id
        and a.report_year + 1 = b.report_year
        and a.applicant = b.applicant
inner join agencies on a.agency_version_id = agencies.agency_version_id
where a.requests_carried_out <> b.requests_carried_in
order by agencies.agency_name, a.report_year, a.applicant

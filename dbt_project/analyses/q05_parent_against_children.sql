-- 5. Parent against children: is 全市 = sum of (own organs + counties + zones); which child is missing or counted twice?
-- Children are the agencies of the register whose superior by area (块) is the parent government, also where its office made the
-- report; the sum is compared only when every one of them has reported.
-- 汇总报告与下级之和是否相符,缺谁、谁重复
with panel as (
    select * from {{ ref('agency_year_panel') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

parents as (
    select
        panel.*,
        agencies.agency_name,
        case
            when agencies.agency_kind = 'government_office' then agencies.superior_agency_id
            else panel.agency_id
        end as government_id
    from panel
    inner join agencies on panel.agency_version_id = agencies.agency_version_id
    where panel.scope = 'territory'
),

children as (
    select
        agencies.superior_agency_id,
        parents.report_year,
        count(distinct agencies.agency_id) as expected_children,
        count(distinct panel.agency_id) as found_children,
        count(panel.report_id) - count(distinct panel.agency_id) as counted_twice,
        sum(panel.requests_received) as children_requests
    from parents
    inner join agencies
        on
            parents.government_id = agencies.superior_agency_id
            and parents.agency_id <> agencies.agency_id
            and parents.report_year between agencies.valid_from and agencies.valid_to
    left join panel on agencies.agency_id = panel.agency_id and parents.report_year = panel.report_year
    group by agencies.superior_agency_id, parents.report_year
)

select
    parents.agency_name,
    parents.report_year,
    parents.requests_received,
    children.expected_children,
    children.found_children,
    children.counted_twice,
    children.children_requests,
    case
        when children.expected_children is null then 'undecidable: no child in the register'
        when children.found_children < children.expected_children then 'undecidable: children missing'
        when children.counted_twice > 0 then 'undecidable: a child in two scopes'
        when children.children_requests = parents.requests_received then 'agrees'
        when children.children_requests <> parents.requests_received then 'differs'
        else 'undecidable: a figure is missing'
    end as verdict
from parents
left join children on parents.government_id = children.superior_agency_id and parents.report_year = children.report_year
order by parents.agency_name, parents.report_year

with reports as (
    select * from {{ ref('int_reports') }}
),

candidates as (
    select * from {{ ref('stg_agency_candidates') }}
),

agencies as (
    select * from {{ ref('int_agencies') }}
),

-- the candidate's latest name: it need not be valid in the year of the report
names as (
    select
        agency_key,
        agency_name,
        row_number() over (partition by agency_key order by valid_from desc) as latest_first
    from agencies
),

final as (
    select
        reports.report_id,
        reports.source_id,
        reports.agency_id,
        reports.agency_name,
        reports.region_code,
        coalesce(candidates.result, 'unknown') as result,
        coalesce(candidates.reason, 'not_asked') as reason,
        coalesce(candidates.candidate, 1) as candidate,
        candidates.agency_key as candidate_key,
        case
            when candidates.agency_key is not null then {{ hash_key(['candidates.agency_key']) }}
        end as candidate_agency_id,
        names.agency_name as candidate_name,
        reports.report_year
    from reports
    left join candidates on reports.report_id = candidates.report_id
    left join names on candidates.agency_key = names.agency_key and names.latest_first = 1
    where not reports.is_registered
)

select * from final

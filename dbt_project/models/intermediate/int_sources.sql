with sources as (
    select * from {{ ref('stg_sources') }}
),

outcomes as (
    select * from {{ ref('stg_outcomes') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

agencies as (
    select * from {{ ref('int_agencies') }}
),

ranked_outcomes as (
    select
        source_id,
        status,
        reason,
        row_number() over (
            partition by source_id
            order by attempted_at desc, case step when 'read' then 0 else 1 end
        ) as latest_first
    from outcomes
),

last_words as (
    select * from ranked_outcomes
    where latest_first = 1
),

-- a source that was never read has only the catalogue's word: an official name in that division and year
by_name as (
    select
        sources.source_id,
        min(agencies.agency_key) as agency_key,
        count(distinct agencies.agency_key) as agency_count
    from sources
    inner join agencies
        on
            sources.agency_name = agencies.agency_name
            and sources.region_code = agencies.region_code
            and sources.report_year >= agencies.valid_from
            and sources.report_year <= agencies.valid_to
    group by sources.source_id
),

final as (
    select
        sources.source_id,
        case
            when reports.report_id is not null then reports.agency_id
            when by_name.agency_count = 1 then {{ hash_key(['by_name.agency_key']) }}
            when sources.agency_name is not null then {{ hash_key(['sources.agency_name', 'sources.region_code']) }}
        end as agency_id,
        coalesce(reports.agency_name, sources.agency_name) as agency_name,
        coalesce(reports.agency_kind, sources.agency_kind) as agency_kind,
        coalesce(reports.region_code, sources.region_code) as region_code,
        coalesce(reports.scope, sources.scope) as scope,
        coalesce(reports.report_year, sources.report_year) as report_year,
        reports.report_id,
        reports.published_on,
        reports.deadline,
        last_words.status,
        last_words.reason
    from sources
    left join last_words on sources.source_id = last_words.source_id
    left join reports on sources.source_id = reports.source_id
    left join by_name on sources.source_id = by_name.source_id
)

select * from final

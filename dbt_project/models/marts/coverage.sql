with sources as (
    select * from {{ ref('int_sources') }}
),

agencies as (
    select * from {{ ref('int_agencies') }}
),

years as (
    select * from {{ ref('years') }}
),

placed as (
    select * from sources
    where agency_id is not null and report_year is not null
),

-- whoever the catalogue names is expected in each year of the catalogue's span in which the agency exists
span as (
    select
        min(report_year) as first_year,
        max(report_year) as last_year
    from placed
),

named as (
    select
        agency_id,
        max(agency_name) as agency_name,
        max(agency_kind) as agency_kind,
        max(region_code) as region_code
    from placed
    group by agency_id
),

registered as (
    select
        {{ hash_key(['agency_key']) }} as agency_id,
        agency_name,
        agency_kind,
        region_code,
        valid_from,
        valid_to
    from agencies
),

known as (
    select
        named.agency_id,
        coalesce(registered.agency_name, named.agency_name) as agency_name,
        coalesce(registered.agency_kind, named.agency_kind) as agency_kind,
        coalesce(registered.region_code, named.region_code) as region_code,
        registered.valid_from,
        registered.valid_to
    from named
    left join registered on named.agency_id = registered.agency_id
),

expected as (
    select
        known.agency_id,
        known.agency_name,
        known.agency_kind,
        known.region_code,
        years.report_year,
        {{ deadline('known.agency_kind', "''") }} as deadline
    from known
    cross join span
    inner join years
        on
            years.report_year >= span.first_year
            and years.report_year <= span.last_year
            and (known.valid_from is null or years.report_year >= known.valid_from)
            and (known.valid_to is null or years.report_year <= known.valid_to)
),

found as (
    select
        agency_id,
        report_year,
        count(*) as source_count,
        count(report_id) as report_count,
        min(published_on) as first_published_on,
        sum(case when published_on <= deadline then 1 else 0 end) as on_time_count,
        sum(case when published_on > deadline then 1 else 0 end) as late_count,
        min(case when report_id is null then coalesce(reason, 'not_read') end) as reason
    from placed
    group by agency_id, report_year
),

final as (
    select
        expected.agency_id,
        expected.report_year,
        expected.agency_name,
        expected.agency_kind,
        expected.region_code,
        expected.deadline,
        case
            when found.source_count is null then 'missing'
            when found.report_count = 0 then 'unreadable'
            when found.on_time_count = 0 and found.late_count > 0 then 'late'
            else 'published'
        end as status,
        case
            when found.on_time_count > 0 then true
            when found.late_count > 0 then false
        end as is_on_time,
        found.first_published_on,
        case when found.report_count = 0 then found.reason end as reason,
        cast(coalesce(found.source_count, 0) as int) as source_count,
        cast(coalesce(found.report_count, 0) as int) as report_count
    from expected
    left join found on expected.agency_id = found.agency_id and expected.report_year = found.report_year
)

select * from final

{{ config(materialized='view') }}

with sources as (
    select * from {{ ref('stg_sources') }}
),

attachments as (
    select * from {{ ref('stg_attachments') }}
),

outcomes as (
    select * from {{ ref('stg_outcomes') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
),

recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

form_cells as (
    select * from {{ ref('stg_form_cells') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

report_lines as (
    select * from {{ ref('fct_report_lines') }}
),

identity_promises as (
    select * from {{ ref('identity_promises') }}
),

-- the last word on each source and step; earlier attempts stay in raw.outcomes
ranked_outcomes as (
    select
        source_id,
        step,
        status,
        sha256,
        row_number() over (partition by source_id, step order by attempted_at desc) as latest_first
    from outcomes
    where outcomes.source_id in (select sources.source_id from sources)
),

latest_outcomes as (
    select * from ranked_outcomes
    where latest_first = 1
),

attachment_outcomes as (
    select * from outcomes
    where outcomes.source_id in (select attachments.attachment_id from attachments)
),

archived as (
    select * from latest_outcomes
    where step = 'archive' and status in ('archived', 'unchanged')
),

parsed as (
    select * from latest_outcomes
    where step = 'read' and status in ('parsed', 'unchanged')
),

parsed_with_reading as (
    select
        parsed.source_id,
        parsed.sha256
    from parsed
    inner join readings on parsed.source_id = readings.source_id and parsed.sha256 = readings.sha256
),

form_sizes as (
    select
        form_id,
        form_table,
        count(*) as cell_count
    from form_cells
    group by form_id, form_table
),

expected_cells as (
    select
        recognised_tables.report_id,
        recognised_tables.form_id,
        recognised_tables.form_table,
        form_sizes.cell_count
    from recognised_tables
    left join form_sizes
        on
            recognised_tables.form_id = form_sizes.form_id
            and recognised_tables.form_table = form_sizes.form_table
    where recognised_tables.form_table <> 'prose'
),

promises as (
    select
        'sources_have_an_archive_outcome' as promise_id,
        'every source of the catalogue has an outcome of the step archive' as statement,
        (select count(*) from sources) as expected_count,
        (
            select count(*) from latest_outcomes
            where step = 'archive'
        ) as found_count
    union all
    select
        'archived_sources_have_a_read_outcome',
        'every source that is archived has an outcome of the step read',
        (select count(*) from archived),
        (
            select count(*) from latest_outcomes
            where step = 'read'
        )
    union all
    select
        'attachments_have_an_archive_outcome',
        'everything that the page of a source brings has an outcome of the step archive',
        (select count(*) from attachments),
        (
            select count(*) from attachment_outcomes
            where step = 'archive'
        )
    union all
    select
        'archived_attachments_have_a_read_outcome',
        'everything that a page brings and that is archived has an outcome of the step read',
        (
            select count(*) from attachment_outcomes
            where step = 'archive' and sha256 is not null
        ),
        (
            select count(*) from attachment_outcomes
            where step = 'read'
        )
    union all
    select
        'outcomes_have_a_source',
        'every outcome is of a source, or of something that its page brings',
        (select count(*) from outcomes),
        (select count(*) from attachment_outcomes) + (select count(*) from ranked_outcomes)
    union all
    select
        'parsed_outcomes_have_a_reading',
        'every source that was parsed has its reading, of the same bytes',
        (select count(*) from parsed),
        (select count(*) from parsed_with_reading)
    union all
    select
        'readings_are_reports',
        'every reading is one report of the mart',
        (select count(*) from readings),
        (select count(*) from reports)
    union all
    select
        'tables_have_every_cell',
        'every recognised statutory table has one fact for each cell that its form prints',
        (select sum(cell_count) from expected_cells),
        (
            select count(*) from facts
            where form_table <> 'prose'
        )
    union all
    select
        'facts_are_report_lines',
        'every fact is one line of the mart',
        (select count(*) from facts),
        (select count(*) from report_lines)
    union all
    select
        promise_id,
        statement,
        expected_count,
        found_count
    from identity_promises
),

final as (
    select
        promise_id,
        statement,
        cast(coalesce(expected_count, 0) as bigint) as expected_count,
        cast(found_count as bigint) as found_count,
        coalesce(expected_count, 0) = found_count as holds
    from promises
)

select * from final

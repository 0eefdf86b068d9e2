{#- A table: of a view over many re-issued reports, DuckDB 2.0.0 never ends with the first rows (`limit`). -#}
{{ config(**year_partition()) }}

with reports as (
    select * from {{ ref('int_reports') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

dated_facts as (
    select * from facts
    where {{ in_report_years() }}
),

-- the versions of one report in the order in which they were published; without a date first
versions as (
    select
        report_id,
        agency_id,
        report_year,
        scope,
        published_on,
        row_number() over (
            partition by agency_id, report_year, scope
            order by published_on asc nulls first, report_id asc
        ) as version_no
    from reports
    where {{ in_report_years() }}
),

pairs as (
    select
        later.report_id,
        later.agency_id,
        later.report_year,
        later.scope,
        later.version_no,
        later.published_on,
        earlier.report_id as earlier_report_id,
        earlier.published_on as earlier_published_on
    from versions as later
    inner join versions as earlier
        on
            later.agency_id = earlier.agency_id
            and later.report_year = earlier.report_year
            and (later.scope = earlier.scope or (later.scope is null and earlier.scope is null))
            and later.version_no = earlier.version_no + 1
),

-- every cell of either version
cells as (
    select
        pairs.report_id,
        facts.form_id,
        facts.form_table,
        facts.line_code,
        facts.column_code
    from pairs
    inner join dated_facts as facts on pairs.report_year = facts.report_year and pairs.report_id = facts.report_id
    union
    select
        pairs.report_id,
        facts.form_id,
        facts.form_table,
        facts.line_code,
        facts.column_code
    from pairs
    inner join dated_facts as facts on pairs.report_year = facts.report_year and pairs.earlier_report_id = facts.report_id
),

compared as (
    select
        pairs.report_id,
        pairs.agency_id,
        pairs.scope,
        pairs.earlier_report_id,
        pairs.version_no,
        pairs.published_on,
        pairs.earlier_published_on,
        cells.form_id,
        cells.form_table,
        cells.line_code,
        cells.column_code,
        before.reported_value as earlier_value,
        case when before.report_id is null then 'absent' else before.missing_reason end as earlier_missing_reason,
        after.reported_value,
        case when after.report_id is null then 'absent' else after.missing_reason end as missing_reason,
        pairs.report_year
    from pairs
    inner join cells on pairs.report_id = cells.report_id
    left join dated_facts as before
        on
            pairs.report_year = before.report_year
            and pairs.earlier_report_id = before.report_id
            and cells.form_id = before.form_id
            and cells.form_table = before.form_table
            and cells.line_code = before.line_code
            and cells.column_code = before.column_code
    left join dated_facts as after
        on
            pairs.report_year = after.report_year
            and pairs.report_id = after.report_id
            and cells.form_id = after.form_id
            and cells.form_table = after.form_table
            and cells.line_code = after.line_code
            and cells.column_code = after.column_code
),

final as (
    select
        report_id,
        earlier_report_id,
        agency_id,
        scope,
        version_no,
        published_on,
        earlier_published_on,
        form_id,
        form_table,
        line_code,
        column_code,
        earlier_value,
        earlier_missing_reason,
        reported_value,
        missing_reason,
        reported_value - earlier_value as difference,
        report_year
    from compared
    where
        reported_value <> earlier_value
        or (reported_value is null and earlier_value is not null)
        or (reported_value is not null and earlier_value is null)
        or missing_reason <> earlier_missing_reason
)

select * from final

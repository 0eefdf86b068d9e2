with facts as (
    select * from {{ ref('stg_facts') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

form_lines as (
    select * from {{ ref('stg_form_lines') }}
),

form_columns as (
    select * from {{ ref('stg_form_columns') }}
),

form_cells as (
    select * from {{ ref('stg_form_cells') }}
),

mart_tables as (
    select * from {{ ref('int_mart_tables') }}
),

final as (
    select
        facts.report_id,
        reports.agency_id,
        facts.form_id,
        facts.form_table,
        form_lines.line_id,
        form_columns.column_id,
        facts.line_code,
        facts.column_code,
        form_cells.kind,
        form_lines.is_total as line_is_total,
        form_columns.is_total as column_is_total,
        form_columns.is_stock as column_is_stock,
        form_lines.mart,
        mart_tables.report_id is not null as feeds_mart,
        form_lines.measure,
        form_lines.route,
        case
            when form_lines.outcome is null then form_columns.outcome
            else form_lines.outcome
        end as outcome,
        form_columns.applicant,
        facts.reported_value,
        facts.missing_reason,
        facts.raw_text,
        facts.unit,
        facts.address,
        facts.grid_no,
        facts.row_no,
        facts.column_no,
        facts.note,
        facts.report_year
    from facts
    left join reports on facts.report_id = reports.report_id
    left join form_lines
        on
            facts.form_id = form_lines.form_id
            and facts.form_table = form_lines.form_table
            and facts.line_code = form_lines.line_code
    left join form_columns
        on
            facts.form_id = form_columns.form_id
            and facts.form_table = form_columns.form_table
            and facts.column_code = form_columns.column_code
    left join form_cells
        on
            facts.form_id = form_cells.form_id
            and facts.form_table = form_cells.form_table
            and facts.line_code = form_cells.line_code
            and facts.column_code = form_cells.column_code
    left join mart_tables
        on
            facts.report_id = mart_tables.report_id
            and facts.form_id = mart_tables.form_id
            and facts.form_table = mart_tables.form_table
            and form_lines.mart = mart_tables.mart
)

select * from final

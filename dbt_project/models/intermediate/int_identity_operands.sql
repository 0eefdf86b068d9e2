with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

identity_terms as (
    select * from {{ ref('stg_identity_terms') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

report_tables as (
    select distinct
        report_id,
        report_year,
        form_id,
        form_table
    from recognised_tables
),

term_cells as (
    select distinct
        form_id,
        form_table,
        line_code,
        column_code
    from identity_terms
),

expected as (
    select
        form_id,
        form_table,
        count(*) as cell_count
    from term_cells
    group by form_id, form_table
),

found as (
    select
        facts.report_id,
        facts.report_year,
        facts.form_id,
        facts.form_table,
        count(*) as cell_count
    from facts
    inner join term_cells
        on
            facts.form_id = term_cells.form_id
            and facts.form_table = term_cells.form_table
            and facts.line_code = term_cells.line_code
            and facts.column_code = term_cells.column_code
    group by facts.report_id, facts.report_year, facts.form_id, facts.form_table
),

-- nearly every table has a fact for each cell: these are joined from the facts, which needs no dense product
counted as (
    select
        report_tables.report_id,
        report_tables.report_year,
        report_tables.form_id,
        report_tables.form_table,
        found.report_id is not null and found.cell_count = expected.cell_count as is_complete
    from report_tables
    inner join expected
        on report_tables.form_id = expected.form_id and report_tables.form_table = expected.form_table
    left join found
        on
            report_tables.report_id = found.report_id
            and report_tables.report_year = found.report_year
            and report_tables.form_id = found.form_id
            and report_tables.form_table = found.form_table
),

complete as (
    select * from counted where is_complete
),

incomplete as (
    select * from counted where not is_complete
),

final as (
    select
        facts.report_id,
        facts.form_id,
        facts.form_table,
        identity_terms.identity_id,
        identity_terms.member,
        identity_terms.side,
        identity_terms.weight,
        identity_terms.line_code,
        identity_terms.column_code,
        facts.reported_value,
        facts.missing_reason,
        facts.address,
        facts.report_year
    from facts
    inner join complete
        on
            facts.report_id = complete.report_id
            and facts.report_year = complete.report_year
            and facts.form_id = complete.form_id
            and facts.form_table = complete.form_table
    inner join identity_terms
        on
            facts.form_id = identity_terms.form_id
            and facts.form_table = identity_terms.form_table
            and facts.line_code = identity_terms.line_code
            and facts.column_code = identity_terms.column_code
    union all
    select
        incomplete.report_id,
        incomplete.form_id,
        incomplete.form_table,
        identity_terms.identity_id,
        identity_terms.member,
        identity_terms.side,
        identity_terms.weight,
        identity_terms.line_code,
        identity_terms.column_code,
        facts.reported_value,
        -- a cell that the form prints and the report has no fact for is as missing as an absent one
        case
            when facts.report_id is null then 'absent'
            else facts.missing_reason
        end,
        facts.address,
        incomplete.report_year
    from incomplete
    inner join identity_terms
        on
            incomplete.form_id = identity_terms.form_id
            and incomplete.form_table = identity_terms.form_table
    left join facts
        on
            incomplete.report_id = facts.report_id
            and incomplete.report_year = facts.report_year
            and identity_terms.form_id = facts.form_id
            and identity_terms.form_table = facts.form_table
            and identity_terms.line_code = facts.line_code
            and identity_terms.column_code = facts.column_code
)

select * from final

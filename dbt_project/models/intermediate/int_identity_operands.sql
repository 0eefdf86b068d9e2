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

final as (
    select
        report_tables.report_id,
        report_tables.form_id,
        report_tables.form_table,
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
        end as missing_reason,
        facts.raw_text,
        facts.address,
        facts.grid_no,
        facts.row_no,
        facts.column_no,
        report_tables.report_year
    from report_tables
    inner join identity_terms
        on
            report_tables.form_id = identity_terms.form_id
            and report_tables.form_table = identity_terms.form_table
    left join facts
        on
            report_tables.report_id = facts.report_id
            and report_tables.report_year = facts.report_year
            and identity_terms.form_id = facts.form_id
            and identity_terms.form_table = facts.form_table
            and identity_terms.line_code = facts.line_code
            and identity_terms.column_code = facts.column_code
)

select * from final

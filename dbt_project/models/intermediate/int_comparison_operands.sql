with identity_index as (
    select * from {{ ref('int_comparison_index') }}
),

comparison_terms as (
    select * from {{ ref('stg_comparison_terms') }}
),

links as (
    select * from {{ ref('int_report_links') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

measures as (
    select * from {{ ref('int_report_measures') }}
),

cells as (
    select distinct
        operand_table,
        line_code,
        column_code
    from comparison_terms
),

-- figures of reports, money in 元 whatever unit is printed, and what is measured of them
known as (
    select
        facts.report_id,
        facts.form_table,
        facts.line_code,
        facts.column_code,
        case facts.unit
            when '万元' then cast(facts.reported_value * 10000 as decimal(28, 4))
            when '亿元' then cast(facts.reported_value * 100000000 as decimal(28, 4))
            else cast(facts.reported_value as decimal(28, 4))
        end as operand_value,
        facts.missing_reason,
        facts.raw_text,
        facts.address,
        facts.grid_no,
        facts.row_no,
        facts.column_no
    from facts
    inner join cells
        on
            facts.form_table = cells.operand_table
            and facts.line_code = cells.line_code
            and facts.column_code = cells.column_code
    union all
    select
        report_id,
        form_table,
        line_code,
        'value' as column_code,
        cast(measured_value as decimal(28, 4)) as operand_value,
        case when measured_value is null then 'not_stated' end as missing_reason,
        null as raw_text,
        null as address,
        null as grid_no,
        null as row_no,
        null as column_no
    from measures
),

final as (
    select
        identity_index.report_id,
        identity_index.identity_id,
        identity_index.form_id,
        identity_index.form_table,
        identity_index.member,
        comparison_terms.alternative,
        comparison_terms.alternative_no,
        comparison_terms.side,
        comparison_terms.weight,
        comparison_terms.reference,
        links.other_report_id as operand_report_id,
        links.other_agency_name as operand_agency_name,
        links.other_year as operand_year,
        comparison_terms.operand_table,
        comparison_terms.line_code,
        comparison_terms.column_code,
        case
            when comparison_terms.reference = 'constant' then cast(1 as decimal(28, 4))
            else known.operand_value
        end as operand_value,
        case
            when comparison_terms.reference = 'constant' then null
            when links.other_report_id is null then 'no_report'
            when known.report_id is null then 'absent'
            else known.missing_reason
        end as missing_reason,
        known.raw_text,
        known.address,
        known.grid_no,
        known.row_no,
        known.column_no,
        identity_index.report_year
    from identity_index
    inner join comparison_terms
        on
            identity_index.identity_id = comparison_terms.identity_id
            and identity_index.form_id = comparison_terms.form_id
            and identity_index.form_table = comparison_terms.form_table
            and identity_index.member = comparison_terms.member
    left join links
        on
            identity_index.report_id = links.report_id
            and comparison_terms.reference = links.reference
    left join known
        on
            links.other_report_id = known.report_id
            and comparison_terms.operand_table = known.form_table
            and comparison_terms.line_code = known.line_code
            and comparison_terms.column_code = known.column_code
)

select * from final

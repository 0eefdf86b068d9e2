{#- Facts are imported twice: an engine that keeps a shared CTE would read every year of it. Where there are corrections, what
    they make of a concept stands beside what the report says. -#}
with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('int_corrected_facts') }}
),

prose_facts as (
    select * from {{ ref('stg_facts') }}
),

forms as (
    select * from {{ ref('stg_forms') }}
),

form_columns as (
    select * from {{ ref('stg_form_columns') }}
),

form_cells as (
    select * from {{ ref('stg_form_cells') }}
),

crosswalk as (
    select * from {{ ref('crosswalk') }}
),

tables_with_total as (
    select distinct
        form_id,
        form_table
    from form_columns
    where is_total
),

-- the column that speaks for a whole line: the total where the form prints one, else its only flow
speaking_columns as (
    select
        form_columns.form_id,
        form_columns.form_table,
        form_columns.column_code
    from form_columns
    left join tables_with_total
        on
            form_columns.form_id = tables_with_total.form_id
            and form_columns.form_table = tables_with_total.form_table
    where form_columns.is_total or (tables_with_total.form_id is null and not form_columns.is_stock)
),

terms as (
    select
        crosswalk.harmonised_code,
        form_cells.form_id,
        form_cells.form_table,
        form_cells.line_code,
        form_cells.column_code,
        form_cells.kind,
        crosswalk.weight,
        {{ relation_rank('crosswalk.relation') }} as relation_rank
    from crosswalk
    inner join form_cells
        on
            crosswalk.form_id = form_cells.form_id
            and crosswalk.form_table = form_cells.form_table
            and crosswalk.line_code = form_cells.line_code
    left join speaking_columns
        on
            form_cells.form_id = speaking_columns.form_id
            and form_cells.form_table = speaking_columns.form_table
            and form_cells.column_code = speaking_columns.column_code
    where
        crosswalk.relation <> 'none'
        and (
            crosswalk.column_code = form_cells.column_code
            or (crosswalk.column_code = '*' and speaking_columns.column_code is not null)
        )
),

concepts as (
    select distinct
        harmonised_code,
        form_id,
        form_table
    from terms
),

seen as (
    {{ tables_seen(facts='prose_facts') }}
),

-- a report may say the same in two tables, or in a table and its prose: one of them speaks
ranked as (
    select
        seen.report_id,
        seen.report_year,
        seen.form_id,
        seen.form_table,
        concepts.harmonised_code,
        row_number() over (
            partition by seen.report_year, seen.report_id, concepts.harmonised_code
            order by
                {{ speaking_order() }}
        ) as preference
    from seen
    inner join concepts on seen.form_id = concepts.form_id and seen.form_table = concepts.form_table
    inner join forms on seen.form_id = forms.form_id
),

-- dense: a line that the report lacks is an operand without a value
operands as (
    select
        ranked.report_id,
        ranked.report_year,
        ranked.harmonised_code,
        ranked.form_id,
        ranked.form_table,
        terms.relation_rank,
        case
            when terms.kind = 'money' then terms.weight * {{ yuan('facts.reported_value', 'facts.unit') }}
            else terms.weight * facts.reported_value
        end as operand_value,
        case
            when terms.kind = 'money' then terms.weight * {{ yuan('facts.corrected_value', 'facts.unit') }}
            else terms.weight * facts.corrected_value
        end as corrected_operand,
        case
            when facts.report_id is null then 'absent'
            when facts.reported_value is null then facts.missing_reason
            when terms.kind = 'money' and {{ yuan('facts.reported_value', 'facts.unit') }} is null then 'unit_unknown'
        end as operand_reason
    from ranked
    inner join terms
        on
            ranked.form_id = terms.form_id
            and ranked.form_table = terms.form_table
            and ranked.harmonised_code = terms.harmonised_code
    left join facts
        on
            ranked.report_id = facts.report_id
            and ranked.report_year = facts.report_year
            and terms.form_id = facts.form_id
            and terms.form_table = facts.form_table
            and terms.line_code = facts.line_code
            and terms.column_code = facts.column_code
    where ranked.preference = 1
),

final as (
    select
        report_id,
        report_year,
        harmonised_code,
        form_id,
        form_table,
        {{ whole_sum('operand_value') }} as harmonised_value,
        {{ whole_sum('corrected_operand') }} as corrected_value,
        min(operand_reason) as missing_reason,
        max(relation_rank) as relation_rank
    from operands
    group by report_id, report_year, harmonised_code, form_id, form_table
)

select * from final

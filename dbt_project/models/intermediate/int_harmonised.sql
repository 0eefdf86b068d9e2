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

-- what a table has to say of a concept
concepts as (
    select
        harmonised_code,
        form_id,
        form_table,
        count(*) as operand_count,
        max(relation_rank) as relation_rank
    from terms
    group by harmonised_code, form_id, form_table
),

seen as (
    {{ tables_seen(facts='prose_facts') }}
),

-- the concepts of the tables that a report has, and the cells that it gives of them, under one another: a condition on the
-- report reaches both, and a table whose cells were joined to them would be read whole
said as (
    select
        seen.report_id,
        seen.report_year,
        seen.form_id,
        seen.form_table,
        concepts.harmonised_code,
        concepts.operand_count,
        concepts.relation_rank,
        null as fact_report_id,
        null as operand_value,
        null as corrected_operand,
        null as operand_reason
    from seen
    inner join concepts on seen.form_id = concepts.form_id and seen.form_table = concepts.form_table
    union all
    select
        facts.report_id,
        facts.report_year,
        facts.form_id,
        facts.form_table,
        terms.harmonised_code,
        null,
        null,
        facts.report_id as fact_report_id,
        case
            when terms.kind = 'money' then terms.weight * {{ yuan('facts.reported_value', 'facts.unit') }}
            else terms.weight * facts.reported_value
        end,
        case
            when terms.kind = 'money' then terms.weight * {{ yuan('facts.corrected_value', 'facts.unit') }}
            else terms.weight * facts.corrected_value
        end,
        case
            when facts.reported_value is null then facts.missing_reason
            when terms.kind = 'money' and {{ yuan('facts.reported_value', 'facts.unit') }} is null then 'unit_unknown'
        end
    from facts
    inner join terms
        on
            facts.form_id = terms.form_id
            and facts.form_table = terms.form_table
            and facts.line_code = terms.line_code
            and facts.column_code = terms.column_code
),

-- dense: a cell that the report lacks is missing in the sum
of_tables as (
    select
        report_id,
        report_year,
        harmonised_code,
        form_id,
        form_table,
        case when count(operand_value) = max(operand_count) then sum(operand_value) end as harmonised_value,
        case when count(corrected_operand) = max(operand_count) then sum(corrected_operand) end as corrected_value,
        case
            when count(fact_report_id) < max(operand_count) then least('absent', coalesce(min(operand_reason), 'absent'))
            else min(operand_reason)
        end as missing_reason,
        max(relation_rank) as relation_rank
    from said
    group by report_id, report_year, harmonised_code, form_id, form_table
),

-- a report may say the same in two tables, or in a table and its prose: one of them speaks
ranked as (
    select
        of_tables.*,
        row_number() over (
            partition by of_tables.report_year, of_tables.report_id, of_tables.harmonised_code
            order by
                {{ speaking_order('of_tables') }}
        ) as preference
    from of_tables
    inner join forms on of_tables.form_id = forms.form_id
    where of_tables.relation_rank is not null  -- of a table that the report has
),

final as (
    select
        report_id,
        report_year,
        harmonised_code,
        form_id,
        form_table,
        cast(harmonised_value as decimal(28, 4)) as harmonised_value,
        cast(corrected_value as decimal(28, 4)) as corrected_value,
        missing_reason,
        relation_rank
    from ranked
    where preference = 1
)

select * from final

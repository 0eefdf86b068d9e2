{{ config(**year_partition()) }}

with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

forms as (
    select * from {{ ref('stg_forms') }}
),

form_lines as (
    select * from {{ ref('stg_form_lines') }}
),

seen as (
    {{ tables_seen() }}
),

fed_marts as (
    select distinct
        form_id,
        form_table,
        mart
    from form_lines
    where mart is not null
),

candidates as (
    select
        seen.report_id,
        fed_marts.mart,
        seen.form_id,
        seen.form_table,
        seen.report_year,
        row_number() over (
            partition by seen.report_id, fed_marts.mart
            order by
                {{ speaking_order() }}
        ) as preference
    from seen
    inner join fed_marts on seen.form_id = fed_marts.form_id and seen.form_table = fed_marts.form_table
    inner join forms on seen.form_id = forms.form_id
    where {{ in_report_years('seen.report_year') }}
),

final as (
    select
        report_id,
        mart,
        form_id,
        form_table,
        report_year
    from candidates
    where preference = 1
)

select * from final

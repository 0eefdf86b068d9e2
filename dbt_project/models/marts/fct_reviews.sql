{{ config(**year_partition()) }}

with facts as (
    select * from {{ ref('int_facts') }}
),

leaves as (
    select *
    from facts
    where
        mart = 'reviews'
        and feeds_mart
        and {{ in_report_years() }}
        and not line_is_total
        and not column_is_total
        and not column_is_stock
        and outcome <> 'total'
),

final as (
    select
        report_id,
        agency_id,
        form_id,
        form_table,
        line_id,
        column_id,
        route,
        outcome,
        {{ whole('reported_value') }} as cases,
        reported_value,
        missing_reason,
        report_year
    from leaves
)

select * from final

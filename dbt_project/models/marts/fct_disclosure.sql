{{ config(**year_partition()) }}

{%- set measures = [
    'made', 'published', 'published_stock', 'prior_items', 'item_change', 'decisions', 'projects',
    'issued', 'repealed', 'in_force'
] %}

with facts as (
    select * from {{ ref('int_facts') }}
),

members as (
    select *
    from facts
    where
        mart = 'disclosure'
        and feeds_mart
        and {{ in_report_years() }}
        and not line_is_total
        and not column_is_total
),

by_line as (
    select
        report_id,
        agency_id,
        form_id,
        form_table,
        line_id,
        line_code,
        report_year
        {%- for measure in measures %},
        max(case when column_code = '{{ measure }}' then reported_value end) as {{ measure }}_value,
        max(case when column_code = '{{ measure }}' then missing_reason end) as {{ measure }}_reason,
        sum(case when column_code = '{{ measure }}' then 1 else 0 end) as {{ measure }}_count
        {%- endfor %},
        max(case when column_code = 'amount' then reported_value end) as amount_value,
        max(case when column_code = 'amount' then unit end) as amount_unit,
        max(case when column_code = 'amount' then missing_reason end) as amount_reason,
        sum(case when column_code = 'amount' then 1 else 0 end) as amount_count,
        max(case when column_code in ('value', 'year') then reported_value end) as single_value,
        max(case when column_code in ('value', 'year') then missing_reason end) as single_reason,
        sum(case when column_code in ('value', 'year') then 1 else 0 end) as single_count
    from members
    group by report_id, agency_id, form_id, form_table, line_id, line_code, report_year
),

final as (
    select
        report_id,
        agency_id,
        form_id,
        form_table,
        line_id,
        line_code,
        {%- for measure in measures %}
        {{ whole(measure ~ '_value') }} as {{ measure }},
        {{ why_missing(measure, whole(measure ~ '_value'), 'not_whole') }} as {{ measure }}_missing,
        {%- endfor %}
        {{ yuan('amount_value', 'amount_unit') }} as amount_yuan,
        {{ why_missing('amount', yuan('amount_value', 'amount_unit'), 'unit_unknown') }} as amount_missing,
        {{ whole('single_value') }} as reported_value,
        {{ why_missing('single', whole('single_value'), 'not_whole') }} as reported_value_missing,
        report_year
    from by_line
)

select * from final

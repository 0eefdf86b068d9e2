{{ config(**year_partition()) }}

{%- set measures = ['new', 'carried_in', 'processed', 'carried_out'] %}

with facts as (
    select * from {{ ref('int_facts') }}
),

flows as (
    select *
    from facts
    where
        mart = 'request_flow'
        and feeds_mart
        and {{ in_report_years() }}
        and not column_is_total
        and not column_is_stock
),

by_applicant as (
    select
        report_id,
        agency_id,
        form_id,
        form_table,
        column_id,
        applicant,
        {%- for measure in measures %}
        max(case when measure = '{{ measure }}' then reported_value end) as {{ measure }}_value,
        max(case when measure = '{{ measure }}' then missing_reason end) as {{ measure }}_reason,
        sum(case when measure = '{{ measure }}' then 1 else 0 end) as {{ measure }}_count,
        {%- endfor %}
        report_year
    from flows
    group by report_id, agency_id, form_id, form_table, column_id, applicant, report_year
),

final as (
    select
        report_id,
        agency_id,
        form_id,
        form_table,
        column_id,
        applicant,
        {%- for measure in measures %}
        {{ whole(measure ~ '_value') }} as requests_{{ measure }},
        {{ why_missing(measure, whole(measure ~ '_value'), 'not_whole') }} as {{ measure }}_missing,
        {%- endfor %}
        report_year
    from by_applicant
)

select * from final

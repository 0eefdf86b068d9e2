{#- Integrity: the panel's disclosure (and, since 2019, its flow of requests) derived again from the facts, in the words of the
    forms and without the crosswalk, for the reports with one statutory table of requests. Differences in value, and values that
    appear on one side only, are returned. -#}
{% test panel_again(model, facts, reports) %}
with by_hand as (
    select
        report_id,
        form_id,
        case form_id
            when 'national_2014'
                then
                    max(case when line_code = 'replies.already_public' then reported_value end)
                    + max(case when line_code = 'replies.granted' then reported_value end)
            else max(case when line_code = 'granted' and column_code = 'total' then reported_value end)
        end as disclosed_full,
        case form_id
            when 'national_2014' then max(case when line_code = 'replies.partial' then reported_value end)
            else max(case when line_code = 'partial' and column_code = 'total' then reported_value end)
        end as disclosed_part,
        case form_id
            when 'national_2014' then max(case when line_code = 'replies.total' then reported_value end)
            else max(case when line_code = 'processed.total' and column_code = 'total' then reported_value end)
        end as processed,
        max(case when line_code = 'requests.new' and column_code = 'total' then reported_value end) as received,
        max(case when line_code = 'requests.carried_in' and column_code = 'total' then reported_value end) as carried_in,
        max(case when line_code = 'requests.carried_out' and column_code = 'total' then reported_value end) as carried_out
    from {{ facts }}
    where
        (form_id = 'national_2014' and form_table = '2014')
        or (form_id in ('national_2019', 'national_2021') and form_table = 'three')
    group by report_id, form_id
),

alone as (
    select report_id
    from by_hand
    group by report_id
    having count(*) = 1
),

expected as (
    select
        by_hand.report_id,
        by_hand.form_id <> 'national_2014' as has_flow,
        by_hand.received,
        by_hand.carried_in,
        by_hand.carried_out,
        by_hand.processed,
        by_hand.disclosed_full,
        by_hand.disclosed_part,
        by_hand.processed - by_hand.disclosed_full - by_hand.disclosed_part as not_disclosed
    from by_hand
    inner join alone on by_hand.report_id = alone.report_id
    inner join {{ reports }} as r on by_hand.report_id = r.report_id
    where r.is_current and r.report_year >= 2014
)

select
    e.*,
    m.disclosed_full as panel_full,
    m.disclosed_part as panel_part,
    m.not_disclosed as panel_not_disclosed
from expected as e
left join {{ model }} as m on e.report_id = m.report_id
where
    m.report_id is null
    or e.processed is distinct from m.requests_processed
    or (e.has_flow and e.received is distinct from m.requests_received)
    or (e.has_flow and e.carried_in is distinct from m.requests_carried_in)
    or (e.has_flow and e.carried_out is distinct from m.requests_carried_out)
    or e.disclosed_full is distinct from m.disclosed_full
    or e.disclosed_part is distinct from m.disclosed_part
    or e.not_disclosed is distinct from m.not_disclosed
{% endtest %}

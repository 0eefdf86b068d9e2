with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

seen as (
    {{ tables_seen() }}
),

final as (
    select
        report_id,
        report_year,
        max(case when form_table = 'two' then form_id end) as form_two,
        max(case when form_table = 'three' then form_id end) as form_three,
        max(case when form_table = 'four' then form_id end) as form_four,
        max(case when form_table = '2014' then form_id end) as form_2014,
        max(case when form_table = 'fujian' then form_id end) as form_fujian,
        max(
            case when form_table not in ('two', 'three', 'four', '2014', 'prose') then form_id end
        ) as form_local,
        max(case when form_table = 'prose' then form_id end) as form_prose,
        sum(case when form_table <> 'prose' then 1 else 0 end) as table_count
    from seen
    group by report_id, report_year
)

select * from final

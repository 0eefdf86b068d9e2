with series_breaks as (
    select * from {{ ref('series_breaks') }}
),

final as (
    select
        report_year,
        measure,
        happened_on,
        reason_zh,
        reason_en
    from series_breaks
)

select * from final

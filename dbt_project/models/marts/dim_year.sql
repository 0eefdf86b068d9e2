with years as (
    select * from {{ ref('years') }}
),

final as (
    select
        report_year,
        regulations_zh,
        regulations_en,
        national_form,
        deadline_departments,
        deadline_governments,
        nullif(series_break, '') as series_break,
        series_break is not null and series_break <> '' as is_series_break
    from years
)

select * from final

with source as (
    select * from {{ source('raw', 'form_lines') }}
),

final as (
    select
        {{ hash_key(['form_id', 'form_table', 'line_code']) }} as line_id,
        form_id,
        form_table,
        line_code,
        position,
        label,
        nullif(label_en, '') as label_en,
        nullif(unit, '') as unit,
        kind,
        nullif(parent, '') as parent,
        nullif(group_label, '') as group_label,
        is_total,
        nullif(mart, 'none') as mart,
        nullif(measure, '') as measure,
        nullif(route, '') as route,
        nullif(outcome, '') as outcome
    from source
)

select * from final

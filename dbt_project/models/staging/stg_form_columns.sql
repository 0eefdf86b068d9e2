with source as (
    select * from {{ source('raw', 'form_columns') }}
),

final as (
    select
        {{ hash_key(['form_id', 'form_table', 'column_code']) }} as column_id,
        form_id,
        form_table,
        column_code,
        position,
        label,
        nullif(label_en, '') as label_en,
        nullif(group_label, '') as group_label,
        is_total,
        is_stock,
        nullif(applicant, '') as applicant,
        nullif(outcome, '') as outcome
    from source
)

select * from final

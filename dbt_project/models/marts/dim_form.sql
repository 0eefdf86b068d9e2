with forms as (
    select * from {{ ref('stg_forms') }}
),

form_cells as (
    select * from {{ ref('stg_form_cells') }}
),

sizes as (
    select
        form_id,
        count(distinct form_table) as table_count,
        count(*) as cell_count
    from form_cells
    group by form_id
),

final as (
    select
        forms.form_id,
        forms.title_zh,
        forms.title_en,
        forms.basis,
        forms.first_year,
        forms.last_year,
        sizes.table_count,
        sizes.cell_count
    from forms
    left join sizes on forms.form_id = sizes.form_id
)

select * from final

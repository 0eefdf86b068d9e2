with form_columns as (
    select * from {{ ref('stg_form_columns') }}
),

crosswalk_columns as (
    select * from {{ ref('crosswalk_columns') }}
),

final as (
    select
        form_columns.column_id,
        form_columns.form_id,
        form_columns.form_table,
        form_columns.column_code,
        form_columns.position,
        form_columns.label as label_zh,
        form_columns.label_en,
        form_columns.group_label,
        form_columns.is_total,
        form_columns.is_stock,
        form_columns.applicant,
        form_columns.outcome,
        crosswalk_columns.harmonised_code,
        crosswalk_columns.relation as harmonised_relation
    from form_columns
    left join crosswalk_columns
        on
            form_columns.form_id = crosswalk_columns.form_id
            and form_columns.form_table = crosswalk_columns.form_table
            and form_columns.column_code = crosswalk_columns.column_code
)

select * from final

with form_lines as (
    select * from {{ ref('stg_form_lines') }}
),

crosswalk as (
    select * from {{ ref('crosswalk') }}
),

whole_lines as (
    select * from crosswalk
    where column_code in ('*', 'year') and relation <> 'none'
),

final as (
    select
        form_lines.line_id,
        form_lines.form_id,
        form_lines.form_table,
        form_lines.line_code,
        form_lines.position,
        form_lines.label as label_zh,
        form_lines.label_en,
        form_lines.unit,
        form_lines.kind,
        form_lines.parent,
        form_lines.group_label,
        form_lines.is_total,
        form_lines.mart,
        form_lines.measure,
        form_lines.route,
        form_lines.outcome,
        whole_lines.harmonised_code,
        whole_lines.relation as harmonised_relation
    from form_lines
    left join whole_lines
        on
            form_lines.form_id = whole_lines.form_id
            and form_lines.form_table = whole_lines.form_table
            and form_lines.line_code = whole_lines.line_code
)

select * from final

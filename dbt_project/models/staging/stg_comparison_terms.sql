with source as (
    select * from {{ source('raw', 'comparison_terms') }}
),

final as (
    select
        identity_id,
        form_id,
        form_table,
        first_year,
        member,
        alternative,
        alternative_no,
        side,
        reference,
        operand_table,
        line_code,
        column_code,
        weight
    from source
)

select * from final

{#- Integrity: the verdicts derived again the other way round, identity by identity from the operands that are known and
    missing, without the sums of the model. A verdict must agree with its own operands. -#}
{% test rederived_verdicts(model, operands, identities) %}
with known as (
    select
        report_id,
        identity_id,
        form_id,
        form_table,
        member,
        sum(case when side = 'lhs' then weight * reported_value else -weight * reported_value end) as gap,
        count(*) as operand_count,
        count(reported_value) as value_count,
        sum(case when missing_reason = 'blank' then 1 else 0 end) as blank_count
    from {{ operands }}
    group by report_id, identity_id, form_id, form_table, member
),

joined as (
    select
        m.report_id,
        m.identity_id,
        m.member,
        m.verdict,
        m.difference,
        i.operator,
        i.tolerance_absolute + i.tolerance_relative = 0 as is_exact,
        case when k.gap is null then 0 else k.gap end as gap,
        k.operand_count = k.value_count as is_complete,
        k.operand_count = k.value_count + k.blank_count as is_complete_but_for_blanks
    from (select * from {{ model }}) as m
    inner join {{ identities }} as i on m.identity_id = i.identity_id
    left join known as k
        on
            m.report_id = k.report_id
            and m.identity_id = k.identity_id
            and m.form_id = k.form_id
            and m.form_table = k.form_table
            and m.member = k.member
)

select *
from joined
where
    (is_complete and verdict not in ('holds', 'violated'))
    or (not is_complete and verdict not in ('holds_if_blank_is_zero', 'undecidable'))
    or (verdict = 'holds_if_blank_is_zero' and not is_complete_but_for_blanks)
    or (verdict <> 'undecidable' and difference <> gap)
    or (is_exact and operator = '=' and is_complete and (verdict = 'holds') <> (gap = 0))
    or (is_exact and operator = '=' and not is_complete and (verdict = 'holds_if_blank_is_zero')
        <> (is_complete_but_for_blanks and gap = 0))
{% endtest %}

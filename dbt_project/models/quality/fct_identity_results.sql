{{ config(**year_partition()) }}

with operands as (
    select * from {{ ref('int_identity_operands') }}
),

identities as (
    select * from {{ ref('dim_identity') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

-- One row per result. Where every missing operand is blank, the sums are those with blank = 0: with nothing missing
-- they are the sums as reported. They are used below only in these two cases.
sides as (
    select
        report_id,
        report_year,
        form_id,
        form_table,
        identity_id,
        member,
        count(*) as operand_count,
        sum(case when reported_value is null then 1 else 0 end) as missing_count,
        sum(case when reported_value is null and missing_reason = 'blank' then 1 else 0 end) as blank_count,
        sum(case when side = 'lhs' then 1 else 0 end) as lhs_count,
        sum(case when side = 'rhs' then 1 else 0 end) as rhs_count,
        sum(
            case
                when side <> 'lhs' then null
                when reported_value is null and missing_reason = 'blank' then 0
                else weight * reported_value
            end
        ) as lhs_sum,
        sum(
            case
                when side <> 'rhs' then null
                when reported_value is null and missing_reason = 'blank' then 0
                else weight * reported_value
            end
        ) as rhs_sum
    from operands
    where {{ in_report_years() }}
    group by report_id, report_year, form_id, form_table, identity_id, member
),

-- a side without operands is 0, as in `money >= 0`
sums as (
    select
        report_id,
        report_year,
        form_id,
        form_table,
        identity_id,
        member,
        operand_count,
        missing_count,
        blank_count,
        cast(case when lhs_count = 0 then 0 else lhs_sum end as decimal(24, 4)) as lhs_sum,
        cast(case when rhs_count = 0 then 0 else rhs_sum end as decimal(24, 4)) as rhs_sum
    from sides
),

with_tolerance as (
    select
        sums.*,
        identities.family,
        identities.severity,
        identities.operator,
        identities.statement_en,
        identities.statement_zh,
        case
            when identities.tolerance_relative * abs(sums.rhs_sum) > identities.tolerance_absolute
                then identities.tolerance_relative * abs(sums.rhs_sum)
            else identities.tolerance_absolute
        end as tolerance
    from sums
    inner join identities on sums.identity_id = identities.identity_id
),

judged as (
    select
        with_tolerance.*,
        {{ identity_is_met('operator', 'lhs_sum', 'rhs_sum', 'tolerance') }} as is_met
    from with_tolerance
),

verdicts as (
    select
        judged.*,
        case
            when missing_count = 0 and is_met then 'holds'
            when missing_count = 0 and not is_met then 'violated'
            when missing_count = blank_count and is_met then 'holds_if_blank_is_zero'
            when missing_count > 0 then 'undecidable'
        end as verdict
    from judged
),

final as (
    select
        verdicts.report_id,
        reports.agency_id,
        verdicts.identity_id,
        verdicts.family,
        verdicts.severity,
        verdicts.form_id,
        verdicts.form_table,
        verdicts.member,
        verdicts.operator,
        case when verdicts.verdict <> 'undecidable' then verdicts.lhs_sum end as lhs,
        case when verdicts.verdict <> 'undecidable' then verdicts.rhs_sum end as rhs,
        case
            when verdicts.verdict <> 'undecidable'
                then cast(verdicts.lhs_sum - verdicts.rhs_sum as decimal(24, 4))
        end as difference,
        verdicts.verdict,
        cast(verdicts.operand_count as int) as operand_count,
        cast(verdicts.missing_count as int) as missing_count,
        cast(verdicts.blank_count as int) as blank_count,
        verdicts.statement_en || ' (' || verdicts.statement_zh || ')' as statement,
        verdicts.report_year
    from verdicts
    left join reports on verdicts.report_id = reports.report_id
)

select * from final

{{ config(**year_partition(years_after=2)) }}

with operands as (
    select * from {{ ref('int_comparison_operands') }}
),

identities as (
    select * from {{ ref('stg_identities') }}
),

-- As within a table, and besides: by alternative, with a condition, and with parts that count only where the prose states
-- them. Sums are those with blank = 0, and are used only where nothing else is missing.
by_alternative as (
    select
        report_id,
        report_year,
        identity_id,
        form_id,
        form_table,
        member,
        alternative,
        alternative_no,
        count(*) as operand_count,
        sum(
            case when operand_value is null and reference <> 'stated' then 1 else 0 end
        ) as missing_operand_count,
        sum(
            case when operand_value is null and reference <> 'stated' and missing_reason = 'blank' then 1 else 0 end
        ) as blank_count,
        sum(case when reference = 'stated' then 1 else 0 end) as stated_operand_count,
        sum(case when reference = 'stated' and operand_value is not null then 1 else 0 end) as stated_count,
        sum(case when side = 'when' then 1 else 0 end) as when_count,
        sum(case when side = 'when' then weight * operand_value end) as when_sum,
        sum(case when side = 'of' then 1 else 0 end) as of_count,
        sum(case when side = 'of' then weight * operand_value end) as of_sum,
        sum(case when side = 'within' then weight * operand_value end) as within_sum,
        sum(case when side = 'lhs' then weight * operand_value end) as lhs,
        sum(case when side = 'rhs' then weight * operand_value end) as rhs
    from operands
    where {{ in_report_years(years_after=2) }}
    group by
        report_id, report_year, identity_id, form_id, form_table, member, alternative, alternative_no
),

sums as (
    select
        report_id,
        report_year,
        identity_id,
        form_id,
        form_table,
        member,
        nullif(alternative, '') as alternative,
        alternative_no,
        when_count = 0 or (when_sum is not null and when_sum > 0) as is_asked,
        cast(operand_count as int) as operand_count,
        cast(
            missing_operand_count
            + case when stated_operand_count > 0 and stated_count < 2 then 1 else 0 end
            + case when of_sum = 0 then 1 else 0 end as int
        ) as missing_count,
        cast(blank_count as int) as blank_count,
        cast(case when lhs is null then 0 else lhs end as decimal(28, 4)) as lhs_sum,
        cast(
            case
                when rhs is null then 0
                when of_count = 0 then rhs
                when of_sum <> 0 then {{ ratio('rhs', 'of_sum') }}
                else 0
            end as decimal(28, 4)
        ) as rhs_sum,
        cast(within_sum as decimal(20, 4)) as tolerance
    from by_alternative
),

-- Of several alternatives the first that is met is what was meant: surely, then with blanks as zero. One that cannot be
-- decided might have been, so it stands before those that are not met.
ranked as (
    select
        sums.*,
        row_number() over (
            partition by sums.report_id, sums.identity_id, sums.form_id, sums.form_table, sums.member
            order by
                case
                    when identities.operator <> 'one_of' then 0
                    when
                        sums.missing_count = sums.blank_count
                        and abs(sums.lhs_sum - sums.rhs_sum) <= coalesce(sums.tolerance, identities.tolerance_absolute)
                        then case when sums.missing_count = 0 then 0 else 1 end
                    when sums.missing_count > 0 then 2
                    else 3
                end,
                sums.alternative_no
        ) as preference
    from sums
    inner join identities on sums.identity_id = identities.identity_id
),

final as (
    select
        report_id,
        identity_id,
        form_id,
        form_table,
        member,
        alternative,
        is_asked,
        operand_count,
        missing_count,
        blank_count,
        lhs_sum,
        rhs_sum,
        tolerance,
        report_year
    from ranked
    where preference = 1
)

select * from final

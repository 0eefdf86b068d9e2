{{ config(**year_partition(years_after=2)) }}

with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

identity_terms as (
    select * from {{ ref('stg_identity_terms') }}
),

comparison_operands as (
    select * from {{ ref('int_comparison_operands') }}
),

identities as (
    select * from {{ ref('dim_identity') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

-- Within a table. One row a member, under a number: the sums below group by it instead of four texts.
members as (
    select
        cast(row_number() over (order by identity_id, form_id, form_table, member) as int) as member_no,
        identity_id,
        form_id,
        form_table,
        member,
        count(*) as operand_count,
        sum(case when side = 'lhs' then 1 else 0 end) as lhs_count,
        sum(case when side = 'rhs' then 1 else 0 end) as rhs_count
    from identity_terms
    group by identity_id, form_id, form_table, member
),

weights as (
    select
        members.member_no,
        identity_terms.form_id,
        identity_terms.form_table,
        identity_terms.line_code,
        identity_terms.column_code,
        case when identity_terms.side = 'lhs' then identity_terms.weight end as lhs_weight,
        case when identity_terms.side = 'rhs' then identity_terms.weight end as rhs_weight
    from identity_terms
    inner join members
        on
            identity_terms.identity_id = members.identity_id
            and identity_terms.form_id = members.form_id
            and identity_terms.form_table = members.form_table
            and identity_terms.member = members.member
),

-- the dense index (report x applicable identity x member), and what the facts bring to it, in one pass over the facts
index_and_operands as (
    select distinct
        recognised_tables.report_id,
        members.member_no,
        1 as index_count,
        null as lhs,
        null as rhs,
        null as value_count,
        null as blank_count
    from recognised_tables
    inner join members
        on recognised_tables.form_id = members.form_id and recognised_tables.form_table = members.form_table
    where {{ in_report_years('recognised_tables.report_year', years_after=2) }}
    union all
    select
        facts.report_id,
        weights.member_no,
        null,
        weights.lhs_weight * facts.reported_value,
        weights.rhs_weight * facts.reported_value,
        case when facts.reported_value is not null then 1 end,
        case when facts.reported_value is null and facts.missing_reason = 'blank' then 1 end
    from facts
    inner join weights
        on
            facts.form_id = weights.form_id
            and facts.form_table = weights.form_table
            and facts.line_code = weights.line_code
            and facts.column_code = weights.column_code
    where {{ in_report_years('facts.report_year', years_after=2) }}
),

table_sums as (
    select
        report_id,
        member_no,
        sum(index_count) as index_count,
        sum(lhs) as lhs,
        sum(rhs) as rhs,
        count(value_count) as value_count,
        count(blank_count) as blank_count
    from index_and_operands
    group by report_id, member_no
),

-- Sums are those with blank = 0: with nothing missing they are the sums as reported; they are used below only where
-- nothing else is missing. A side without operands, or with nothing but blanks, adds up to no row: 0.
within_tables as (
    select
        table_sums.report_id,
        members.identity_id,
        members.form_id,
        members.form_table,
        members.member,
        '' as alternative,
        1 as alternative_rank,
        true as is_asked,
        true as is_within_table,
        cast(members.operand_count as int) as operand_count,
        cast(members.operand_count - table_sums.value_count as int) as missing_count,
        cast(table_sums.blank_count as int) as blank_count,
        cast(case when table_sums.lhs is null then 0 else table_sums.lhs end as decimal(28, 4)) as lhs_sum,
        cast(case when table_sums.rhs is null then 0 else table_sums.rhs end as decimal(28, 4)) as rhs_sum
    from table_sums
    inner join members on table_sums.member_no = members.member_no
    where table_sums.index_count is not null
),

-- Beyond a table: the same, by alternative, with a condition, and with parts that count only where the prose states them.
comparison_sums as (
    select
        report_id,
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
        sum(case when side = 'lhs' then weight * operand_value end) as lhs,
        sum(case when side = 'rhs' then weight * operand_value end) as rhs
    from comparison_operands
    where {{ in_report_years(years_after=2) }}
    group by report_id, identity_id, form_id, form_table, member, alternative, alternative_no
),

comparisons as (
    select
        report_id,
        identity_id,
        form_id,
        form_table,
        member,
        alternative,
        alternative_no as alternative_rank,
        when_count = 0 or (when_sum is not null and when_sum > 0) as is_asked,
        false as is_within_table,
        cast(operand_count as int) as operand_count,
        cast(
            missing_operand_count + case when stated_operand_count > 0 and stated_count < 2 then 1 else 0 end as int
        ) as missing_count,
        cast(blank_count as int) as blank_count,
        cast(case when lhs is null then 0 else lhs end as decimal(28, 4)) as lhs_sum,
        cast(case when rhs is null then 0 else rhs end as decimal(28, 4)) as rhs_sum
    from comparison_sums
),

sums as (
    select * from within_tables
    union all
    select * from comparisons
),

with_tolerance as (
    select
        sums.*,
        identities.family,
        identities.severity,
        identities.operator,
        identities.statement,
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
        not is_asked or {{ identity_is_met('operator', 'lhs_sum', 'rhs_sum', 'tolerance') }} as is_met
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

-- of several alternatives the first that is met is what was meant; one that cannot be decided might have been
alternatives as (
    select
        report_id,
        identity_id,
        form_id,
        form_table,
        member,
        alternative,
        row_number() over (
            partition by report_id, identity_id, form_id, form_table, member
            order by
                case verdict
                    when 'holds' then 0
                    when 'holds_if_blank_is_zero' then 1
                    when 'undecidable' then 2
                    else 3
                end,
                alternative_rank
        ) as preference
    from verdicts
    where operator = 'one_of'
),

chosen as (
    select verdicts.*
    from verdicts
    where operator <> 'one_of'
    union all
    select verdicts.*
    from verdicts
    inner join alternatives
        on
            verdicts.report_id = alternatives.report_id
            and verdicts.identity_id = alternatives.identity_id
            and verdicts.form_id = alternatives.form_id
            and verdicts.form_table = alternatives.form_table
            and verdicts.member = alternatives.member
            and verdicts.alternative = alternatives.alternative
    where alternatives.preference = 1
),

final as (
    select
        chosen.report_id,
        reports.agency_id,
        chosen.identity_id,
        chosen.family,
        chosen.severity,
        chosen.is_within_table,
        chosen.form_id,
        chosen.form_table,
        chosen.member,
        chosen.operator,
        case when chosen.verdict in ('holds', 'holds_if_blank_is_zero') then nullif(chosen.alternative, '') end as alternative,
        chosen.is_asked,
        case when chosen.verdict <> 'undecidable' then chosen.lhs_sum end as lhs,
        case when chosen.verdict <> 'undecidable' then chosen.rhs_sum end as rhs,
        case
            when chosen.verdict <> 'undecidable'
                then cast(chosen.lhs_sum - chosen.rhs_sum as decimal(28, 4))
        end as difference,
        chosen.verdict,
        chosen.operand_count,
        chosen.missing_count,
        chosen.blank_count,
        chosen.statement,
        reports.report_year
    from chosen
    left join reports on chosen.report_id = reports.report_id
)

select * from final

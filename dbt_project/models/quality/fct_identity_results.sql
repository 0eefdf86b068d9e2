{{ config(**year_partition(years_after=2, of_one_year='is_within_table')) }}

with recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

identity_terms as (
    select * from {{ ref('stg_identity_terms') }}
),

comparisons as (
    select * from {{ ref('int_comparison_sums') }}
),

identities as (
    select * from {{ ref('dim_identity') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

-- Within a table. One row a member, under a number: the sums below group by it instead of four texts.
operand_counts as (
    select
        identity_id,
        form_id,
        form_table,
        member,
        count(*) as operand_count
    from identity_terms
    group by identity_id, form_id, form_table, member
),

members as (
    select
        cast(
            row_number() over (
                order by
                    operand_counts.identity_id, operand_counts.form_id, operand_counts.form_table, operand_counts.member
            ) as int
        ) as member_no,
        operand_counts.identity_id,
        operand_counts.form_id,
        operand_counts.form_table,
        operand_counts.member,
        operand_counts.operand_count,
        identities.family,
        identities.severity,
        identities.operator,
        identities.tolerance_absolute,
        identities.tolerance_relative,
        identities.statement
    from operand_counts
    inner join identities on operand_counts.identity_id = identities.identity_id
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

-- reports under a number, too: twelve million groups of a text do not fit in two gigabytes, those of a number do
table_reports as (
    select distinct report_id
    from recognised_tables
    where {{ in_own_years('report_year', years_after=2) }}
),

numbered_reports as (
    select
        report_id,
        cast(row_number() over (order by report_id) as int) as report_no
    from table_reports
),

-- the dense index (report x applicable identity x member), and what the facts bring to it, in one pass over the facts
index_and_operands as (
    select
        numbered_reports.report_no,
        members.member_no,
        1 as index_count,
        null as lhs,
        null as rhs,
        null as value_count,
        null as blank_count
    from recognised_tables
    inner join numbered_reports on recognised_tables.report_id = numbered_reports.report_id
    inner join members
        on recognised_tables.form_id = members.form_id and recognised_tables.form_table = members.form_table
    where {{ in_own_years('recognised_tables.report_year', years_after=2) }}
    union all
    select
        numbered_reports.report_no,
        weights.member_no,
        null,
        weights.lhs_weight * facts.reported_value,
        weights.rhs_weight * facts.reported_value,
        case when facts.reported_value is not null then 1 end,
        case when facts.reported_value is null and facts.missing_reason = 'blank' then 1 end
    from facts
    inner join numbered_reports on facts.report_id = numbered_reports.report_id
    inner join weights
        on
            facts.form_id = weights.form_id
            and facts.form_table = weights.form_table
            and facts.line_code = weights.line_code
            and facts.column_code = weights.column_code
    where {{ in_own_years('facts.report_year', years_after=2) }}
),

table_sums as (
    select
        report_no,
        member_no,
        max(index_count) as index_count,
        sum(lhs) as lhs,
        sum(rhs) as rhs,
        count(value_count) as value_count,
        count(blank_count) as blank_count
    from index_and_operands
    group by report_no, member_no
),

-- Sums are those with blank = 0: with nothing missing they are the sums as reported; they are used below only where
-- nothing else is missing. A side without operands, or with nothing but blanks, adds up to no row: 0.
within_tables as (
    select
        numbered_reports.report_id,
        members.identity_id,
        members.form_id,
        members.form_table,
        members.member,
        members.family,
        members.severity,
        members.operator,
        members.tolerance_absolute,
        members.tolerance_relative,
        members.statement,
        cast(null as {{ dbt.type_string() }}) as alternative,
        true as is_asked,
        true as is_within_table,
        cast(members.operand_count as int) as operand_count,
        cast(members.operand_count - table_sums.value_count as int) as missing_count,
        cast(table_sums.blank_count as int) as blank_count,
        cast(case when table_sums.lhs is null then 0 else table_sums.lhs end as decimal(28, 4)) as lhs_sum,
        cast(case when table_sums.rhs is null then 0 else table_sums.rhs end as decimal(28, 4)) as rhs_sum
    from table_sums
    inner join numbered_reports on table_sums.report_no = numbered_reports.report_no
    inner join members on table_sums.member_no = members.member_no
    where table_sums.index_count is not null
),

beyond_tables as (
    select
        comparisons.report_id,
        comparisons.identity_id,
        comparisons.form_id,
        comparisons.form_table,
        comparisons.member,
        identities.family,
        identities.severity,
        identities.operator,
        coalesce(comparisons.tolerance, identities.tolerance_absolute) as tolerance_absolute,
        identities.tolerance_relative,
        identities.statement,
        comparisons.alternative,
        comparisons.is_asked,
        false as is_within_table,
        comparisons.operand_count,
        comparisons.missing_count,
        comparisons.blank_count,
        comparisons.lhs_sum,
        comparisons.rhs_sum
    from comparisons
    inner join identities on comparisons.identity_id = identities.identity_id
    where {{ in_report_years('comparisons.report_year', years_after=2) }}
),

sums as (
    select * from within_tables
    union all
    select * from beyond_tables
),

-- most identities are exact: the product is computed only where there is a relative tolerance
judged as (
    select
        sums.*,
        not is_asked or case
            when tolerance_relative = 0 and tolerance_absolute = 0
                then {{ identity_is_met('operator', 'lhs_sum', 'rhs_sum', '0') }}
            when tolerance_relative * abs(rhs_sum) > tolerance_absolute
                then {{ identity_is_met('operator', 'lhs_sum', 'rhs_sum', 'tolerance_relative * abs(rhs_sum)') }}
            else {{ identity_is_met('operator', 'lhs_sum', 'rhs_sum', 'tolerance_absolute') }}
        end as is_met
    from sums
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
        verdicts.is_within_table,
        verdicts.form_id,
        verdicts.form_table,
        verdicts.member,
        verdicts.operator,
        case when verdicts.verdict in ('holds', 'holds_if_blank_is_zero') then verdicts.alternative end as alternative,
        verdicts.is_asked,
        case when verdicts.verdict <> 'undecidable' then verdicts.lhs_sum end as lhs,
        case when verdicts.verdict <> 'undecidable' then verdicts.rhs_sum end as rhs,
        case
            when verdicts.verdict <> 'undecidable'
                then cast(verdicts.lhs_sum - verdicts.rhs_sum as decimal(28, 4))
        end as difference,
        verdicts.verdict,
        verdicts.operand_count,
        verdicts.missing_count,
        verdicts.blank_count,
        verdicts.statement,
        reports.report_year
    from verdicts
    left join reports on verdicts.report_id = reports.report_id
)

select * from final

with reports as (
    select * from {{ ref('int_reports') }}
),

report_forms as (
    select * from {{ ref('int_report_forms') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

residue as (
    select * from {{ ref('stg_residue') }}
),

identity_results as (
    select * from {{ ref('fct_identity_results') }}
),

fact_counts as (
    select
        report_id,
        count(*) as fact_count,
        count(reported_value) as value_count,
        count(missing_reason) as missing_count
    from facts
    group by report_id
),

residue_counts as (
    select
        report_id,
        count(*) as residue_count
    from residue
    group by report_id
),

verdict_counts as (
    select
        report_id,
        count(*) as hard_count,
        sum(case when verdict = 'holds' then 1 else 0 end) as hard_holds_count,
        sum(case when verdict = 'holds_if_blank_is_zero' then 1 else 0 end) as hard_holds_if_blank_count,
        sum(case when verdict = 'violated' then 1 else 0 end) as hard_violated_count,
        sum(case when verdict = 'undecidable' then 1 else 0 end) as hard_undecidable_count
    from identity_results
    where severity = 'H'
    group by report_id
),

-- counts of rows of ours, not values that a report gives: no row is zero rows
counted as (
    select
        reports.*,
        report_forms.form_two,
        report_forms.form_three,
        report_forms.form_four,
        report_forms.form_2014,
        report_forms.form_fujian,
        report_forms.form_local,
        report_forms.form_prose,
        coalesce(report_forms.table_count, 0) as table_count,
        coalesce(fact_counts.fact_count, 0) as fact_count,
        coalesce(fact_counts.value_count, 0) as value_count,
        coalesce(fact_counts.missing_count, 0) as missing_count,
        coalesce(residue_counts.residue_count, 0) as residue_count,
        coalesce(verdict_counts.hard_count, 0) as hard_count,
        coalesce(verdict_counts.hard_holds_count, 0) as hard_holds_count,
        coalesce(verdict_counts.hard_holds_if_blank_count, 0) as hard_holds_if_blank_count,
        coalesce(verdict_counts.hard_violated_count, 0) as hard_violated_count,
        coalesce(verdict_counts.hard_undecidable_count, 0) as hard_undecidable_count
    from reports
    left join report_forms on reports.report_id = report_forms.report_id
    left join fact_counts on reports.report_id = fact_counts.report_id
    left join residue_counts on reports.report_id = residue_counts.report_id
    left join verdict_counts on reports.report_id = verdict_counts.report_id
),

final as (
    select
        report_id,
        agency_id,
        agency_version_id,
        report_year,
        region_code,
        scope,
        scope_source,
        scope_cue,
        source_id,
        sha256,
        location,
        media_type,
        title,
        published_on,
        deadline,
        period_start,
        period_end,
        index_number,
        site_code,
        agency_source,
        agency_name_in_text,
        year_source,
        form_two,
        form_three,
        form_four,
        form_2014,
        form_fujian,
        form_local,
        form_prose,
        is_current,
        hard_holds_count + hard_holds_if_blank_count = hard_count
        and hard_count > 0
        and residue_count = 0 as is_certified,
        cast(table_count as int) as table_count,
        cast(fact_count as int) as fact_count,
        cast(value_count as int) as value_count,
        cast(missing_count as int) as missing_count,
        cast(residue_count as int) as residue_count,
        cast(hard_count as int) as hard_count,
        cast(hard_holds_count as int) as hard_holds_count,
        cast(hard_holds_if_blank_count as int) as hard_holds_if_blank_count,
        cast(hard_violated_count as int) as hard_violated_count,
        cast(hard_undecidable_count as int) as hard_undecidable_count,
        warnings,
        reader_version,
        'reports/' || report_id || '.html' as evidence_url
    from counted
)

select * from final

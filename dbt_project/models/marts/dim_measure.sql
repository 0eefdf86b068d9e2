with measures as (
    select * from {{ ref('panel_measures') }}
),

crosswalk as (
    select * from {{ ref('crosswalk') }}
),

forms as (
    select * from {{ ref('stg_forms') }}
),

-- where a form has the concept, how well it matches
found as (
    select
        measures.measure,
        forms.form_id,
        forms.first_year,
        max({{ relation_rank('crosswalk.relation') }}) as relation_rank,
        count(distinct measures.harmonised_code) as code_count
    from measures
    inner join crosswalk on measures.harmonised_code = crosswalk.harmonised_code
    inner join forms on crosswalk.form_id = forms.form_id
    group by measures.measure, forms.form_id, forms.first_year
),

concepts as (
    select
        measure,
        min(label_zh) as label_zh,
        min(label_en) as label_en,
        min(unit) as unit,
        count(*) as operand_count
    from measures
    group by measure
),

by_form as (
    select
        concepts.measure,
        min(case when found.form_id = 'national_2014' then found.relation_rank end) as rank_2014,
        min(case when found.form_id = 'national_2019' then found.relation_rank end) as rank_2019,
        min(case when found.form_id = 'national_2021' then found.relation_rank end) as rank_2021
    from concepts
    left join found on concepts.measure = found.measure and concepts.operand_count = found.code_count
    group by concepts.measure
),

final as (
    select
        concepts.measure,
        concepts.label_zh,
        concepts.label_en,
        concepts.unit,
        {{ relation_name('by_form.rank_2014') }} as relation_2014,
        {{ relation_name('by_form.rank_2019') }} as relation_2019,
        {{ relation_name('by_form.rank_2021') }} as relation_2021,
        by_form.rank_2014 is not null and by_form.rank_2019 is not null and by_form.rank_2021 is not null
            as runs_since_2014
    from concepts
    inner join by_form on concepts.measure = by_form.measure
)

select * from final

with described as (
    select * from {{ ref('indicators_described') }}
),

terms as (
    select * from {{ ref('indicator_terms') }}
),

forms as (
    select * from {{ ref('stg_forms') }}
),

first_years as (
    select
        terms.indicator_id,
        min(forms.first_year) as first_year
    from terms
    inner join forms on terms.form_id = forms.form_id
    where terms.relation <> 'approximate'
    group by terms.indicator_id
),

final as (
    select
        described.indicator_id,
        described.label_zh,
        described.label_en,
        described.unit,
        described.grain,
        described.factor,
        described.formula_zh,
        described.formula_en,
        first_years.first_year as comparable_since,
        described.note
    from described
    left join first_years on described.indicator_id = first_years.indicator_id
)

select * from final

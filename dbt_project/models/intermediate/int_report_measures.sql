{{ config(**year_partition(years_after=1)) }}

with reports as (
    select * from {{ ref('int_reports') }}
),

report_years as (
    select * from {{ ref('years') }}
),

recognised_tables as (
    select * from {{ ref('stg_tables') }}
),

facts as (
    select * from {{ ref('stg_facts') }}
),

sentences as (
    select * from {{ ref('stg_sentences') }}
),

prose_facts as (
    select * from {{ ref('stg_facts') }}
),

forms as (
    select * from {{ ref('stg_forms') }}
),

form_cells as (
    select * from {{ ref('stg_form_cells') }}
),

links as (
    select * from {{ ref('int_report_links') }}
),

contents as (
    select * from {{ ref('int_report_contents') }}
),

report_tables as (
    select distinct
        report_id,
        report_year,
        form_id,
        form_table
    from recognised_tables
    where {{ in_report_years(years_after=1) }}
),

-- A report and the one before it under a number, a cell and its table under numbers: twice a hundred million rows are joined
-- below, which fit in memory by number and not by text.
pairs as (
    select
        report_id,
        other_report_id,
        cast(row_number() over (order by report_id) as int) as pair_no
    from links
    where reference = 'previous' and {{ in_report_years(years_after=1) }}
),

numbered_cells as (
    select
        form_id,
        form_table,
        line_code,
        column_code,
        cast(dense_rank() over (order by form_id, form_table) as int) as table_no,
        cast(row_number() over (order by form_id, form_table, line_code, column_code) as int) as cell_no
    from form_cells
),

numbered_tables as (
    select distinct
        form_id,
        form_table,
        table_no
    from numbered_cells
),

cells as (
    select
        facts.report_id,
        numbered_cells.table_no,
        numbered_cells.cell_no,
        facts.reported_value
    from facts
    inner join numbered_cells
        on
            facts.form_id = numbered_cells.form_id
            and facts.form_table = numbered_cells.form_table
            and facts.line_code = numbered_cells.line_code
            and facts.column_code = numbered_cells.column_code
    where facts.form_table <> 'prose' and {{ in_report_years('facts.report_year', years_after=1, years_before=1) }}
),

own_cells as (
    select
        pairs.pair_no,
        cells.table_no,
        cells.cell_no,
        cells.reported_value
    from cells
    inner join pairs on cells.report_id = pairs.report_id
),

earlier_cells as (
    select
        pairs.pair_no,
        cells.cell_no,
        cells.reported_value
    from cells
    inner join pairs on cells.report_id = pairs.other_report_id
),

-- beside the same table of the year before: cells that differ (or that only one of the two gives), and cells that are
-- last year's figure without its first or its last digit
compared_cells as (
    select
        own_cells.pair_no,
        own_cells.table_no,
        case
            when own_cells.reported_value = earlier_cells.reported_value then 0
            when own_cells.reported_value is null and earlier_cells.reported_value is null then 0
            else 1
        end as is_changed,
        case
            when earlier_cells.reported_value < 100 or own_cells.reported_value <= 0 then 0
            when own_cells.reported_value = floor(earlier_cells.reported_value / 10) then 1
            when own_cells.reported_value >= earlier_cells.reported_value then 0
            {%- for power in (1000, 10000, 100000, 1000000, 10000000) %}
            when
                earlier_cells.reported_value < {{ power }}
                and own_cells.reported_value >= {{ power // 100 }}
                and own_cells.reported_value < {{ power // 10 }}
                and earlier_cells.reported_value
                - floor(earlier_cells.reported_value / {{ power // 10 }}) * {{ power // 10 }} = own_cells.reported_value
                then 1
            when earlier_cells.reported_value < {{ power }} then 0
            {%- endfor %}
            else 0
        end as is_digit_short
    from own_cells
    inner join earlier_cells on own_cells.pair_no = earlier_cells.pair_no and own_cells.cell_no = earlier_cells.cell_no
),

compared_tables as (
    select
        pair_no,
        table_no,
        sum(is_changed) as changed_count,
        sum(is_digit_short) as digit_short_count
    from compared_cells
    group by pair_no, table_no
),

beside_earlier as (
    select
        pairs.report_id,
        numbered_tables.form_id,
        numbered_tables.form_table,
        compared_tables.changed_count,
        compared_tables.digit_short_count
    from compared_tables
    inner join pairs on compared_tables.pair_no = pairs.pair_no
    inner join numbered_tables on compared_tables.table_no = numbered_tables.table_no
),

-- agencies with the same table in the same year; a table of nothing but zeros says nothing, and thousands have it
dated_sums as (
    select contents.*
    from contents
    inner join reports on contents.report_id = reports.report_id
    where reports.is_current and contents.not_zero_count > 0
),

agencies_by_table as (
    select
        form_id,
        form_table,
        report_year,
        not_zero_count,
        sum_0,
        sum_1,
        sum_2,
        count(distinct agency_id) as agency_count
    from dated_sums
    group by form_id, form_table, report_year, not_zero_count, sum_0, sum_1, sum_2
),

equal_tables as (
    select
        dated_sums.report_id,
        dated_sums.form_id,
        dated_sums.form_table,
        agencies_by_table.agency_count - 1 as equal_count
    from dated_sums
    inner join agencies_by_table
        on
            dated_sums.form_id = agencies_by_table.form_id
            and dated_sums.form_table = agencies_by_table.form_table
            and dated_sums.report_year = agencies_by_table.report_year
            and dated_sums.not_zero_count = agencies_by_table.not_zero_count
            and dated_sums.sum_0 = agencies_by_table.sum_0
            and dated_sums.sum_1 = agencies_by_table.sum_1
            and dated_sums.sum_2 = agencies_by_table.sum_2
),

of_tables as (
    select
        report_tables.report_id,
        report_tables.report_year,
        report_tables.form_id,
        report_tables.form_table,
        forms.first_year,
        forms.last_year,
        contents.no_number_count,
        contents.not_zero_count,
        beside_earlier.changed_count,
        beside_earlier.digit_short_count,
        coalesce(equal_tables.equal_count, 0) as equal_count
    from report_tables
    left join forms on report_tables.form_id = forms.form_id
    left join contents
        on
            report_tables.report_id = contents.report_id
            and report_tables.form_id = contents.form_id
            and report_tables.form_table = contents.form_table
    left join beside_earlier
        on
            report_tables.report_id = beside_earlier.report_id
            and report_tables.form_id = beside_earlier.form_id
            and report_tables.form_table = beside_earlier.form_table
    left join equal_tables
        on
            report_tables.report_id = equal_tables.report_id
            and report_tables.form_id = equal_tables.form_id
            and report_tables.form_table = equal_tables.form_table
),

section_five as (
    select
        report_id,
        max(reported_value) as characters
    from prose_facts
    where
        form_table = 'prose'
        and line_code = 'section_five.characters'
        and {{ in_report_years(years_after=1) }}
    group by report_id
),

prose_sentences as (
    select
        report_id,
        sentence_key,
        characters
    from sentences
    where {{ in_report_years(years_after=1, years_before=1) }}
),

prose as (
    select
        report_id,
        sum(characters) as characters
    from prose_sentences
    group by report_id
),

earlier_sentences as (
    select
        pairs.pair_no,
        prose_sentences.sentence_key
    from prose_sentences
    inner join pairs on prose_sentences.report_id = pairs.other_report_id
),

repeated as (
    select
        pairs.pair_no,
        sum(prose_sentences.characters) as characters
    from prose_sentences
    inner join pairs on prose_sentences.report_id = pairs.report_id
    inner join earlier_sentences
        on pairs.pair_no = earlier_sentences.pair_no and prose_sentences.sentence_key = earlier_sentences.sentence_key
    group by pairs.pair_no
),

-- what of the prose stands verbatim in last year's report; nothing is known of it where one of the two has no prose
prose_beside_earlier as (
    select
        pairs.report_id,
        case when repeated.pair_no is null then 0 else repeated.characters end as repeated_characters
    from pairs
    inner join prose as own on pairs.report_id = own.report_id
    inner join prose as earlier on pairs.other_report_id = earlier.report_id
    left join repeated on pairs.pair_no = repeated.pair_no
),

of_reports as (
    select
        reports.report_id,
        reports.report_year,
        -- the catalogue's year is a prior: no report is held to the form of a year that it does not name
        case when reports.year_source = 'text' then reports.report_year end as stated_year,
        {{ date_number('reports.published_on') }} as published_on,
        case
            when reports.agency_kind is null then null
            when reports.agency_kind in ('provincial_government', 'prefecture_government', 'county_government', 'government_office')
                then {{ date_number('report_years.deadline_governments') }}
            else {{ date_number('report_years.deadline_departments') }}
        end as deadline,
        {{ date_number('reports.period_start') }} as period_start,
        {{ date_number('reports.period_end') }} as period_end,
        -- an office that answers for itself alone; one whose scope is not known may answer for its government
        case
            when reports.agency_kind is null or (reports.agency_kind = 'government_office' and reports.scope is null) then null
            when reports.agency_kind = 'government_office' and reports.scope in ('organ', 'office') then 1
            else 0
        end as lacks_enforcement_power,
        -- rules (规章): the State Council's departments, provinces, and cities with districts (立法法); not their departments
        case
            when
                reports.agency_kind in (
                    'provincial_department', 'prefecture_department', 'county_department', 'county_government',
                    'township_government'
                )
                then 1
            when reports.agency_level in ('county', 'township') then 1
            when reports.agency_kind is null then null
            else 0
        end as lacks_rule_making_power,
        section_five.characters as section_five_characters,
        prose.characters as prose_characters,
        prose_beside_earlier.repeated_characters as prose_repeated
    from reports
    left join report_years on reports.report_year = report_years.report_year
    left join section_five on reports.report_id = section_five.report_id
    left join prose on reports.report_id = prose.report_id
    left join prose_beside_earlier on reports.report_id = prose_beside_earlier.report_id
    where {{ in_report_years('reports.report_year', years_after=1) }}
),

measured as (
    {%- for measure, column in (
        ('cells_without_number', 'no_number_count'), ('cells_not_zero', 'not_zero_count'),
        ('cells_changed', 'changed_count'), ('cells_digit_short', 'digit_short_count'),
        ('equal_tables', 'equal_count'), ('form_first_year', 'first_year'), ('form_last_year', 'last_year')
    ) %}
    select
        report_id,
        form_table,
        'measure.{{ measure }}' as line_code,
        cast({{ column }} as decimal(20, 4)) as measured_value,
        report_year
    from of_tables
    union all
    {%- endfor %}
    {%- for measure, expression in (
        ('stated_year', 'stated_year'), ('year_start', 'report_year * 10000 + 101'),
        ('year_end', 'report_year * 10000 + 1231'), ('published_on', 'published_on'), ('deadline', 'deadline'),
        ('period_start', 'period_start'), ('period_end', 'period_end'),
        ('lacks_enforcement_power', 'lacks_enforcement_power'), ('lacks_rule_making_power', 'lacks_rule_making_power'),
        ('section_five_characters', 'section_five_characters'), ('prose_characters', 'prose_characters'),
        ('prose_repeated', 'prose_repeated')
    ) %}
    select
        report_id,
        'report' as form_table,
        'measure.{{ measure }}' as line_code,
        cast({{ expression }} as decimal(20, 4)) as measured_value,
        report_year
    from of_reports
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        report_id,
        form_table,
        line_code,
        measured_value,
        report_year
    from measured
)

select * from final

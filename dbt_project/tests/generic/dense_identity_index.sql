{#- Every identity has a result for each member of each recognised table, and no result is there without one.
    Derived again from the tables and the terms, so that no check can vanish and none can be made up. -#}
{% test dense_identity_index(model, tables, terms) %}
with expected as (
    select distinct
        t.report_id,
        t.form_id,
        t.form_table,
        i.identity_id,
        i.member
    from {{ tables }} as t
    inner join {{ terms }} as i on t.form_id = i.form_id and t.form_table = i.form_table
),

found as (
    select
        report_id,
        form_id,
        form_table,
        identity_id,
        member
    from {{ model }}
)

select
    'no result' as defect,
    e.*
from (select * from expected except select * from found) as e
union all
select
    'not in the index' as defect,
    f.*
from (select * from found except select * from expected) as f
{% endtest %}

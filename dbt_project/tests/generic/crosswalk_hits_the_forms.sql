{#- Every row of the crosswalk names a cell that a form prints; `*` stands for any. -#}
{% test crosswalk_hits_the_forms(model, cells) %}
select x.*
from {{ model }} as x
left join {{ cells }} as c
    on
        x.form_id = c.form_id
        and x.form_table = c.form_table
        and x.line_code in ('*', c.line_code)
        and x.column_code in ('*', c.column_code)
where c.form_id is null
{% endtest %}

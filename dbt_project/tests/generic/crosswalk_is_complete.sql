{#- Every line of the forms has its row, be it that it has no match. Returns the lines that were forgotten. -#}
{% test crosswalk_is_complete(model, lines, forms) %}
select l.*
from {{ lines }} as l
left join {{ model }} as x
    on l.form_id = x.form_id and l.form_table = x.form_table and l.line_code = x.line_code
where
    x.form_id is null
    and l.form_id in ({% for form in forms %}'{{ form }}'{% if not loop.last %}, {% endif %}{% endfor %})
{% endtest %}

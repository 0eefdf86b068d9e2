{#- A cell is mapped to one concept: neither by two rows, nor by a row for the line and another for the cell. Returns the rows. -#}
{% test maps_a_line_once(model) %}
with rows_of_line as (
    select
        x.*,
        count(*) over (partition by form_id, form_table, line_code) as line_count,
        count(*) over (partition by form_id, form_table, line_code, column_code) as cell_count,
        sum(case when column_code = '*' then 1 else 0 end) over (partition by form_id, form_table, line_code) as star_count
    from {{ model }} as x
)

select *
from rows_of_line
where cell_count > 1 or (star_count > 0 and line_count > 1)
{% endtest %}

{#- The table has as many rows as the one it is made of: no row lost, none twice. -#}
{% test same_row_count(model, as_table) %}
select
    ours,
    theirs
from (
    select
        (select count(*) from {{ model }}) as ours,
        (select count(*) from {{ as_table }}) as theirs
) as counted
where ours <> theirs
{% endtest %}

{#- Validity of one thing never overlaps with itself, and no period is empty. Returns both rows of each clash. -#}
{% test no_overlap(model, key) %}
with periods as (
    select
        p.*,
        lead(valid_from) over (partition by {{ key }} order by valid_from, valid_to) as next_from,
        lag(valid_to) over (partition by {{ key }} order by valid_from, valid_to) as last_to
    from {{ model }} as p
)

select *
from periods
where valid_from > valid_to or next_from <= valid_to or last_to >= valid_from
{% endtest %}

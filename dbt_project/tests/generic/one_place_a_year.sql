{#- An agency is in one division in any year. Returns the pairs of periods that say otherwise, with both divisions. -#}
{% test one_place_a_year(model) %}
select
    a.agency_id,
    a.agency_name,
    a.region_code,
    a.valid_from,
    a.valid_to,
    b.region_code as other_region_code,
    b.valid_from as other_from,
    b.valid_to as other_to
from {{ model }} as a
inner join {{ model }} as b
    on
        a.agency_id = b.agency_id
        and a.region_code < b.region_code
        and a.valid_from <= b.valid_to
        and b.valid_from <= a.valid_to
{% endtest %}

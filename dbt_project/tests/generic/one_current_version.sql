{#- Exactly one version counts for each agency, year and scope. -#}
{% test one_current_version(model) %}
select
    agency_id,
    report_year,
    scope,
    sum(case when is_current then 1 else 0 end) as current_count
from {{ model }}
group by agency_id, report_year, scope
having sum(case when is_current then 1 else 0 end) <> 1
{% endtest %}

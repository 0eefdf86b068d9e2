{#- Legal date of publication, text YYYY-MM-DD: governments at county level and above, and offices that report for one, have
    the later date; departments the earlier. Null for townships, for which the Regulations give none, and where the kind is
    not known. Needs `years` in the query. -#}
{% macro deadline(kind, scope) -%}
    case
        when {{ kind }} is null or {{ kind }} = 'township_government' then null
        when {{ kind }} in ('provincial_government', 'prefecture_government', 'county_government')
            then years.deadline_governments
        when {{ kind }} = 'government_office' and {{ scope }} in ('level', 'territory') then years.deadline_governments
        else years.deadline_departments
    end
{%- endmacro %}

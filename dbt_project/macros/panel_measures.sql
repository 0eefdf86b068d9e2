{#- The columns of the long panel, in order: the measures of the seed panel_measures. A test keeps both lists equal; a list here,
    because a model's columns must be known before anything runs. -#}
{% macro panel_measures() -%}
    {{ return([
        'requests_received', 'requests_carried_in', 'requests_processed',
        'requests_carried_out', 'disclosed_full', 'disclosed_part',
        'not_disclosed', 'denied_state_secret', 'denied_safety_stability',
        'denied_third_party', 'denied_internal_affairs', 'denied_deliberative',
        'denied_enforcement_file', 'denied_registry_query', 'not_held',
        'unprocessed_petition', 'unprocessed_repeat', 'unprocessed_excessive',
        'other_disposition', 'review_total', 'review_upheld',
        'review_corrected', 'review_other', 'litigation_total',
        'litigation_upheld', 'litigation_corrected', 'litigation_other',
        'normative_documents_issued', 'licensing_decisions', 'penalty_decisions',
        'coercion_decisions', 'channel_in_person', 'channel_fax',
        'channel_online', 'channel_letter', 'completed_on_time',
        'completed_extended', 'staff', 'budget_yuan',
        'training_courses'
    ]) }}
{%- endmacro %}

{#- How well two concepts match, as a number from exact to none, so that the worst of several can be taken. -#}
{% macro relation_rank(relation) -%}
    case {{ relation }}
        when 'exact' then 1
        when 'close' then 2
        when 'narrower' then 3
        when 'broader' then 4
        when 'approximate' then 5
        else 6
    end
{%- endmacro %}

{#- The name of such a number. -#}
{% macro relation_name(rank) -%}
    case {{ rank }}
        when 1 then 'exact'
        when 2 then 'close'
        when 3 then 'narrower'
        when 4 then 'broader'
        when 5 then 'approximate'
        else 'none'
    end
{%- endmacro %}

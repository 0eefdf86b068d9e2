{#- Whether lhs (operator) rhs is true within the tolerance. `natural` looks at lhs alone: whole, zero or more. Of `one_of`,
    each alternative must be equal. -#}
{% macro identity_is_met(operator, lhs, rhs, tolerance) -%}
    case {{ operator }}
        when '=' then abs({{ lhs }} - {{ rhs }}) <= {{ tolerance }}
        when 'one_of' then abs({{ lhs }} - {{ rhs }}) <= {{ tolerance }}
        when '<>' then abs({{ lhs }} - {{ rhs }}) > {{ tolerance }}
        when '<=' then {{ lhs }} - {{ rhs }} <= {{ tolerance }}
        when '>=' then {{ rhs }} - {{ lhs }} <= {{ tolerance }}
        when 'natural' then {{ lhs }} >= 0 and {{ lhs }} = floor({{ lhs }})
    end
{%- endmacro %}

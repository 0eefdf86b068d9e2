"""What a model may not contain, so that the same SQL runs on DuckDB and on Spark (design.md, Portable models). No test here."""

from __future__ import annotations

import re

JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.S)
SQL_COMMENT = re.compile(r"--[^\n]*")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
TEXT = re.compile(r"'(?:[^']|'')*'")

FORBIDDEN: dict[str, str] = {
    "cast with ::": r"::",
    "qualify": r"\bqualify\b",
    "group by all, order by all": r"\b(?:group|order)\s+by\s+all\b",
    "list, struct or JSON": (
        r"[\[\]]|\{|\bstruct\w*|\bmap\s*\(|\b(?:list|array|json|unnest|explode)\w*\s*\(|\barray_agg\b|->|"
        r"\bas\s+(?:json|struct|map|list)\b"
    ),
    "string aggregate": r"\b(?:string_agg|group_concat|listagg|collect_\w+)\s*\(",
    "regular expression": r"\bregexp\w*|\brlike\b|\bsimilar\s+to\b|~",
    "date parsing": (
        r"\b(?:strptime|strftime|to_date|to_timestamp|date_parse|date_format|make_date|date_diff|datediff|date_part)\s*\(|"
        r"\bas\s+(?:date|timestamp)\b|\b(?:date|timestamp)\s+'|\bextract\s*\("
    ),
    "clock": r"\b(?:now|today|current_date|current_timestamp|getdate)\b",
    "file read by a model": r"\bread_\w+\s*\(|\bfrom\s+'",
    "DuckDB only": r"\bexclude\b|\breplace\s*\(|\btry_cast\b|\bilike\b|//|\basof\b|\bpivot\b|\bcolumns\s*\(|\bnextval\b|\bany_value\b",
    "type without stated scale": r"\bas\s+(?:decimal|numeric)\b(?!\s*\()|\bas\s+(?:double|float|real|varchar|text|string)\b",
    "missing made zero": r"\b(?:coalesce|ifnull|nvl)\s*\((?![\w.]*_count\s*,\s*0)[^()]*,\s*0(?:\.0+)?\s*\)",
}
_FORBIDDEN = {name: re.compile(pattern, re.I) for name, pattern in FORBIDDEN.items()}

IMPORT = re.compile(r"\w+ as \(\n    select \* from \{\{ (?:ref|source)\([^)]*\) \}\}\n\)")
DEPENDENCY = re.compile(r"\{\{ (?:ref|source)\([^)]*\) \}\}")


def offences(sql: str) -> set[str]:
    """Names of the rules that a model breaks. Comments do not count; text in quotes counts only for files."""
    code = SQL_COMMENT.sub("", JINJA_COMMENT.sub("", sql))
    bare = JINJA.sub(" jinja ", code)
    unquoted = TEXT.sub("''", bare)
    found = {name for name, rule in _FORBIDDEN.items() if rule.search(unquoted)}
    return found | _structure(code)


def _structure(code: str) -> set[str]:
    """Import CTEs first, one step a CTE, `final` last."""
    found = set()
    body = re.sub(r"\{\{ config.*?\}\}|\{%.*?%\}", "", code, flags=re.S).strip()
    imports = IMPORT.findall(body)
    if len(imports) != len(DEPENDENCY.findall(body)):
        found.add("dependency outside an import CTE")
    if not body.startswith("with "):
        found.add("does not start with its imports")
    else:
        head = ",\n\n".join(imports)
        if not body.removeprefix("with ").startswith(head):
            found.add("import CTE after a step")
    if not re.search(r"^final as \(", body, re.M) or not body.endswith("\n)\n\nselect * from final"):
        found.add("does not end with final")
    return found

"""What came out of a run, counted from the tables: for the last lines of `make run` and for the start page. Formats nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestration.lib import identity_checks
from orchestration.lib.outcomes import PROBLEMS
from orchestration.lib.warehouse import Connection

VERDICTS = ("holds", "holds_if_blank_is_zero", "violated", "undecidable")
Record = dict[str, Any]

# Signs of numbers are by far the most results and say little: they are counted apart from the arithmetic, and so are
# comparisons, which are plausible rather than certain.
_VERDICTS = """
    select
        case when not is_within_table then 'comparisons' when family = 'non_negative' then 'signs' else 'arithmetic' end
            as kind,
        verdict, count(*) as cases
    from quality.fct_identity_results group by all
"""
_FAILED = f"""
    {PROBLEMS}
    select source_id, agency_name, location, step, status, reason, detail
    from problems order by catalogue_line, source_id, step
"""
_REPORTS = """
    select
        reports.report_id, agencies.agency_name, reports.report_year, reports.scope, reports.location,
        concat_ws(', ', reports.form_two, reports.form_three, reports.form_four, reports.form_2014, reports.form_fujian,
                  reports.form_prose) as forms,
        reports.value_count, reports.missing_count, reports.residue_count, reports.is_certified,
        count(*) filter (results.verdict = 'holds') as holds,
        count(*) filter (results.verdict = 'holds_if_blank_is_zero') as holds_if_blank_is_zero,
        count(*) filter (results.verdict = 'violated') as violated,
        count(*) filter (results.verdict = 'undecidable') as undecidable
    from marts.fct_report as reports
    left join marts.dim_agency as agencies on agencies.agency_version_id = reports.agency_version_id
    left join quality.fct_identity_results as results
        on results.report_id = reports.report_id and results.family <> 'non_negative' and results.is_within_table
    group by all order by agencies.agency_name, reports.report_year, reports.report_id
"""
_COUNTS = """
    select
        (select count(*) from raw.sources) as sources,
        (select count(*) from marts.fct_report) as reports,
        (select count(*) from raw.facts) as facts,
        (select count(reported_value) from raw.facts) as with_value,
        (select count(*) from raw.residue) as residue
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts, verdicts of the arithmetic, the signs and the comparisons, reports, violations and sources with a problem."""

    counts: dict[str, int]
    arithmetic: dict[str, int]
    signs: dict[str, int]
    comparisons: dict[str, int]
    reports: list[Record]
    violations: list[Record]
    failed: list[Record]


def of(connection: Connection, shown: int = 1000) -> Summary:
    """Count what the tables hold; at most `shown` reports and violations, worst first is not promised."""
    verdicts = _records(connection, _VERDICTS)

    def of_kind(kind: str) -> dict[str, int]:
        found = {row["verdict"]: row["cases"] for row in verdicts if row["kind"] == kind}
        return {verdict: found.get(verdict, 0) for verdict in VERDICTS}

    return Summary(
        counts=_records(connection, _COUNTS)[0],
        arithmetic=of_kind("arithmetic"),
        signs=of_kind("signs"),
        comparisons=of_kind("comparisons"),
        reports=_records(connection, _REPORTS)[:shown],
        violations=list(identity_checks.violations(connection, limit=shown).records()),
        failed=_records(connection, _FAILED),
    )


def _records(connection: Connection, sql: str) -> list[Record]:
    cursor = connection.execute(sql)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

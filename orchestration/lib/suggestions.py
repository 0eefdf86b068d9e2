"""Rows of quality.suggestions: which cell would close a report's violated or undecidable identities. Changes no reported value.

The solving is extractors.auditing.suggest; here is which reports are asked, that only changed ones are asked again, and
how the answers reach the table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import extractors.auditing
from extractors.model import Fact
from extractors.records import VALUE, RawTable, Row
from orchestration.lib import raw_tables
from orchestration.lib.warehouse import Connection

INLINE = 32  # fewer reports than this are solved faster than a pool of processes starts
BATCH = 512  # reports whose facts are in memory at once

SUGGESTIONS = RawTable(
    "suggestions",
    (
        ("report_id", "string"), ("report_year", "int"), ("form_id", "string"), ("form_table", "string"),
        ("line_code", "string"), ("column_code", "string"), ("set_number", "int"), ("kind", "string"),
        ("reported_value", VALUE), ("missing_reason", "string"), ("suggested_value", VALUE), ("cause", "string"),
        ("is_unique", "bool"), ("identities", "string"), ("raw_text", "string"), ("address", "string"),
    ),
    "report, set of changes and cell",
)  # fmt: skip

# Soft identities are plausible, not certain: nothing is solved for them.
_OPEN = """
    select results.report_id, any_value(inputs.input_key)
    from quality.fct_identity_results as results
    inner join raw.readings as readings on readings.report_id = results.report_id
    inner join raw.read_inputs as inputs on inputs.source_id = readings.source_id
    where results.severity = 'H' and results.verdict in ('violated', 'undecidable')
    group by results.report_id order by results.report_id
"""
_FACTS = """
    select report_id, report_year, form_id, form_table, line_code, column_code, reported_value, missing_reason,
           raw_text, unit, address, note
    from raw.facts where form_table <> 'prose' and report_id in (select unnest(?))
    order by report_id, form_id, form_table, line_code, column_code
"""
# A figure that nothing else explains, and that stands in the same cell of the report of the year before.
_COPIED = """
    update quality.suggestions as suggestions set cause = 'copied from last year'
    from intermediate.int_reports as own, intermediate.int_reports as earlier, raw.facts as facts
    where suggestions.cause = 'unknown' and suggestions.reported_value <> 0
        and own.report_id = suggestions.report_id and earlier.is_current and earlier.agency_id = own.agency_id
        and earlier.report_year = own.report_year - 1 and earlier.scope is not distinct from own.scope
        and facts.report_id = earlier.report_id and facts.form_table = suggestions.form_table
        and facts.line_code = suggestions.line_code and facts.column_code = suggestions.column_code
        and facts.reported_value = suggestions.reported_value
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a refresh did, in reports."""

    asked: int
    unchanged: int
    rows: int

    def __str__(self) -> str:
        return f"{self.asked + self.unchanged} reports with an open identity: {self.asked} solved, {self.unchanged} unchanged, {self.rows} suggestions"


def refresh(connection: Connection) -> Counts:
    """Solve the reports with a violated or undecidable hard identity whose input changed; drop the rows of all others."""
    raw_tables.create(connection)
    raw_tables.create_table(connection, "quality", SUGGESTIONS)
    open_now: dict[str, str] = {
        report: f"{key} {auditing_version()}" for report, key in connection.execute(_OPEN).fetchall()
    }
    known = dict(connection.execute("select report_id, input_key from raw.suggestion_inputs").fetchall())
    unchanged = {report for report, key in open_now.items() if known.get(report) == key}
    due = [report for report in open_now if report not in unchanged]
    for table in ("raw.suggestion_inputs", "quality.suggestions"):
        connection.execute(f"delete from {table} where not list_contains(?, report_id)", [sorted(unchanged)])
    for start in range(0, len(due), BATCH):
        reports = _facts(connection, due[start : start + BATCH])
        rows = [row for found in _solved(reports) for row in found]
        raw_tables.append_to(connection, "quality", SUGGESTIONS, rows)
    raw_tables.append(connection, "suggestion_inputs", [(report, open_now[report]) for report in due])
    if due:
        connection.execute(_COPIED)
    count = connection.execute("select count(*) from quality.suggestions").fetchone()
    return Counts(len(due), len(unchanged), count[0] if count else 0)


@cache
def auditing_version() -> str:
    """Hash over the code that solves: a change asks every report again."""
    folder = Path(extractors.auditing.__file__).parent
    code = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(code).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Report:
    """The facts of one report."""

    report_id: str
    report_year: int
    facts: tuple[Fact, ...]


def solve(report: Report) -> list[Row]:
    """Rows of quality.suggestions for one report. Raises nothing for a report without a solution: no rows."""
    # here, because SciPy is loaded only where something is wrong
    from extractors.auditing.suggest import suggest
    from extractors.forms.catalogue import default

    held = {(f.form, f.table, f.line, f.column): f for f in report.facts}
    rows: list[Row] = []
    for s in suggest(report.facts, default()):
        fact = held[s.form, s.table, s.line, s.column]
        rows.append(
            (
                report.report_id, report.report_year, s.form, s.table, s.line, s.column, s.set_number, s.kind,
                s.reported, fact.missing, s.suggested, s.cause, s.unique, " ".join(s.identities), fact.raw, fact.where,
            )
        )  # fmt: skip
    return rows


def _facts(connection: Connection, reports: Sequence[str]) -> list[Report]:
    found: dict[tuple[str, int], list[Fact]] = {}
    for report, year, *place, value, missing, raw, unit, where, note in connection.execute(
        _FACTS, [list(reports)]
    ).fetchall():
        plain = None if value is None else value.normalize()  # causes are told by digits: 12, not 12.0000
        found.setdefault((report, year), []).append(Fact(*place, plain, missing, raw, unit, where, note=note or ""))
    return [Report(report, year, tuple(facts)) for (report, year), facts in found.items()]


def _solved(reports: Iterable[Report]) -> Iterator[list[Row]]:
    waiting = list(reports)
    if len(waiting) <= INLINE:
        yield from map(solve, waiting)
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:  # a fork of a process with threads may hang
        yield from pool.map(solve, waiting, chunksize=4)

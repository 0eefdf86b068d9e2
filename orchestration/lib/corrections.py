"""Declared corrections into raw.corrections, once every one of them finds what it expects. Applies nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from extractors.auditing import corrections
from extractors.auditing.corrections import Cell, Correction, Found
from extractors.forms.catalogue import default
from extractors.records import Row
from orchestration.lib import raw_tables
from orchestration.lib.warehouse import Connection

_FACTS = """
    select readings.source_id, readings.report_id, form_id, form_table, line_code, column_code, reported_value, missing_reason
    from raw.facts as facts inner join raw.readings as readings on readings.report_id = facts.report_id
    where readings.source_id in (select unnest(?)) and form_table <> 'prose'
"""


def refresh(connection: Connection, path: Path) -> Counter[str]:
    """Replace raw.corrections with the file; how many there are by status.

    Raises CorrectionsError, with file and line, where the file breaks a rule or a correction does not find what it expects.
    """
    raw_tables.create(connection)
    declared = corrections.load(path, default())
    found: dict[str, dict[Cell, Found]] = {}
    reports: dict[str, str] = {}
    wanted = sorted({c.source_id for c in declared})
    for source, report, form, table, line, column, value, missing in connection.execute(_FACTS, [wanted]).fetchall():
        found.setdefault(source, {})[form, table, line, column] = value, missing
        reports[source] = report
    corrections.verify(declared, found)
    raw_tables.replace(connection, "corrections", [_row(c, reports.get(c.source_id)) for c in declared])
    return Counter(c.status for c in declared)


def _row(c: Correction, report: str | None) -> Row:
    return (
        c.source_id, report, *c.cell, c.expected_value, c.expected_missing, c.action, c.corrected, c.reason, c.evidence,
        c.status, c.reviewer or None, Path(c.at).name,
    )  # fmt: skip

"""Rows of raw.outcomes: one a source and step, dated by the first attempt that ended so. Decides no outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from extractors.records import Row
from orchestration.lib import raw_tables
from orchestration.lib.warehouse import Connection

REDIRECTED = "redirected"
"""Reason of an outcome that is no problem: the document was had, at another address, which the detail names."""

PROBLEMS = f"""
    with named as (
        select source_id, agency_name, location, catalogue_line, false as is_brought from raw.sources
        union all
        select a.attachment_id, s.agency_name, a.location, s.catalogue_line, true
        from raw.attachments as a inner join raw.sources as s on s.source_id = a.source_id
    ),
    problems as (
        select
            o.source_id, n.agency_name, n.location, o.step, o.status, o.reason, o.detail, n.catalogue_line
        from raw.outcomes as o inner join named as n on n.source_id = o.source_id
        where o.reason <> '{REDIRECTED}'
            and not (n.is_brought and o.step = 'read' and o.reason in ('not_a_report', 'blank_form', 'other_report'))
    )
"""
"""SQL: what somebody should look at, as the table `problems`. A file beside a report that is no report is none: pages link to
notices and to empty forms."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a source ended in a step. `reason` is a name, `detail` says what was found and expected."""

    source_id: str
    status: str
    reason: str | None
    detail: str | None
    sha256: str | None

    @property
    def is_problem(self) -> bool:
        return self.reason is not None and self.reason != REDIRECTED


def load(connection: Connection, step: str) -> dict[str, tuple[Outcome, datetime]]:
    """The outcomes of a step, by source, with the time of the first attempt that ended so."""
    rows = connection.execute(
        "select source_id, status, reason, detail, sha256, attempted_at from raw.outcomes where step = ?", [step]
    ).fetchall()
    return {row[0]: (Outcome(*row[:5]), row[5]) for row in rows}


def record(connection: Connection, step: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Replace the outcomes of a step. An outcome equal to the one before keeps its time, so nothing changes."""
    before = load(connection, step)
    rows: list[Row] = []
    for o in outcomes:
        earlier, since = before.get(o.source_id, (None, now))
        rows.append((o.source_id, step, o.status, o.reason, o.detail, o.sha256, since if earlier == o else now))
    connection.execute("delete from raw.outcomes where step = ?", [step])
    raw_tables.append(connection, "outcomes", rows)

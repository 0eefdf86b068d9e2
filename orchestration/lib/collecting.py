"""The tables of what is wanted and what was had: raw.sources, raw.documents, the outcomes of step `archive`. Reads no document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from extractors.records import Row
from extractors.sources import Source
from orchestration.lib import raw_tables
from orchestration.lib.origins import Attempt
from orchestration.lib.outcomes import REDIRECTED, Outcome, load, record
from orchestration.lib.warehouse import Connection


def write_sources(connection: Connection, sources: Sequence[Source]) -> None:
    """Replace raw.sources with the catalogue."""
    raw_tables.create(connection)
    rows: list[Row] = [
        (s.source_id, s.line, s.agency_name, s.agency_kind, s.region_code, s.scope, s.report_year, s.location)
        for s in sources
    ]
    raw_tables.replace(connection, "sources", rows)


def read_sources(connection: Connection) -> tuple[Source, ...]:
    """The sources in raw.sources, in the order of the catalogue."""
    rows = connection.execute(
        "select source_id, agency_name, agency_kind, region_code, scope, report_year, location, catalogue_line "
        "from raw.sources order by catalogue_line"
    ).fetchall()
    return tuple(Source(*row) for row in rows)


def sought(connection: Connection, years: Sequence[int]) -> tuple[list[Source], list[Outcome]]:
    """What to try, and the outcomes of what is left as it is: without `years`, everything and none.

    With `years`, the sources of these report years, as read or else as the catalogue says, and those never tried before.
    """
    found = read_sources(connection)
    if not years:
        return list(found), []
    read = dict(connection.execute("select source_id, report_year from raw.readings").fetchall())
    ended = {source_id: outcome for source_id, (outcome, _) in load(connection, "archive").items()}
    due = [s for s in found if s.source_id not in ended or read.get(s.source_id, s.report_year) in years]
    trying = {s.source_id for s in due}
    return due, [ended[s.source_id] for s in found if s.source_id not in trying]


def write_documents(
    connection: Connection, attempts: Sequence[Attempt], now: datetime, kept: Sequence[Outcome] = ()
) -> list[Outcome]:
    """Write raw.documents and the outcomes of step `archive`, behind those that are `kept`; return all of them.

    A source that cannot be had today but was archived before keeps those bytes: its outcome says `archived`, and the
    reason why the new attempt failed. A document that is there already keeps its row.
    """
    archived_before = had_before(connection)
    documents: dict[str, Row] = {
        row[0]: row
        for row in connection.execute(
            "select sha256, location, media_type, size_bytes, fetched_at from raw.documents"
        ).fetchall()
    }
    outcomes = [*kept]
    for attempt in attempts:
        outcomes.append(_outcome(attempt, archived_before.get(attempt.source.source_id)))
        if attempt.sha256 is not None:
            row = (attempt.sha256, attempt.source.location, attempt.media_type, attempt.size, attempt.at or now)
            documents.setdefault(attempt.sha256, row)
        elif attempt.kept is not None:  # the warehouse was made again beside an archive that knows more
            row = (attempt.kept, attempt.source.location, None, attempt.size, now)
            documents.setdefault(attempt.kept, row)
    used = {o.sha256 for o in outcomes}
    raw_tables.replace(connection, "documents", [row for sha256, row in documents.items() if sha256 in used])
    record(connection, "archive", outcomes, now)
    return outcomes


def had_before(connection: Connection) -> dict[str, str]:
    """What raw.outcomes knows to be archived, by source."""
    raw_tables.create(connection)
    return dict(
        connection.execute(
            "select source_id, sha256 from raw.outcomes where step = 'archive' and sha256 is not null"
        ).fetchall()
    )


def tally(attempts: Iterable[Attempt], before: dict[str, str]) -> Counter[str]:
    """How the attempts of this run ended, each counted once: archived, unchanged, redirected, or the reason of the failure.

    raw.outcomes holds where a source stands, so that a run that finds nothing new changes no row; this is what happened.
    """
    return Counter(
        a.error.reason if a.error is not None
        else "unchanged" if before.get(a.source.source_id) == a.sha256
        else "redirected" if a.moved
        else "archived"
        for a in attempts
    )  # fmt: skip


def _outcome(attempt: Attempt, before: str | None) -> Outcome:
    source_id, error = attempt.source.source_id, attempt.error
    if error is None:
        return Outcome(source_id, "archived", REDIRECTED if attempt.moved else None, attempt.moved, attempt.sha256)
    before = before or attempt.kept
    if before is None:
        return Outcome(source_id, "failed", error.reason, error.detail, None)
    said = f"{error.detail}; the bytes archived before are kept"
    return Outcome(source_id, "archived", error.reason, said, before)

"""The tables of what is wanted and what was had: raw.sources, raw.documents, raw.attachments, the outcomes of step `archive`. Reads no document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

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


def for_years(years: Sequence[int]) -> dict[str, Any]:
    """Run configuration of a job that asks again for the sources of these report years: one run, however many years."""
    return {"ops": {"raw__documents": {"config": {"years": list(years)}}}}


def sought(connection: Connection, years: Sequence[int]) -> tuple[list[Source], list[Outcome]]:
    """What to try, and the outcomes of what is left as it is: without `years`, everything and none.

    With `years`, the sources of these report years, as read or else as the catalogue says, and those never tried before.
    """
    found = read_sources(connection)
    if not years:
        return list(found), []
    read = dict(connection.execute("select source_id, report_year from raw.readings").fetchall())
    ended = {name: outcome for name, (outcome, _) in load(connection, "archive").items()}
    due = [s for s in found if s.source_id not in ended or read.get(s.source_id, s.report_year) in years]
    left = {s.source_id for s in found} - {s.source_id for s in due}
    brought = connection.execute("select attachment_id, source_id from raw.attachments").fetchall()
    names = [*(s.source_id for s in found if s.source_id in left), *(n for n, owner in brought if owner in left)]
    return due, [ended[name] for name in names]


def write_documents(
    connection: Connection, attempts: Sequence[Attempt], now: datetime, kept: Sequence[Outcome] = ()
) -> list[Outcome]:
    """Write raw.documents and the outcomes of step `archive`, with those that are `kept`; return all of
    them, those of the sources first.

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
    outcomes = [*kept, *(_outcome(a, archived_before.get(a.source.source_id)) for a in attempts)]
    outcomes += [_outcome(had, None) for attempt in attempts for _, had in attempt.brought]
    for attempt in everything(attempts):
        if attempt.sha256 is not None:
            row = (attempt.sha256, attempt.source.location, attempt.media_type, attempt.size, attempt.at or now)
            documents.setdefault(attempt.sha256, row)
        elif attempt.kept is not None:  # the warehouse was made again beside an archive that knows more
            row = (attempt.kept, attempt.source.location, None, attempt.size, now)
            documents.setdefault(attempt.kept, row)
    brought = _write_attachments(connection, attempts, {o.source_id for o in kept})
    used = {o.sha256 for o in outcomes}
    raw_tables.replace(connection, "documents", [row for sha256, row in documents.items() if sha256 in used])
    outcomes.sort(key=lambda o: o.source_id in brought)
    record(connection, "archive", outcomes, now)
    return outcomes


def everything(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    """The attempts at sources, each followed by those at what its page brings."""
    for attempt in attempts:
        yield attempt
        yield from (had for _, had in attempt.brought)


def said(outcomes: Sequence[Outcome], brought: int) -> str:
    """The outcomes of step `archive` in a line: those of the sources, and those of what their pages bring, which come last."""
    of_sources, of_brought = outcomes[: len(outcomes) - brought], outcomes[len(outcomes) - brought :]

    def counted(some: Sequence[Outcome]) -> str:
        archived, failed = sum(o.sha256 is not None for o in some), sum(o.is_problem for o in some)
        return f"{archived} archived, {failed} with a problem"

    line = f"{len(of_sources)} sources: {counted(of_sources)}"
    return f"{line}; {brought} attachments and next pages: {counted(of_brought)}" if brought else line


def _write_attachments(connection: Connection, attempts: Sequence[Attempt], kept: set[str]) -> set[str]:
    """Replace raw.attachments and return the names in it; what the sources that were not tried bring stays."""
    rows: list[Row] = [row for row in connection.execute("select * from raw.attachments").fetchall() if row[0] in kept]
    rows += [
        (thing.source.source_id, attempt.source.source_id, thing.number, thing.kind, thing.source.location)
        for attempt in attempts
        for thing, _ in attempt.brought
    ]
    raw_tables.replace(connection, "attachments", rows)
    return {row[0] for row in rows}


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
        for a in everything(attempts)
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

"""From the catalogue to archived bytes, with an outcome for every source. Reads no document."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from extractors.errors import DocumentError
from extractors.fetching import local
from extractors.fetching.archive import Archive
from extractors.records import Row
from extractors.sources import Source
from orchestration.lib import raw_tables
from orchestration.lib.outcomes import Outcome, record
from orchestration.lib.warehouse import Connection

Fetch = Callable[[str, Path], bytes]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one source. `sha256` is None exactly when its bytes could not be had."""

    source: Source
    sha256: str | None
    size: int
    error: DocumentError | None


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


def collect(sources: Sequence[Source], folder: Path, archive: Archive, fetch: Fetch = local.fetch) -> list[Attempt]:
    """Try every source once. A source that cannot be had is an attempt with its error; the others go on.

    Raises ArchiveDamaged, which is ours.
    """
    attempts = []
    for source in sources:
        try:
            data = fetch(source.location, folder)
        except DocumentError as error:
            attempts.append(Attempt(source, None, 0, error))
        else:
            attempts.append(Attempt(source, archive.put(data), len(data), None))
    return attempts


def write_documents(connection: Connection, attempts: Sequence[Attempt], now: datetime) -> list[Outcome]:
    """Write raw.documents and the outcomes of step `archive`; return these.

    A source that cannot be had today but was archived before keeps those bytes: its outcome says `archived`, and the
    reason why the new attempt failed. A document that is there already keeps its row.
    """
    raw_tables.create(connection)
    archived_before: dict[str, str] = dict(
        connection.execute(
            "select source_id, sha256 from raw.outcomes where step = 'archive' and sha256 is not null"
        ).fetchall()
    )
    documents: dict[str, Row] = {
        row[0]: row
        for row in connection.execute(
            "select sha256, location, media_type, size_bytes, fetched_at from raw.documents"
        ).fetchall()
    }
    outcomes = []
    for attempt in attempts:
        outcomes.append(_outcome(attempt, archived_before.get(attempt.source.source_id)))
        if attempt.sha256 is not None:
            declared = mimetypes.guess_type(attempt.source.location)[0]  # the reader finds out by itself
            row = (attempt.sha256, attempt.source.location, declared, attempt.size, now)
            documents.setdefault(attempt.sha256, row)
    used = {o.sha256 for o in outcomes}
    raw_tables.replace(connection, "documents", [row for sha256, row in documents.items() if sha256 in used])
    record(connection, "archive", outcomes, now)
    return outcomes


def _outcome(attempt: Attempt, before: str | None) -> Outcome:
    source_id, error = attempt.source.source_id, attempt.error
    if error is None:
        return Outcome(source_id, "archived", None, None, attempt.sha256)
    if before is None:
        return Outcome(source_id, "failed", error.reason, error.detail, None)
    kept = f"{error.detail}; the bytes archived before are kept"
    return Outcome(source_id, "archived", error.reason, kept, before)

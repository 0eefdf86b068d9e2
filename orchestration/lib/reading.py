"""From archived bytes to rows in schema `raw`: reads what is new, keeps the rest. Fetches nothing, interprets nothing.

What was read before, from the same bytes, with the same priors, by the same reader, is not read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from multiprocessing import get_context

from extractors.errors import READER_ERROR
from extractors.fetching.archive import Archive
from extractors.sources import Source
from extractors.task import ARCHIVE_DAMAGED, Brought, Result, Task, read_one
from orchestration.lib import engine, outcomes, progress, raw_tables
from orchestration.lib.outcomes import Outcome
from orchestration.lib.warehouse import Connection

INLINE = 32  # fewer documents than this are read faster than a pool of processes starts
BATCH = 256  # documents whose rows are in memory at once
_TRIED_AGAIN = (READER_ERROR, ARCHIVE_DAMAGED)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a refresh did, in documents."""

    parsed: int
    quarantined: int
    unchanged: int

    def __str__(self) -> str:
        total = self.parsed + self.quarantined + self.unchanged
        return f"{total} documents: {self.parsed} parsed, {self.quarantined} quarantined, {self.unchanged} unchanged"


def refresh(
    connection: Connection, archive: Archive, sources: Sequence[Source], reader_version: str, now: datetime,
    read: Callable[[Archive, Task], Result] | None = None,
) -> Counts:  # fmt: skip
    """Read the archived sources whose input changed, replace their rows and drop those of sources that are gone.

    `reader_version` is part of the input: another reader reads everything again. A document that cannot be read is an
    outcome; so is one that is damaged in the archive: `damaged` names them. `read` stands in for the reader in tests.
    """
    raw_tables.create(connection)
    tasks = _tasks(connection, sources, reader_version)
    known = dict(connection.execute("select source_id, input_key from raw.read_inputs").fetchall())
    done = outcomes.load(connection, "read")
    unchanged = {
        t.source.source_id
        for t in tasks
        if known.get(t.source.source_id) == t.input_key and all(name in done for name in _names(t))
    }
    due = [t for t in tasks if t.source.source_id not in unchanged]
    replaced = (set(known) | set(done)) - unchanged
    if engine.is_spark() and read is None:
        results = _on_spark(connection, archive, due, replaced)
    else:
        results = _here(connection, archive, due, replaced, read)
    ended = [done[name][0] for t in tasks if t.source.source_id in unchanged for name in _names(t)]
    ended += [outcome for result in results for outcome in _ended(result)]
    outcomes.record(connection, "read", ended, now)
    parsed = sum(result.reason is None for result in results)
    return Counts(parsed, len(due) - parsed, len(unchanged))


def damaged(connection: Connection) -> dict[str, str]:
    """The sha256 of the bytes that could not be read from the archive, by source."""
    ended = outcomes.load(connection, "read").values()
    return {o.source_id: o.sha256 for o, _ in ended if o.reason == ARCHIVE_DAMAGED and o.sha256 is not None}


def failures(connection: Connection) -> tuple[int, int, str | None]:
    """On how many reports the reader failed, of how many, and one of them with what happened."""
    found = connection.execute(
        "select count(*) filter (reason = ?), count(*), min(source_id || ': ' || detail) filter (reason = ?) "
        "from raw.outcomes where step = 'read' and source_id in (select source_id from raw.sources)",
        [READER_ERROR, READER_ERROR],
    ).fetchall()
    return found[0]


def unaccounted(connection: Connection) -> list[tuple[str, str, int, int]]:
    """(report, table, figures counted in the document, figures that came out) where the two differ: some were lost or made up."""
    return connection.execute(
        """
        with placed as (
            select report_id, form_table, count(*) as n from raw.facts
            where reported_value is not null group by report_id, form_table
        ),
        unplaced as (select report_id, form_table, count(*) as n from raw.residue group by report_id, form_table)
        select t.report_id, t.form_table, t.figures, t.repeated + coalesce(p.n, 0) + coalesce(u.n, 0)
        from raw.tables as t
        left join placed as p using (report_id, form_table)
        left join unplaced as u using (report_id, form_table)
        where t.form_table <> 'prose' and t.figures <> t.repeated + coalesce(p.n, 0) + coalesce(u.n, 0)
        order by t.report_id, t.form_table
        """
    ).fetchall()


def _tasks(connection: Connection, sources: Sequence[Source], reader_version: str) -> list[Task]:
    archived = {name: o for name, (o, _) in outcomes.load(connection, "archive").items()}
    brought: dict[str, list[Brought]] = {}
    for name, source_id, number, kind in connection.execute(
        "select attachment_id, source_id, attachment_no, kind from raw.attachments order by source_id, attachment_no"
    ).fetchall():
        had = archived[name]
        thing = Brought(name, number, kind, had.sha256, f"{had.reason}: {had.detail}")
        brought.setdefault(source_id, []).append(thing)
    tasks = []
    for source in sources:
        if (page := archived.get(source.source_id)) is not None and page.sha256 is not None:
            things = tuple(brought.get(source.source_id, ()))
            tasks.append(Task(source, page.sha256, input_key(source, page.sha256, reader_version, things), things))
    return tasks


def input_key(source: Source, sha256: str, reader_version: str, brought: Sequence[Brought] = ()) -> str:
    """Hash of everything that a reading depends on; the line of the catalogue is not part of it."""
    things = [(t.number, t.kind, t.sha256, None if t.sha256 else t.fault) for t in brought]
    text = repr((replace(source, line=0), sha256, reader_version, *things))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _names(task: Task) -> list[str]:
    """Of the outcomes of a task: the source, and what its page brings as far as it was had."""
    return [task.source.source_id, *(t.name for t in task.brought if t.sha256 is not None)]


def _here(
    connection: Connection, archive: Archive, due: Sequence[Task], replaced: set[str],
    read: Callable[[Archive, Task], Result] | None,
) -> list[Result]:  # fmt: skip
    """Read in processes of this machine, straight into the work database. The results have no rows any more."""
    _forget(connection, replaced)
    ended: list[Result] = []
    results = _inline(archive, due, read or read_one) if read or len(due) <= INLINE else _pooled(archive, due)
    for batch in _batches(_reported(results, len(due))):
        ended += [replace(result, rows=None) for result in batch]
        with progress.phase("load"):
            _store(connection, batch)
    return ended


def _on_spark(connection: Connection, archive: Archive, due: Sequence[Task], replaced: set[str]) -> list[Result]:
    """Read on the workers of a Spark server, into its raw tables and the work database. The results have no rows."""
    from orchestration.lib import lake  # here: only those who have a cluster need its client

    with lake.connect() as connected:
        connected.mend(connection)
        gone = _forget(connection, replaced)
        if not due and not gone:
            return []
        ended = connected.read(connection, archive, due, gone)
    _remember(connection, ended)
    return ended


def _forget(connection: Connection, source_ids: set[str]) -> list[tuple[str, int]]:
    """Drop what was read from these sources; returns the reports and their years."""
    gone = connection.execute(
        "select report_id, report_year from raw.readings where source_id in (select unnest(?))", [sorted(source_ids)]
    ).fetchall()
    for table in raw_tables.REPORT_TABLES:
        raw_tables.delete_where_in(connection, table, "report_id", [row[0] for row in gone])
    raw_tables.delete_where_in(connection, "read_inputs", "source_id", sorted(source_ids))
    return gone


def _store(connection: Connection, batch: Sequence[Result]) -> None:
    for table in raw_tables.REPORT_TABLES:
        raw_tables.append(connection, table, [row for r in batch if r.rows is not None for row in r.rows[table]])
    _remember(connection, batch)


def _remember(connection: Connection, ended: Sequence[Result]) -> None:
    inputs = [(r.task.source.source_id, r.task.input_key) for r in ended if not _is_tried_again(r)]
    raw_tables.append(connection, "read_inputs", inputs)


def _is_tried_again(result: Result) -> bool:
    return result.reason in _TRIED_AGAIN or any(reason in _TRIED_AGAIN for reason, _ in result.refused.values())


def _ended(result: Result) -> Iterator[Outcome]:
    """The outcome of a source, and of each thing that its page brings: one that is read with the report ends as the report."""
    task = result.task
    yield _outcome(task.source.source_id, result.reason, result.detail, task.sha256)
    for thing in task.brought:
        if thing.sha256 is not None:
            reason, detail = result.refused.get(thing.name, (result.reason, result.detail))
            yield _outcome(thing.name, reason, detail, thing.sha256)


def _outcome(name: str, reason: str | None, detail: str | None, sha256: str) -> Outcome:
    status = "parsed" if reason is None else "failed" if reason == ARCHIVE_DAMAGED else "quarantined"
    return Outcome(name, status, reason, detail, sha256)


def _inline(archive: Archive, due: Sequence[Task], read: Callable[[Archive, Task], Result]) -> Iterator[Result]:
    for task in due:
        yield read(archive, task)


def _pooled(archive: Archive, due: Sequence[Task]) -> Iterator[Result]:
    """In the order of `due`. Processes are spawned: a fork of a process with threads may hang."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(read_one, [archive] * len(due), due, chunksize=4)


def _reported(results: Iterator[Result], total: int) -> Iterator[Result]:
    """The results, with a line every few seconds about the rate and what remains."""
    ticker = progress.Ticker("read", total)
    for result in results:
        yield result
        ticker.tick()


def _batches(results: Iterator[Result]) -> Iterator[list[Result]]:
    while batch := list(islice(results, BATCH)):
        yield batch

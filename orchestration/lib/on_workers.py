"""What runs on the workers of a cluster: archived documents to rows, as Arrow. Imports neither an engine nor Dagster.

The workers see the same shards (a shared or mounted folder) and have this project installed: the same pure function reads
there. A task says where in which shard its bytes are, so that no worker needs the archive's index.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa

from extractors.fetching.archive import ArchiveDamaged, Place, read_object
from extractors.records import TABLES, RawTable, Row
from extractors.sources import Source
from extractors.task import Brought, Result, Task, read_one
from extractors.version import reader_version
from orchestration.lib import arrow

REPORT_TABLES = tuple(table for table in TABLES.values() if table.by_report)
TASK = RawTable(
    "tasks",
    (
        ("source_id", "string"), ("agency_name", "string"), ("agency_kind", "string"), ("region_code", "string"),
        ("scope", "string"), ("report_year", "int"), ("location", "string"), ("catalogue_line", "int"),
        ("sha256", "string"), ("input_key", "string"), ("shard", "string"), ("shard_offset", "string"),
        ("shard_length", "string"), ("size", "string"), ("brought", "string"),
    ),
    "archived source to read",
)  # fmt: skip
ENDED = (("source_id", "string"), ("reason", "string"), ("detail", "string"), ("refused", "string"))
"""`brought` and `refused` are JSON: what a page brings, each with its place, and what of it the report does without."""
SLICE = 64  # documents whose rows are in a worker's memory at once


@dataclass(frozen=True, slots=True)
class _Told:
    """The objects that a task says the places of."""

    places: dict[str, Place]

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.places:
            raise ArchiveDamaged(f"{sha256}: not in the archive")
        return read_object(self.places[sha256], sha256)

    def place(self, sha256: str) -> Place | None:
        return self.places.get(sha256)


def as_row(task: Task, place: Callable[[str], Place | None]) -> Row:
    """A task as a row of TASK. `place` says where an object is."""
    s = task.source
    things = [(t.name, t.number, t.kind, t.sha256, t.fault, *_where(place, t.sha256)) for t in task.brought]
    return (
        s.source_id, s.agency_name, s.agency_kind, s.region_code, s.scope, s.report_year, s.location, s.line,
        task.sha256, task.input_key, *_where(place, task.sha256), json.dumps(things),
    )  # fmt: skip


def ended(task: Task, row: Mapping[str, str | None]) -> Result:
    """The result of a task, without its rows, from a row of ENDED."""
    refused = {name: (reason, detail) for name, (reason, detail) in json.loads(row["refused"] or "{}").items()}
    return Result(task, None, row["reason"], row["detail"], refused)


def _where(place: Callable[[str], Place | None], sha256: str | None) -> tuple[str | None, ...]:
    found = place(sha256) if sha256 is not None else None
    return (str(found.shard), str(found.offset), str(found.length), str(found.size)) if found else (None,) * 4


def read_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of TASK to one row a document: how it ended, and for each table of the contract the list of its rows."""
    for batch in batches:
        for start in range(0, batch.num_rows, SLICE):
            yield _ended([_read(row) for row in batch.slice(start, SLICE).to_pylist()])


def about(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a worker is: its Python and its reader, one row a batch."""
    for _ in batches:
        yield pa.RecordBatch.from_pydict(
            {"python": [platform.python_version()], "reader": [reader_version()], "executable": [sys.executable]}
        )


def _read(row: dict[str, Any]) -> Result:
    values = [row[column] for column, _ in TASK.columns]
    sha256, input_key, *where, things = values[8:]
    found = [(sha256, *where)]
    brought = []
    for name, number, kind, digest, fault, *at in json.loads(things):
        brought.append(Brought(name, number, kind, digest, fault))
        found.append((digest, *at))
    places = {
        digest: Place(Path(shard), int(offset), int(length), int(size))
        for digest, shard, offset, length, size in found
        if shard is not None
    }
    return read_one(_Told(places), Task(Source(*values[:8]), sha256, input_key, tuple(brought)))


def _ended(results: list[Result]) -> pa.RecordBatch:
    arrays: list[pa.Array] = [
        pa.array([r.task.source.source_id for r in results], pa.string()),
        pa.array([r.reason for r in results], pa.string()),
        pa.array([r.detail for r in results], pa.string()),
        pa.array([json.dumps(r.refused) for r in results], pa.string()),
    ]
    for table in REPORT_TABLES:
        by_report = [r.rows[table.name] if r.rows is not None else [] for r in results]
        rows = arrow.of_rows(table, [row for rows in by_report for row in rows]).combine_chunks()
        columns = [column.combine_chunks() for column in rows.columns]
        flat = [c.chunk(0) if isinstance(c, pa.ChunkedArray) else c for c in columns]
        structs = pa.StructArray.from_arrays(flat, names=rows.column_names)
        arrays.append(pa.ListArray.from_arrays(list(accumulate(map(len, by_report), initial=0)), structs))
    return pa.RecordBatch.from_arrays(arrays, names=[n for n, _ in ENDED] + [t.name for t in REPORT_TABLES])

"""What runs on the workers of a cluster: archived documents to rows, as Arrow. Imports neither an engine nor Dagster.

The workers see the same shards (a shared or mounted folder) and have this project installed: the same pure function reads
there. A task says where in which shard its bytes are, so that no worker needs the archive's index.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pyarrow as pa

from extractors.fetching.archive import ArchiveDamaged, Place, read_object
from extractors.records import TABLES, RawTable, Row
from extractors.sources import Source
from extractors.task import Result, Task, read_one
from extractors.version import reader_version
from orchestration.lib import arrow

REPORT_TABLES = tuple(table for table in TABLES.values() if table.by_report)
TASK = RawTable(
    "tasks",
    (
        ("source_id", "string"), ("agency_name", "string"), ("agency_kind", "string"), ("region_code", "string"),
        ("scope", "string"), ("report_year", "int"), ("location", "string"), ("catalogue_line", "int"),
        ("sha256", "string"), ("input_key", "string"), ("shard", "string"), ("shard_offset", "string"),
        ("shard_length", "string"),
    ),
    "archived source to read",
)  # fmt: skip
ENDED = (("source_id", "string"), ("reason", "string"), ("detail", "string"))
SLICE = 64  # documents whose rows are in a worker's memory at once


@dataclass(frozen=True, slots=True)
class _Told:
    """The one object that a task says the place of."""

    place: Place | None

    def get(self, sha256: str) -> bytes:
        if self.place is None:
            raise ArchiveDamaged(f"{sha256}: not in the archive")
        return read_object(self.place, sha256)


def as_row(task: Task, place: Place | None) -> Row:
    """A task as a row of TASK."""
    s = task.source
    where = (str(place.shard), str(place.offset), str(place.length)) if place else (None, None, None)
    return (
        s.source_id, s.agency_name, s.agency_kind, s.region_code, s.scope, s.report_year, s.location, s.line,
        task.sha256, task.input_key, *where,
    )  # fmt: skip


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


def _read(row: dict[str, object]) -> Result:
    values = [row[column] for column, _ in TASK.columns]
    source = Source(*values[:8])  # type: ignore[arg-type]
    sha256, input_key, shard, offset, length = (None if v is None else str(v) for v in values[8:])
    place = Place(Path(shard), int(offset or 0), int(length or 0), 0) if shard is not None else None
    return read_one(_Told(place), Task(source, str(sha256), str(input_key)))


def _ended(results: list[Result]) -> pa.RecordBatch:
    arrays: list[pa.Array] = [
        pa.array([r.task.source.source_id for r in results], pa.string()),
        pa.array([r.reason for r in results], pa.string()),
        pa.array([r.detail for r in results], pa.string()),
    ]
    for table in REPORT_TABLES:
        by_report = [r.rows[table.name] if r.rows is not None else [] for r in results]
        rows = arrow.of_rows(table, [row for rows in by_report for row in rows]).combine_chunks()
        columns = [column.combine_chunks() for column in rows.columns]
        flat = [c.chunk(0) if isinstance(c, pa.ChunkedArray) else c for c in columns]
        structs = pa.StructArray.from_arrays(flat, names=rows.column_names)
        arrays.append(pa.ListArray.from_arrays(list(accumulate(map(len, by_report), initial=0)), structs))
    return pa.RecordBatch.from_arrays(arrays, names=[n for n, _ in ENDED] + [t.name for t in REPORT_TABLES])

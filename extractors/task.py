"""One archived source to the rows of its report, or to the reason why there are none: what every engine runs. Stores nothing."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from typing import Protocol

from extractors.errors import DocumentError
from extractors.fetching.archive import ArchiveDamaged
from extractors.records import Row
from extractors.sources import Source

READER_ERROR = "reader_error"
ARCHIVE_DAMAGED = "archive_damaged"

Rows = dict[str, list[Row]]


class Objects(Protocol):
    """Bytes by their sha256: an archive, or the places in it that another machine was told."""

    def get(self, sha256: str) -> bytes:
        """Raises ArchiveDamaged."""


@dataclass(frozen=True, slots=True)
class Task:
    """One archived source to read."""

    source: Source
    sha256: str
    input_key: str


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a report by table, or why there are none."""

    task: Task
    rows: Rows | None
    reason: str | None = None
    detail: str | None = None


def read_one(archive: Objects, task: Task) -> Result:
    """Bytes to rows. A document that cannot be used, is damaged in the archive, or that makes the reader fail, is a result with a reason."""
    # here, because loading the definitions must not wait for the parsers
    from extractors import records
    from extractors.reading.read import read

    try:
        data = archive.get(task.sha256)
    except ArchiveDamaged as error:
        return Result(task, None, ARCHIVE_DAMAGED, str(error))
    try:
        rows = records.of_report(task.source, task.sha256, read(data))
    except DocumentError as error:
        return Result(task, None, error.reason, error.detail)
    except Exception as error:  # noqa: BLE001  one document must not end the reading of 10⁵; it is named, counted and shown
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(at.filename)}:{at.lineno}"
        return Result(task, None, READER_ERROR, f"{type(error).__name__} at {where}: {error}")
    return Result(task, rows)

"""One archived source to the rows of its report, or to the reason why there are none: what every engine runs. Stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from extractors.documents.limits import MAX_TOGETHER
from extractors.errors import READER_ERROR, DocumentError, TooLarge, of_ours
from extractors.fetching.archive import ArchiveDamaged, Place
from extractors.records import Row
from extractors.sources import Source

if TYPE_CHECKING:
    from extractors.reading.parts import Kind, Part

ARCHIVE_DAMAGED = "archive_damaged"

Rows = dict[str, list[Row]]


class Objects(Protocol):
    """Bytes by their sha256: an archive, or the places in it that another machine was told."""

    def get(self, sha256: str) -> bytes:
        """Raises ArchiveDamaged."""

    def place(self, sha256: str) -> Place | None:
        """Where it is and how large; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What the page of a source brings. `sha256` is None where it could not be had, and `fault` says why."""

    name: str
    number: int
    kind: Kind
    sha256: str | None
    fault: str


@dataclass(frozen=True, slots=True)
class Task:
    """One archived source to read."""

    source: Source
    sha256: str
    input_key: str
    brought: tuple[Brought, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a report by table, or why there are none."""

    task: Task
    rows: Rows | None
    reason: str | None = None
    detail: str | None = None
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Reason and detail of what the page brings and the report does without, by name."""


def read_one(archive: Objects, task: Task) -> Result:
    """Bytes to rows. A document that cannot be used, is damaged in the archive, or that makes the reader fail, is a result with a reason."""
    # here, because loading the definitions must not wait for the parsers
    from extractors import records
    from extractors.reading.parts import read_with

    refused: dict[str, tuple[str, str]] = {}
    try:
        data = archive.get(task.sha256)
    except ArchiveDamaged as error:
        return Result(task, None, ARCHIVE_DAMAGED, str(error))
    try:
        names = {thing.number: thing.name for thing in task.brought}
        whole = read_with(data, _parts(archive, task.brought, MAX_TOGETHER - len(data), refused))
        refused |= {names[number]: (error.reason, error.detail) for number, error in whole.refused.items()}
        if whole.reading is None:
            assert whole.error is not None
            return Result(task, None, whole.error.reason, whole.error.detail, refused)
        used = [t.sha256 for t in task.brought if t.sha256 is not None and t.name not in refused]
        rows = records.of_report(task.source, task.sha256, whole.reading, used)
    except DocumentError as error:
        return Result(task, None, error.reason, error.detail, refused)
    except Exception as error:  # noqa: BLE001  one document must not end the reading of 10⁵; it is named, counted and shown
        return Result(task, None, READER_ERROR, of_ours(error), refused)
    return Result(task, rows, refused=refused)


def _parts(archive: Objects, brought: Sequence[Brought], room: int, refused: dict[str, tuple[str, str]]) -> list[Part]:
    """What a page brings, with its bytes: at most `room` of them in all. What is left out for that, or damaged, is refused."""
    from extractors.reading.parts import Part

    parts = []
    for thing in brought:
        data, fault = None, thing.fault
        place = archive.place(thing.sha256) if thing.sha256 is not None else None
        if place is not None and place.size > room:
            fault = f"{place.size} bytes, where {max(room, 0)} are left for what the page brings"
            refused[thing.name] = TooLarge.reason, fault
        elif thing.sha256 is not None:
            try:
                data = archive.get(thing.sha256)
                room -= len(data)
            except ArchiveDamaged as error:
                fault = str(error)
                refused[thing.name] = ARCHIVE_DAMAGED, fault
        parts.append(Part(thing.number, thing.kind, data, fault))
    return parts

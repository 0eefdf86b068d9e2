"""Which statutory tables a grid holds, by words alone: never by the place, the size or the number of cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from extractors.forms.catalogue import Catalogue, Table
from extractors.model import Grid
from extractors.reading.labels import fold, han


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table that the words of a grid speak for. `score` counts the form's labels found word for word."""

    table: Table
    score: int
    evidence: str


_ENOUGH = 0.6  # share of a form's labels that speaks for it where a misprint spoilt its deciding words


@cache
def _words(table: Table) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str], int]:
    """(words one of which must stand there, words all of which must, folded labels, how many labels are enough)."""
    own = {fold(label).core for label in [*(x.label for x in table.lines), *(c.label for c in table.columns)]}
    return (
        tuple(han(w) for w in table.decided_by),
        tuple(han(w) for w in table.needs),
        frozenset(own | {fold(v.label).core for v in table.variants}),
        max(4, round(_ENOUGH * len(own))),
    )


def recognise(grid: Grid, catalogue: Catalogue) -> list[Candidate]:
    """Statutory tables that the words of `grid` speak for, those with the most labels first.

    Several forms may speak for one table code (most of table three is the same in 2019 and 2021): which it is shows when
    they are bound.
    """
    text = "".join([han(c.text) for c in grid.cells])
    found: list[Candidate] = []
    cores: frozenset[str] | None = None
    for table in catalogue.tables():
        if table.layout == "prose":
            continue
        any_of, all_of, labels, enough = _words(table)
        deciding = [w for w in any_of if w in text]
        certain = all(w in text for w in all_of) and bool(all_of or deciding)
        if not certain and len(text) < enough:
            continue
        cores = cores if cores is not None else _cores(grid)
        score = len(labels & cores)
        if certain or score >= enough:
            words = "、".join([*deciding, *(w for w in all_of if w in text)]) or f"{score} labels of the form"
            found.append(Candidate(table, score + len(deciding), words))
    return sorted(found, key=lambda c: -c.score)


def is_complete(candidate: Candidate) -> bool:
    """Whether so many of the form's labels stand there that the table does, even if not one of its figures is left."""
    return candidate.score >= _words(candidate.table)[3]


def _cores(grid: Grid) -> frozenset[str]:
    """Folded labels of the grid: of each cell, and of headers set one character under another."""
    cores = {fold(c.text).core for c in grid.cells}
    columns: dict[int, list[str]] = {}
    for cell in grid.cells:
        if cell.row < _HEADER_ROWS:
            columns.setdefault(cell.column, []).append(han(cell.text))
    for parts in columns.values():
        cores.update("".join(parts[i:j]) for i in range(len(parts)) for j in (i + 2, i + 3))
    return frozenset(cores)


_HEADER_ROWS = 8


def spoken_of(text: str, catalogue: Catalogue) -> list[Table]:
    """Tables whose deciding words stand in running prose: all that are needed, or two of those that speak for a form."""
    words = han(text)
    out = []
    for table in catalogue.tables():
        any_of, all_of = (_words(table)[:2]) if table.layout != "prose" else ((), ())
        if (all_of and all(w in words for w in all_of)) or (not all_of and sum(w in words for w in any_of) > 1):
            out.append(table)
    return out

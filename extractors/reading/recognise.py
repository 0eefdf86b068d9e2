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


@cache
def _words(table: Table) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
    """(words one of which must stand there, words all of which must, folded labels of lines and columns)."""
    labels = [x.label for x in table.lines] + [c.label for c in table.columns] + [v.label for v in table.variants]
    return (
        tuple(han(w) for w in table.decided_by),
        tuple(han(w) for w in table.needs),
        frozenset(fold(label).core for label in labels),
    )


def recognise(grid: Grid, catalogue: Catalogue) -> list[Candidate]:
    """Statutory tables in `grid`: at most one form for each table code, the one with the most labels.

    Where two forms share a table word for word (table four of 2019 and 2021) both are returned: only the tables
    beside it can decide.
    """
    text = "".join(han(c.text) for c in grid.cells)
    columns: dict[int, list[str]] = {}
    best: dict[str, list[Candidate]] = {}
    cores: set[str] | None = None
    for table in catalogue.tables():
        any_of, all_of, labels = _words(table)
        if not (any_of or all_of):
            continue
        found = [w for w in any_of if w in text]
        if any(w not in text for w in all_of) or not (all_of or found):
            continue
        if cores is None:
            cores = {fold(c.text).core for c in grid.cells}
            for cell in grid.cells:  # headers set one character under another
                columns.setdefault(cell.column, []).append(han(cell.text))
            cores.update("".join(parts[i:j]) for parts in columns.values() for i in range(0, 6) for j in (i + 2, i + 3))
        score = len(labels & cores) + len(found)
        words = [*found, *all_of]
        candidate = Candidate(table, score, "、".join(words))
        rivals = best.setdefault(table.code, [])
        if not rivals or score > rivals[0].score:
            best[table.code] = [candidate]
        elif score == rivals[0].score:
            rivals.append(candidate)
    return [c for candidates in best.values() for c in candidates]

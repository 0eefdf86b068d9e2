"""Boxes with text to a table: spans rebuilt from where the boxes begin and end. Finds no box and reads no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.documents.limits import MAX_CELLS
from extractors.errors import TooLarge
from extractors.model import Cell

TOLERANCE = 3.0
"""Points; edges drawn by different cells of one table differ by less."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its place: `first_page` to `page`, `edges` of its columns, `height` in rows.

    `open_above` and `open_below` are the left edges of cells without a rule at that end: a page break goes through them.
    """

    first_page: int
    page: int
    box: Box
    edges: tuple[float, ...]
    cells: tuple[Cell, ...]
    height: int
    aligned: bool = True
    open_above: tuple[float, ...] = ()
    open_below: tuple[float, ...] = ()


def table(page: int, box: Box, boxes: Sequence[tuple[Box, str, float | None]]) -> Table | None:
    """A table of boxes with text and confidence; None for frames around prose (one column) and empty frames.

    Raises TooLarge beyond MAX_CELLS.
    """
    if len(boxes) > MAX_CELLS:
        raise TooLarge(f"a table of more than {MAX_CELLS} cells")
    # Between double rules there is no cell.
    boxes = [b for b in boxes if b[1].strip() or min(b[0][2] - b[0][0], b[0][3] - b[0][1]) > TOLERANCE]
    xs = edges([b[0] for b, _, _ in boxes] + [b[2] for b, _, _ in boxes])
    ys = edges([b[1] for b, _, _ in boxes] + [b[3] for b, _, _ in boxes])
    if len(xs) < 3 or not any(t.strip() for _, t, _ in boxes):
        return None
    cells = []
    for (left, top, right, bottom), text, confidence in boxes:
        column, row = min(nearest(xs, left), len(xs) - 2), min(nearest(ys, top), len(ys) - 2)
        down, across = max(nearest(ys, bottom) - row, 1), max(nearest(xs, right) - column, 1)
        cells.append(Cell(row, column, text.strip(), down, across, confidence=confidence))
    cells.sort(key=lambda c: (c.row, c.column))
    return Table(page, page, box, tuple(xs), tuple(cells), len(ys) - 1)


def edges(values: Sequence[float]) -> list[float]:
    """Positions without those that lie within the tolerance of another."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > TOLERANCE:
            out.append(value)
    return out


def nearest(edges: Sequence[float], value: float) -> int:
    """Index of the edge nearest to `value`."""
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))

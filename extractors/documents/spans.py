"""Rows of cells with spans to positions on a grid, as browsers do it. Knows no markup and no form."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.errors import TooLarge
from extractors.model import Cell

MAX_CELLS = 200_000
MAX_SPAN = 1_000


def place(rows: Iterable[Iterable[tuple[str, int, int]]]) -> tuple[Cell, ...]:
    """Cells at their grid positions, from rows of (text, row_span, column_span).

    A row span never reaches below the last row. Raises TooLarge beyond MAX_CELLS.
    """
    listed = [list(r) for r in rows]
    height = len(listed)
    taken: dict[int, int] = {}  # column -> first free row
    cells: list[Cell] = []
    for y, row in enumerate(listed):
        x = 0
        for text, row_span, column_span in row:
            while taken.get(x, 0) > y:
                x += 1
            down = min(max(row_span, 1), height - y)
            across = min(max(column_span, 1), MAX_SPAN)
            cells.append(Cell(y, x, text, down, across))
            if len(cells) > MAX_CELLS:
                raise TooLarge(f"a table of more than {MAX_CELLS} cells")
            for c in range(x, x + across):
                taken[c] = y + down
            x += across
    return tuple(cells)

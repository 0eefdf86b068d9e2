"""Rows of cells with spans to positions on a grid, as browsers do it. Knows no markup and no form."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.documents.limits import MAX_CELLS, MAX_SLOTS, MAX_SPAN
from extractors.errors import TooLarge
from extractors.model import Cell


def place(rows: Iterable[Iterable[tuple[str, int, int]]]) -> tuple[Cell, ...]:
    """Cells at their grid positions, from rows of (text, row_span, column_span).

    A row span of 0 reaches to the last row, and none reaches below it. Raises TooLarge beyond MAX_CELLS cells,
    or where their spans cover more than MAX_SLOTS positions.
    """
    listed = [list(r) for r in rows]
    if sum(len(r) for r in listed) > MAX_CELLS:
        raise TooLarge(f"a table of more than {MAX_CELLS} cells")
    height = len(listed)
    taken: dict[int, int] = {}  # column -> first free row
    cells: list[Cell] = []
    steps = 0
    for y, row in enumerate(listed):
        x = 0
        for text, row_span, column_span in row:
            free = x
            while taken.get(free, 0) > y:
                free += 1
            down = min(row_span or height, height - y)
            across = min(max(column_span, 1), MAX_SPAN)
            steps += free - x + across
            if steps > MAX_SLOTS:
                raise TooLarge(f"a table whose cells span more than {MAX_SLOTS} positions")
            x = free
            cells.append(Cell(y, x, text, down, across))
            for c in range(x, x + across):
                taken[c] = y + down
            x += across
    return tuple(cells)

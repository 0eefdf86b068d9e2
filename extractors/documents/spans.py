"""Rows of cells with spans to positions on a grid, as browsers do it. Knows no markup and no form."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.documents.limits import MAX_CELLS, MAX_SLOTS, MAX_SPAN
from extractors.errors import TooLarge
from extractors.model import Cell


def place(rows: Sequence[Sequence[tuple[str, int, int]]]) -> tuple[Cell, ...]:
    """Cells at their grid positions, from rows of (text, row_span, column_span), spans from 0.

    A row span of 0 reaches to the last row, and none reaches below it. Raises TooLarge beyond MAX_CELLS cells,
    or where their spans cover more than MAX_SLOTS positions.
    """
    if sum(map(len, rows)) > MAX_CELLS:
        raise TooLarge(f"a table of more than {MAX_CELLS} cells")
    height = len(rows)
    taken: dict[int, int] = {}  # column -> first free row, where a cell reaches below its own
    cells: list[Cell] = []
    add, new = cells.append, tuple.__new__  # Cell() goes through Python once more, and a page has hundreds
    steps = 0
    for y, row in enumerate(rows):
        if taken:
            taken = {x: free for x, free in taken.items() if free > y}
            steps += len(taken)
        x = 0
        for text, row_span, column_span in row:
            while x in taken:
                x += 1
            if row_span == column_span == 1:
                add(new(Cell, (y, x, text, 1, 1, None, None)))
                x += 1
                continue
            down = 1 if row_span == 1 else min(row_span or height, height - y)
            across = min(column_span, MAX_SPAN) or 1
            add(new(Cell, (y, x, text, down, across, None, None)))
            if down > 1:
                taken.update(dict.fromkeys(range(x, x + across), y + down))
            x += across
            steps += across
        if steps > MAX_SLOTS:
            raise TooLarge(f"a table whose cells span more than {MAX_SLOTS} positions")
    return tuple(cells)

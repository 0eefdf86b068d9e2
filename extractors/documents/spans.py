"""Rows of cells with spans to positions on a grid, as browsers do it. Knows no markup and no form."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.documents.limits import MAX_CELLS, MAX_SLOTS, MAX_SPAN
from extractors.errors import TooLarge
from extractors.model import Cell


def place(rows: Iterable[Iterable[tuple[str, int, int]]]) -> tuple[Cell, ...]:
    """Cells at their grid positions, from rows of (text, row_span, column_span), spans from 0.

    A row span of 0 reaches to the last row, and none reaches below it. Raises TooLarge beyond MAX_CELLS cells,
    or where their spans cover more than MAX_SLOTS positions.
    """
    listed = [list(r) for r in rows]
    if sum(len(r) for r in listed) > MAX_CELLS:
        raise TooLarge(f"a table of more than {MAX_CELLS} cells")
    height = len(listed)
    taken: dict[int, int] = {}  # column -> first free row, where a cell reaches below its own
    cells: list[Cell] = []
    steps = 0
    for y, row in enumerate(listed):
        x = 0
        for text, row_span, column_span in row:
            start = x
            while taken and taken.get(x, 0) > y:
                x += 1
            if row_span == column_span == 1:
                cells.append(Cell(y, x, text))
                x += 1
            else:
                down = 1 if row_span == 1 else min(row_span or height, height - y)
                across = min(column_span, MAX_SPAN) or 1
                cells.append(Cell(y, x, text, down, across))
                if down > 1:
                    taken.update(dict.fromkeys(range(x, x + across), y + down))
                x += across
            steps += x - start
            if steps > MAX_SLOTS:
                raise TooLarge(f"a table whose cells span more than {MAX_SLOTS} positions")
    return tuple(cells)

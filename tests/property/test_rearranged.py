"""Tables laid out otherwise say the same: editors add columns, repeat headers, cut tables in two. No quirk of a figure here.

What the reader makes of a page as generated (test_generated.py says that this is right) it must make of it rearranged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from html import escape
from random import Random

import pytest

from extractors.documents.opening import open_document
from extractors.model import Prose
from extractors.reading.read import read
from tests.generator import FORMS, generate

Cell = list  # text, rows and columns that it covers, column: changed in place
Table = list[list[Cell]]
Page = list[str | Table]


def _page(data: bytes) -> Page:
    page: Page = []
    for block in open_document(data).blocks:
        if isinstance(block, Prose):
            page.append(f"<p>{escape(block.text)}</p>")
            continue
        table: Table = [[] for _ in range(max(c.row for c in block.cells) + 1)]
        for cell in block.cells:
            table[cell.row].append([cell.text, cell.row_span, cell.column_span, cell.column])
        page.append(table)
    return page


def _html(page: Page) -> bytes:
    def drawn(cell: Cell) -> str:
        return f'<td rowspan="{cell[1]}" colspan="{cell[2]}">{escape(cell[0])}</td>'.replace("\n", "<br>")

    def ruled(table: Table) -> str:
        return f"<table>{''.join('<tr>' + ''.join(map(drawn, row)) + '</tr>' for row in table)}</table>"

    blocks = (block if isinstance(block, str) else ruled(block) for block in page)
    return f"<html><head><meta charset=utf-8></head><body>{''.join(blocks)}</body></html>".encode()


def _values(data: bytes) -> dict[tuple[str, str, str], object]:
    return {
        (f.table, f.line, f.column): f.value for f in read(data).facts if f.form != "narrative" and f.value is not None
    }


def _is_figure(cell: Cell) -> bool:
    return cell[0].strip().lstrip("+-").replace(".", "").isdigit()


def _body(table: Table) -> int:
    """The first row with figures, or the number of rows."""
    return next((y for y, row in enumerate(table) if any(map(_is_figure, row))), len(table))


def _width(table: Table) -> int:
    return max(cell[3] + cell[2] for row in table for cell in row)


def _left(table: Table) -> int:
    """The first column with figures."""
    return min((c[3] for row in table for c in row if _is_figure(c)), default=0)


def _whole(table: Table, y: int) -> bool:
    """Whether no cell reaches over the upper side of row `y`."""
    return all(above + cell[1] <= y for above, row in enumerate(table[:y]) for cell in row)


def _with_column(table: Table, x: int, text: Callable[[int, bool], str]) -> Table:
    """With a further column at `x`: `text` of its cells by row, and whether the row has figures."""
    covered = set()
    for y, row in enumerate(table):
        for cell in row:
            if cell[3] < x < cell[3] + cell[2]:
                cell[2] += 1
                covered |= set(range(y, y + cell[1]))
            elif cell[3] >= x:
                cell[3] += 1
    for y, row in enumerate(table):
        if y not in covered:
            row.append([text(y, any(map(_is_figure, row))), 1, 1, x])
            row.sort(key=lambda cell: cell[3])
    return table


def _headed(word: str, figure: Callable[[int], str]) -> Callable[[Table], Callable[[int, bool], str]]:
    """Texts of a column under a header of its own."""

    def of(table: Table) -> Callable[[int, bool], str]:
        body = _body(table)
        return lambda y, has_figures: (
            word if y == body - 1 else figure(y - body + 1) if y >= body and has_figures else ""
        )

    return of


def empty_column(table: Table, rng: Random) -> Table:
    return _with_column(table, rng.randrange(_width(table) + 1), lambda y, has_figures: "")


def ordinal_column(table: Table, rng: Random) -> Table:
    return _with_column(table, 0, _headed("序号", str)(table))


def share_column(table: Table, rng: Random) -> Table:
    return _with_column(
        table, _width(table), _headed("占比", lambda _: f"{rng.randrange(100)}.{rng.randrange(10)}%")(table)
    )


def remarks_column(table: Table, rng: Random) -> Table:
    return _with_column(table, _width(table), _headed("备注", lambda _: rng.choice(("", "其中2件为上年结转")))(table))


def empty_row(table: Table, rng: Random) -> Table:
    at = [y for y in range(1, len(table)) if _whole(table, y)]
    if at:
        table.insert(rng.choice(at), [["", 1, 1, x] for x in range(_width(table))])
    return table


def title_row(table: Table, rng: Random) -> Table:
    return [[["政府信息公开工作情况统计表（单位：件）", 1, _width(table), 0]], *table]


def row_of_numbers(table: Table, rng: Random) -> Table:
    body = _body(table)
    counted = [[[str(x + 1) if x else "栏次", 1, 1, x] for x in range(_width(table))]]
    return [*table[:body], *counted, *table[body:]] if body < len(table) and _whole(table, body) else table


def header_again(table: Table, rng: Random) -> Table:
    body = _body(table)
    at = [y for y in range(body + 1, len(table)) if _whole(table, y)]
    if not at or not _whole(table, body):
        return table
    y = rng.choice(at)
    return [*table[:y], *deepcopy(table[:body]), *table[y:]]


def units_in_cells(table: Table, rng: Random) -> Table:
    for cell in (c for row in table for c in row if c[0].isdigit()):
        cell[0] += rng.choice(("", "件"))
    return table


def labels_with_their_headings(table: Table, rng: Random) -> Table:
    """`三、本年度办理结果（三）不予公开1.属于国家秘密` in one cell."""
    left, body = _left(table), _body(table)
    if left < 3:  # headings in columns of their own
        return table
    over: dict[tuple[int, int], Cell] = {}
    for y, row in enumerate(table):
        for cell in row:
            over |= {(y + dy, cell[3] + dx): cell for dy in range(cell[1]) for dx in range(cell[2])}
    out: Table = []
    for y, row in enumerate(table):
        labels = {id(c): c[0] for x in range(left) if (c := over.get((y, x)))}
        figures = [[text, down, across, x - left + 1] for text, down, across, x in row if x >= left]
        out.append([["".join(labels.values()) if y >= body else "", 1, 1, 0], *figures])
    return out


CHANGED = (
    empty_column, ordinal_column, share_column, remarks_column, empty_row, title_row, row_of_numbers, header_again, units_in_cells,
    labels_with_their_headings,
)  # fmt: skip


def _cut(table: Table, rng: Random) -> Iterator[Table]:
    """The table in two, the second without headers: headings go on over it in blank cells."""
    y = rng.randrange(_body(table) + 1, len(table)) if _body(table) + 1 < len(table) else 0
    upper, lower = table[:y], table[y:]
    for above, row in enumerate(upper):
        for cell in row:
            if (rest := above + cell[1] - y) > 0:
                cell[1] -= rest
                lower[0].append(["", rest, cell[2], cell[3]])
    for part in filter(None, (upper, lower)):
        part[0].sort(key=lambda cell: cell[3])
        yield part


def _rows(table: Table) -> Iterator[Table]:
    """Each row as a table of its own, blank where a cell of another reaches over it."""
    covered = {
        (y + down, x)
        for y, row in enumerate(table)
        for cell in row
        for down in range(1, cell[1])
        for x in range(cell[3], cell[3] + cell[2])
    }
    for y, row in enumerate(table):
        blank = [["", 1, 1, x] for x in range(_width(table)) if (y, x) in covered]
        yield [sorted([*([text, 1, across, x] for text, _, across, x in row), *blank], key=lambda cell: cell[3])]


def _reports() -> Iterator[tuple[bytes, Page]]:
    for form in FORMS:
        for seed in range(6):
            made = generate(seed, form=form, layout="html_plain", quirks=())
            yield made.data, _page(made.data)


@pytest.mark.parametrize("changed", CHANGED, ids=lambda changed: changed.__name__)
def test_a_table_that_is_laid_out_otherwise_says_the_same(changed: Callable[[Table, Random], Table]) -> None:
    for number, (data, page) in enumerate(_reports()):
        rng = Random(number)
        other = _html([block if isinstance(block, str) else changed(block, rng) for block in page])
        assert _values(other) == _values(data), (number, other.decode())


@pytest.mark.parametrize("apart", [_cut, lambda table, rng: _rows(table)], ids=["in two", "each row"])
def test_a_table_in_several_says_the_same(apart: Callable[[Table, Random], Iterator[Table]]) -> None:
    for number, (data, page) in enumerate(_reports()):
        rng = Random(number)
        other = [part for block in page for part in ([block] if isinstance(block, str) else apart(block, rng))]
        assert _values(_html(other)) == _values(data), (number, _html(other).decode())


def test_the_tables_of_a_unit_below_are_not_those_of_the_agency() -> None:
    for number, (data, page) in enumerate(_reports()):
        rng = Random(number)
        below = deepcopy([block for block in page if not isinstance(block, str)])
        for cell in (c for table in below for row in table for c in row if c[0].isdigit()):
            cell[0] = str(rng.randrange(1, 40))
        assert _values(_html([*page, "<p>附：所属事业单位政府信息公开情况</p>", *below])) == _values(data), number


@pytest.mark.parametrize("lost", [True, False], ids=["a cell less", "a cell more"])
def test_a_row_with_a_cell_less_or_more_gives_no_value_that_may_have_moved(lost: bool) -> None:
    for number, (data, page) in enumerate(_reports()):
        rng = Random(number)
        right = _values(data)
        for table in (block for block in page if not isinstance(block, str)):
            left = _left(table)
            for row in (r for r in table if sum(map(_is_figure, r)) > 3 and len({c[0] for c in r}) > 3):
                at = rng.choice([i for i, cell in enumerate(row) if cell[3] >= left])
                row[at : at + lost] = [] if lost else [["0", 1, 1, row[at][3]]]
                break
        found = _values(_html(page))
        assert found.items() <= right.items(), number
        assert len(found) < len(right) or len(right) < 100, number

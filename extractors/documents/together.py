"""Several documents as one: the pages of a paged article, a page and its attachments; several tables, too. Opens no file, knows no form.

A page turn of the web cuts like that of a PDF (pages.py joins those by their edges): a table that ends one page and a table
that opens the next are one where their widths agree and nothing but the site's furniture stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby, takewhile

from extractors.documents.text import PAGE_NUMBER
from extractors.model import Block, Cell, Document, Grid, Prose

_FIRST_PAGE = re.compile(r"web pages? (\d+)")
_SPACE = re.compile(r"\s+")
_FIGURE = re.compile(r"\s*(?:[-—/]?[\d.,\s]*)$")
_NO_WORDS = re.compile(r"[\W\d_]+")
_GOES_ON = re.compile(
    r"\s*(?:.{0,30}[（(]\s*[续續]\s*[)）]|(?:表[一二三四\d]{1,2})?\s*[（(【]?\s*(?:[续續接][上前]?一?[表頁页][一二三四\d]{0,2}|[续續]|[转轉]下[页頁表])\s*[)）】]?)\s*"
)
_NOTE = re.compile(r"\s*[（(【]?\s*(?:(?:备|備|附)?[注註]|说明|說明|[*＊※])")
_LONGEST_NOTE = 200
_FEW = 4  # figures: as many in a row say little
_ROWS = 3  # tables of one row
_PAGER = re.compile(
    r"(?:首页|上一页|上页|前一页|下一页|下页|后一页|末页|尾页|跳转|转到|当前|共|第|到|页|条|next|prev(?:ious)?|page|of|go)+",
    re.IGNORECASE,
)


def labelled(document: Document, label: str) -> Document:
    """The same document with `label` before every place in it, e.g. `attachment 2, table 1`."""
    blocks = tuple(replace(block, where=f"{label}, {block.where}") for block in document.blocks)
    return replace(document, blocks=blocks, unread=tuple(f"{label}: {what}" for what in document.unread))


def with_unread(document: Document, unread: Sequence[str]) -> Document:
    """The same document with more that could not be read."""
    return replace(document, unread=(*document.unread, *unread)) if unread else document


def combined(first: Document, others: Iterable[tuple[Document, bool]]) -> Document:
    """The blocks of `first`, then of the others: all of them, or, where the flag says so, the tables alone."""
    blocks: list[Block] = [*first.blocks]
    unread = [*first.unread]
    for document, tables_alone in others:
        blocks.extend(b for b in document.blocks if isinstance(b, Grid) or not tables_alone)
        unread.extend(document.unread)
    return replace(first, blocks=_numbered(blocks), unread=tuple(unread))


def of_pages(pages: Sequence[tuple[int, Document]]) -> Document:
    """The pages of one article, each with its number, in their order, as one document with the first one's title.

    What stands on the first page word for word (menus, headings, the box of the index number) is not repeated.
    """
    (_, opening), *following = pages
    if not following:
        return opening
    blocks: list[Block] = [*opening.blocks]
    unread = [*opening.unread]
    told, furniture = {_said(b) for b in blocks}, _furniture(opening)
    for number, page in following:
        fresh = [b for b in labelled(page, f"web page {number}").blocks if _said(b) not in told]
        above, below = _at_the_turn(reversed(blocks), _furniture(page)), _at_the_turn(fresh, furniture)
        if above is not None and below is not None and (whole := continued(above, below)) is not None:
            first = _FIRST_PAGE.match(above.where)
            where = f"web pages {first[1] if first else 1}-{number}, {above.where.rpartition(', ')[2]}"
            blocks[next(i for i, b in enumerate(blocks) if b is above)] = replace(whole, where=where)
            fresh = [b for b in fresh if b is not below]
        blocks.extend(fresh)
        unread.extend(f"web page {number}: {what}" for what in page.unread)
    return replace(opening, blocks=_numbered(blocks), unread=tuple(unread))


def of_rows(document: Document) -> Document:
    """The same document with one table where each row stands as a table of its own: one below the other, and equally wide."""
    blocks: list[Block] = []
    for width, run in groupby(document.blocks, _width_of_row):
        rows = list(run)
        if not width or len(rows) < _ROWS:
            blocks += rows
            continue
        grids = [block for block in rows if isinstance(block, Grid)]
        cells = tuple(c._replace(row=y, row_span=1) for y, grid in enumerate(grids) for c in grid.cells)
        where = f"{grids[0].where} to {grids[-1].where.rpartition(', ')[2]}"
        blocks.append(replace(grids[0], where=where, cells=cells))
    return document if len(blocks) == len(document.blocks) else replace(document, blocks=tuple(blocks))


def _width_of_row(block: Block) -> int:
    """The columns of a table with a single row; 0 of anything else."""
    return _width(block.cells) if isinstance(block, Grid) and block.aligned and not block.cells[-1].row else 0


def _at_the_turn(blocks: Iterable[Block], furniture: set[str]) -> Grid | None:
    """The first table, if only furniture stands before it."""
    for block in blocks:
        if isinstance(block, Grid):
            return block
        words = _words(block.text)
        if words and words not in furniture and not _PAGER.fullmatch(words):
            return None
    return None


def continued(above: Grid, below: Grid) -> Grid | None:
    """One table of both, a repeated header once; None where `below` is not the rest of `above`.

    Rows that fall short by the width of headings at the cut are set flush right: those headings go on over them. So are rows
    with as many figures as the row above the cut, whatever the parts' labels are cut into.
    """
    if not (above.aligned and below.aligned):
        return None
    rows, printed = _rows(below), _rows(above)
    header = 0
    while header < len(rows) and header < len(printed) and _texts(rows[header]) == _texts(printed[header]):
        header += 1
    if header == len(rows):
        return None  # the same table again
    figures = _figures(printed[-1])
    if figures > _FEW and all(_figures(row) == figures for row in rows[header:]):
        width = max(_width(above.cells), _width(below.cells))
        above = replace(above, cells=_widened(above.cells, width))
        below = replace(below, cells=_widened(below.cells, width))
        rows = _rows(below)
    height, width = _height(above), _width(above.cells)
    shifts = _open_widths(above, height)
    moved: list[Cell] = []
    for y in range(header, len(rows)):
        reach = _width([c for c in below.cells if c.row <= y < c.row + c.row_span])
        if rows[y] and width - reach not in shifts:
            return None
        moved.extend(c._replace(row=c.row + height - header, column=c.column + width - reach) for c in rows[y])
    where = f"{above.where} and {below.where.rpartition(', ')[2]}"
    return replace(above, where=where, cells=(*above.cells, *moved))


def _figures(row: Sequence[Cell]) -> int:
    """How many cells at the end of a row are no label."""
    return len(list(takewhile(lambda c: _FIGURE.match(c.text), sorted(row, key=lambda c: -c.column))))


def _widened(cells: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    """The cells of a table that is as wide as said: the labels at its left take what it lacks."""
    more = width - _width(cells)
    return tuple(
        c._replace(column=c.column + more) if c.column else c._replace(column_span=c.column_span + more) for c in cells
    )


def is_between_parts(text: str) -> bool:
    """Whether a line may stand between two parts of one table: a note on it, the number of a page that an editor kept, or words
    that say that it goes on."""
    is_turn = _GOES_ON.fullmatch(text) or PAGE_NUMBER.fullmatch(text.strip())
    return bool(is_turn) or (bool(_NOTE.match(text)) and len(text) <= _LONGEST_NOTE)


def _open_widths(grid: Grid, height: int) -> set[int]:
    """0, and how far the headings of the last row's label cover it from the left, one after another: they may go on below."""
    last = sorted((c for c in grid.cells if c.row + c.row_span == height), key=lambda c: c.column)
    labels = list(takewhile(lambda c: not _FIGURE.match(c.text), last))
    return {0, *accumulate(c.column_span for c in labels[:-1])}


def _rows(grid: Grid) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[] for _ in range(_height(grid))]
    for cell in grid.cells:
        rows[cell.row].append(cell)
    return rows


def _height(grid: Grid) -> int:
    return max(c.row + c.row_span for c in grid.cells)


def _width(cells: Iterable[Cell]) -> int:
    return max((c.column + c.column_span for c in cells), default=0)


def _texts(row: Sequence[Cell]) -> list[tuple[int, int, str]]:
    return [(c.column, c.column_span, _SPACE.sub("", c.text)) for c in row]


def _said(block: Block) -> object:
    """What a block says, wherever it stands."""
    if isinstance(block, Prose):
        return _SPACE.sub("", block.text)
    return tuple((c.row, c.column, _SPACE.sub("", c.text)) for c in block.cells)


def _words(text: str) -> str:
    return _NO_WORDS.sub("", text)


def _furniture(page: Document) -> set[str]:
    """The words of its paragraphs: what another page says, too, is the site's, whatever the counters beside it show."""
    return {_words(p.text) for p in page.prose}


def _numbered(blocks: Iterable[Block]) -> tuple[Block, ...]:
    def renumbered() -> Iterator[Block]:
        number = 0
        for block in blocks:
            if isinstance(block, Grid):
                number += 1
                yield replace(block, number=number) if block.number != number else block
            else:
                yield block

    return tuple(renumbered())

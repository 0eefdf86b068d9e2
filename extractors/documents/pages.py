"""Pages to blocks: running heads put aside, lines to paragraphs, what a page break cut in two made whole. Reads no page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.documents import boxes
from extractors.documents.boxes import Table
from extractors.documents.together import is_between_parts
from extractors.documents.unruled import Word
from extractors.model import Block, Cell, Grid, Prose

_HEADING = re.compile(r"\s*[（(]?[一二三四五六七八九十]+\s*[)）、.．]")
_NUMBERED = re.compile(r"\s*[（(]?[一二三四五六七八九十\d]+\s*[)）、.．﹒]")
_PAGE_NUMBER = re.compile(r"^[\s\-—–－·•]*\d{1,4}[\s\-—–－·•]*$|^第\s*\d+\s*页.*$")
_DIGITS = re.compile(r"\d+")
_RUNNING = 2  # lines at the top and at the bottom of a page that may run through the document
_ANOTHER_SIZE = 1.25  # times as high
_RAGGED = 8  # half-width characters by which a line inside a paragraph may fall short: punctuation, a Latin word


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of one page; `top` orders it."""

    page: int
    top: float
    text: str
    is_open: bool = False  # the page ends in a full line: what follows may belong to it


Part = Table | Paragraph


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its lines from top to bottom, with their places where there are tables among them."""

    number: int
    lines: Sequence[Word | str]
    tables: Sequence[Table] = ()
    is_ruled: bool = True


def blocks(sheets: Sequence[Sheet]) -> Iterator[Block]:
    """Blocks of all pages, in reading order."""
    number = 0
    for part in _joined(part for sheet in _without_running(sheets) for part in _parts(sheet)):
        if isinstance(part, Table):
            number += 1
            where = f"page {part.page}" if part.page == part.first_page else f"pages {part.first_page}-{part.page}"
            yield Grid(number, f"{where}, table {number}", part.cells, part.aligned)
        else:
            yield Prose(part.text, f"page {part.page}")


def is_page_number(line: str) -> bool:
    """Whether a line of a page holds its number and nothing else."""
    return bool(_PAGE_NUMBER.match(line))


def ends_in_rows(sheet: Sheet) -> bool:
    """Whether nothing but a page number stands below the last table of a page, and no rules bound it."""
    if sheet.is_ruled or not sheet.tables:
        return False
    bottom = max(table.box[3] for table in sheet.tables)
    lines = (line for line in sheet.lines if isinstance(line, Word) and line.top > bottom)
    return all(is_page_number(line.text) for line in lines)


def _without_running(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """Pages without the lines that stand at the same end of most of them, page numbers aside: a browser prints title, date
    and address on each page, and a table must be found to go on beneath them. Heads stay on the first page."""
    said = [[_key(_said(line)) for line in sheet.lines] for sheet in sheets]
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)  # distance from the top, from the bottom, a page each
    for keys in said:
        edge = {key: (at, len(keys) - 1 - at) for at, key in enumerate(keys) if min(at, len(keys) - 1 - at) < _RUNNING}
        for key, place in edge.items():
            places[key].append(place)
    running = {key for key, found in places.items() if len(found) >= max(2, len(sheets) / 2)}
    feet = {key for key in running if sum(top - bottom for top, bottom in places[key]) > 0}
    for first, (sheet, keys) in enumerate(zip(sheets, said, strict=True)):
        away = running if first else feet
        kept = [
            line
            for at, (line, key) in enumerate(zip(sheet.lines, keys, strict=True))
            if key not in away or min(at, len(keys) - 1 - at) >= _RUNNING
        ]
        yield sheet if len(kept) == len(keys) else replace(sheet, lines=kept)


def _said(line: Word | str) -> str:
    return line if isinstance(line, str) else line.text


def _key(text: str) -> str:
    return _DIGITS.sub("0", "".join(text.split()))


def _parts(sheet: Sheet) -> Iterable[Part]:
    words = [line for line in sheet.lines if isinstance(line, Word)]
    if words or sheet.tables:
        return _of_lines(sheet.number, words, sheet.tables)
    return _of_text(sheet.number, [line for line in sheet.lines if isinstance(line, str)])


def _of_text(page: int, lines: Sequence[str]) -> Iterator[Paragraph]:
    """Lines of a page without tables, joined where a line is as wide as the page's widest."""
    lines = [line.strip() for line in lines]
    widths = [sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in lines]
    widest = max(widths, default=0)
    buffer = ""
    for position, (line, width) in enumerate(zip(lines, widths, strict=True)):
        if not line or is_page_number(line):
            continue
        if buffer and _HEADING.match(line):
            yield Paragraph(page, float(position), buffer)
            buffer = ""
        buffer += line
        if width < widest - _RAGGED:
            yield Paragraph(page, float(position), buffer)
            buffer = ""
    if buffer:
        yield Paragraph(page, float(len(lines)), buffer, True)


def _of_lines(page: int, lines: Sequence[Word], tables: Sequence[Table]) -> list[Part]:
    """Tables and paragraphs from top to bottom. A line that ends at the right margin is gone on with, unless it is set there."""
    left, right = min((line.left for line in lines), default=0.0), max((line.right for line in lines), default=0.0)
    middle = (left + right) / 2
    placed: list[tuple[float, Part]] = [(t.box[1], t) for t in tables]
    buffer, top = "", 0.0
    above: Word | None = None
    for line in lines:
        if is_page_number(line.text):
            continue
        if not buffer:
            top = line.top
        # A table between two lines ends the paragraph above it, and so does a numbered heading.
        elif (
            _HEADING.match(line.text)
            or line.left > middle
            or _differ(above, line)
            or any(top < t.box[1] < line.top for t in tables)
        ):
            placed.append((top, Paragraph(page, top, buffer)))
            buffer, top = "", line.top
        buffer += line.text
        above = line
        if line.left > middle or line.right < right - 2 * (line.bottom - line.top):
            placed.append((top, Paragraph(page, top, buffer)))
            buffer = ""
    if buffer:
        placed.append((top, Paragraph(page, top, buffer, True)))
    return [part for _, part in sorted(placed, key=lambda p: p[0])]


def _differ(above: Word | None, below: Word) -> bool:
    """Whether two lines are set in sizes so different that they are no paragraph: a title and what follows it."""
    heights = sorted((line.bottom - line.top) for line in (above or below, below))
    return heights[1] > _ANOTHER_SIZE * heights[0]


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """A table that opens a page continues the one that closes the page before, if their outer edges agree and nothing but a
    note, or words that say so, stands between.

    So does a paragraph, if the page before ends in a full line.
    """
    last: Part | None = None
    between: list[Paragraph] = []  # behind the table that `last` is
    for part in parts:
        if isinstance(last, Table) and isinstance(part, Paragraph) and is_between_parts(part.text):
            between.append(part)
            continue
        if isinstance(last, Table) and isinstance(part, Table) and _continues(last, part):
            last = _appended(last, part)
            continue
        if isinstance(last, Paragraph) and isinstance(part, Paragraph) and _follows(last, part):
            last = replace(part, page=last.page, text=last.text + part.text)
            continue
        if last is not None:
            yield last
        yield from between
        between = []
        last = part
    if last is not None:
        yield last
    yield from between


def _follows(above: Paragraph, below: Paragraph) -> bool:
    return above.is_open and below.page > above.page and not _HEADING.match(below.text)


def _continues(above: Table, below: Table) -> bool:
    """Whether the outer edges agree; a last row may be narrower if each of its edges is one of the table's."""
    if below.page <= above.page or above.aligned != below.aligned or not _among(below.edges[0], above.edges[:1]):
        return False
    return _among(below.edges[-1], above.edges[-1:]) or all(_among(edge, above.edges) for edge in below.edges)


def _appended(above: Table, below: Table) -> Table:
    """One table on the union of both sets of edges, the rows of `below` under those of `above`."""
    if not above.aligned:  # its columns only number the words of a line
        rest = (cell._replace(row=cell.row + above.height) for cell in below.cells)
        return replace(above, page=below.page, cells=(*above.cells, *rest), height=above.height + below.height)
    edges = boxes.edges([*above.edges, *below.edges])

    def moved(table: Table, down: int) -> Iterator[Cell]:
        for cell in table.cells:
            left = boxes.nearest(edges, table.edges[cell.column])
            right = boxes.nearest(edges, table.edges[cell.column + cell.column_span])
            yield cell._replace(row=cell.row + down, column=left, column_span=max(right - left, 1))

    cells = [*moved(above, 0), *moved(below, above.height)]
    first = {c.column: c for c in cells if c.row == above.height}
    pairs = [
        (upper, lower)
        for upper in cells
        if upper.row + upper.row_span == above.height
        and (lower := first.get(upper.column))
        and lower.column_span == upper.column_span
    ]
    is_one_row = not any(_is_figure(upper.text) and _is_figure(lower.text) for upper, lower in pairs)
    for upper, lower in pairs:
        is_open = _among(edges[upper.column], above.open_below) and _among(edges[lower.column], below.open_above)
        if (is_open and is_one_row) or _is_cut(upper, lower):
            cells.remove(lower)
            whole = upper._replace(text=upper.text + lower.text, row_span=upper.row_span + lower.row_span)
            cells[cells.index(upper)] = whole
    return Table(
        above.first_page, below.page, above.box, tuple(edges), tuple(cells), above.height + below.height, above.aligned,
        above.open_above, below.open_below,
    )  # fmt: skip


def _is_figure(text: str) -> bool:
    return any(c.isdigit() for c in text) and not any(c.isalpha() for c in text)


def _among(edge: float, edges: Sequence[float]) -> bool:
    return any(abs(edge - e) <= 2 * boxes.TOLERANCE for e in edges)


def _is_cut(upper: Cell, lower: Cell) -> bool:
    """Whether a page break cuts one label in two: the first half is numbered, the second goes on without a number.

    Only labels of several rows are put together: of a single row, the second half may be a label of its own.
    """
    return (
        upper.row_span + lower.row_span > 2
        and bool(_NUMBERED.match(upper.text))
        and bool(lower.text)
        and not _NUMBERED.match(lower.text)
        and not any(c.isdigit() for c in lower.text)
    )

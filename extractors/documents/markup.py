"""Markup to blocks: paragraphs and tables in reading order. Parses no HTML; html.py and soup.py make the text with marks.

A page comes as its text, with marks where elements begin and end: splitting text is fast, and a Python object for each element
would cost several times what parsing costs. Which element leaves which mark stands here, once.

A table with a table in it is layout and is walked through, unless the inner ones hold a single column: those are
decoration of a cell, and their text is the cell's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from extractors.documents.spans import place
from extractors.errors import EmptyDocument
from extractors.model import Block, Cell, Document, Grid, Prose

FIRST_MARK = 0xFDD0  # Unicode keeps these 32 for the use inside a program: no text may hold one
EVERY_MARK = [chr(FIRST_MARK + i) for i in range(12)]
TABLE, TABLE_END, ROW, CELL, CELL_END, CAPTION, CAPTION_END, BLOCK, LINE, ROWS, COLUMNS, SPAN_END = EVERY_MARK
CELLS = frozenset(("td", "th"))
IN_TABLES = CELLS | {"tr"}
SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "head", "iframe", "object", "select", "textarea", "del", "s", "strike")
)
INLINE = frozenset(
    "a abbr b bdi bdo big cite code dfn em font i ins kbd label mark o:p q samp small span strong tt u var wbr".split()  # noqa: SIM905
)
OTHER = BLOCK, BLOCK
"""Marks before and behind what an element holds, unless it is skipped, inline, or one of these."""
MARKS = {
    "table": (TABLE, TABLE_END),
    "caption": (CAPTION, CAPTION_END),
    "br": (LINE, ""),
    **dict.fromkeys(("sup", "sub"), ("[", "]")),  # the mark of a footnote is no digit of the figure before it
    **dict.fromkeys(("tr", "tbody", "thead", "tfoot"), (ROW, ROW)),
    **dict.fromkeys(CELLS, (CELL, CELL_END)),
}
FIELDS = ("", "text", "number", "tel")
"""Types of an `input` whose value is text of the page where it is a figure: forms are published with their fields."""
TYPES = "".join(sorted(set("".join(FIELDS))))
"""The letters of these types, which may be capitals."""
AS_FIGURE = "０１２３４５６７８９．－，,", "0123456789.-"
"""What a figure in a field may be written with, and what that is to XPath, which takes a figure for nothing else."""
SPANS = {"rowspan": ROWS, "colspan": COLUMNS}
"""Marks before the value of these attributes of a cell, which end in SPAN_END and stand before its text."""

_NOT_SHOWN = re.compile(r"display:none|visibility:hidden|line-through|font-size:0(?:p[tx])?(?:;|$)")
_RAISED = re.compile(r"vertical-align:super\b")
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_TAG = re.compile(r"(<[^<>]*>)")
_FIGURE = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*")  # what XPath takes for a number
_AS_FIGURE = {ord(written): AS_FIGURE[1][i : i + 1] or None for i, written in enumerate(AS_FIGURE[0])}
_NOTHING = "\xa0\u3000\u200b\ufeff"
_AROUND = f" \t\r\n\f\v{BLOCK}{LINE}{CELL_END}"  # what a cell has at its ends, and is not its text
_SPAN = re.compile(f"[{ROWS}{COLUMNS}][^{SPAN_END}]*{SPAN_END}")
_BEHIND = re.compile(rf"{CELL_END}(\s*[^\s{CELL}{ROW}][^{CELL}{ROW}]*)")  # what stands in a row, but in no cell
_SHORT = 512  # characters of a row whose cells are worth remembering
_UNEVEN = re.compile(f"  |[\\t\\r\\n\\f\\v{TABLE}-{SPAN_END}]")  # what must be replaced in the text of a cell
_LINES = re.compile(f"([{BLOCK}{LINE}])")
_CAPTION = re.compile(f"{CAPTION}([^{CAPTION_END}]*){CAPTION_END}?")
_DIGITS = re.compile(r"\s*\+?(\d{1,5})")


def drawn_as(name: str, attributes: Mapping[str, object]) -> str | None:
    """The element that one in a cell is drawn as, if it is another: `del` is not shown, `sup` is raised.

    Of inline elements, rows and cells alone: hidden blocks and tables may hold the report, until a script shows them. A cell
    that is not displayed leaves no place: scripts that merge cells hide those which the merged one covers.
    """
    if name not in INLINE and name not in IN_TABLES:
        return None
    style = "".join(str(attributes.get("style", "")).lower().split())
    if name in CELLS:
        return "del" if "hidden" in attributes or "display:none" in style else None
    if "hidden" in attributes or _NOT_SHOWN.search(style):
        return "del"
    return "sup" if _RAISED.search(style) and name != "tr" else None


def in_the_field(attributes: Mapping[str, str]) -> str:
    """The figure that an `input` shows; empty for any other."""
    value = attributes.get("value", "")
    is_figure = attributes.get("type", "").lower() in FIELDS and _FIGURE.fullmatch(value.translate(_AS_FIGURE))
    return value if is_figure else ""


def with_lines(text: str) -> str:
    """Source of a page whose preformatted elements end their lines with `<br>`."""
    pieces: list[str] = []
    lower, done = text.lower(), 0
    while (start := lower.find("<pre", done)) >= 0:
        end = lower.find("</pre", start)
        end = len(text) if end < 0 else end
        pieces.append(text[done:start])
        pieces += (
            piece if at % 2 else piece.replace("\n", "<br>") for at, piece in enumerate(_TAG.split(text[start:end]))
        )
        done = end
    return "".join((*pieces, text[done:]))


class _Table(str):
    """What stands between the marks of a table that is no layout."""


class _Narrow(_Table):
    """The same in a table, with one column: where the table around it is no layout either, it is text of the cell."""


def in_the_head(metas: Iterable[Any]) -> dict[str, str]:
    """What the `meta` elements of a page say of its article: `article`, its title, `published`, and the code of the `site`, by the
    names that government sites must give them (国办发〔2017〕47号, annex on page tags)."""
    said: dict[str, str] = {}
    for meta in metas:
        key = _METAS.get(str(meta.get("name", "")).lower())
        if key and (content := _SPACE.sub(" ", str(meta.get("content", ""))).strip()):
            said.setdefault(key, content)
    return said


_METAS = {"articletitle": "article", "pubdate": "published", "siteidcode": "site"}


def document(
    marked: str, title: str | None, encoding: str | None, media_type: str, head: Mapping[str, str] | None = None
) -> Document:
    """Document of text with marks, and what the head of the page says. Raises EmptyDocument, TooLarge (cells, spans)."""
    blocks: list[Block] = []
    grids = paragraphs = 0
    for part in _parts(marked):
        texts, cells = _table(part) if isinstance(part, _Table) else (_pieces(part), ())
        for text in texts:
            if not text or text.isspace():  # between two marks, mostly
                continue
            said = _SPACE.sub(" ", text).strip(" ")
            if said.strip(_NOTHING):
                paragraphs += 1
                blocks.append(Prose(said, f"paragraph {paragraphs}"))
        if cells:
            grids += 1
            blocks.append(Grid(grids, f"table {grids}", cells))
    if not blocks:
        raise EmptyDocument("a page without text")
    head = head or {}
    return Document(
        media_type, tuple(blocks), encoding, _SPACE.sub(" ", title).strip() if title else None,
        article=head.get("article"), published=head.get("published"), site=head.get("site"),
    )  # fmt: skip


def _parts(marked: str) -> list[str]:
    """Running text and tables, in order. A table that holds a wide one is text around it.

    A table that begins in another, but in no cell of it, ends that one, as in browsers: its end tag is missing.
    """
    frames: list[list[str]] = [[]]  # of the page, and of every table that is open
    cells = [0]  # how many cells are open in each
    for number, begun in enumerate(marked.split(TABLE)):
        if number:
            if not cells[-1] and frames[-1] is not frames[0]:
                _end(frames)
                frames.append(frames[-1])  # what still follows in it stands where it stood
                cells[-1] = cells[-2]
            frames.append([])
            cells.append(0)
        text, *ends = begun.split(TABLE_END)
        frames[-1].append(text)
        cells[-1] += text.count(CELL) - text.count(CELL_END)
        for text in ends:
            _end(frames)
            cells.pop()
            frames[-1].append(text)
            cells[-1] += text.count(CELL) - text.count(CELL_END)
    return frames[0]


def _end(frames: list[list[str]]) -> None:
    """Put the table that ends last where it stands, unless it has ended before."""
    held = frames.pop()
    if held is frames[-1]:
        return
    if any(type(part) is _Table for part in held):
        frames[-1].extend(held)
    else:
        body = "".join(_flat(part) if isinstance(part, _Narrow) else part for part in held)
        frames[-1].append((_Table if len(frames) == 1 or _is_wide(body) else _Narrow)(body))


def _flat(table: str) -> str:
    """A table as text of the cell that it stands in."""
    return BLOCK.join(("", *_pieces(table), ""))


def _pieces(text: str) -> list[str]:
    """Text between marks of any kind. Replacing them one by one is faster than to look at every character for all."""
    if ROWS in text or COLUMNS in text:
        text = _SPAN.sub("", text)
    for mark in EVERY_MARK:
        text = text.replace(mark, BLOCK)
    return text.split(BLOCK)


def _is_wide(table: str) -> bool:
    rows = (row.split(CELL)[1:] for row in table.split(ROW))
    return any(len(cells) > 1 or _spans(cells[0])[0] != 1 for cells in rows if cells)


def _table(table: str) -> tuple[list[str], tuple[Cell, ...]]:
    """(texts that stand outside its cells, or all of them where it has one column; cells)."""
    texts: list[str] = []  # browsers show them above
    if CAPTION in table:
        texts += map(_text, _CAPTION.findall(table))
        table = _CAPTION.sub("", table)
    rows: list[list[tuple[str, int, int]]] = []
    has_behind = _BEHIND.search(table)
    for part in table.split(ROW):
        if not part or part.isspace():  # between the end of a row and the next
            continue
        outside, *inside = part.split(CELL)
        if inside:
            rows.append(list(map(_cell if len(part) < _SHORT else _cell.__wrapped__, inside)))
            if has_behind:
                outside = BLOCK.join((outside, *_BEHIND.findall(part)))
        if outside and not outside.isspace():
            texts += _pieces(outside)
    cells = place(rows)
    if all(c.column == 0 and c.column_span == 1 for c in cells):  # layout
        return [*texts, *(c.text for c in cells)], ()
    return texts, cells if any(c.text for c in cells) else ()


@lru_cache(maxsize=16384)
def _cell(marked: str) -> tuple[str, int, int]:
    """(text, row span, column span) of a cell. Most cells of most pages hold the same few labels and figures."""
    down, across, content = _spans(marked.partition(CELL_END)[0])
    return _text(content), down, across


def _spans(content: str) -> tuple[int, int, str]:
    """(row span, column span, text) of a cell."""
    down = across = 1
    while content.startswith((ROWS, COLUMNS)):
        value, _, content = content.partition(SPAN_END)
        digits = _DIGITS.match(value, 1)
        span = int(digits[1]) if digits else 1
        down, across = (span, across) if value[0] == ROWS else (down, span)
    return down, across, content


def _text(content: str) -> str:
    """Text of a cell: blocks and line breaks start a new line, other white space of the source is one space."""
    text = content.strip(_AROUND)
    if not _UNEVEN.search(text):
        return text
    pieces: list[str] = []
    at_start = True  # of a line
    for piece in _LINES.split(text):
        if piece == LINE or (piece == BLOCK and not at_start):
            pieces.append("\n")
            at_start = True
        elif piece and piece != BLOCK:
            pieces.append(_SPACE.sub(" ", piece))
            at_start = at_start and pieces[-1] == " "
    return "".join(pieces).strip(" \n")

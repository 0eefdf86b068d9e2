"""A tree of elements to blocks: paragraphs and tables in reading order. Parses nothing; html.py and soup.py make the tree.

A table with a table in it is layout and is walked through, unless the inner ones hold a single column: those are
decoration of a cell, and their text is the cell's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from extractors.documents.spans import place
from extractors.errors import EmptyDocument
from extractors.model import Block, Document, Grid, Prose

CELLS = frozenset(("td", "th"))
_SKIPPED = frozenset(("script", "style", "noscript", "template", "head", "iframe", "object", "select", "textarea"))
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code del dfn em font i ins kbd label mark o:p q s samp small span strike strong sub sup tt u var wbr".split()  # noqa: SIM905
)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_NOTHING = "\xa0\u3000\u200b\ufeff"


class Element(Protocol):
    """What lxml and xml.etree have in common, and all that is needed here."""

    @property
    def tag(self) -> object: ...
    @property
    def text(self) -> str | None: ...
    @property
    def tail(self) -> str | None: ...
    def __iter__(self) -> Iterator[Element]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Element: ...
    def iter(self, tag: str, /) -> Iterator[Element]: ...
    def get(self, key: str, /) -> str | None: ...


def document(root: Element, title: str | None, encoding: str | None, media_type: str) -> Document:
    """Document of a tree. Raises EmptyDocument, TooLarge (cells, spans)."""
    walker = _Walker(_layout(root))
    walker.walk(root)
    walker.end_paragraph()
    if not walker.blocks:
        raise EmptyDocument("a page without text")
    return Document(media_type, tuple(walker.blocks), encoding, _SPACE.sub(" ", title).strip() if title else None)


class _Walker:
    """Collects blocks in reading order. Inline elements join a paragraph, all others end it."""

    def __init__(self, layout: set[Element]) -> None:
        self.layout = layout
        self.blocks: list[Block] = []
        self.buffer: list[str] = []
        self.grids = 0
        self.paragraphs = 0

    def add(self, text: str | None) -> None:
        if text:
            self.buffer.append(text)

    def end_paragraph(self) -> None:
        if not self.buffer:
            return
        text = _SPACE.sub(" ", "".join(self.buffer)).strip(" ")
        self.buffer.clear()
        if text.strip(_NOTHING):
            self.paragraphs += 1
            self.blocks.append(Prose(text, f"paragraph {self.paragraphs}"))

    def walk(self, root: Element) -> None:
        # An explicit stack: pages nest deeper than Python recurses.
        stack: list[tuple[Element, bool]] = [(root, False)]
        while stack:
            element, leaving = stack.pop()
            tag = element.tag
            if leaving:
                if tag not in _INLINE:
                    self.end_paragraph()
            elif not isinstance(tag, str) or tag in _SKIPPED:
                pass
            elif tag == "br":
                self.end_paragraph()
            elif tag == "table" and element not in self.layout:
                self.end_paragraph()
                self.table(element)
            else:
                if tag not in _INLINE:
                    self.end_paragraph()
                self.add(element.text)
                stack.append((element, True))
                stack.extend([(child, False) for child in reversed(list(element))])
                continue
            if element is not root:
                self.add(element.tail)

    def table(self, table: Element) -> None:
        rows, strays = _rows(table)
        # Captions, and text that stands in a table but in no cell: browsers show it above.
        for text in strays:
            self.add(text)
            self.end_paragraph()
        cells = place([(_text(c), _span(c.get("rowspan")), _span(c.get("colspan"))) for c in row] for row in rows)
        if not any(c.text for c in cells):
            return
        if max(c.column + c.column_span for c in cells) == 1:
            for cell in cells:  # one column is layout, not a table
                self.add(cell.text)
                self.end_paragraph()
            return
        self.grids += 1
        self.blocks.append(Grid(self.grids, f"table {self.grids}", cells))


def _layout(root: Element) -> set[Element]:
    """The tables that hold another table of more than one column."""
    tables = list(root.iter("table"))
    inner = {below for table in tables for below in table.iter("table") if below is not table}
    wide = {t for t in inner if any(len(row) > 1 or _span(row[0].get("rowspan")) != 1 for row in _rows(t)[0])}
    return {t for t in tables if any(below in wide for below in t.iter("table") if below is not t)}


def _rows(table: Element) -> tuple[list[list[Element]], list[str]]:
    """(rows of cells, text in no cell) of a table without those of the tables in its cells. A row may lack its `tr`."""
    rows: list[list[Element]] = []
    strays: list[str] = []
    loose: list[Element] = []  # cells of the row whose tags are missing
    stack: list[Element] = [table]
    while stack:
        element = stack.pop()
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            pass
        elif tag in CELLS:
            loose.append(element)
        elif tag == "caption":
            strays.append(_text(element))
        else:
            if loose:
                rows.append(loose)
                loose = []
            _stray(strays, element.text)
            children = list(element)
            if tag == "tr":
                row = [c for c in children if c.tag in CELLS]
                if row:
                    rows.append(row)
                children = [c for c in children if c.tag not in CELLS]
                for cell in row:
                    _stray(strays, cell.tail)
            stack.extend(reversed(children))
        if element is not table:
            _stray(strays, element.tail)
    if loose:
        rows.append(loose)
    return rows, strays


def _stray(strays: list[str], text: str | None) -> None:
    if text and not text.isspace():
        strays.append(text)


def _text(cell: Element) -> str:
    """Text of a cell: blocks and line breaks start a new line, other white space of the source is one space."""
    while len(cell) == 1 and not (cell.text and cell.text.strip()):
        child = cell[0]
        tag = child.tag
        if not isinstance(tag, str) or tag == "br" or tag in _SKIPPED or (child.tail and child.tail.strip()):
            break
        cell = child  # a cell that holds one paragraph that holds one span: most cells
    if len(cell):
        return _lines(cell).strip(" \n")
    return _SPACE.sub(" ", cell.text).strip(" ") if cell.text else ""


def _lines(cell: Element) -> str:
    pieces: list[str] = []
    at_start = True  # of a line

    def add(text: str | None) -> None:
        nonlocal at_start
        if text and (text := _SPACE.sub(" ", text)):
            pieces.append(text)
            at_start = at_start and text == " "

    def end_line() -> None:
        nonlocal at_start
        if not at_start:
            pieces.append("\n")
            at_start = True

    add(cell.text)
    stack: list[tuple[Element, bool]] = [(child, False) for child in reversed(list(cell))]
    while stack:
        element, leaving = stack.pop()
        tag = element.tag
        if leaving:
            if tag not in _INLINE:
                end_line()
        elif tag == "br":
            pieces.append("\n")
            at_start = True
        elif isinstance(tag, str) and tag not in _SKIPPED:
            if tag not in _INLINE:
                end_line()
            add(element.text)
            stack.append((element, True))
            stack.extend([(child, False) for child in reversed(list(element))])
            continue
        add(element.tail)
    return "".join(pieces)


def _span(text: str | None) -> int:
    if text is None:
        return 1
    digits = re.match(r"\s*\+?(\d{1,5})", text)
    return int(digits.group(1)) if digits else 1

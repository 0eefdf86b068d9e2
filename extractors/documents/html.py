"""HTML to Document with lxml: paragraphs and leaf tables in reading order. Layout tables are walked through, not kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from extractors.documents.encoding import decode
from extractors.documents.spans import place
from extractors.errors import Damaged, EmptyDocument, TooLarge
from extractors.model import Block, Document, Grid, Prose

MAX_DEPTH = 2_000
_SKIPPED = frozenset(("script", "style", "noscript", "template", "head", "iframe", "object", "select", "textarea"))
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code del dfn em font i ins kbd label mark o:p q s samp small span strike strong sub sup tt u var wbr".split()  # noqa: SIM905
)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def read(data: bytes, media_type: str = "text/html") -> Document:
    """Document of an HTML page. Raises Undecodable, Damaged, EmptyDocument, TooLarge."""
    text, encoding = decode(data)
    return from_text(text, encoding, media_type)


def from_text(text: str, encoding: str | None, media_type: str = "text/html") -> Document:
    """Document of HTML that is text already (DOCX comes this way)."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Damaged(f"lxml cannot read the page: {error}") from error
    title = root.findtext(".//title")
    walker = _Walker()
    body = root.find("body")
    walker.walk(root if body is None else body)
    walker.end_paragraph()
    if not walker.blocks:
        raise EmptyDocument("a page without text")
    return Document(media_type, tuple(walker.blocks), encoding, _SPACE.sub(" ", title).strip() if title else None)


class _Walker:
    """Collects blocks in reading order. Inline elements join a paragraph, all others end it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.buffer: list[str] = []
        self.grids = 0
        self.paragraphs = 0

    def add(self, text: str | None) -> None:
        if text:
            self.buffer.append(text)

    def end_paragraph(self) -> None:
        text = _SPACE.sub(" ", "".join(self.buffer)).strip(" ")
        self.buffer.clear()
        if text.strip("\xa0\u3000\u200b"):
            self.paragraphs += 1
            self.blocks.append(Prose(text, f"paragraph {self.paragraphs}"))

    def walk(self, root: etree._Element) -> None:
        # An explicit stack: pages nest deeper than Python recurses.
        stack: list[tuple[etree._Element, bool]] = [(root, False)]
        depth = 0
        while stack:
            element, leaving = stack.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if leaving:
                depth -= 1
                if tag not in _INLINE:
                    self.end_paragraph()
                if element is not root:
                    self.add(element.tail)
                continue
            if not tag or tag in _SKIPPED:
                self.add(element.tail)
                continue
            if tag == "br":
                self.end_paragraph()
                self.add(element.tail)
                continue
            if tag == "table" and element.find(".//table") is None:
                self.end_paragraph()
                self.table(element)
                self.add(element.tail)
                continue
            depth += 1
            if depth > MAX_DEPTH:
                raise TooLarge(f"elements nested deeper than {MAX_DEPTH}")
            if tag not in _INLINE:
                self.end_paragraph()
            self.add(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))

    def table(self, table: etree._Element) -> None:
        cells = place([_cell(c) for c in row if c.tag in ("td", "th")] for row in table.iter("tr"))
        if not any(c.text.strip() for c in cells):
            return
        if max(c.column + c.column_span for c in cells) == 1:
            for cell in cells:  # one column is layout, not a table
                self.add(cell.text)
                self.end_paragraph()
            return
        self.grids += 1
        self.blocks.append(Grid(self.grids, f"table {self.grids}", cells))


def _cell(element: etree._Element) -> tuple[str, int, int]:
    return "".join(_text(element)).strip(" \n"), _span(element.get("rowspan")), _span(element.get("colspan"))


def _text(element: etree._Element) -> Iterator[str]:
    """Text of a cell: blocks and line breaks become a new line, other white space of the source one space."""
    if element.text:
        yield _SPACE.sub(" ", element.text)
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag == "br":
            yield "\n"
        elif tag and tag not in _SKIPPED:
            yield from _text(child)
            if tag not in _INLINE:
                yield "\n"
        if child.tail:
            yield _SPACE.sub(" ", child.tail)


def _span(text: str | None) -> int:
    digits = re.match(r"\s*(\d{1,4})", text) if text else None
    return int(digits.group(1)) if digits else 1

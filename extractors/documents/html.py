"""HTML to text with marks, with lxml: the hot path. Says when lxml cannot bind a page; what marks mean stands in markup.py."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any, cast

from lxml import etree

from extractors.documents import markup, soup
from extractors.documents.encoding import decode
from extractors.documents.limits import MAX_DEPTH, MAX_TEXT
from extractors.errors import Damaged, TooLarge
from extractors.model import Document

_HIDDEN = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|textarea|title|iframe|noscript|template)\b.*?</\1\s*>", re.DOTALL
)
_OUR_MARKS = re.compile(rb"&#(?:[xX]0*[fF][dD][dDeE]|0*6(?:49|50))")  # written as numbers
_NOT_DISPLAYED = re.compile(rb"display\s*:\s*none")
_STYLES = etree.XPath("descendant::*/@style")
_HIDDEN_ELEMENTS = etree.XPath("descendant::*/@hidden/..")
CUT_OFF = "the page does not end as it begins: the rest may be missing"
_TAG = re.compile(rb"<[^>]*>")
_HEAD = 4096  # bytes in which a page says that it begins


def read(data: bytes, media_type: str = "text/html") -> Document:
    """Document of an HTML page. Raises Undecodable, Damaged, EmptyDocument, TooLarge."""
    if len(data) > MAX_TEXT:
        raise TooLarge(f"a page of {len(data)} bytes, more than {MAX_TEXT}")
    text, encoding = decode(data)
    return _document(text, data if encoding == "utf-8" else text.encode(errors="replace"), encoding, media_type)


def from_text(text: str, encoding: str | None, media_type: str = "text/html") -> Document:
    """Document of HTML that is text already: DOCX comes this way. Raises Damaged, EmptyDocument, TooLarge."""
    return _document(text, text.encode(errors="replace"), encoding, media_type)


def _document(text: str, data: bytes, encoding: str | None, media_type: str) -> Document:
    """Document of a page, which comes as text and as UTF-8; with BeautifulSoup where lxml loses something."""
    source = data.lower()
    if _holds(source, b"<pre"):
        data = markup.with_lines(text).encode(errors="replace")
        source = data.lower()
    document = _bound(data, source, encoding, media_type) or soup.from_text(text, encoding, media_type)
    return replace(document, unread=(CUT_OFF,)) if _is_cut_off(source) else document


def _holds(source: bytes, words: bytes) -> bool:
    return source.rfind(words) >= 0  # a third of the time of `in`


def _is_cut_off(source: bytes) -> bool:
    """Whether a page begins and does not end, or ends in a table: pages without these tags are sloppy, not broken."""
    head = source[:_HEAD]
    begun = b"<html" in head or b"<body" in head or source.rfind(b"<table") > source.rfind(b"</table")
    return begun and not _holds(source, b"</html") and not _holds(source, b"</body")


def _bound(data: bytes, source: bytes, encoding: str | None, media_type: str) -> Document | None:
    """Document of the tree that lxml makes, None where it loses something. `source` is `data` in lower case."""
    if _holds(data, b"\xef\xb7") or (_holds(data, b"&#") and _OUR_MARKS.search(data)):
        return None  # characters that no text should hold, and a few Arabic ones
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Damaged(f"lxml cannot read the page: {error}") from error
    if any(e.type_name == "ERR_RESOURCE_LIMIT" for e in parser.error_log.filter_from_fatals()):
        raise TooLarge(f"elements nested deeper than {MAX_DEPTH}")
    if root is None:
        return None
    if _holds(source, b"<o:p"):
        etree.strip_tags(root, "o:p")  # inline, and no name that a pattern can match
    unseen = _draw(root) if _may_differ(source) else 0
    marked = str(_marking()(root))
    if _lost(source, marked.count(markup.CELL) + unseen):
        return None
    title, head = next(root.iter("title"), None), root.find("head")
    said = markup.in_the_head(() if head is None else head.iterchildren("meta"))
    return markup.document(marked, None if title is None else title.text, encoding, media_type, said)


def _may_differ(source: bytes) -> bool:
    """Whether a style may hide or raise what stands in a cell: quickly, for style sheets and scripts hold such words, too."""
    tables = source[source.find(b"<table") :]
    if any(_holds(tables, words) for words in (b"hidden", b"line-through", b"font-size:0", b":super", b": super")):
        return True
    return _holds(tables, b"none") and _NOT_DISPLAYED.search(tables) is not None


def _draw(root: etree._Element) -> int:
    """Make of rows and of the elements of cells what their style makes of them. Returns how many cells are not shown."""
    unseen = 0
    styled = (style.getparent() for style in cast(list[Any], _STYLES(root)))
    for element in [*styled, *cast(list[etree._Element], _HIDDEN_ELEMENTS(root))]:
        drawn = markup.drawn_as(str(element.tag), element.attrib)
        if drawn is None or element.find(".//table") is not None:
            continue
        if element.tag in markup.IN_TABLES or next(element.iterancestors(*markup.CELLS), None) is not None:
            unseen += sum(1 for _ in element.iter(*markup.CELLS))
            element.tag = drawn
    return unseen


@cache
def _marking() -> etree.XSLT:
    """Tree to text with marks, in C: asking for each element from Python costs several times what parsing does."""

    def template(match: str, before: str, what: str, behind: str) -> str:
        return f'<xsl:template match="{match}">{before}{what}{behind}</xsl:template>'

    below = "<xsl:apply-templates/>"
    kind = f"translate(@type, {markup.TYPES.upper()!r}, {markup.TYPES!r})"
    figure = "translate(@value, '{}', '{}')".format(*markup.AS_FIGURE)
    templates = [
        template("*", markup.OTHER[0], below, markup.OTHER[1]),
        template("|".join(markup.SKIPPED), "", "", ""),
        template("|".join(name for name in markup.INLINE if ":" not in name), "", below, ""),
        *(
            template(name, before, f'<xsl:apply-templates select="@*"/>{below}' if name in markup.CELLS else below, behind)
            for name, (before, behind) in markup.MARKS.items()
        ),
        template(
            f"input[{' or '.join(f'{kind} = {name!r}' for name in markup.FIELDS)}][number({figure}) = {figure}]",
            markup.OTHER[0], '<xsl:value-of select="@value"/>', markup.OTHER[1],
        ),
        template("@*", "", "", ""),
        *(template(f"@{name}", mark, '<xsl:value-of select="."/>', markup.SPAN_END) for name, mark in markup.SPANS.items()),
    ]  # fmt: skip
    return etree.XSLT(
        etree.fromstring(
            '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="text"/>'
            f"{''.join(templates)}</xsl:stylesheet>"
        )
    )


def _lost(source: bytes, kept: int) -> bool:
    """Whether lxml dropped content: cells that the source opens and has not `kept`, or what follows the first `</html>`.

    Pages glued from fragments, each with its own end, are common in old content systems, and libxml2 stops at the first.
    """
    end, before = -1, len(source)
    while (before := source.rfind(b"</html", 0, before)) >= 0:  # the first, from behind: a third of the time of `find`
        end = before
    behind = source[end:].strip() if end >= 0 else b""
    if behind not in (b"", b"</html>") and _TAG.sub(b"", _HIDDEN.sub(b"", behind)).strip():
        return True
    return _cells(source) > kept and _cells(_HIDDEN.sub(b"", source)) > kept


def _cells(source: bytes) -> int:
    heads = source.count(b"<th") - source.count(b"<thead") if _holds(source, b"<th") else 0
    return source.count(b"<td") + heads

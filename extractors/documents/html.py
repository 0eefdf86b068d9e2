"""HTML to text with marks, with lxml: the hot path. Says when lxml cannot bind a page; what marks mean stands in markup.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import cast

from lxml import etree

from extractors.documents import markup, soup
from extractors.documents.encoding import decode
from extractors.documents.limits import MAX_DEPTH, MAX_TEXT
from extractors.errors import Damaged, TooLarge
from extractors.model import Document

_HIDDEN = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|textarea|title|iframe|noscript|template)\b.*?</\1\s*>", re.DOTALL
)
_OUR_MARKS = re.compile(rb"&#(?:x0*fd[de]|0*6(?:49|50))", re.IGNORECASE)  # written as numbers
_HIDES = re.compile(rb"display\s*:\s*none|visibility\s*:\s*hidden|line-through|\shidden[\s>=]")
_STYLED = etree.XPath("//*[@style or @hidden]")
_END = re.compile(r"</(?:html|body)\b", re.IGNORECASE)
CUT_OFF = "the page does not end as it begins: the rest may be missing"
_TAG = re.compile(rb"<[^>]*>")


def read(data: bytes, media_type: str = "text/html") -> Document:
    """Document of an HTML page. Raises Undecodable, Damaged, EmptyDocument, TooLarge."""
    if len(data) > MAX_TEXT:
        raise TooLarge(f"a page of {len(data)} bytes, more than {MAX_TEXT}")
    text, encoding = decode(data)
    document = from_text(text, encoding, media_type)
    return replace(document, unread=(CUT_OFF,)) if _is_cut_off(text) else document


def _is_cut_off(text: str) -> bool:
    """Whether a page begins and does not end, or ends in a table: pages without these tags are sloppy, not broken."""
    if _END.search(text, max(0, len(text) - 4096)):
        return False
    source = text.lower()
    begun = "<html" in source or "<body" in source or source.rfind("<table") > source.rfind("</table")
    return begun and not _END.search(text)


def from_text(text: str, encoding: str | None, media_type: str = "text/html") -> Document:
    """Document of HTML that is text already (DOCX comes this way), with BeautifulSoup where lxml loses something."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    data = text.encode("utf-8", "replace")
    if b"\xef\xb7" in data or _OUR_MARKS.search(data):  # characters that no text should hold, and a few Arabic ones
        return soup.from_text(text, encoding, media_type)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Damaged(f"lxml cannot read the page: {error}") from error
    if any(e.type_name == "ERR_RESOURCE_LIMIT" for e in parser.error_log.filter_from_fatals()):
        raise TooLarge(f"elements nested deeper than {MAX_DEPTH}")
    if root is None:
        return soup.from_text(text, encoding, media_type)
    if b"<o:p" in data:
        etree.strip_tags(root, "o:p")  # inline, and no name that a pattern can match
    source = data.lower()
    if _HIDES.search(source):
        _hide(root)
    marked = str(_marking()(root))
    if _lost(source, marked):
        return soup.from_text(text, encoding, media_type)
    return markup.document(marked, root.findtext("head/title") or root.findtext(".//title"), encoding, media_type)


def _hide(root: etree._Element) -> None:
    """Take out the text of inline elements in cells that are not shown."""
    for element in cast(list[etree._Element], _STYLED(root)):
        is_hidden = markup.hides(str(element.tag), cast(Mapping[str, object], element.attrib))
        if (
            is_hidden
            and element.find(".//table") is None
            and next(element.iterancestors(*markup.CELLS), None) is not None
        ):
            behind = element.tail
            element.clear()
            element.tail = behind


@cache
def _marking() -> etree.XSLT:
    """Tree to text with marks, in C: asking for each element from Python costs several times what parsing does."""

    def template(match: str, before: str, what: str, behind: str) -> str:
        return f'<xsl:template match="{match}">{before}{what}{behind}</xsl:template>'

    below = "<xsl:apply-templates/>"
    templates = [
        template("*", markup.OTHER[0], below, markup.OTHER[1]),
        template("|".join(markup.SKIPPED), "", "", ""),
        template("|".join(name for name in markup.INLINE if ":" not in name), "", below, ""),
        *(
            template(name, before, f'<xsl:apply-templates select="@*"/>{below}' if name in markup.CELLS else below, behind)
            for name, (before, behind) in markup.MARKS.items()
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


def _lost(source: bytes, marked: str) -> bool:
    """Whether lxml dropped content: cells that the source opens, or what follows the first `</html>`.

    Pages glued from fragments, each with its own end, are common in old content systems, and libxml2 stops at the first.
    """
    end = source.find(b"</html")
    if end >= 0 and _TAG.sub(b"", _HIDDEN.sub(b"", source[end:])).strip():
        return True
    kept = marked.count(markup.CELL)
    return _cells(source) > kept and _cells(_HIDDEN.sub(b"", source)) > kept


def _cells(source: bytes) -> int:
    return source.count(b"<td") + source.count(b"<th") - source.count(b"<thead")

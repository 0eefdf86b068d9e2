"""HTML to tree with lxml: the hot path. Says when lxml cannot bind a page; what a tree means stands in markup.py."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree

from extractors.documents import markup, soup
from extractors.documents.encoding import decode
from extractors.documents.limits import MAX_DEPTH, MAX_TEXT
from extractors.errors import Damaged, TooLarge
from extractors.model import Document

_CELLS = etree.XPath("count(//td) + count(//th)")
_HIDDEN = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|textarea|title|iframe|noscript|template)\b.*?</\1\s*>", re.DOTALL
)
_TAG = re.compile(rb"<[^>]*>")


def read(data: bytes, media_type: str = "text/html") -> Document:
    """Document of an HTML page. Raises Undecodable, Damaged, EmptyDocument, TooLarge."""
    if len(data) > MAX_TEXT:
        raise TooLarge(f"a page of {len(data)} bytes, more than {MAX_TEXT}")
    text, encoding = decode(data)
    return from_text(text, encoding, media_type)


def from_text(text: str, encoding: str | None, media_type: str = "text/html") -> Document:
    """Document of HTML that is text already (DOCX comes this way), with BeautifulSoup where lxml loses something."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    data = text.encode("utf-8", "replace")
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Damaged(f"lxml cannot read the page: {error}") from error
    if any(e.type_name == "ERR_RESOURCE_LIMIT" for e in parser.error_log.filter_from_fatals()):
        raise TooLarge(f"elements nested deeper than {MAX_DEPTH}")
    if root is None or _lost(data, root):
        return soup.from_text(text, encoding, media_type)
    return markup.document(root, root.findtext(".//title"), encoding, media_type)


def _lost(data: bytes, root: etree._Element) -> bool:
    """Whether lxml dropped content: cells that the source opens, or what follows the first `</html>`.

    Pages glued from fragments, each with its own end, are common in old content systems, and libxml2 stops at the first.
    """
    source = data.lower()
    end = source.find(b"</html")
    if end >= 0 and _TAG.sub(b"", _HIDDEN.sub(b"", source[end:])).strip():
        return True
    kept = cast(float, _CELLS(root))
    return _cells(source) > kept and _cells(_HIDDEN.sub(b"", source)) > kept


def _cells(source: bytes) -> int:
    return source.count(b"<td") + source.count(b"<th") - source.count(b"<thead")

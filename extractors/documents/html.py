"""HTML to tree with lxml: the hot path. Says when lxml cannot bind a page; what a tree means stands in markup.py."""

from __future__ import annotations

import re

from lxml import etree, html

from extractors.documents import markup, soup
from extractors.documents.encoding import decode
from extractors.documents.limits import MAX_DEPTH, MAX_TEXT
from extractors.errors import Damaged, TooLarge
from extractors.model import Document

_CELL = re.compile(r"<t[dh][\s/>]", re.IGNORECASE)
_END = re.compile(r"</html\s*>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|title|iframe|noscript|template)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")


def read(data: bytes, media_type: str = "text/html") -> Document:
    """Document of an HTML page. Raises Undecodable, Damaged, EmptyDocument, TooLarge."""
    if len(data) > MAX_TEXT:
        raise TooLarge(f"a page of {len(data)} bytes, more than {MAX_TEXT}")
    text, encoding = decode(data)
    return from_text(text, encoding, media_type)


def from_text(text: str, encoding: str | None, media_type: str = "text/html") -> Document:
    """Document of HTML that is text already (DOCX comes this way), with BeautifulSoup where lxml loses something."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        # An empty body, or a tree without a root.
        if not _TAG.sub("", _HIDDEN.sub("", text)).strip():
            raise Damaged(f"lxml cannot read the page: {error}") from error
        return soup.from_text(text, encoding, media_type)
    if any(e.type_name == "ERR_RESOURCE_LIMIT" for e in parser.error_log.filter_from_fatals()):
        raise TooLarge(f"elements nested deeper than {MAX_DEPTH}")
    if _lost(text, root):
        return soup.from_text(text, encoding, media_type)
    return markup.document(root, root.findtext(".//title"), encoding, media_type)


def _lost(text: str, root: etree._Element) -> bool:
    """Whether lxml dropped content: cells that the source opens, or what follows the first `</html>`.

    Pages glued from fragments, each with its own end, are common in old content systems, and libxml2 stops at the first.
    """
    end = _END.search(text)
    if end and _TAG.sub("", _HIDDEN.sub("", text[end.end() :])).strip():
        return True
    kept = sum(1 for _ in root.iter("td", "th"))
    return len(_CELL.findall(text)) > kept and len(_CELL.findall(_HIDDEN.sub("", text))) > kept

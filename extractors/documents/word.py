"""DOCX to Document through mammoth's HTML, so that Word takes the path of the web. Old DOC is not read here."""

from __future__ import annotations

import io
import zipfile
from typing import cast
from xml.parsers.expat import ExpatError

import mammoth
from lxml import etree

from extractors.documents import container, html
from extractors.documents.sniff import DOCX
from extractors.errors import Damaged, EmptyDocument, TooLarge
from extractors.model import Document

_STYLES = "word/styles.xml"  # often a hundred times the text, and says only how it looks: nine tenths of mammoth's time


_TEXT = "word/document.xml"
_OFF = frozenset(("0", "false", "off"))
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read(data: bytes) -> Document:
    """Document of a DOCX file. Raises Damaged, Encrypted, TooLarge (a bomb), EmptyDocument. Fetches nothing."""
    container.check(data)
    try:
        data = container.changed(data, {_STYLES: None, _TEXT: _as_printed})
        # Pictures hold no text and would be inlined as base64; linked ones would be fetched.
        made = mammoth.convert_to_html(
            io.BytesIO(data), convert_image=mammoth.images.img_element(lambda _: {"src": ""})
        )
    except RecursionError as error:
        raise TooLarge("a Word document nested deeper than mammoth can follow") from error
    except (zipfile.BadZipFile, ExpatError, LookupError, ValueError, SyntaxError, AttributeError, TypeError) as error:
        raise Damaged(f"not a readable Word document: {error!r}") from error
    if not made.value.strip():
        raise EmptyDocument("a Word document without text")
    return html.from_text(f"<body>{made.value}</body>", None, DOCX)


def _as_printed(text: bytes) -> bytes:
    """What mammoth does not know: hidden and doubly struck-out runs are not said, raised ones are marks of footnotes, a simple
    field shows what is in it, and a row may begin some columns to the right. Raises SyntaxError."""
    if not any(word in text for word in (b"vanish", b"dstrike", b"w:position", b"fldSimple", b"gridBefore")):
        return text
    root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, huge_tree=True))
    for run in list(root.iter(f"{_W}r")):
        said = {e.tag.removeprefix(_W): e.get(f"{_W}val", "") for e in run.iterfind(f"{_W}rPr/*")}
        if any(said.get(how, "false") not in _OFF for how in ("vanish", "dstrike")):
            cast(etree._Element, run.getparent()).remove(run)
        elif said.get("position", "").isdigit() and int(said["position"]) > 0:  # below the line they are negative
            etree.SubElement(cast(etree._Element, run.find(f"{_W}rPr")), f"{_W}vertAlign", {f"{_W}val": "superscript"})
    for row in root.iter(f"{_W}tr"):
        indent = row.find(f"{_W}trPr/{_W}gridBefore")
        if indent is not None and (columns := indent.get(f"{_W}val", "")).isdecimal():
            _begin_to_the_right(row, columns)
    etree.strip_tags(root, f"{_W}fldSimple")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _begin_to_the_right(row: etree._Element, columns: str) -> None:
    """Put an empty cell where a row has none: this many columns wide."""
    first = row.find(f"{_W}tc")
    if first is not None:
        cell = etree.Element(f"{_W}tc")
        properties = etree.SubElement(cell, f"{_W}tcPr")
        etree.SubElement(properties, f"{_W}gridSpan", {f"{_W}val": columns})
        etree.SubElement(cell, f"{_W}p")
        first.addprevious(cell)

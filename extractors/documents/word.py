"""DOCX to Document through mammoth's HTML, so that Word takes the path of the web. Old DOC is not read here."""

from __future__ import annotations

import io
import zipfile
from xml.parsers.expat import ExpatError

import mammoth

from extractors.documents import container, html
from extractors.documents.sniff import DOCX
from extractors.errors import Damaged, EmptyDocument, TooLarge
from extractors.model import Document

_STYLES = "word/styles.xml"  # often a hundred times the text, and says only how it looks: nine tenths of mammoth's time


def read(data: bytes) -> Document:
    """Document of a DOCX file. Raises Damaged, Encrypted, TooLarge (a bomb), EmptyDocument. Fetches nothing."""
    container.check(data)
    try:
        data = container.without(data, _STYLES)
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

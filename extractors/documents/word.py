"""DOCX to Document through mammoth's HTML, so that Word takes the path of the web. Old DOC is not read here."""

from __future__ import annotations

import io
import zipfile

import mammoth

from extractors.documents import html
from extractors.documents.limits import MAX_UNPACKED
from extractors.documents.sniff import DOCX
from extractors.errors import Damaged, EmptyDocument, TooLarge
from extractors.model import Document


def read(data: bytes) -> Document:
    """Document of a DOCX file. Raises Damaged, TooLarge (a zip bomb), EmptyDocument."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(i.file_size for i in archive.infolist())
            if unpacked > MAX_UNPACKED:
                raise TooLarge(f"unpacks to {unpacked} bytes, more than {MAX_UNPACKED}")
        # Pictures hold no text and would be inlined as base64.
        made = mammoth.convert_to_html(
            io.BytesIO(data), convert_image=mammoth.images.img_element(lambda _: {"src": ""})
        )
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise Damaged(f"not a readable Word document: {error!r}") from error
    if not made.value.strip():
        raise EmptyDocument("a Word document without text")
    return html.from_text(f"<body>{made.value}</body>", None, DOCX)

"""What a file is, by its content and never by its name. Parses nothing."""

from __future__ import annotations

import io
import re
import zipfile

from extractors.errors import Damaged, EmptyDocument, NoText, UnknownType

HTML = "text/html"
TEXT = "text/plain"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_TAG = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|table|p|span|meta|script)\b[^>]*>", re.IGNORECASE)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_LOOK = 1 << 16


def media_type(data: bytes) -> str:
    """Media type of `data`: one of HTML, TEXT, PDF, DOCX.

    Raises EmptyDocument for nothing or white space, NoText for an image, Damaged for a broken container and
    UnknownType for everything that is not read.
    """
    if not data.strip(b" \t\r\n\x0b\x0c\x00"):
        raise EmptyDocument(f"{len(data)} bytes, none of them text")
    if b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _of_zip(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnknownType("an OLE container (old Word, Excel or WPS), which is not read")
    if data.startswith(_IMAGES):
        raise NoText("an image")
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    head = data[:_LOOK]
    if not utf16 and _is_binary(head):
        raise UnknownType("binary content of no known type")
    if utf16:
        head = head.decode("utf-16", "ignore").encode()
    return HTML if _TAG.search(head) else TEXT


def _of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile as error:
        raise Damaged(f"a zip container that does not open: {error}") from error
    if "word/document.xml" in names:
        return DOCX
    raise UnknownType("a zip container that is no Word document")


def _is_binary(head: bytes) -> bool:
    control = sum(head.count(bytes([c])) for c in (*range(0, 9), *range(14, 27), *range(28, 32)))
    return b"\x00" in head or control > len(head) / 100

"""What a file is, by its content and never by its name. Parses nothing."""

from __future__ import annotations

import io
import re
import zipfile

from extractors.documents.limits import MAX_BYTES
from extractors.errors import Damaged, EmptyDocument, Encrypted, TooLarge, UnknownType

HTML = "text/html"
TEXT = "text/plain"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
RTF = "application/rtf"
IMAGE = "image/*"

_TAG = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|table|p|span|meta|script)\b[^>]*>", re.IGNORECASE)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_OLE = b"\xd0\xcf\x11\xe0"
_STREAMS = re.compile(
    b"(?:"
    + b"|".join(re.escape(n.encode("utf-16-le")) for n in ("WordDocument", "Workbook", "Book", "EncryptedPackage"))
    + rb")\x00\x00"
)
_CONTROL = bytes((*range(0, 9), *range(14, 27), *range(28, 32)))
_LOOK = 1 << 16


def media_type(data: bytes) -> str:
    """Media type of `data`: one of the constants above.

    Raises EmptyDocument for nothing or white space, TooLarge, Damaged for a broken container, Encrypted and
    UnknownType for everything that is not read.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data)} bytes, more than {MAX_BYTES}")
    if not data.strip(b" \t\r\n\x0b\x0c\x00"):
        raise EmptyDocument(f"{len(data)} bytes, none of them text")
    if b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _of_zip(data)
    if data.startswith(_OLE):
        return _of_ole(data)
    if data.startswith(b"{\\rtf"):
        return RTF
    if data.startswith(_IMAGES):
        return IMAGE
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
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Damaged(f"a zip container that does not open: {error}") from error
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise UnknownType("a zip container that is neither a Word document nor a spreadsheet")


def _of_ole(data: bytes) -> str:
    """By the first stream whose name says it: entries of the directory are 128 bytes, and the file's own come first."""
    for found in _STREAMS.finditer(data):
        if found.start() % 128 == 0:
            name = found.group().decode("utf-16-le").strip("\0")
            if name == "EncryptedPackage":
                raise Encrypted("an Office document that asks for a password")
            return DOC if name == "WordDocument" else XLS
    directory = (int.from_bytes(data[48:52], "little") + 1) * 512
    if directory + 128 > len(data):
        raise Damaged(f"an OLE container cut off at {len(data)} bytes, before its directory")
    raise UnknownType("an OLE container that is neither old Word (WPS) nor old Excel")


def _is_binary(head: bytes) -> bool:
    control = len(head) - len(head.translate(None, _CONTROL))
    return b"\x00" in head or control > len(head) / 100

"""Zip containers (DOCX, XLSX) opened safely: how much they really unpack to. Reads no part for its meaning."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping

from extractors.documents.limits import MAX_PARTS, MAX_UNPACKED, MAX_XML
from extractors.errors import Damaged, Encrypted, TooLarge

_CHUNK = 1 << 20


def check(data: bytes) -> None:
    """Unpack every part and throw it away, so that what follows cannot be surprised.

    The sizes in the headers are not trusted: parts are counted as they come out. Raises TooLarge (a bomb),
    Damaged (cut off, wrong checksum), Encrypted.
    """
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_PARTS:
                raise TooLarge(f"{len(archive.infolist())} parts, more than {MAX_PARTS}")
            for part in archive.infolist():
                if part.flag_bits & 1:
                    raise Encrypted(f"{part.filename} asks for a password")
                size = 0
                with archive.open(part) as opened:
                    while chunk := opened.read(_CHUNK):
                        size += len(chunk)
                        total += len(chunk)
                        if total > MAX_UNPACKED:
                            raise TooLarge(f"unpacks to more than {MAX_UNPACKED} bytes")
                        if size > MAX_XML and part.filename.endswith((".xml", ".rels")):
                            raise TooLarge(f"{part.filename} unpacks to more than {MAX_XML} bytes")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Damaged(f"a zip container that does not unpack: {error}") from error


def changed(data: bytes, changes: Mapping[str, Callable[[bytes], bytes] | None]) -> bytes:
    """The same container with some parts changed, or left out (None). `check` it first. Raises BadZipFile."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as kept:
        for part in source.infolist():
            change = changes.get(part.filename, bytes)
            if change is not None:
                kept.writestr(part.filename, change(source.read(part)))
    return out.getvalue()

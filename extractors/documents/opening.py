"""Bytes to Document by the type of the content: the one door to the formats. Knows no form."""

from __future__ import annotations

from collections.abc import Callable

from extractors.documents import html, ocr, old_word, pdf, sheet, sniff, text, word
from extractors.model import Document

_READERS: dict[str, Callable[[bytes], Document]] = {
    sniff.HTML: html.read,
    sniff.TEXT: text.read,
    sniff.PDF: pdf.read,
    sniff.DOCX: word.read,
    sniff.XLSX: lambda data: sheet.read(data, sniff.XLSX),
    sniff.XLS: lambda data: sheet.read(data, sniff.XLS),
    sniff.DOC: lambda data: old_word.read(data, sniff.DOC),
    sniff.RTF: lambda data: old_word.read(data, sniff.RTF),
    sniff.IMAGE: ocr.read_image,
}


def open_document(data: bytes) -> Document:
    """Document of a file of any type that is read. Raises a DocumentError that names what is wrong with it."""
    return _READERS[sniff.media_type(data)](data)

"""Documents that cannot be used, or hardly, each named after its defect. What must become of them is in FAULTS; no test here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.samples_builder import deyang, huaian, neijiang

MEBIBYTE = 1 << 20


def empty() -> bytes:
    """No byte."""
    return b""


def white_space() -> bytes:
    """Bytes, but no text."""
    return b" \r\n\t\n" * 64


def binary_rubbish() -> bytes:
    """A fixed sequence of bytes that is no known type: control bytes among all others."""
    state, out = 20_080_501, bytearray()
    for _ in range(8192):
        state = (state * 1_103_515_245 + 12_345) % (1 << 31)
        out.append(state >> 16 & 0xFF)
    return b"\x00\x01" + bytes(out)


def truncated_html() -> bytes:
    """A report cut off between two characters of a cell of table three, as after a broken transfer."""
    data = neijiang.build()
    return data[: data.index("（四）无法提供".encode()) + 9]


def cut_inside_a_character() -> bytes:
    """The same, one byte further: the last character is half there."""
    return neijiang.build()[: len(truncated_html()) + 1]


def gbk_declared_as_utf8() -> bytes:
    """A report in GB 18030 whose page says UTF-8."""
    return neijiang.build().decode().encode("gb18030")


def mixed_encodings() -> bytes:
    """One half UTF-8, the other GB 18030: text in no encoding that fits."""
    text = neijiang.build().decode()
    half = len(text) // 2
    return text[:half].encode() + text[half:].encode("gb18030") + b"\xff\xfe\x81"


def page_that_is_no_report() -> bytes:
    """A page not found, served with status 200; it names the words of the subject all the same."""
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>404</title></head><body><ul><li>政府信息公开指南</li>"
        "<li>政府信息公开年报</li></ul><p>您访问的页面不存在，请返回首页。</p></body></html>"
    ).encode()


def deeply_nested_html() -> bytes:
    """5 MiB of divs inside one another, never closed."""
    return b"<html><body>" + b"<div>" * (MEBIBYTE) + b"x"


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, encrypt=StandardEncryption("open sesame", canPrint=0))
    canvas.drawString(72, 720, "locked")
    canvas.save()
    return buffer.getvalue()


def scanned_pdf() -> bytes:
    """A PDF whose page is a picture: no text layer."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=0)
    canvas.rect(72, 72, 400, 600, fill=1)
    canvas.save()
    return buffer.getvalue()


def truncated_pdf() -> bytes:
    """The first kilobyte of a PDF: neither pages nor cross-reference table."""
    return huaian.build()[:1024]


def zip_that_is_no_docx() -> bytes:
    """A zip archive of something else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("readme.txt"), "政府信息公开工作年度报告")
    return buffer.getvalue()


def truncated_docx() -> bytes:
    """A DOCX without its end, so without the directory of the archive."""
    data = deyang.build()
    return data[: len(data) // 2]


def docx_that_unpacks_to_too_much() -> bytes:
    """A DOCX of a few hundred kilobytes that unpacks to 256 MiB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as document:
            document.write(b"<w:document>")
            for _ in range(256):
                document.write(b" " * MEBIBYTE)
    return buffer.getvalue()


def old_word() -> bytes:
    """The head of a binary Word document (OLE): not read."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 2048


@dataclass(frozen=True, slots=True)
class Fault:
    """`reasons` are the names under which it may be refused (errors.py); empty where it must be read, as far as it goes."""

    build: Callable[[], bytes]
    suffix: str
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.build.__name__


FAULTS = (
    Fault(empty, ".html", ("empty",)),
    Fault(white_space, ".txt", ("empty",)),
    Fault(binary_rubbish, ".html", ("unknown_type", "undecodable")),
    Fault(truncated_html, ".html", ()),
    Fault(cut_inside_a_character, ".html", ("damaged", "undecodable")),
    Fault(gbk_declared_as_utf8, ".html", ()),
    Fault(mixed_encodings, ".html", ("undecodable",)),
    Fault(page_that_is_no_report, ".html", ("not_a_report",)),
    Fault(deeply_nested_html, ".html", ("too_large", "not_a_report", "damaged", "empty")),
    Fault(encrypted_pdf, ".pdf", ("encrypted",)),
    Fault(scanned_pdf, ".pdf", ("no_text_layer",)),
    Fault(truncated_pdf, ".pdf", ("damaged",)),
    Fault(zip_that_is_no_docx, ".docx", ("unknown_type", "damaged")),
    Fault(truncated_docx, ".docx", ("damaged",)),
    Fault(docx_that_unpacks_to_too_much, ".docx", ("too_large",)),
    Fault(old_word, ".doc", ("unknown_type",)),
)

"""Files that cannot be read: each a named outcome, in a process of bounded memory and time, so that a crash is seen too."""

import io
import multiprocessing
import os
import random
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import docx
import openpyxl
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from extractors.documents import limits
from extractors.documents.opening import open_document
from extractors.errors import DocumentError

SECONDS = 60  # of the processor: a machine that is busy with something else takes none of them
HANGS = 1200
MEMORY = 1024**3  # beyond the file itself


def pdf(draw: Callable[[Canvas], None], **options: object) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, **options)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def ruled(canvas: Canvas) -> None:
    for y in range(100, 700, 20):
        canvas.line(50, y, 500, y)
        canvas.drawString(60, y + 5, "received")
    for x in (50, 300, 500):
        canvas.line(x, 100, x, 680)


def word(fill: Callable[[docx.document.Document], None]) -> bytes:
    made = docx.Document()
    fill(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def sheet() -> bytes:
    book = openpyxl.Workbook()
    for n in range(200):
        book.active.append(["收到申请数", n])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def bomb() -> bytes:
    return packed(**{"word/document.xml": b"<w>" + b" " * (limits.MAX_UNPACKED + 1)})


def bomb_with_a_modest_header() -> bytes:
    """The directory says 1 kB; the part unpacks to 64 MB."""
    size = 64 << 20
    data = packed(**{"word/document.xml": b" " * size})
    return data.replace(size.to_bytes(4, "little"), (1024).to_bytes(4, "little"))


def deep_word() -> bytes:
    def fill(made: docx.document.Document) -> None:
        inner = made.add_table(1, 1).cell(0, 0)
        for _ in range(150):
            inner = inner.add_table(1, 1).cell(0, 0)
        inner.text = "x"

    return word(fill)


def of_objects(*bodies: bytes) -> bytes:
    """A PDF of numbered objects, the first its catalogue."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    return bytes(out + b"trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start))


def of_content(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return of_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed),
    )


def image_bomb() -> bytes:
    pixels = zlib.compress(b"\0" * (100_000 * 100_000 // 64), 9)
    return of_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length 26>>\nstream\nq 600 0 0 800 0 0 cm /I Do Q\nendstream",
        b"<</Type/XObject/Subtype/Image/Width 100000/Height 100000/BitsPerComponent 1/ColorSpace/DeviceGray"
        b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(pixels), pixels),
    )


def table(rows: int, columns: int, attributes: str = "") -> bytes:
    return ("<table>" + ("<tr>" + f"<td {attributes}>1</td>" * columns + "</tr>") * rows + "</table>").encode()


RANDOM = random.Random(1)
PDF = pdf(ruled)
DOCX = word(lambda made: made.add_table(40, 4).cell(0, 0).add_paragraph("收到申请数"))

FAULTS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "nothing": (lambda: b"", {"empty"}),
    "NUL bytes": (lambda: b"\0" * 100_000, {"empty"}),
    "random bytes": (lambda: RANDOM.randbytes(100_000), {"unknown_type"}),
    "random bytes that call themselves PDF": (lambda: b"%PDF-1.7\n" + RANDOM.randbytes(50_000), {"damaged"}),
    "random bytes that call themselves zip": (lambda: b"PK\x03\x04" + RANDOM.randbytes(50_000), {"damaged"}),
    "random bytes that call themselves OLE": (
        lambda: bytes.fromhex("d0cf11e0a1b11ae1") + RANDOM.randbytes(50_000), {"damaged", "unknown_type"},
    ),
    "random bytes that call themselves a page": (lambda: b"<html>" + RANDOM.randbytes(50_000), {"unknown_type"}),
    "PDF cut off": (lambda: PDF[: len(PDF) * 2 // 3], {"damaged"}),
    "PDF cut off before its last line": (lambda: PDF[: PDF.rindex(b"%%EOF")], {"damaged"}),
    "DOCX cut off": (lambda: DOCX[: len(DOCX) * 2 // 3], {"damaged"}),
    "DOCX with a byte changed": (
        lambda: DOCX.replace(DOCX[len(DOCX) // 3 : len(DOCX) // 3 + 8], b"\xff" * 8), {"damaged"},
    ),
    "DOCX whose XML is none": (lambda: packed(**{"word/document.xml": b"<w:document><"}), {"damaged"}),
    "DOCX of a hundred million entities": (
        lambda: packed(**{
            "word/document.xml": b'<!DOCTYPE x [<!ENTITY a "'
            + b"x" * 1000
            + b'">'
            + b"".join(b'<!ENTITY %s "%s">' % (bytes([c + 1]), b"&%c;" % c * 100) for c in b"abcd")
            + b"]><x>&e;</x>"
        }), {"damaged", "empty"},
    ),
    "DOCX that unpacks to 200 MB": (bomb, {"too_large"}),
    "DOCX that unpacks to more than it says": (bomb_with_a_modest_header, {"damaged", "too_large"}),
    "DOCX of a hundred tables in one another": (deep_word, {"too_large"}),
    "XLSX cut off": (lambda: sheet()[:-300], {"damaged"}),
    "XLSX without its sheets": (lambda: packed(**{"xl/workbook.xml": b"<workbook/>"}), {"damaged", "empty"}),
    "200 MB of page": (lambda: b"<p>" + b"x" * (200 << 20), {"too_large"}),
    "page of 50 MB in one line": (lambda: b"<p>" + "收到12件，".encode() * 3_500_000, {"too_large"}),
    "100,000 divs in one another": (lambda: b"<div>" * 100_000 + b"x", {"too_large"}),
    "20,000 tables in one another": (lambda: b"<table><tr><td>1<td>" * 20_000, {"too_large"}),
    "table of 300,000 cells": (lambda: table(30_000, 10), {"too_large"}),
    "colspans that cover billions": (lambda: table(5_000, 10, "colspan=1000"), {"too_large"}),
    "rowspans that cover billions": (lambda: table(2_000, 40, "rowspan=65534"), {"too_large"}),
    "text of a million tabs": (lambda: b"1\t" * 1_000_000, {"too_large"}),
    "text of a million pipes": (lambda: b"1|" * 1_000_000, {"too_large"}),
    "text of a million lines": (lambda: b"1\n" * 1_000_000, {"too_large"}),
    "UTF-16 cut inside a character": (lambda: "<p>收到</p>".encode("utf-16")[:-1], {"undecodable"}),
    "UTF-16 with half a pair": (lambda: b"\xff\xfe" + b"<\0p\0>\0\x00\xd8x\0" * 9, {"undecodable"}),
    "PDF that asks for a password": (
        lambda: pdf(ruled, encrypt=StandardEncryption("open sesame")), {"encrypted"},
    ),
    "PDF without a page": (
        lambda: of_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"), {"empty", "damaged"},
    ),
    "PDF whose page is its own parent": (
        lambda: of_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        {"empty", "damaged", "no_text_layer"},
    ),
    "PDF of a picture of ten billion pixels": (image_bomb, {"no_text_layer", "too_large"}),
    "PDF whose page unpacks to 500 MB": (lambda: of_content(b" " * (500 << 20)), {"too_large"}),
    "PDF of a million lines": (lambda: of_content(b"0 0 m 9 9 l S\n" * 1_000_000), {"too_large"}),
}  # fmt: skip


def _outcome(build: Callable[[], bytes], answer: Connection) -> None:
    data = build()
    # Memory counts from here: what the test runner has mapped already is not the reader's.
    most = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    used = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + SECONDS, used + SECONDS))
    try:
        open_document(data)
        said = "read"
    except DocumentError as error:
        said = error.reason
    except BaseException as error:  # noqa: BLE001  # whatever leaks is what this test is about
        said = f"{type(error).__name__} leaked: {error}"
    answer.send(said)
    answer.close()
    os._exit(0)


def outcome(build: Callable[[], bytes]) -> str:
    """What becomes of a file in a forked process with little memory and so many seconds of the processor."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_outcome, args=(build, there))
    process.start()
    there.close()
    try:
        if not here.poll(HANGS):
            return "hangs"
        return here.recv()  # type: ignore[no-any-return]
    except EOFError:
        process.join()
        return f"crashed with {process.exitcode}"
    finally:
        process.kill()
        process.join()


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_cannot_be_read_says_why(name: str) -> None:
    build, allowed = FAULTS[name]
    assert outcome(build) in allowed


@pytest.mark.parametrize("kind", ["PDF", "DOCX", "XLSX"])
def test_a_file_with_changed_bytes_is_read_or_named(kind: str) -> None:
    good = {"PDF": PDF, "DOCX": DOCX, "XLSX": sheet()}[kind]
    for seed in range(12):
        chance = random.Random(seed)
        data = bytearray(good)
        for _ in range(chance.choice((1, 10, 200))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        said = outcome(lambda data=data: bytes(data))  # type: ignore[misc]
        assert " " not in said, f"seed {seed}: {said}"


def test_a_picture_by_link_is_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relationship of a picture leads outside: mammoth must not follow it."""
    link = (
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        b'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        b"<w:body><w:p><w:r><w:t>x</w:t><w:drawing><wp:inline><a:graphic><a:graphicData>"
        b'<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        b'<a:blip r:link="rId1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
        b"</w:drawing></w:r></w:p></w:body></w:document>"
    )
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        b'Target="http://192.0.2.1/x.png" TargetMode="External"/></Relationships>'
    )
    asked: list[object] = []
    monkeypatch.setattr("socket.socket.connect", lambda *a: asked.append(a))
    monkeypatch.setattr("socket.getaddrinfo", lambda *a, **_: asked.append(a))
    data = packed(**{"word/document.xml": link, "word/_rels/document.xml.rels": relations})
    assert [p.text for p in open_document(data).prose] == ["x"]
    assert asked == []


def test_a_row_that_begins_further_to_the_right_is_set_there() -> None:
    def fill(made: docx.document.Document) -> None:
        table = made.add_table(2, 3)
        for cell, text in zip((*table.rows[0].cells, *table.rows[1].cells[1:]), "ab123", strict=True):
            cell.text = text
        row = table.rows[1]._tr
        row.remove(row.tc_lst[0])
        row.get_or_add_trPr().append(docx.oxml.parse_xml(f'<w:gridBefore {docx.oxml.ns.nsdecls("w")} w:val="1"/>'))

    (grid,) = open_document(word(fill)).grids
    assert [(c.column, c.text) for c in grid.cells] == [(0, "a"), (1, "b"), (2, "1"), (0, ""), (1, "2"), (2, "3")]


def test_hidden_and_struck_out_runs_are_not_read_and_simple_fields_are() -> None:
    def fill(made: docx.document.Document) -> None:
        row = made.add_table(1, 6).rows[0].cells
        row[0].text = "收到申请数"
        hidden = row[1].paragraphs[0].add_run("88")
        hidden.font.hidden = True
        row[1].paragraphs[0].add_run("9")
        shown = row[2].paragraphs[0].add_run("3")
        shown.font.hidden = False
        field = docx.oxml.parse_xml(
            f'<w:fldSimple {docx.oxml.ns.nsdecls("w")} w:instr=" =SUM(LEFT) "><w:r><w:t>92</w:t></w:r></w:fldSimple>'
        )
        row[2].paragraphs[0]._p.append(field)
        row[3].paragraphs[0].add_run("3").font.double_strike = True
        row[3].paragraphs[0].add_run("5")
        row[4].text = "5"
        raised = row[4].paragraphs[0].add_run("1")
        raised._r.get_or_add_rPr().append(docx.oxml.parse_xml(f'<w:position {docx.oxml.ns.nsdecls("w")} w:val="6"/>'))
        row[5].text = "5"
        row[5].paragraphs[0].add_run("2").font.subscript = True

    (grid,) = open_document(word(fill)).grids
    assert [c.text for c in grid.cells] == ["收到申请数", "9", "392", "5", "5[1]", "5[2]"]

"""PDF with a text layer to Document: pypdfium2 finds the pages with rules, pdfplumber reads their tables. No OCR here."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pdfplumber
import pypdfium2 as pdfium
from pdfminer.cmapdb import CMapError
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from extractors.documents import unruled
from extractors.documents.limits import MAX_CELLS, MAX_OBJECTS, MAX_PAGES, MAX_STREAM
from extractors.errors import Damaged, EmptyDocument, Encrypted, NoText, TooLarge
from extractors.model import Block, Cell, Document, Grid, Prose

_TOLERANCE = 3.0  # points; edges drawn by different cells of one table differ by less
_FLATE = re.compile(rb"<<(?:(?!<<|endobj).){0,600}?/FlateDecode(?:(?!<<|endobj).){0,600}?>>\s*stream\r?\n", re.DOTALL)
_HEADING = re.compile(r"\s*[（(]?[一二三四五六七八九十]+\s*[)）、.．]")
_NUMBERED = re.compile(r"\s*[（(]?[一二三四五六七八九十\d]+\s*[)）、.．﹒]")
_CHUNK = 1 << 20
_RAGGED = 8  # half-width characters by which a line inside a paragraph may fall short: punctuation, a Latin word
_PAGE_NUMBER = re.compile(r"^[\s\-—–－·•]*\d{1,4}[\s\-—–－·•]*$|^第\s*\d+\s*页.*$")

# What pdfminer and pdfplumber raise over a broken file; their own classes cover less than half of it.
_PDF_ERRORS = (
    CMapError, PSException, PDFException, PdfminerException, MalformedPDFException, ArithmeticError, AssertionError,
    AttributeError, LookupError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class _Table:
    first_page: int
    page: int  # the last one, where the table is joined over pages
    box: Box
    edges: tuple[float, ...]
    cells: tuple[Cell, ...]
    height: int
    aligned: bool = True


@dataclass(frozen=True, slots=True)
class _Paragraph:
    page: int
    top: float
    text: str
    is_open: bool = False  # the page ends in a full line: what follows may belong to it


def read(data: bytes) -> Document:
    """Document of a PDF. Raises Encrypted, Damaged (also cut off), EmptyDocument, NoText (a scan), TooLarge."""
    _check(data)
    ruled, texts = _survey(data)
    if not texts:
        raise EmptyDocument("a PDF without a page")
    if not any(t.strip() for t in texts):
        raise NoText(f"{len(texts)} pages without a character: a scan")
    parts: list[_Table | _Paragraph] = []
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for index, text in enumerate(texts):
                if index in ruled or unruled.looks_like_rows(text):
                    parts.extend(_page(document.pages[index], index + 1, index in ruled))
                    document.pages[index].close()  # its layout is large and not needed again
                else:
                    parts.extend(_paragraphs(index + 1, text))
    except (RecursionError, MemoryError) as error:
        raise TooLarge(f"a page beyond what pdfplumber can hold: {type(error).__name__}") from error
    except _PDF_ERRORS as error:
        raise Damaged(f"pdfplumber cannot read it: {error!r}") from error
    blocks: list[Block] = []
    number = 0
    for part in _joined(parts):
        if isinstance(part, _Table):
            number += 1
            pages = f"page {part.page}" if part.page == part.first_page else f"pages {part.first_page}-{part.page}"
            blocks.append(Grid(number, f"{pages}, table {number}", part.cells, part.aligned))
        else:
            blocks.append(Prose(part.text, f"page {part.page}"))
    return Document("application/pdf", tuple(blocks))


def _check(data: bytes) -> None:
    """What the libraries would not say: that the end is missing (pdfium rebuilds what is left), or that a stream is a bomb."""
    if data.rfind(b"%%EOF") < data.rfind(b"endobj") or b"%%EOF" not in data:
        raise Damaged(f"a PDF of {len(data)} bytes without its end")
    for found in _FLATE.finditer(data):
        if b"/Image" in found.group():
            continue
        unpacked = 0
        left: bytes = data[found.end() : found.end() + _CHUNK]
        position = found.end() + len(left)
        inflate = zlib.decompressobj()
        try:
            while left and not inflate.eof:
                unpacked += len(inflate.decompress(left, _CHUNK))
                if unpacked > MAX_STREAM:
                    raise TooLarge(f"a stream that unpacks to more than {MAX_STREAM} bytes")
                left = inflate.unconsumed_tail
                if not left:
                    left = data[position : position + _CHUNK]
                    position += len(left)
        except zlib.error:
            continue  # not deflated after all, or encrypted: pdfium will say


def _survey(data: bytes) -> tuple[frozenset[int], list[str]]:
    """(pages with drawn rules, text of each page): 2 ms a page, where table extraction takes 60."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Encrypted("the PDF asks for a password") from error
        raise Damaged(f"pdfium cannot open it: {error}") from error
    try:
        if len(document) > MAX_PAGES:
            raise TooLarge(f"{len(document)} pages")
        ruled: set[int] = set()
        texts: list[str] = []
        for index in range(len(document)):
            page = document[index]
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            if pdfium.raw.FPDFPage_CountObjects(page) > MAX_OBJECTS:
                raise TooLarge(f"page {index + 1} draws more than {MAX_OBJECTS} objects")
            paths = page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_PATH], max_depth=4)
            if sum(1 for _, _ in zip(range(4), paths, strict=False)) == 4:
                ruled.add(index)
            text_page.close()
            page.close()
        return frozenset(ruled), texts
    except pdfium.PdfiumError as error:
        raise Damaged(f"pdfium cannot read a page: {error}") from error
    finally:
        document.close()


def _paragraphs(page: int, text: str) -> Iterator[_Paragraph]:
    """Lines of a page without tables, joined where a line is as wide as the page's widest."""
    lines = [line.strip() for line in text.splitlines()]
    widths = [sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in lines]
    widest = max(widths, default=0)
    buffer = ""
    for position, (line, width) in enumerate(zip(lines, widths, strict=True)):
        if not line or _PAGE_NUMBER.match(line):
            continue
        if buffer and _HEADING.match(line):
            yield _Paragraph(page, float(position), buffer)
            buffer = ""
        buffer += line
        if width < widest - _RAGGED:
            yield _Paragraph(page, float(position), buffer)
            buffer = ""
    if buffer:
        yield _Paragraph(page, float(len(lines)), buffer, True)


def _page(page: pdfplumber.page.Page, number: int, is_ruled: bool) -> list[_Table | _Paragraph]:
    tables: list[_Table] = []
    if is_ruled:
        turned = _turned(page.chars)
        tables = [t for t in (_table(found, number, turned) for found in page.find_tables()) if t is not None]
    if not tables and (not is_ruled or unruled.looks_like_rows(page.extract_text())):
        words = [
            unruled.Word(w["text"], w["x0"], w["top"], w["x1"], w["bottom"])
            for w in page.extract_words(x_tolerance=2, y_tolerance=2)
        ]
        tables = [_Table(number, number, f.box, f.edges, f.cells, f.height, f.aligned) for f in unruled.find(words)]
    boxes = [t.box for t in tables]

    def outside(thing: dict[str, float]) -> bool:
        middle = (thing["top"] + thing["bottom"]) / 2
        return not any(b[1] <= middle <= b[3] and b[0] - 2 <= thing["x0"] <= b[2] + 2 for b in boxes)

    lines = page.filter(lambda o: o["object_type"] != "char" or outside(o)).extract_text_lines(return_chars=False)
    right = max((line["x1"] for line in lines), default=0.0)
    placed: list[tuple[float, _Table | _Paragraph]] = [(t.box[1], t) for t in tables]
    buffer, top = "", 0.0
    for line in lines:
        if _PAGE_NUMBER.match(line["text"]):
            continue
        if not buffer:
            top = line["top"]
        # A table between two lines ends the paragraph above it, and so does a numbered heading.
        elif _HEADING.match(line["text"]) or any(top < b[1] < line["top"] for b in boxes):
            placed.append((top, _Paragraph(number, top, buffer)))
            buffer, top = "", line["top"]
        buffer += line["text"]
        if line["x1"] < right - 2 * (line["bottom"] - line["top"]):
            placed.append((top, _Paragraph(number, top, buffer)))
            buffer = ""
    if buffer:
        placed.append((top, _Paragraph(number, top, buffer, True)))
    return [part for _, part in sorted(placed, key=lambda p: p[0])]


def _turned(chars: Sequence[dict[str, Any]]) -> dict[str, str]:
    """How pdfplumber must read text set on its side: up the page, its lines from left to right, or the other way."""
    up = sum(1 if c["matrix"][1] > 0 else -1 for c in chars if not c["upright"])
    if up > 0:
        return {"char_dir_rotated": "btt", "line_dir_rotated": "ltr"}
    return {"char_dir_rotated": "ttb", "line_dir_rotated": "rtl"} if up else {}


def _table(found: pdfplumber.table.Table, page: int, turned: dict[str, str]) -> _Table | None:
    """A ruled table with spans rebuilt from its boxes; None for frames around prose (one column) and empty frames."""
    boxes: list[tuple[Box, str]] = []
    for row, texts in zip(found.rows, found.extract(**turned), strict=True):
        boxes.extend((b, t) for b, t in zip(row.cells, texts, strict=True) if b is not None and t is not None)
    if len(boxes) > MAX_CELLS:
        raise TooLarge(f"a table of more than {MAX_CELLS} cells")
    xs = _edges([b[0] for b, _ in boxes] + [b[2] for b, _ in boxes])
    ys = _edges([b[1] for b, _ in boxes] + [b[3] for b, _ in boxes])
    if len(xs) < 3 or not any(t.strip() for _, t in boxes):
        return None
    cells = []
    for (left, top, right, bottom), text in boxes:
        column, row_number = _nearest(xs, left), _nearest(ys, top)
        cells.append(
            Cell(
                row_number, column, text.strip(),
                max(_nearest(ys, bottom) - row_number, 1), max(_nearest(xs, right) - column, 1),
            )
        )  # fmt: skip
    cells.sort(key=lambda c: (c.row, c.column))
    return _Table(page, page, found.bbox, tuple(xs), tuple(cells), len(ys) - 1)


def _edges(values: list[float]) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _TOLERANCE:
            out.append(value)
    return out


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))


def _joined(parts: list[_Table | _Paragraph]) -> Iterator[_Table | _Paragraph]:
    """A table that opens a page continues the one that closes the page before, if their outer edges agree.

    So does a paragraph, if the page before ends in a full line.
    """
    last: _Table | _Paragraph | None = None
    for part in parts:
        if isinstance(last, _Table) and isinstance(part, _Table) and _continues(last, part):
            last = _appended(last, part)
            continue
        if isinstance(last, _Paragraph) and isinstance(part, _Paragraph) and _follows(last, part):
            last = replace(part, page=last.page, text=last.text + part.text)
            continue
        if last is not None:
            yield last
        last = part
    if last is not None:
        yield last


def _follows(above: _Paragraph, below: _Paragraph) -> bool:
    return above.is_open and below.page > above.page and not _HEADING.match(below.text)


def _continues(above: _Table, below: _Table) -> bool:
    return (
        below.page > above.page
        and above.aligned == below.aligned
        and all(abs(above.edges[i] - below.edges[i]) <= 2 * _TOLERANCE for i in (0, -1))
    )


def _appended(above: _Table, below: _Table) -> _Table:
    """One table on the union of both sets of edges, the rows of `below` under those of `above`."""
    edges = _edges([*above.edges, *below.edges])

    def moved(table: _Table, down: int) -> Iterator[Cell]:
        for cell in table.cells:
            left = _nearest(edges, table.edges[cell.column])
            right = _nearest(edges, table.edges[cell.column + cell.column_span])
            yield replace(cell, row=cell.row + down, column=left, column_span=max(right - left, 1))

    cells = [*moved(above, 0), *moved(below, above.height)]
    for upper in [c for c in cells if c.row + c.row_span == above.height]:
        lower = next((c for c in cells if c.row == above.height and c.column == upper.column), None)
        if lower and lower.column_span == upper.column_span and _is_cut(upper, lower):
            cells.remove(lower)
            whole = replace(upper, text=upper.text + lower.text, row_span=upper.row_span + lower.row_span)
            cells[cells.index(upper)] = whole
    return _Table(
        above.first_page, below.page, above.box, tuple(edges), tuple(cells), above.height + below.height, above.aligned
    )


def _is_cut(upper: Cell, lower: Cell) -> bool:
    """Whether a page break cuts one label in two: the first half is numbered, the second goes on without a number.

    Only labels of several rows are put together: of a single row, the second half may be a label of its own.
    """
    return (
        upper.row_span + lower.row_span > 2
        and bool(_NUMBERED.match(upper.text))
        and bool(lower.text)
        and not _NUMBERED.match(lower.text)
        and not any(c.isdigit() for c in lower.text)
    )

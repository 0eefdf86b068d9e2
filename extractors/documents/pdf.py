"""PDF with a text layer to Document: pypdfium2 finds the pages with rules, pdfplumber reads their tables. No OCR here."""

from __future__ import annotations

import io
import logging
import math
import re
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pdfplumber
import pypdfium2 as pdfium
from pdfminer.cmapdb import CMapError
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from extractors.documents import boxes, characters, ocr, pages, unruled
from extractors.documents.boxes import Box, Table
from extractors.documents.limits import MAX_OBJECTS, MAX_PAGES, MAX_PIXELS, MAX_SCANS, MAX_STREAM
from extractors.documents.pages import Sheet
from extractors.documents.unruled import Word
from extractors.errors import Damaged, EmptyDocument, Encrypted, NoText, TooLarge
from extractors.model import Document

_FLATE = re.compile(rb"<<(?:(?!<<|endobj).){0,600}?/FlateDecode(?:(?!<<|endobj).){0,600}?>>\s*stream\r?\n", re.DOTALL)
_CHUNK = 1 << 20
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # a warning a font that it mends, thousands a document

# What pdfminer and pdfplumber raise over a broken file; their own classes cover less than half of it.
_PDF_ERRORS = (
    CMapError, PSException, PDFException, PdfminerException, MalformedPDFException, ArithmeticError, AssertionError,
    AttributeError, LookupError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip


def read(data: bytes) -> Document:
    """Document of a PDF. Pages without text are recognised if the extra `ocr` is there, else named in `unread`.

    Raises Encrypted, Damaged (also cut off), EmptyDocument, NoText (a scan and no extra), TooLarge.
    """
    _check(data)
    survey = _survey(data)
    if not survey.texts:
        raise EmptyDocument("a PDF without a page")
    is_scan = all(text == "" for text in survey.texts)
    unread: list[str] = []
    recognised: dict[int, Sheet] = {}
    if survey.pictures and ocr.is_installed():
        recognised = _recognised(data, survey.pictures)
    elif survey.pictures and not is_scan:
        unread = [
            f"page {i + 1}: a picture without text; reading it takes the extra: {ocr.EXTRA}" for i in survey.pictures
        ]
    if is_scan and not any(sheet.lines or sheet.tables for sheet in recognised.values()):
        raise _without_text(survey, recognised)
    sheets: list[Sheet] = []
    goes_on = False  # the page before ends in rows without rules
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for index, text in enumerate(survey.texts):
                if index in recognised:
                    sheets.append(recognised[index])
                elif text is None or index in survey.ruled or unruled.looks_like_rows(text) or goes_on:
                    sheet = _page(document.pages[index], index + 1, index in survey.ruled, text, goes_on=goes_on)
                    document.pages[index].close()  # its layout is large and not needed again
                    if text is None and _is_empty(sheet) and (words := _text_of(data, index)):
                        sheet = Sheet(index + 1, words.splitlines())
                        unread.append(f"page {index + 1}: its font gives no places, so its tables could not be read")
                    sheets.append(sheet)
                else:
                    sheets.append(Sheet(index + 1, text.splitlines()))
                goes_on = pages.ends_in_rows(sheets[-1])
    except (RecursionError, MemoryError) as error:
        raise TooLarge(f"a page beyond what pdfplumber can hold: {type(error).__name__}") from error
    except _PDF_ERRORS as error:
        raise Damaged(f"pdfplumber cannot read it: {error!r}") from error
    if all(map(_is_empty, sheets)):
        raise _without_text(survey, recognised)
    return Document("application/pdf", tuple(pages.blocks(sheets)), unread=tuple(unread))


def _is_empty(sheet: Sheet) -> bool:
    return not sheet.lines and not any(c.text for t in sheet.tables for c in t.cells)


def _text_of(data: bytes, index: int) -> str:
    """What pdfium, which knows more fonts than pdfminer, reads on one page."""
    document = _opened(data)
    try:
        return _text(document[index])
    finally:
        document.close()


def _without_text(survey: _Survey, recognised: dict[int, Sheet]) -> NoText:
    advice = "nothing was recognised" if recognised else f"reading it takes the extra: {ocr.EXTRA}"
    return NoText(f"{len(survey.texts)} pages without a character; {advice}")


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


@dataclass(frozen=True, slots=True)
class _Survey:
    texts: tuple[str | None, ...]  # "" where there is none; None for a ruled page whose text was not asked for
    ruled: frozenset[int]
    pictures: tuple[int, ...]  # pages without a character that show a picture


def _survey(data: bytes) -> _Survey:
    """Which pages hold rules, text, or nothing but a picture: 2 ms a page, where table extraction takes 60."""
    document = _opened(data)
    try:
        if len(document) > MAX_PAGES:
            raise TooLarge(f"{len(document)} pages")
        ruled: set[int] = set()
        pictures: list[int] = []
        texts: list[str | None] = []
        for index in range(len(document)):
            page = document[index]
            if pdfium.raw.FPDFPage_CountObjects(page) > MAX_OBJECTS:
                raise TooLarge(f"page {index + 1} draws more than {MAX_OBJECTS} objects")
            if _shows(page, pdfium.raw.FPDF_PAGEOBJ_PATH):
                ruled.add(index)
            shows_picture = _shows(page, pdfium.raw.FPDF_PAGEOBJ_IMAGE)
            # pdfplumber reads a ruled page anyway; pdfium is asked for its text only where the page may be a scan.
            is_read = index in ruled and not shows_picture
            text = None if is_read else _text(page)
            if text == "" and shows_picture:
                pictures.append(index)
            texts.append(text)
            page.close()
        return _Survey(tuple(texts), frozenset(ruled), tuple(pictures))
    except pdfium.PdfiumError as error:
        raise Damaged(f"pdfium cannot read a page: {error}") from error
    finally:
        document.close()


def _shows(page: pdfium.PdfPage, kind: int) -> bool:
    """Whether a page draws an object of this kind."""
    return next(iter(page.get_objects(filter=[kind], max_depth=4)), None) is not None


def _text(page: pdfium.PdfPage) -> str:
    text_page = page.get_textpage()
    text = str(text_page.get_text_bounded())
    text_page.close()
    return text if text.strip() else ""


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        # pdfium keeps its last error: a password is believed only of a file that says it is encrypted.
        if "password" in str(error).lower() and b"/Encrypt" in data:
            raise Encrypted("the PDF asks for a password") from error
        raise Damaged(f"pdfium cannot open it: {error}") from error


def _recognised(data: bytes, indices: Sequence[int]) -> dict[int, Sheet]:
    """The pages that are pictures. Raises TooLarge, Damaged."""
    if len(indices) > MAX_SCANS:
        raise TooLarge(f"{len(indices)} scanned pages, more than {MAX_SCANS}")
    document = _opened(data)
    found: dict[int, Sheet] = {}
    try:
        for index in indices:
            page = document[index]
            for picture in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
                width, height = picture.get_px_size()
                if width * height > MAX_PIXELS:
                    raise TooLarge(f"page {index + 1} shows a picture of {width} × {height} pixels")
            scale = min(ocr.DPI / 72, math.sqrt(MAX_PIXELS / max(page.get_width() * page.get_height(), 1)))
            found[index] = ocr.page(page.render(scale=scale).to_pil().convert("RGB"), index + 1)
            page.close()
        return found
    except pdfium.PdfiumError as error:
        raise Damaged(f"pdfium cannot draw a page: {error}") from error
    finally:
        document.close()


def _page(page: pdfplumber.page.Page, number: int, is_ruled: bool, text: str | None, *, goes_on: bool) -> Sheet:
    tables: list[Table] = []
    rows: list[Table] = []
    characters.put_right(page)
    shades, every = _shades(page), list(page.edges)
    if is_ruled:
        page.edges[:] = [
            e
            for e in every
            if (e["x0"], e["x1"], e["top"]) not in shades and (e["x0"], e["top"], e["bottom"]) not in shades
        ]
        tables = _ruled(page, number)
    if not tables and (goes_on or unruled.looks_like_rows(page.extract_text() if text is None else text)):
        found = unruled.find(_words(page), goes_on=goes_on)
        rows = [Table(number, number, f.box, f.edges, f.cells, f.height, f.aligned) for f in found]
    if not tables and not rows and shades:  # perhaps they are the cells
        page.edges[:] = every
        tables = _ruled(page, number)
    areas = [t.box for t in tables or rows]

    def outside(thing: dict[str, float]) -> bool:
        middle = (thing["top"] + thing["bottom"]) / 2
        return not any(b[1] <= middle <= b[3] and b[0] - 2 <= thing["x0"] <= b[2] + 2 for b in areas)

    lines = [
        Word(line["text"], line["x0"], line["top"], line["x1"], line["bottom"])
        for line in page.filter(lambda o: o["object_type"] != "char" or outside(o)).extract_text_lines(
            return_chars=False
        )
    ]
    return Sheet(number, lines, tables or rows, is_ruled=not rows)


def _ruled(page: pdfplumber.page.Page, number: int) -> list[Table]:
    """Tables between the rules of a page; its characters and rules are brought into line first."""
    turned = _turned(page.chars)
    _snap(page.edges)
    page.edges.extend(_open_sides(page.edges))
    page.edges.extend(_inner_sides(page.edges))
    ends = _ends(page)
    found = page.find_tables({"explicit_horizontal_lines": ends, "snap_tolerance": 0})
    characters.gather(page.chars, [one.cells for one in found])
    tables = [t for t in (_table(page, one, ends, number, turned) for one in found) if t is not None]
    return [_with_overflow(page, t) if t.open_below else t for t in tables]


def _shades(page: pdfplumber.page.Page) -> set[tuple[float, float, float]]:
    """The sides of areas that are filled and not framed: they colour rows and rule nothing."""
    return {
        side
        for r in page.rects
        if r["fill"] and not r["stroke"] and min(r["width"], r["height"]) > boxes.TOLERANCE
        for side in (
            (r["x0"], r["x1"], r["top"]), (r["x0"], r["x1"], r["bottom"]),
            (r["x0"], r["top"], r["bottom"]), (r["x1"], r["top"], r["bottom"]),
        )
    }  # fmt: skip


def _snap(edges: Sequence[dict[str, Any]]) -> None:
    """Bring rules that are almost in line into line, none further than the tolerance.

    pdfplumber would do it in chains: rules of several tables, each close to the next, then leave their cells by any distance.
    """
    for orientation, side, other in (("v", "x0", "x1"), ("h", "top", "bottom")):
        group: list[dict[str, Any]] = []
        for edge in sorted((e for e in edges if e["orientation"] == orientation), key=lambda e: e[side]):
            if group and edge[side] - group[0][side] > boxes.TOLERANCE:
                _align(group, side, other)
                group = []
            group.append(edge)
        _align(group, side, other)


def _open_sides(edges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sides of tables that are open at the left or at the right: where the rules across end, beside rules inside."""
    long = [
        e for e in edges if max(e["x1"] - e["x0"], e["bottom"] - e["top"]) > boxes.TOLERANCE
    ]  # a rule may be an area
    upright = sorted((e for e in long if e["orientation"] == "v"), key=lambda e: e["top"])
    level = [e for e in long if e["orientation"] == "h"]
    bands: list[list[float]] = []
    for edge in upright:
        if bands and edge["top"] <= bands[-1][1] + boxes.TOLERANCE:
            bands[-1][1] = max(bands[-1][1], edge["bottom"])
        else:
            bands.append([edge["top"], edge["bottom"]])
    sides = []
    for top, bottom in bands:
        across = [e for e in level if top - boxes.TOLERANCE <= e["top"] <= bottom + boxes.TOLERANCE]
        down = [e for e in upright if top <= e["top"] <= bottom]
        for x in {min(e["x0"] for e in across), max(e["x1"] for e in across)} if across else ():
            if all(abs(e["x0"] - x) > boxes.TOLERANCE for e in down):
                sides.append(_upright(x, top, bottom))
    return sides


def _inner_sides(edges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sides of cells beside which no rule is drawn, but those across end: at two heights or more between the same rules.

    The other end of each must meet a rule, as the borders of a cell do and the lines under words do not.
    """
    uprights: dict[float, list[list[float]]] = defaultdict(list)
    long = (e for e in edges if e["orientation"] == "v" and e["height"] > boxes.TOLERANCE)  # a rule may be an area
    for e in sorted(long, key=lambda e: e["top"]):
        spans = uprights[e["x0"]]
        if spans and e["top"] <= spans[-1][1] + boxes.TOLERANCE:
            spans[-1][1] = max(spans[-1][1], e["bottom"])
        else:
            spans.append([e["top"], e["bottom"]])
    places = sorted(uprights)

    def met(x: float, y: float) -> list[float] | None:
        """The rule at this place: where it begins and ends."""
        near = places[bisect_left(places, x - boxes.TOLERANCE) : bisect_right(places, x + boxes.TOLERANCE)]
        spans = (span for place in near for span in uprights[place])
        return next((s for s in spans if s[0] - boxes.TOLERANCE <= y <= s[1] + boxes.TOLERANCE), None)

    level = {(e["x0"], e["x1"], e["top"]) for e in edges if e["orientation"] == "h" and e["width"] > boxes.TOLERANCE}
    loose: dict[float, list[tuple[float, list[float]]]] = defaultdict(list)
    for left, right, y in level:
        begins, ends = met(left, y), met(right, y)
        if begins is None and ends is not None:
            loose[left].append((y, ends))
        elif ends is None and begins is not None:
            loose[right].append((y, begins))
    sides = []
    for x, found in loose.items():
        limits = sorted(
            y
            for left, right, y in level
            if left - boxes.TOLERANCE <= x <= right + boxes.TOLERANCE
            and (left + boxes.TOLERANCE < x < right - boxes.TOLERANCE or met(x, y))
        )
        between: dict[int, list[tuple[float, list[float]]]] = defaultdict(list)
        for y, rule in found:
            between[bisect_left(limits, y)].append((y, rule))
        for at, ending in between.items():
            if max(ending)[0] - min(ending)[0] > boxes.TOLERANCE:
                top = limits[at - 1] if at else min(rule[0] for _, rule in ending)
                bottom = limits[at] if at < len(limits) else max(rule[1] for _, rule in ending)
                sides.append(_upright(x, top, bottom))
    return sides


def _upright(x: float, top: float, bottom: float) -> dict[str, Any]:
    return {
        "object_type": "line", "orientation": "v", "x0": x, "x1": x, "width": 0, "top": top, "bottom": bottom,
        "height": bottom - top,
    }  # fmt: skip


def _align(group: Sequence[dict[str, Any]], side: str, other: str) -> None:
    if group:
        mean = sum(e[side] for e in group) / len(group)
        for edge in group:
            edge[side] = edge[other] = mean


def _ends(page: pdfplumber.page.Page) -> list[float]:
    """Where the first vertical rule of a page begins and the last one ends: a cell that a page break cuts is open there."""
    rules = [e for e in page.edges if e["orientation"] == "v"]
    return [min(e["top"] for e in rules), max(e["bottom"] for e in rules)] if rules else []


def _turned(chars: Sequence[dict[str, Any]]) -> dict[str, str]:
    """How pdfplumber must read text set on its side: up the page, its lines from left to right, or the other way."""
    up = sum(1 if c["matrix"][1] > 0 else -1 for c in chars if not c["upright"])
    if up > 0:
        return {"char_dir_rotated": "btt", "line_dir_rotated": "ltr"}
    return {"char_dir_rotated": "ttb", "line_dir_rotated": "rtl"} if up else {}


def _table(
    page: pdfplumber.page.Page,
    found: pdfplumber.table.Table,
    ends: Sequence[float],
    number: int,
    turned: dict[str, str],
) -> Table | None:
    filled: list[tuple[Box, str, float | None]] = []
    for row, texts in zip(found.rows, found.extract(**turned), strict=True):
        filled.extend((b, t, None) for b, t in zip(row.cells, texts, strict=True) if b is not None and t is not None)
    table = boxes.table(number, found.bbox, filled)
    if table is None:
        return None
    above, below = (_open(page, [b for b, _, _ in filled], side, y) for side, y in zip((1, 3), ends, strict=True))
    return replace(table, open_above=above, open_below=below)


def _with_overflow(page: pdfplumber.page.Page, table: Table) -> Table:
    """The table with the lines that hang out of the cells which the end of the page cuts: the last ones of the page."""
    cells, edges, bottom = list(table.cells), table.edges, table.box[3]
    cut = [
        i
        for i, c in enumerate(cells)
        if c.row + c.row_span == table.height
        and any(abs(edges[c.column] - x) <= boxes.TOLERANCE for x in table.open_below)
    ]

    def place(word: Word) -> int | None:
        for i in cut:
            left, right = edges[cells[i].column], edges[cells[i].column + cells[i].column_span]
            if left - boxes.TOLERANCE < word.left and word.right < right + boxes.TOLERANCE:
                return i
        return None

    below = [w for w in _words(page) if (w.top + w.bottom) / 2 > bottom]
    for line in unruled.lines_of(below):
        if pages.is_page_number("".join(word.text for word in line)):
            break
        places = [place(word) for word in line]
        if line[0].top - bottom > line[0].bottom - line[0].top or None in places:
            return table  # text below a table without a last rule
        for i, word in zip(places, line, strict=True):
            if i is not None:
                cells[i] = cells[i]._replace(text=f"{cells[i].text}\n{word.text}")
        bottom = max(word.bottom for word in line)
    return replace(table, cells=tuple(cells), box=(*table.box[:3], bottom))


def _words(page: pdfplumber.page.Page) -> list[Word]:
    return [
        Word(w["text"], w["x0"], w["top"], w["x1"], w["bottom"])
        for w in page.extract_words(x_tolerance=2, y_tolerance=2)
    ]


def _open(page: pdfplumber.page.Page, cells: Sequence[Box], side: int, y: float) -> tuple[float, ...]:
    """Left edges of the cells whose top (side 1) or bottom (side 3) is at `y`, where no rule is drawn."""
    rules = [(e["x0"], e["x1"]) for e in page.edges if e["orientation"] == "h" and abs(e["top"] - y) <= boxes.TOLERANCE]
    return tuple(
        b[0]
        for b in cells
        if abs(b[side] - y) <= boxes.TOLERANCE and not any(left <= (b[0] + b[2]) / 2 <= right for left, right in rules)
    )

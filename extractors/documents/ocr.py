"""Pictures to tables and paragraphs with RapidOCR, the optional extra `ocr`. Every cell so read carries its confidence.

Cells come from the rules drawn in the picture, found as long dark runs; where there are none, from figures that stand
one under another (unruled.py). Nothing here says which confidence is enough.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells
from PIL import Image, ImageSequence

from extractors.documents import boxes, pages, unruled
from extractors.documents.boxes import Box
from extractors.documents.limits import MAX_PIXELS, MAX_SCANS
from extractors.documents.sniff import IMAGE
from extractors.errors import Damaged, NoText, TooLarge
from extractors.model import Document

EXTRA = "pip install 'ogi-warehouse[ocr]'"
DPI = 200
_POINT = 72 / DPI
_LONGEST_GAP = 4  # pixels of noise in a rule
_SHORTEST_RULE = 40  # pixels: longer than any stroke of a character at this resolution
_DARK = 160
_RULE = 6  # pixels that the rule of a cell takes inside
_INK = 12  # dark pixels that are more than dust
_UNREAD = "\ufffd"
_LETTER = re.compile(r"[^\W\d_]")


def is_installed() -> bool:
    """Whether the extra is there; nothing is imported to find out."""
    return find_spec("rapidocr_onnxruntime") is not None


def read_image(data: bytes) -> Document:
    """Document of a picture, each frame a page. Raises NoText, Damaged, TooLarge."""
    if not is_installed():
        raise NoText(f"a picture; reading it takes the extra: {EXTRA}")
    sheets: list[pages.Sheet] = []
    try:
        with Image.open(io.BytesIO(data)) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                if number > MAX_SCANS or frame.width * frame.height > MAX_PIXELS:
                    raise TooLarge(f"frame {number}: {frame.width} × {frame.height} pixels")
                sheets.append(page(frame.convert("RGB"), number))
    except Image.DecompressionBombError as error:
        raise TooLarge(str(error)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Damaged(f"a picture that cannot be opened: {error}") from error
    blocks = tuple(pages.blocks(sheets))
    if not blocks:
        raise NoText("a picture in which no character was recognised")
    return Document(IMAGE, blocks)


def page(image: Image.Image, number: int) -> pages.Sheet:
    """Tables and paragraphs of a picture of a page at DPI, from top to bottom, in points."""
    words = _words(image)
    tables = [t for t in (_table(image, found, words, number) for found in _ruled(image)) if t is not None]
    if not tables:
        tables = [
            boxes.Table(number, number, f.box, f.edges, f.cells, f.height, f.aligned) for f in unruled.find(words)
        ]
    lines = [
        unruled.Word("".join(w.text for w in line), line[0].left, line[0].top, line[-1].right, line[0].bottom)
        for line in unruled.lines_of([w for w in words if not any(_holds(t.box, w) for t in tables)])
    ]
    return pages.Sheet(number, lines, tables)


@cache
def _engine() -> Any:
    try:
        from rapidocr_onnxruntime import RapidOCR  # half a second, and only where a scan is read
    except ImportError as error:  # opencv-python without libGL, on a server
        raise NoText(f"a picture, and the extra for it does not start: {error}") from error
    return RapidOCR()


def _words(image: Image.Image) -> list[unruled.Word]:
    import numpy

    # Without the classifier of turned text: it takes a lone 9 for a 6 upside down.
    found, _ = _engine()(numpy.asarray(image), use_cls=False)
    return [
        unruled.Word(
            text, min(x for x, _ in corners) * _POINT, min(y for _, y in corners) * _POINT,
            max(x for x, _ in corners) * _POINT, max(y for _, y in corners) * _POINT, round(float(score), 3),
        )
        for corners, text, score in found or ()
    ]  # fmt: skip


def _ruled(image: Image.Image) -> list[list[Box]]:
    """The cells of each ruled table, in points."""
    import numpy

    dark = numpy.asarray(image.convert("L")) < _DARK
    edges = [
        *(_edge("h", x0, y, x1, y) for y, x0, x1 in _runs(dark)),
        *(_edge("v", x, y0, x, y1) for x, y0, y1 in _runs(dark.T)),
    ]
    crossings = edges_to_intersections(edges, boxes.TOLERANCE, boxes.TOLERANCE)
    return [list(t) for t in cells_to_tables(intersections_to_cells(crossings))]


def _edge(orientation: str, x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    x0, top, x1, bottom = (v * _POINT for v in (x0, top, x1, bottom))
    return {
        "orientation": orientation, "object_type": "line", "x0": x0, "x1": x1, "top": top, "bottom": bottom,
        "width": x1 - x0, "height": bottom - top,
    }  # fmt: skip


def _runs(dark: Any) -> Iterator[tuple[float, int, int]]:
    """(middle, start, end) of the long dark runs along the rows; neighbouring rows of one rule are one."""
    import numpy

    open_runs: list[list[int]] = []  # first row, last row, start, end
    for y in numpy.flatnonzero(dark.sum(axis=1) >= _SHORTEST_RULE):
        places = numpy.flatnonzero(dark[y])
        for run in numpy.split(places, numpy.flatnonzero(numpy.diff(places) > _LONGEST_GAP) + 1):
            start, end = int(run[0]), int(run[-1])
            if end - start < _SHORTEST_RULE or len(run) < 0.9 * (end - start):
                continue
            for other in open_runs:
                if y - other[1] <= 2 and start <= other[3] and end >= other[2]:
                    other[1], other[2], other[3] = int(y), min(start, other[2]), max(end, other[3])
                    break
            else:
                open_runs.append([int(y), int(y), start, end])
    for first, last, start, end in open_runs:
        if last - first < 12:  # thicker is a filled area
            yield (first + last) / 2, start, end


def _table(image: Image.Image, cells: list[Box], words: list[unruled.Word], number: int) -> boxes.Table | None:
    filled = []
    for box in cells:
        lines = unruled.lines_of([w for w in words if _holds(box, w)])
        inside = [w for line in lines for w in line]
        text = "\n".join(" ".join(w.text for w in line) for line in lines)
        confidence = min((w.confidence for w in inside if w.confidence is not None), default=None)
        if not _LETTER.search(text):
            text, confidence = _checked(image, box, text, confidence)
        filled.append((box, text, confidence))
    outer = (min(b[0] for b in cells), min(b[1] for b in cells), max(b[2] for b in cells), max(b[3] for b in cells))
    return boxes.table(number, outer, filled)


def _checked(image: Image.Image, box: Box, text: str, confidence: float | None) -> tuple[str, float | None]:
    """A figure, or nothing, looked at once more on its own: the detector overlooks lone digits, and 1 resembles 7.

    Where two looks differ, the confidence is 0. Ink that is no text is U+FFFD: illegible, not blank.
    """
    import numpy

    left, top, right, bottom = (v / _POINT for v in box)
    crop = image.crop((left + _RULE, top + _RULE, right - _RULE, bottom - _RULE))
    dark = numpy.asarray(crop.convert("L")) < _DARK
    if dark.sum() < _INK:
        return (text, 0.0) if text else ("", None)
    rows, columns = numpy.flatnonzero(dark.any(axis=1)), numpy.flatnonzero(dark.any(axis=0))
    margin = 8
    tight = Image.new(
        "RGB", (int(columns[-1] - columns[0]) + 2 * margin, int(rows[-1] - rows[0]) + 2 * margin), "white"
    )
    tight.paste(crop.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)), (margin, margin))
    found, _ = _engine()(numpy.asarray(tight), use_det=False, use_cls=False)
    again, sure = (found[0][0].strip(), round(float(found[0][1]), 3)) if found else ("", 0.0)
    if not text:
        return (again, sure) if again else (_UNREAD, 0.0)
    return (text, max(confidence or 0.0, sure)) if again == text else (text, 0.0)


def _holds(box: Box, word: unruled.Word) -> bool:
    return box[0] <= word.middle <= box[2] and box[1] <= (word.top + word.bottom) / 2 <= box[3]

"""A draft as PDF with ruled tables over page breaks, drawn directly: where a page ends is ours to decide. A CID font, no file."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from random import Random

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.generator.sheets import Box, Draft, Paragraph, Sheet

_FONT, _SIZE, _LEADING, _PAD = "STSong-Light", 8.0, 10.0, 3.0
_LEFT, _TOP, _BOTTOM = 60.0, A4[1] - 60.0, 60.0
_WIDTH = A4[0] - 2 * _LEFT


@cache
def _font() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    return _FONT


def _advance(text: str) -> float:
    return sum(_SIZE if ord(c) > 0x2E7F else _SIZE * 0.55 for c in text)


def _wrap(text: str, width: float) -> list[str]:
    """Lines no wider than `width`; figures are not broken."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in _words(part):
            if line and _advance(line + word) > width:
                lines.append(line)
                line = ""
            line += word
        lines.append(line)
    return lines


def _words(text: str) -> list[str]:
    """Pieces that no line break divides: figures and words of letters whole, all else by character."""
    return re.findall(r"[0-9A-Za-z,.０-９．，+\-]+|.", text, re.DOTALL)


@dataclass(slots=True)
class _Pen:
    canvas: Canvas
    y: float
    page: int = 1

    def turn(self) -> None:
        """Page number, and a fresh page."""
        self.canvas.setFont(_font(), _SIZE)
        self.canvas.drawCentredString(A4[0] / 2, 30, f"— {self.page} —")
        self.canvas.showPage()
        self.page += 1
        self.y = _TOP

    def lines(self, lines: list[str], x: float, top: float) -> None:
        self.canvas.setFont(_font(), _SIZE)
        for i, line in enumerate(lines):
            self.canvas.drawString(x, top - _PAD - _SIZE - i * _LEADING, line)


def pdf(rng: Random, draft: Draft) -> bytes:
    """A PDF; the same draft gives the same bytes. Tables start where the text above them ends, and run over pages."""
    out = io.BytesIO()
    pen = _Pen(Canvas(out, A4, invariant=1, pageCompression=1), _TOP - rng.randint(0, 300))
    for block in draft.blocks:
        if isinstance(block, Paragraph):
            for line in _wrap("\u3000\u3000" + block.text, _WIDTH):
                if pen.y < _BOTTOM + _LEADING:
                    pen.turn()
                pen.lines([line], _LEFT, pen.y)
                pen.y -= _LEADING + 2
        else:
            pen.y -= _LEADING
            _table(pen, block, rng if draft.cut_rows else None)
            pen.y -= _LEADING
    pen.turn()
    pen.canvas.save()
    return out.getvalue()


def _edges(sheet: Sheet) -> list[float]:
    """Left edges of the columns: labels get what the figures leave."""
    figures = {x for _, x, b in sheet.placed() if b.role == "value"}
    first = min(figures, default=1)
    narrow = {3: 36.0, 2: 60.0}.get(first, 45.0) if sheet.code != "four" else _WIDTH / sheet.width
    rest = _WIDTH - narrow * (sheet.width - first)
    shares = [rest * s for s in ((0.16, 0.24, 0.6) if first == 3 else (0.8, 0.2) if first == 2 else (1.0,) * first)]
    edges = [_LEFT]
    for width in [*shares, *[narrow] * (sheet.width - first)]:
        edges.append(edges[-1] + width)
    return edges


def _table(pen: _Pen, sheet: Sheet, cutting: Random | None) -> None:
    """Draw a table; with `cutting`, a page ends inside one of the rows whose label takes several lines."""
    edges = _edges(sheet)
    placed = list(sheet.placed())
    texts = {id(b): _wrap(b.text, edges[x + b.across] - edges[x] - 2 * _PAD) for _, x, b in placed}
    heights = [
        max((len(texts[id(b)]) for y0, _, b in placed if y0 == y and b.down == 1), default=1) * _LEADING + 2 * _PAD
        for y in range(len(sheet.rows))
    ]
    for y, _, box in placed:  # a merged cell that needs more room than its rows give stretches the last of them
        lack = len(texts[id(box)]) * _LEADING + 2 * _PAD - sum(heights[y : y + box.down])
        if box.down > 1 and lack > 0:
            heights[y + box.down - 1] += lack
    figures = next(y for y, row in enumerate(sheet.rows) if any(b.role == "value" for b in row))
    if sum(heights[: figures + 1]) > pen.y - _BOTTOM:
        pen.turn()  # headers stay with the first row of figures
    long = [y for y, _, b in placed if b.role == "label" and y > figures and len(texts[id(b)]) > 1]
    chosen = cutting.choice(long) if cutting and long else -1
    start = 0
    while start < len(heights):
        end, used = start, 0.0
        while end < len(heights) and used + heights[end] <= pen.y - _BOTTOM and end != chosen:
            used += heights[end]
            end += 1
        cut = _LEADING + 2 * _PAD if end == chosen and used + _LEADING + 2 * _PAD <= pen.y - _BOTTOM else 0.0
        if end == start and not cut:
            pen.turn()
            continue
        _part(pen, placed, texts, edges, heights, start, end, cut)
        chosen = -1 if cut else chosen
        start = end
        if start < len(heights):
            pen.turn()


def _part(
    pen: _Pen, placed: list[tuple[int, int, Box]], texts: dict[int, list[str]], edges: list[float],
    heights: list[float], start: int, end: int, cut: float,
) -> None:  # fmt: skip
    """Rows `start` to `end` on this page, and the first `cut` points of row `end`. Lines that find no room go on overleaf."""
    tops = {start: pen.y}
    for y in range(start, end):
        tops[y + 1] = tops[y] - heights[y]
    bottom = tops[end] - cut
    if cut:
        heights[end] = 0.0
    for y, x, box in placed:
        last = y + box.down
        if last <= start or y > end or (y == end and not cut):
            continue
        top, low = tops[max(y, start)], tops[last] if last <= end else bottom
        pen.canvas.rect(edges[x], low, edges[x + box.across] - edges[x], top - low)
        lines = texts[id(box)]
        room = int((top - low - _PAD) // _LEADING) if last > end else len(lines)
        pen.lines(lines[:room], edges[x] + _PAD, top)
        texts[id(box)] = lines[room:]
        if last > end:
            lack = max(len(lines) - room, 1) * _LEADING + 2 * _PAD - sum(heights[end:last])
            heights[last - 1] += max(lack, 0.0)
    pen.y = bottom

"""Tables without rules: words with their places to rows and columns. Prose, however full of figures, is none. Reads no page.

A row is a line that ends in two figures or more, or in one and its unit, or in one below such figures; a table is three rows
or more with little between them, or what is left of one at the top of a page. Columns are where the figures of the rows stand
one under another. Where they do not, the columns mean nothing and the table says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extractors import units
from extractors.model import Cell

_FIGURE = re.compile(r"^(?:[增减減+\-−－]?\d[\d,，]*(?:\.\d+)?(?:万元|元|%)?|[/／—－-])$")
_WRAPPED = re.compile("[万亿]元|人次")
_UNIT = re.compile(f"(?:{units.ANY})$")
_UNIT_LAST = re.compile(rf"(?:{units.ANY})\s*[\d,.]+\s*$|\s[\d,.]+\s*(?:{units.ANY})\s*$")
_PAGE_NUMBER = re.compile(r"^[-—–－·•]+\d{1,4}[-—–－·•]+$|^第\d{1,4}页")
_NOTE = re.compile(r"[(（][^()（）]*(?:[)）]|$)")
_SENTENCE = re.compile(r"[。；！？]|，.*，")
_ROWS = 3
_BETWEEN = 2  # lines of a wrapped label between two rows
_HEADER = 6


@dataclass(frozen=True, slots=True)
class Word:
    """Text with its box, from the top left of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float | None = None

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Found:
    """A table with the box that holds it; `aligned` is false where only the order within a row is known."""

    box: tuple[float, float, float, float]
    cells: tuple[Cell, ...]
    edges: tuple[float, ...]
    height: int
    aligned: bool


def looks_like_rows(text: str) -> bool:
    """Whether the plain text of a page holds lines enough that end in figures: cheap, before any word is placed."""
    lines = text.splitlines()  # pdfium leaves no space between characters of one width, however far apart
    return sum(_ends_in_figures(line.split()) or bool(_UNIT_LAST.search(line)) for line in lines) >= _ROWS


def _ends_in_figures(words: Sequence[str]) -> bool:
    """In two, or in one and its unit: the form of 2014 has one column of figures."""
    if len(words) < 3:
        return False
    last = [unicodedata.normalize("NFKC", w) for w in words[-2:]]  # a browser prints ⼈, the radical, for 人
    figures = [bool(_FIGURE.match(w)) for w in last]
    return all(figures) or (any(figures) and any(_UNIT.match(w) for w in last))


def lines_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words to lines, each from left to right: a word belongs to the line whose first word it overlaps by half."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.top + w.bottom) / 2):
        middle = (word.top + word.bottom) / 2
        if lines and lines[-1][0].top < middle < lines[-1][0].bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda w: w.left) for line in lines]


def find(words: Sequence[Word], *, goes_on: bool = False) -> list[Found]:
    """The tables among the words of a page, from top to bottom. `goes_on`: the page before ends in one, so that its top may be
    the rest of it, of a single row even."""
    lines = [
        line for line in lines_of(_with_whole_units(words)) if not _PAGE_NUMBER.match("".join(w.text for w in line))
    ]
    rows = [_is_row(line) for line in lines]
    figures = [line[-1] for line, row in zip(lines, rows, strict=True) if row]
    rows = [row or _is_row_below(line, figures) for line, row in zip(lines, rows, strict=True)]
    found: list[Found] = []
    start = 0
    while start < len(lines):
        if not rows[start]:
            start += 1
            continue
        end = last = start
        while end + 1 < len(lines) and end - last <= _BETWEEN and (rows[end + 1] or not _is_prose(lines[end + 1])):
            end += 1
            last = end if rows[end] else last
        if sum(rows[start : last + 1]) >= (1 if goes_on and start <= _BETWEEN else _ROWS):
            top = start
            while top and start - top < _HEADER and len(lines[top - 1]) > 1 and not _is_prose(lines[top - 1]):
                top -= 1
            found.append(_table(lines[top : last + 1], rows[top : last + 1]))
        start = last + 1
    return found


def _with_whole_units(words: Sequence[Word]) -> list[Word]:
    """The words, with units that a narrow column sets one character under another in one piece: 万元, not 万 and 元."""
    whole, gone = list(words), set()
    in_columns = sorted(range(len(whole)), key=lambda i: (round(whole[i].left), whole[i].top))
    for i, j in pairwise(in_columns):
        upper, lower = whole[i], whole[j]
        unit = unicodedata.normalize("NFKC", upper.text + lower.text)
        height = upper.bottom - upper.top
        if (
            _WRAPPED.fullmatch(unit)
            and abs(lower.left - upper.left) < 1
            and height / 2 < lower.top - upper.top < 2 * height
        ):
            whole[i] = replace(upper, text=unit, bottom=lower.bottom)
            gone.add(j)
    return [word for i, word in enumerate(whole) if i not in gone]


def _is_row_below(line: Sequence[Word], figures: Sequence[Word]) -> bool:
    """Whether the only figure of a line stands below or above the last ones of rows: its unit is lost or elsewhere."""
    last = line[-1]
    return (
        len(line) > 1
        and bool(_FIGURE.match(last.text))
        and any(f.left < last.right and last.left < f.right for f in figures)
        and not _is_prose(line)
    )


def _is_row(line: Sequence[Word]) -> bool:
    return _ends_in_figures([w.text for w in line]) and not _is_prose(line)


def _is_prose(line: Sequence[Word]) -> bool:
    return bool(_SENTENCE.search(_NOTE.sub("", "".join(w.text for w in line))))


def _table(lines: Sequence[Sequence[Word]], rows: Sequence[bool]) -> Found:
    figures = sorted(
        (w for line, row in zip(lines, rows, strict=True) if row for w in line if _FIGURE.match(w.text)),
        key=lambda w: w.middle,
    )
    size = sum(w.bottom - w.top for w in figures) / len(figures)
    columns: list[list[Word]] = [[figures[0]]]
    for a, b in pairwise(figures):
        if b.middle - a.middle > size:
            columns.append([])
        columns[-1].append(b)
    lefts = [min(w.left for w in c) for c in columns]
    rights = [max(w.right for w in c) for c in columns]
    # Figures that overlap sideways with two columns, or two of one line in one column: no columns, only an order.
    # Of a single one, the unit before it would become part of the label.
    aligned = len(columns) > 1 and all(right < left for right, left in zip(rights, lefts[1:], strict=False))
    bounds = [(r + x) / 2 for r, x in zip(rights, lefts[1:], strict=False)]
    first = min(lefts)
    cells: list[Cell] = []
    for y, line in enumerate(lines):
        places: dict[int, list[Word]] = {}
        for word in line:
            is_label = word.middle < first - size / 2
            places.setdefault(0 if is_label else 1 + sum(word.middle > b for b in bounds), []).append(word)
        if rows[y]:
            aligned = aligned and all(len(ws) == 1 for x, ws in places.items() if x)
            cells.extend(_cell(y, x, places.get(x, ())) for x in range(len(columns) + 1))
        else:
            cells.extend(_cell(y, x, ws) for x, ws in sorted(places.items()))
    if not aligned:
        cells = [_cell(y, x, [w]) for y, line in enumerate(lines) for x, w in enumerate(line)]
    every = [w for line in lines for w in line]
    box = (
        min(w.left for w in every), min(w.top for w in every), max(w.right for w in every), max(w.bottom for w in every),
    )  # fmt: skip
    return Found(box, tuple(cells), (box[0], first - size / 2, *bounds, box[2]), len(lines), aligned)


def _cell(y: int, x: int, words: Sequence[Word]) -> Cell:
    sure = [w.confidence for w in words if w.confidence is not None]
    return Cell(y, x, " ".join(w.text for w in words), confidence=min(sure) if sure else None)

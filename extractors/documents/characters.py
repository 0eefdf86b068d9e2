"""Characters of a PDF's page before its tables are read: what is no text taken out, what stands a little off put right.

Changes the characters that pdfplumber holds, in place; finds no table.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pdfplumber

from extractors.documents.boxes import Box

Char = dict[str, Any]
"""A character as pdfplumber describes it."""

_RAISED = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
_SMALL, _LIFT = 0.8, 0.1  # of the size of the character before it
_SLANT = 0.05
_THIN = 2.0  # points of a rule's height
_MIDDLE = 0.15  # of its size around the middle of a character
_AS_FAR = 2.0  # points by which a rule that strikes words out differs from them in length
_AS_BOLD = 0.08  # of its size by which a character stands off itself that is drawn twice to look bold, at most
_COARSE = 2.0  # points of a grid in which such characters are sought
_EDGE = 0.5  # points at the sides of a character's box that it does not fill
_OF_FIGURES = frozenset("0123456789.,")
_APART = 0.15  # of its size between two figures of one number, at most: less than between two cells
_BEHIND = 0.3  # of its size that a raised mark stands behind a character, at most
_DESCENT = 0.2  # of its size that a character reaches below its line, in a usual font


def put_right(page: pdfplumber.page.Page) -> None:
    """Leave out watermarks, what is struck out or drawn twice, mark what is raised, and set all fonts at one height."""
    page.chars[:] = [c for c in page.chars if not c["matrix"][0] * c["matrix"][1] or not _is_slanted(c)]
    if len({(c["text"], c["x0"] // _COARSE, c["y0"] // _COARSE) for c in page.chars}) < len(page.chars):
        page.chars[:] = _drawn_once(page.chars)
    _raise(page.chars)
    _level(page.chars)
    _strike(page)


def _drawn_once(chars: Iterable[Char]) -> Iterator[Char]:
    """Characters without those that are drawn again a hair beside themselves: bold, where a font has none."""
    drawn: dict[tuple[str, float, float], list[Char]] = {}
    for char in chars:
        x, y, near = char["x0"], char["y0"], _AS_BOLD * char["size"]
        places = {((x + dx) // _COARSE, (y + dy) // _COARSE) for dx in (-near, near) for dy in (-near, near)}
        again = (c for place in places for c in drawn.get((char["text"], *place), ()))
        if not any(abs(c["x0"] - x) <= near and abs(c["y0"] - y) <= near and c["size"] == char["size"] for c in again):
            drawn.setdefault((char["text"], x // _COARSE, y // _COARSE), []).append(char)
            yield char


def _is_slanted(char: Char) -> bool:
    """Whether a character stands neither upright nor at a right angle, as watermarks do."""
    along, up = abs(char["matrix"][0]), abs(char["matrix"][1])
    return bool(min(along, up) > _SLANT * max(along, up))


def _raise(chars: Sequence[Char]) -> None:
    """Make a small figure that stands raised behind another character the mark of a footnote, which it is."""
    for before, char in pairwise(chars):
        if (
            char["text"] in _RAISED
            and char["size"] < _SMALL * before["size"]
            and char["matrix"][5] > before["matrix"][5] + _LIFT * before["size"]
            and abs(char["x0"] - before["x1"]) < _BEHIND * before["size"]
        ):
            char["text"] = _RAISED[char["text"]]


def _level(chars: Sequence[Char]) -> None:
    """Set characters of all fonts at the same height above their line.

    Figures and brackets are often of another font than the words beside them, whose box lies a quarter of their size lower:
    pdfplumber, which goes by the boxes, then reads them as a line of their own.
    """
    for char in chars:
        if char["upright"]:
            up = char["matrix"][5] - char["y0"] - _DESCENT * char["size"]
            for name, by in (("y0", up), ("y1", up), ("top", -up), ("bottom", -up), ("doctop", -up)):
                char[name] += by


def _strike(page: pdfplumber.page.Page) -> None:
    """Take out the characters that a rule runs through, as far as they go: they are struck out. Longer rules are of tables."""
    chars = [c for c in page.chars if c["upright"] and c["text"] != " "]
    middles = sorted((c["bottom"] - c["size"] / 2, n) for n, c in enumerate(chars))
    heights = [middle for middle, _ in middles]
    most = _MIDDLE * max((c["size"] for c in chars), default=0)
    struck: set[int] = set()
    for rule in (r for r in (*page.lines, *page.rects) if r["height"] < _THIN):
        near = middles[bisect(heights, rule["top"] - most) : bisect(heights, rule["top"] + most)]
        through = [
            char
            for middle, n in near
            if abs(middle - rule["top"]) <= _MIDDLE * (char := chars[n])["size"]
            and rule["x0"] - _AS_FAR <= char["x0"]
            and char["x1"] <= rule["x1"] + _AS_FAR
        ]
        left, right = min((c["x0"] for c in through), default=0), max((c["x1"] for c in through), default=0)
        if through and left - rule["x0"] <= _AS_FAR and rule["x1"] - right <= _AS_FAR:
            struck.update(map(id, through))
    if struck:
        page.chars[:] = [c for c in page.chars if id(c) not in struck]


def gather(chars: Sequence[Char], tables: Sequence[Sequence[Box]]) -> None:
    """Set a figure that runs over a vertical rule whole into the cell that its middle is in.

    pdfplumber goes by the middle of each character, and what it cuts off a figure leaves another figure.
    """
    figures = _figures(chars)
    for cells in tables:
        rules = sorted({x for left, _, right, _ in cells for x in (left, right)})
        for run in figures:
            first, last = bisect(rules, _middle(run[0])), bisect(rules, _middle(run[-1]))
            # Where the rule passes between two characters, they are of two cells.
            if any(c["x0"] + _EDGE < x < c["x1"] - _EDGE for x in rules[first:last] for c in run):
                _gather(run, cells)


def _gather(run: Sequence[Char], cells: Sequence[Box]) -> None:
    x, y = (run[0]["x0"] + run[-1]["x1"]) / 2, (run[0]["top"] + run[0]["bottom"]) / 2
    for left, top, right, bottom in cells:
        if left <= x < right and top <= y < bottom and (run[0]["x0"] < left or run[-1]["x1"] > right):
            width = (right - left) / (len(run) + 2)
            for at, char in enumerate(run, 1):
                char["x0"], char["x1"] = left + at * width, left + (at + 1) * width


def _figures(chars: Sequence[Char]) -> list[list[Char]]:
    """The characters of each figure of more than one, as they were drawn one beside another."""
    runs: list[list[Char]] = [[]]
    for char in chars:
        if char["text"] not in _OF_FIGURES or not char["upright"]:
            continue
        last = runs[-1][-1] if runs[-1] else char
        if abs(char["top"] - last["top"]) >= 1 or abs(char["x0"] - last["x1"]) > _APART * char["size"]:
            runs.append([])
        runs[-1].append(char)
    return [run for run in runs if len(run) > 1]


def _middle(char: Char) -> float:
    return float(char["x0"] + char["x1"]) / 2

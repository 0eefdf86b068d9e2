"""Series as SVG: points and lines by year, never drawn through a missing year or a break. No data and no page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 150, 52, 10, 12, 24


@dataclass(frozen=True, slots=True)
class Point:
    """A year's value; None where it is missing, with the reason."""

    year: int
    value: Decimal | int | None
    missing: str | None = None
    breaks: bool = False
    """The series breaks at the beginning of this year: it is not to be compared with the year before."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates for the template: dots (x, y, year, figure), lines, breaks and notes (x, year), missing (x, year, why), ticks and labels."""

    width: int
    height: int
    bottom: int
    left: int
    right: int
    dots: tuple[tuple[float, float, int, str], ...]
    lines: tuple[tuple[float, float, float, float], ...]
    breaks: tuple[tuple[float, int], ...]
    notes: tuple[tuple[float, int], ...]
    missing: tuple[tuple[float, int, str], ...]
    ticks: tuple[tuple[float, str], ...]
    years: tuple[tuple[float, int], ...]


def chart(points: Sequence[Point], events: Collection[int] = ()) -> Chart | None:
    """The chart of a series, or None when fewer than two years have a value. `points` are in the order of the years.

    `events` are years in which something changed that breaks other series: marked, and the line goes on.
    """
    known = [p for p in points if p.value is not None]
    if len(known) < 2:
        return None
    first, last = points[0].year, points[-1].year
    values = [float(p.value) for p in known if p.value is not None]
    top, low = max(*values, 0.0) or 1.0, min(*values, 0.0)
    step = (WIDTH - LEFT - RIGHT) / (last - first)

    def x(year: float) -> float:
        return round(LEFT + (year - first) * step, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (top - low) * (HEIGHT - BOTTOM - TOP), 1)

    dots = tuple((x(p.year), y(float(p.value)), p.year, figure(p.value)) for p in known if p.value is not None)
    lines = []
    for before, after in pairwise(points):
        if before.value is not None and after.value is not None and after.year == before.year + 1 and not after.breaks:
            lines.append((x(before.year), y(float(before.value)), x(after.year), y(float(after.value))))
    return Chart(
        WIDTH, HEIGHT, HEIGHT - BOTTOM, LEFT, WIDTH - RIGHT, dots, tuple(lines),
        breaks=tuple((x(p.year - 0.5), p.year) for p in points[1:] if p.breaks),
        notes=tuple((x(p.year - 0.5), p.year) for p in points[1:] if p.year in events and not p.breaks),
        missing=tuple((x(p.year), p.year, p.missing or "no report") for p in points if p.value is None),
        ticks=tuple((y(v), figure(Decimal(v).quantize(Decimal(1)))) for v in dict.fromkeys((low, top))),
        years=tuple((x(year), year) for year in dict.fromkeys((first, last))),
    )  # fmt: skip


def figure(value: Decimal | int) -> str:
    """A number without the zeros of its storage type."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text

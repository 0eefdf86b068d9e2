"""Timing and printing that the benchmarks share. Knows no report and no pipeline."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def in_turn(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median wall time of one call of each, which take turns: what slows the machine slows them alike.

    After a call each that does not count. Short work is repeated, together to fill some 20 ms a turn. Every round begins with
    another one and half of them go backwards: work finds the caches as the one before it left them.
    """
    start = time.perf_counter()
    for work in works.values():
        work()
    once = (time.perf_counter() - start) / len(works)
    repeat = max(1, min(1000, int(0.02 / once))) if once > 0 else 1000
    measured: dict[str, list[float]] = {name: [] for name in works}
    order = list(works.items())
    for turn in range(rounds):
        order = [*order[1:], order[0]] if turn % 2 else order[::-1]
        for name, work in order:
            start = time.perf_counter()
            for _ in range(repeat):
                work()
            measured[name].append((time.perf_counter() - start) / repeat)
    return {name: statistics.median(times) for name, times in measured.items()}


def machine() -> dict[str, object]:
    """What the figures were measured on: they compare only with figures of the same machine."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "load": [round(x, 2) for x in os.getloadavg()],
    }


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows under a head, columns aligned: the first to the left, the others to the right."""
    texts = [[str(c) for c in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(head))]
    lines = [
        "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in texts
    ]
    return "\n".join((lines[0], "-" * len(lines[0]), *lines[1:]))


def show(text: str) -> None:
    sys.stdout.write(text + "\n")


def write_json(path: Path | None, result: dict[str, object]) -> None:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

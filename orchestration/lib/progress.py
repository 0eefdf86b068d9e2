"""Short lines about what the pipeline is doing, and how long each phase took. Prints nothing itself: a runner attaches a handler."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("ogi")
PHASES = ("import", "load definitions", "archive", "read", "load", "dbt", "checks", "docs", "publish")

_seconds: dict[str, float] = {}


@contextmanager
def phase(name: str) -> Iterator[list[str]]:
    """Time a phase and log one line with what is appended to the list it yields. Phases entered again add up."""
    if name not in PHASES:
        raise ValueError(f"unknown phase {name!r}, expected one of {PHASES}")
    says: list[str] = []
    start = time.perf_counter()
    yield says
    took = time.perf_counter() - start
    spent(name, took)
    log.info("[%d/%d] %-17s %s   %.1f s", PHASES.index(name) + 1, len(PHASES), name, " ".join(says), took)


def spent(name: str, seconds: float) -> None:
    """Add seconds to a phase that was timed elsewhere."""
    _seconds[name] = _seconds.get(name, 0.0) + seconds


def timings() -> dict[str, float]:
    """Seconds of each phase of this process, in their order; a phase that did not run is not there."""
    return {name: round(_seconds[name], 3) for name in PHASES if name in _seconds}


def reset() -> None:
    """Forget the timings (before another run in the same process)."""
    _seconds.clear()

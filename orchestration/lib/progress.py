"""Short lines about what the pipeline is doing, and how long each phase took. Prints nothing itself: a runner attaches a handler."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("ogi")
PHASES = ("import", "load definitions", "archive", "read", "load", "dbt", "checks", "publish", "docs")

EVERY_SECONDS = 5.0
_seconds: dict[str, float] = {}
_processor: dict[str, float] = {}
_inner: list[tuple[float, float]] = []  # both, of the phases inside those that are open: no second is counted twice


@contextmanager
def phase(name: str) -> Iterator[list[str]]:
    """Time a phase and log one line with what is appended to the list it yields (nothing appended, no line).

    Phases entered again add up. A phase inside another is counted once, as its own.
    """
    if name not in PHASES:
        raise ValueError(f"unknown phase {name!r}, expected one of {PHASES}")
    says: list[str] = []
    _inner.append((0.0, 0.0))
    start, start_busy = time.perf_counter(), _busy()
    try:
        yield says
    finally:
        whole, whole_busy = time.perf_counter() - start, _busy() - start_busy
        inside, inside_busy = _inner.pop()
        if _inner:
            _inner[-1] = (_inner[-1][0] + whole, _inner[-1][1] + whole_busy)
        took = whole - inside
        spent(name, took, whole_busy - inside_busy)
    if says:
        say(name, " ".join(says), took)


class Ticker:
    """Counts to `total`, and every few seconds logs a line about the rate and what remains. A short count says nothing."""

    def __init__(self, done: str, total: int) -> None:
        self._done, self._total, self._count = done, total, 0
        self._start = self._last = time.monotonic()

    def tick(self) -> None:
        """One more."""
        self._count += 1
        now = time.monotonic()
        if now - self._last >= EVERY_SECONDS and self._count < self._total:
            self._last, rate = now, self._count / (now - self._start)
            left = (self._total - self._count) / rate
            log.info("      %s %d of %d, %.1f a second, %.0f s left", self._done, self._count, self._total, rate, left)


def say(name: str, text: str, seconds: float) -> None:
    """Log the line of a phase."""
    log.info("[%d/%d] %-17s %s   %.1f s", PHASES.index(name) + 1, len(PHASES), name, text, seconds)


def say_total(name: str, text: str) -> None:
    """Log the line of a phase with all of its seconds so far."""
    say(name, text, _seconds.get(name, 0.0))


def spent(name: str, seconds: float, processor: float | None = None) -> None:
    """Add wall seconds, and processor seconds where they are known, to a phase that was timed elsewhere."""
    _seconds[name] = _seconds.get(name, 0.0) + seconds
    if processor is not None:
        _processor[name] = _processor.get(name, 0.0) + processor


def timings() -> dict[str, float]:
    """Seconds of each phase of this process so far, in their order; a phase that did not run is not there."""
    return {name: round(_seconds[name], 3) for name in PHASES if name in _seconds}


def processor() -> dict[str, float]:
    """The same in processor seconds, of this process and of those that it started and that have ended: on a machine that others
    use these say more."""
    return {name: round(_processor[name], 3) for name in PHASES if name in _processor}


def _busy() -> float:
    return sum(os.times()[:4])


def reset() -> None:
    """Forget the timings (before another run in the same process)."""
    _seconds.clear()
    _processor.clear()

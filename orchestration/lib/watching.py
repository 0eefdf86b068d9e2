"""When a run is due: the season of publication, a catalogue that changed, files dropped in the inbox. Starts nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

SETTLED_SECONDS = 10.0


def is_season(day: date) -> bool:
    """1 January to 15 April: departments publish by 31 January, governments by 31 March, some late."""
    return (day.month, day.day) <= (4, 15)


def is_due(day: date) -> bool:
    """Every day of the season, Mondays otherwise."""
    return is_season(day) or day.weekday() == 0


def fingerprint(content: bytes) -> str:
    """A short name of a content."""
    return hashlib.sha256(content).hexdigest()[:16]


def files_fingerprint(files: Sequence[Path]) -> str:
    """A short name of which files there are: names, sizes, times. Empty when there is none."""
    seen = [(p.name, (stat := p.stat()).st_size, stat.st_mtime_ns) for p in files]
    return fingerprint(repr(seen).encode()) if seen else ""


def settled(files: Sequence[Path], now: float) -> bool:
    """Whether nobody has written to the files for a while, so that no half-copied file is taken."""
    return all(now - p.stat().st_mtime >= SETTLED_SECONDS for p in files)


def moved(cursor: str | None, found: str) -> str | None:
    """The next cursor, None when nothing changed. It counts changes, so that a content that comes back is a change too."""
    count, _, before = (cursor or "0:").partition(":")
    return None if found == before else f"{int(count) + 1}:{found}"

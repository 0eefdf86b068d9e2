"""Which pages are on disk and what they were made from: only what changed is written, what is gone is removed. Renders nothing."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

NAME = "pages.json"


@dataclass(slots=True)
class Written:
    """How many pages there are, and what was done to them."""

    total: int = 0
    written: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.total} pages: {self.written} written, {self.total - self.written} unchanged, {self.removed} removed"
        )


class Manifest:
    """The pages below `site`, by relative path: the hash of their content and the key of what they were made from.

    A manifest that is missing or damaged, or a page whose size is another, costs time and nothing else: the page is written.
    """

    def __init__(self, site: Path) -> None:
        self._site = site
        self._before: dict[str, tuple[str, str, int]] = _load(site / NAME)
        self._now: dict[str, tuple[str, str, int]] = {}
        self._sizes = _sizes(site, {os.path.dirname(path) for path in self._before})
        self.done = Written()

    def keep(self, path: str, key: str) -> bool:
        """Whether the page is on disk and made from `key`: then it stays as it is and need not be rendered."""
        before = self._before.get(path)
        if before is None or before[0] != key or self._sizes.get(path) != before[2]:
            return False
        self._now[path] = before
        self.done.total += 1
        return True

    def put(self, path: str, text: str, key: str = "") -> None:
        """Write the page in one step, unless its content is what is on disk."""
        data = text.encode("utf-8")
        content = hashlib.md5(data, usedforsecurity=False).hexdigest()
        before = self._before.get(path)
        self._now[path] = (key, content, len(data))
        self.done.total += 1
        if before is not None and before[1] == content and self._sizes.get(path) == len(data):
            return
        target = f"{self._site}/{path}"
        try:
            _write(target, data)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _write(target, data)
        self.done.written += 1

    def close(self) -> Written:
        """Remove the pages that were made before and are not any more; remember the others."""
        for path in self._before.keys() - self._now.keys():
            (self._site / path).unlink(missing_ok=True)
            self.done.removed += 1
        text = json.dumps(self._now, separators=(",", ":"), sort_keys=True)
        _write(str(self._site / NAME), text.encode("utf-8"))
        return self.done


def _write(target: str, data: bytes) -> None:
    fresh = f"{target}.new"
    with open(fresh, "wb") as file:
        file.write(data)
    os.replace(fresh, target)  # a reader sees the whole page, the old or the new


def _load(path: Path) -> dict[str, tuple[str, str, int]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): (str(key), str(content), int(size)) for name, (key, content, size) in found.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _sizes(site: Path, folders: set[str]) -> dict[str, int]:
    found = {}
    for folder in folders:
        if (site / folder).is_dir():
            with os.scandir(site / folder) as entries:
                for entry in entries:
                    if entry.is_file():
                        found[f"{folder}/{entry.name}" if folder else entry.name] = entry.stat().st_size
    return found

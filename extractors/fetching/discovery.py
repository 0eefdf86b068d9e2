"""From the page that lists an agency's annual reports to proposed rows of the catalogue. Accepts none of them by itself.

`ogi discover` prints the rows; a person copies them, or `--accept` adds them to a catalogue.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from extractors import sources
from extractors.errors import DocumentError, NothingFound
from extractors.fetching import links
from extractors.fetching.adapters import ADAPTERS
from extractors.fetching.adapters.page import Entry, Page

Fetch = Callable[[str], tuple[str, bytes]]
MAX_PAGES = 50


@dataclass(frozen=True, slots=True)
class Discovery:
    """Reports that were found, by which adapter, over which pages, and what could not be had on the way."""

    entries: tuple[Entry, ...]
    adapter: str
    pages: tuple[str, ...]
    failures: tuple[tuple[str, DocumentError], ...]


def listed(address: str, data: bytes) -> tuple[tuple[Entry, ...], tuple[str, ...], str]:
    """(reports, further pages, adapter) of one page of a list. Raises Undecodable; a page without reports gives none."""
    page = Page.of(address, data)
    for adapter in ADAPTERS:
        if not adapter.recognises(page):
            continue
        found = _usable(address, adapter.entries(page))
        more = tuple(m for m in map(links.clean, adapter.more(page)) if m and links.same_site(m, address))
        if found or more:
            return found, more, adapter.NAME
    return (), (), ADAPTERS[-1].NAME


def discover(address: str, fetch: Fetch, max_pages: int = MAX_PAGES) -> Discovery:
    """Reports of a list over its pages, newest first. `fetch` takes an address to (final address, bytes).

    Raises NothingFound when no page lists a report, and DocumentError when the first page cannot be had; a later page that
    cannot be had is a failure in the result.
    """
    waiting, seen = deque([address]), {address}
    entries: dict[str, Entry] = {}
    pages: list[str] = []
    failures: list[tuple[str, DocumentError]] = []
    adapter = ""
    while waiting and len(pages) + len(failures) < max_pages:
        at = waiting.popleft()
        try:
            final, data = fetch(at)
            found, more, name = listed(final, data)
        except DocumentError as error:
            if not pages:
                raise
            failures.append((at, error))
            continue
        pages.append(at)
        adapter = name if found or not adapter else adapter
        for entry in found:
            entries.setdefault(entry.address, entry)
        new = [m for m in more if m not in seen]
        seen.update(new)
        waiting.extend(new)
    if not entries:
        raise NothingFound(
            f"{address}: no annual report is listed on {len(pages)} page(s); read as {adapter}. The layout is not known, or this is "
            "not the list"
        )
    ordered = sorted(entries.values(), key=lambda e: -(e.year or 0))
    return Discovery(tuple(ordered), adapter, tuple(pages), tuple(failures))


def source_id(address: str, year: int | None) -> str:
    """A name for a proposed source: of the host and the year, with a few characters that tell addresses apart."""
    host = re.sub(r"[^a-z0-9]+", "-", (urlsplit(address).hostname or "file").lower()).strip("-")
    return f"{host}-{year or 'year'}-{hashlib.sha256(address.encode()).hexdigest()[:6]}"


def rows(found: Iterable[Entry], agency_name: str = "", known: Iterable[str] = ()) -> list[dict[str, str]]:
    """Proposed rows of the catalogue, without the addresses that are known. The title is a column more, for the person who looks."""
    skip = set(known)
    return [
        dict.fromkeys(sources.COLUMNS, "")
        | {
            "source_id": source_id(e.address, e.year),
            "agency_name": agency_name,
            "report_year": str(e.year) if e.year and e.year >= sources.FIRST_YEAR else "",
            "location": e.address,
            "title": e.title,
        }
        for e in found
        if e.address not in skip
    ]


def write(file: TextIO, proposed: Iterable[dict[str, str]]) -> None:
    """Rows as CSV."""
    writer = csv.DictWriter(file, [*sources.COLUMNS, "title"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(proposed)


def accept(catalogue: Path, proposed: Iterable[dict[str, str]]) -> int:
    """Add rows to a catalogue, in the columns that it has; return how many. The catalogue stays valid or stays as it was.

    Raises CatalogueError.
    """
    before = catalogue.read_bytes() if catalogue.exists() else b""
    if before:
        existing = sources.load(catalogue)
        taken, located = {s.source_id for s in existing}, {s.location for s in existing}
    else:
        taken, located = set(), set()
    new = [r for r in proposed if r["location"] not in located and r["source_id"] not in taken]
    if not new:
        return 0
    text = before.decode("utf-8-sig")
    columns = next(csv.reader(io.StringIO(text))) if text else list(sources.COLUMNS)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore", restval="")
    if not text:
        writer.writeheader()
    elif not text.endswith("\n"):
        out.write("\n")
    writer.writerows(new)
    made = catalogue.with_name(f".{catalogue.name}.new")
    made.write_bytes(before + out.getvalue().encode("utf-8"))
    try:
        sources.load(made)
        made.replace(catalogue)
    finally:
        made.unlink(missing_ok=True)
    return len(new)


def _usable(address: str, found: Iterable[Entry]) -> tuple[Entry, ...]:
    kept: dict[str, Entry] = {}
    for entry in found:
        target = links.clean(entry.address)
        if target and target != links.clean(address):
            kept.setdefault(target, Entry(target, entry.title, entry.year))
    return tuple(kept.values())

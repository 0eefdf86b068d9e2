"""From locations to archived bytes, by where they are: files, WARC files, the inbox, the web. Writes no table, reads no document.

A location is an http(s) address, a path beside the catalogue, `inbox:NAME` for a file dropped in OGI_HOME/inbox, or
`FILE.warc.gz#ADDRESS` for what somebody's crawl has of an address; a WARC file that holds one document needs no address.
"""

from __future__ import annotations

import logging
import mimetypes
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.errors import BadResponse, DocumentError, EmptyDocument, MissingFile
from extractors.fetching import local, pages, safety, warc
from extractors.fetching.archive import Archive, ArchiveDamaged
from extractors.fetching.exchange import Exchange
from extractors.fetching.settings import Settings
from extractors.sources import Source
from orchestration.lib import brought, wanted
from orchestration.lib.brought import Thing
from orchestration.lib.home import Home
from orchestration.lib.progress import Ticker
from orchestration.lib.wanted import INBOX

if TYPE_CHECKING:
    from extractors.fetching.collect import Attempt as Fetched
    from extractors.fetching.links import Links

log = logging.getLogger("ogi")
_WEB = re.compile(r"https?:", re.IGNORECASE)
_WARC = re.compile(r"(?P<file>.+?\.warc(?:\.gz)?)(?:#(?P<address>.+))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one source. `sha256` is None exactly when its bytes could not be had, and `error` says why.

    `at` is when the bytes were had, where that is not now; `moved` says where redirects led; `kept` is what the archive
    holds of the address from before, when this attempt failed.
    """

    source: Source
    sha256: str | None
    size: int
    error: DocumentError | None
    at: datetime | None = None
    media_type: str | None = None
    moved: str | None = None
    kept: str | None = None
    brought: tuple[tuple[Thing, Attempt], ...] = ()
    """What the page of the source brings, with what became of each."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where locations lead: the catalogue's folder, the inbox, how the web is asked."""

    folder: Path
    inbox: Path | None = None
    settings: Settings = field(default_factory=Settings)
    resolve: safety.Resolve = safety.resolve

    @classmethod
    def of(cls, home: Home, *, anew: bool = False) -> Places:
        """Those of a home. `anew`: addresses are asked for however lately they were. Raises SettingsError."""
        settings = wanted.settings()
        return cls(home.catalogue.parent, home.inbox, replace(settings, fresh_for=0) if anew else settings)


def collect(sources: Sequence[Source], places: Places, archive: Archive) -> list[Attempt]:
    """Try every source once, in the order given. One that cannot be had is an attempt with its error; the others go on.

    Raises ArchiveBusy or OSError, which are ours.
    """
    web = [s for s in sources if is_web(s.location)]
    crawled = [s for s in sources if not is_web(s.location) and _WARC.fullmatch(s.location)]
    apart = {s.source_id for s in (*web, *crawled)}
    with archive.writing():  # one write to the disk for all; not around the web, which holds the archive by itself
        attempts = [_from_file(s, places, archive) for s in sources if s.source_id not in apart]
        attempts += _from_warc_files(crawled, places, archive)
    attempts += _from_web(web, places, archive)
    by_source = {a.source.source_id: a for a in attempts}
    return [by_source[s.source_id] for s in sources]


def restore(damaged: Mapping[str, str], sources: Sequence[Source], places: Places, archive: Archive) -> int:
    """Collect again what is damaged in the archive (sha256 by source); return how many objects are whole again.

    The damaged bytes stay where they are and lose their place in the index. A source that cannot be had now, or that says
    something else now, leaves its damage to the next run, which asks again.
    """
    for sha256 in set(damaged.values()):
        archive.discard_damaged(sha256)
    known = {s.source_id for s in sources}
    owners = {brought.owner(name, known) for name in damaged}
    collect([s for s in sources if s.source_id in owners], places, archive)
    return sum(sha256 in archive for sha256 in set(damaged.values()))


def is_web(location: str) -> bool:
    """Whether a location is an address that is fetched."""
    return _WEB.match(location) is not None


def _from_file(source: Source, places: Places, archive: Archive) -> Attempt:
    try:
        if source.location.startswith(INBOX):
            if places.inbox is None or not places.inbox.is_dir():
                raise MissingFile(f"{source.location}: there is no inbox {places.inbox or ''}".rstrip())
            data = local.fetch(source.location.removeprefix(INBOX), places.inbox)
        else:
            data = local.fetch(source.location, places.folder)
    except DocumentError as error:
        return Attempt(source, None, 0, error)
    declared = mimetypes.guess_type(source.location)[0]  # the reader finds out by itself
    return Attempt(source, archive.put(data), len(data), None, media_type=declared)


def _from_web(sources: Sequence[Source], places: Places, archive: Archive) -> Iterator[Attempt]:
    """All of them in one call: politeness is per host, whatever the source."""
    if not sources:
        return
    from extractors.fetching.collect import fetch_all  # here: loading the definitions must not wait for it

    ticker = Ticker("fetched", len({s.location for s in sources}))

    def ended(attempt: Fetched) -> None:
        if attempt.parent is None:
            ticker.tick()
        if attempt.error is not None:
            log.debug("%s: %s: %s", attempt.address, attempt.error.reason, attempt.error.detail)

    found = fetch_all((s.location for s in sources), archive, places.settings, on_attempt=ended, resolve=places.resolve)
    by_address = {attempt.address: attempt for attempt in found}
    for source in sources:
        page = by_address[source.location]
        if page.error is None:
            things = brought.things(source, page.brings, lambda address: by_address[address].brings)
            had = tuple((t, _of_fetched(t.source, by_address[t.source.location], archive)) for t in things)
        else:
            had = tuple(_had_before(source, page, archive, places.settings))
        yield replace(_of_fetched(source, page, archive), brought=had)


def _of_fetched(source: Source, fetched: Fetched, archive: Archive) -> Attempt:
    if fetched.sha256 is None:
        kept = fetched.earlier_sha256
        place = archive.place(kept) if kept else None
        return Attempt(source, None, place.size if place else 0, fetched.error, kept=kept if place else None)
    place = archive.place(fetched.sha256)
    at = fetched.at.astimezone(UTC).replace(tzinfo=None)
    moved = fetched.detail if fetched.redirected else None
    size = place.size if place else 0
    return Attempt(source, fetched.sha256, size, None, at, fetched.media_type or None, moved)


def _had_before(source: Source, page: Fetched, archive: Archive, settings: Settings) -> Iterator[tuple[Thing, Attempt]]:
    """What the page brought when it was had: a page that cannot be had today keeps it, as it keeps its own bytes."""
    from extractors.fetching import links

    def bring(address: str, sha256: str | None) -> Links:
        try:
            return links.linked(address, archive.get(sha256)) if sha256 and settings.follow else links.NONE
        except ArchiveDamaged:
            return links.NONE  # which the reading will find, and name

    def known(address: str) -> str | None:
        visit = archive.visit(address)
        return visit.sha256 or None if visit else None

    before = bring(page.final_address, page.earlier_sha256)
    for thing in brought.things(source, before, lambda address: bring(address, known(address))):
        kept = known(thing.source.location)
        place = archive.place(kept) if kept else None
        yield thing, Attempt(thing.source, None, place.size if place else 0, page.error, kept=kept if place else None)


def _from_warc_files(sources: Sequence[Source], places: Places, archive: Archive) -> Iterator[Attempt]:
    """One pass over each file, whatever the number of sources in it, and one more for what their pages bring."""
    by_file: dict[str, list[tuple[Source, str | None]]] = defaultdict(list)
    for source in sources:
        named = _WARC.fullmatch(source.location)
        assert named is not None
        by_file[named["file"]].append((source, named["address"]))
    for file, asked in by_file.items():
        try:
            path = local.inside(file, places.folder)
            if not path.is_file():
                raise MissingFile(f"{file}: no such file in {places.folder}")
        except DocumentError as error:
            yield from (Attempt(source, None, 0, error) for source, _ in asked)
            continue
        addresses = {address for _, address in asked if address is not None}
        kept = _keep_responses(path, addresses, any(address is None for _, address in asked), archive)
        bring = _followed(path, kept, addresses, places.settings, archive)
        for source, address in asked:
            page = replace(_chosen(kept, address, file), source=source)
            things = brought.things(source, bring(address), bring) if address is not None else []
            had = tuple(
                (replace(t, source=replace(t.source, location=f"{file}#{t.source.location}")),
                 replace(_chosen(kept, t.source.location, file), source=t.source))
                for t in things
            )  # fmt: skip
            yield replace(page, brought=had)


def _followed(
    path: Path, kept: dict[str, Attempt], addresses: set[str], settings: Settings, archive: Archive
) -> Callable[[str], Links]:
    """Function (address of a page) → what it brings, after adding to `kept` what the file has of that.

    Next pages bring more: as many rounds as there are new addresses, each one pass over the file.
    """
    from extractors.fetching import links

    @cache
    def bring(address: str) -> Links:
        page = kept.get(address)
        if page is None or page.sha256 is None or not settings.follow:
            return links.NONE
        try:
            data = archive.get(page.sha256)
        except ArchiveDamaged:
            return links.NONE  # which the reading will find, and name
        return links.linked(address, data, max_attachments=settings.max_attachments, max_pages=settings.max_pages)

    pages, asked = set(addresses), set(addresses)
    for _ in range(settings.max_pages + 1):
        found = [bring(address) for address in sorted(pages)]
        pages = {address for links_ in found for address in links_.next_pages} - asked
        new = pages | {address for links_ in found for address in links_.attachments} - asked
        if not new:
            break
        asked |= new
        kept |= _keep_responses(path, new, False, archive)
    return bring


def _keep_responses(path: Path, addresses: set[str], alone: bool, archive: Archive) -> dict[str, Attempt]:
    """What the file has of the addresses (`alone`: of every address), the last good answer of each, in the archive.

    The part before a damage is used; what was not found before it fails with the damage.
    """
    kept: dict[str, Attempt] = {}
    try:
        for found in warc.responses(path):
            address, one = _judged(found, archive, addresses, alone)
            if one is not None and (one.error is None or address not in kept):
                kept[address] = one
    except DocumentError as error:
        for address in addresses - {a for a, k in kept.items() if k.error is None}:
            kept[address] = Attempt(_NOBODY, None, 0, error)
        if alone and not kept:
            kept[""] = Attempt(_NOBODY, None, 0, error)
    return kept


def _judged(
    found: warc.Found | tuple[str, DocumentError], archive: Archive, addresses: set[str], alone: bool
) -> tuple[str, Attempt | None]:
    """An answer by the same rules as one that we fetched: an error page in a crawl is no document either."""
    address = found[0] if isinstance(found, tuple) else found.address
    if address not in addresses and not alone:
        return address, None
    if isinstance(found, tuple):
        return address, Attempt(_NOBODY, None, 0, found[1])
    head = [(b"Content-Type", found.media_type.encode("latin-1", "replace"))]
    answer = Exchange(address, found.fetched_at, "", b"", "HTTP/1.1", found.status, b"", head, found.data, found.data)
    error = EmptyDocument(f"{address}: no bytes") if not found.data else pages.fault(answer)
    if error is not None:
        return address, Attempt(_NOBODY, None, 0, error)
    at = found.fetched_at.astimezone(UTC).replace(tzinfo=None)
    sha256 = archive.put(found.data, address)
    return address, Attempt(_NOBODY, sha256, len(found.data), None, at, found.media_type or None)


def _chosen(kept: dict[str, Attempt], address: str | None, file: str) -> Attempt:
    if address is not None:
        missing = MissingFile(f"{file}: holds no response of {address}")
        return kept.get(address) or Attempt(_NOBODY, None, 0, missing)
    good = [a for a in kept.values() if a.error is None]
    if len(good) == 1:
        return good[0]
    if not good and len(kept) == 1:
        return next(iter(kept.values()))
    return Attempt(
        _NOBODY, None, 0, BadResponse(f"{file}: {len(good)} documents; expected one, or FILE#ADDRESS that names it")
    )


_NOBODY = Source("", "", "", "", "", None, "", 0)
"""Stands for the source until it is known which one asks."""

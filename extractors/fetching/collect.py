"""Many addresses, politely, into the archive: an attempt with an outcome for each. Knows no catalogue, no form, no database.

httpx and not Scrapy: a run asks for addresses that a catalogue names, a hop or two deep. That needs no frontier, no pipelines
and no second event loop in a process of its own, and every rule here (pace, robots, redirects, what counts as a document) is
one that this project must be able to state and test. Repeating is stamina's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import stamina
import stamina.instrumentation

from extractors.errors import (
    BadResponse,
    ConnectionFailed,
    DocumentError,
    EndlessRedirects,
    NameUnknown,
    ServerFailed,
    TimedOut,
    TlsFailed,
    TooMany,
    Truncated,
    UnsupportedLocation,
    WrongContent,
)
from extractors.fetching import links, pages, safety
from extractors.fetching.archive import Archive, ArchiveDamaged, Visit
from extractors.fetching.exchange import Exchange
from extractors.fetching.http import Client
from extractors.fetching.politeness import Gates, Robots
from extractors.fetching.settings import Settings

log = logging.getLogger("ogi")
# stamina prints every retry to whatever logging it finds installed; retries are the normal course of the web
stamina.instrumentation.set_on_retry_hooks([lambda details: log.debug("asked again: %s", details.caused_by)])

_REPEATED = (TimedOut, ConnectionFailed, Truncated, ServerFailed)
_NOT_REACHED = (TimedOut, ConnectionFailed, NameUnknown, TlsFailed)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect on the way."""

    address: str
    status: int
    to: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of an address. Exactly one of `sha256` and `error` is set.

    `parent` is the page that brought the address (attachment, next page); None for an address that was asked for.
    `requests` counts those sent for it, robots.txt not counted; 0 with outcome `unchanged`: it was had a short while ago.
    """

    address: str
    parent: str | None
    outcome: str
    sha256: str | None
    error: DocumentError | None
    at: datetime
    final_address: str
    hops: tuple[Hop, ...] = ()
    media_type: str = ""
    charset: str = ""
    size: int | None = None
    requests: int = 0
    earlier_sha256: str | None = None
    """What is archived from before, when this attempt failed."""
    brings: links.Links = links.NONE
    """What a page brings: each address of it has an attempt of its own, here or under another page that brings it."""

    @property
    def redirected(self) -> bool:
        return bool(self.hops)

    @property
    def detail(self) -> str | None:
        """What the outcome does not say: the error, or where redirects led."""
        if self.error is not None:
            return self.error.detail
        return f"redirected ({self.hops[0].status}) to {self.final_address}" if self.hops else None


def fetch_all(
    addresses: Iterable[str], archive: Archive, settings: Settings, *, on_attempt: Callable[[Attempt], None] | None = None,
    resolve: safety.Resolve = safety.resolve,
) -> list[Attempt]:  # fmt: skip
    """Try every address once, with its attachments and next pages where the settings say so; all is on disk at the end.

    One attempt for each distinct address, in the order given, those that a page brought behind it. `on_attempt` is called as they
    end, for progress. A failure is an attempt; what is raised is ours: ArchiveBusy, or the disk. Must not be called from inside
    a running event loop.
    """
    return asyncio.run(_Run(archive, settings, on_attempt, resolve).all(list(dict.fromkeys(addresses))))


def fetch_one(address: str, settings: Settings, resolve: safety.Resolve = safety.resolve) -> Exchange:
    """One document without an archive, redirects followed, as politely as the rest: for discovery by hand.

    Raises DocumentError.
    """

    async def once() -> Exchange:
        run = _Run(None, settings, None, resolve)
        async with run.open():
            way = _Way(address)
            exchange = await run.final(way)
            if isinstance(exchange, Visit):
                raise AssertionError("no archive, so nothing was visited")
            return exchange

    return asyncio.run(once())


@dataclass(slots=True)
class _Way:
    """From an address over redirects; filled while it is walked."""

    address: str
    hops: list[Hop] = field(default_factory=list)
    requests: int = 0

    @property
    def at(self) -> str:
        return self.hops[-1].to if self.hops else self.address


class _Run:
    def __init__(
        self, archive: Archive | None, settings: Settings, on_attempt: Callable[[Attempt], None] | None,
        resolve: safety.Resolve,
    ) -> None:  # fmt: skip
        self._archive = archive
        self._settings = settings
        self._on_attempt = on_attempt
        self._gates = Gates(settings)
        self._client = Client(settings, resolve)
        self._robots = Robots(settings, self._gates, self._robots_txt)
        self._at_once = asyncio.Semaphore(settings.concurrency)
        self._taken: set[str] = set()
        self._disk = ThreadPoolExecutor(1, "archive")  # one writer; packing and writing go on beside the event loop

    def open(self) -> AsyncExitStack:
        stack = AsyncExitStack()
        stack.push_async_exit(self._client)
        stack.callback(self._disk.shutdown)
        return stack

    async def all(self, addresses: list[str]) -> list[Attempt]:
        """Lanes by host: a slow host keeps its own addresses waiting and nobody else's."""
        assert self._archive is not None
        self._taken.update(addresses)
        queues: dict[str, deque[tuple[int, str]]] = {}
        for number, address in enumerate(addresses):
            queues.setdefault(_netloc(address), deque()).append((number, address))
        ended: list[tuple[int, list[Attempt]]] = []

        async def lane(queue: deque[tuple[int, str]]) -> None:
            while queue:
                number, address = queue.popleft()
                ended.append((number, await self._with_family(address)))

        async with self.open():
            writing = self._archive.writing()
            await self._on_disk(writing.__enter__)
            try:
                async with asyncio.TaskGroup() as group:
                    for queue in queues.values():
                        at_once = self._gates.of(queue[0][1]).at_once
                        for _ in range(min(at_once, len(queue))):
                            group.create_task(lane(queue))
            except BaseExceptionGroup as many:
                raise _first(many) from many
            finally:
                await self._on_disk(lambda: writing.__exit__(None, None, None))
        return [attempt for _, family in sorted(ended, key=lambda pair: pair[0]) for attempt in family]

    async def final(self, way: _Way) -> Exchange | Visit:
        """The last answer of a way: a document, or the visit that tells that the one we have is still fresh.

        Raises DocumentError for whatever is no document. Every answer that came is in the archive.
        """
        while True:
            address = way.at
            visit = self._archive.visit(address) if self._archive else None
            if visit is not None and self._is_fresh(visit):
                if visit.outcome != "redirected":
                    return visit
                self._hop(way, visit.status, visit.redirect)
                continue
            answer = await self._answer(way, address, visit)
            if answer.status == 304:
                return answer
            to = answer.redirect or None
            if to is None and answer.status == 200:
                to = links.moved_to(address, answer.data)
            if to is not None:
                await self._keep(answer, "redirected")
                self._hop(way, answer.status, to)
                continue
            error = pages.fault(answer) or _sent_home(way)
            if error is not None:
                await self._keep(answer, error.reason)
                raise error
            return answer

    async def _with_family(self, address: str) -> list[Attempt]:
        """An address, then what its page brings; next pages bring their attachments, attachments bring nothing."""
        first, brings = await self._attempt(address, None)
        family = [first]
        waiting = deque([brings])
        pages_left, files_left = self._settings.max_pages, self._settings.max_attachments
        while waiting:
            found = waiting.popleft()
            for target in found.attachments:
                if self._take(target):
                    if not files_left:
                        family.append(self._left_out(target, address, self._settings.max_attachments))
                        continue
                    files_left -= 1
                    family.append((await self._attempt(target, address))[0])
            for target in found.next_pages:
                if self._take(target):
                    if not pages_left:
                        family.append(self._left_out(target, address, self._settings.max_pages))
                        continue
                    pages_left -= 1
                    attempt, more = await self._attempt(target, address)
                    family.append(attempt)
                    waiting.append(more)
        return family

    def _left_out(self, address: str, parent: str, most: int) -> Attempt:
        error = TooMany(f"{address}: {parent} brings more than the {most} that the settings allow")
        attempt = Attempt(address, parent, error.reason, None, error, datetime.now(UTC), address)
        if self._on_attempt:
            self._on_attempt(attempt)
        return attempt

    async def _attempt(self, address: str, parent: str | None) -> tuple[Attempt, links.Links]:
        assert self._archive is not None
        way = _Way(address)
        brings = links.NONE
        try:
            last = await self.final(way)
            if isinstance(last, Visit):
                outcome, sha256, size = "unchanged", last.sha256, None
                brings = await self._brings(last)
                media_type, charset = last.media_type, last.charset
            else:
                size, media_type, charset = len(last.data), last.media_type, last.charset
                if last.status == 304 and (visit := self._archive.visit(last.address)) is not None:
                    brings, size = await self._brings(visit), None
                    media_type, charset = visit.media_type, visit.charset
                elif self._settings.follow:
                    brings = self._linked(last.address, last.data)
                note = brings if self._settings.follow else None  # what was not looked for is not noted as nothing
                outcome, sha256 = await self._keep(last, "archived", note)
        except DocumentError as error:
            visit = self._archive.visit(way.at)
            attempt = Attempt(
                address, parent, error.reason, None, error, datetime.now(UTC), way.at, tuple(way.hops), requests=way.requests,
                earlier_sha256=visit.sha256 or None if visit else None,
            )  # fmt: skip
        else:
            attempt = Attempt(
                address, parent, outcome, sha256, None, last.at, way.at, tuple(way.hops), media_type, charset, size,
                way.requests, brings=brings,
            )  # fmt: skip
        if self._on_attempt:
            self._on_attempt(attempt)
        return attempt, brings

    async def _answer(self, way: _Way, address: str, visit: Visit | None) -> Exchange:
        """An answer to one address, asked for again where that may help. Raises DocumentError."""
        safety.check_address(address, self._settings.allowed_networks)
        if self._settings.obey_robots:
            await self._robots.check(address)
        validators = self._validators(visit)
        answer = await self._asked(way, address, validators)
        if answer.status == 304 and not validators:
            raise BadResponse(f"{address}: status 304, but nothing was said that could be unchanged")
        return answer

    async def _asked(self, way: _Way, address: str, validators: dict[str, str]) -> Exchange:
        """A request in its turn, repeated where that may help."""
        gate = self._gates.of(address)
        s = self._settings

        def again(error: Exception) -> bool | float:
            """Whether, and after how many seconds if the host says so."""
            if not isinstance(error, _REPEATED):
                return False
            if isinstance(error, ServerFailed) and error.retry_after is not None:
                gate.pause(min(error.retry_after, s.wait_max))
                return error.retry_after if error.retry_after <= s.wait_max else False
            return True

        async for attempt in stamina.retry_context(
            on=again, attempts=s.attempts, timeout=None, wait_initial=s.wait_initial, wait_max=s.wait_max,
            wait_jitter=s.wait_jitter,
        ):  # fmt: skip
            with attempt:
                async with gate.turn(), self._at_once:
                    way.requests += 1
                    try:
                        answer = await self._client.get(address, validators)
                    except DocumentError as error:
                        gate.count(not isinstance(error, _NOT_REACHED))
                        raise
                    gate.count(True)
        return answer

    def _validators(self, visit: Visit | None) -> dict[str, str]:
        if visit is None or not self._has(visit):
            return {}
        given = {"If-None-Match": visit.etag, "If-Modified-Since": visit.last_modified}
        return {name: value for name, value in given.items() if value}

    def _has(self, visit: Visit) -> bool:
        """Whether what the address answered last is a document that the archive holds."""
        good = visit.outcome in ("archived", "unchanged")
        return good and self._archive is not None and visit.sha256 in self._archive

    def _is_fresh(self, visit: Visit) -> bool:
        if datetime.now(UTC) - visit.at >= timedelta(seconds=self._settings.fresh_for):
            return False
        return bool(visit.redirect) if visit.outcome == "redirected" else self._has(visit)

    async def _robots_txt(self, address: str) -> tuple[int, bytes]:
        """robots.txt with its redirects (five, as RFC 9309 says), asked for like everything else."""
        way = _Way(address)
        for _ in range(6):
            answer = await self._asked(way, way.at, {})
            if not answer.redirect:
                return answer.status, answer.data
            self._hop(way, answer.status, answer.redirect)
        raise EndlessRedirects(f"{address}: more than five redirects")

    def _hop(self, way: _Way, status: int, to: str) -> None:
        target = links.joined(way.at, to)
        if target is None:
            raise UnsupportedLocation(f"{way.at}: redirects to {to[:200]!r}")
        if target == way.at or any(target in (hop.address, hop.to) for hop in way.hops):
            raise EndlessRedirects(f"{way.address}: {status} back to {target}")
        if len(way.hops) >= self._settings.max_redirects:
            raise EndlessRedirects(f"{way.address}: more than {self._settings.max_redirects} redirects")
        way.hops.append(Hop(way.at, status, target))

    async def _keep(self, exchange: Exchange, outcome: str, brings: links.Links | None = None) -> tuple[str, str]:
        archive = self._archive
        if archive is None:
            return outcome, ""
        packed = brings.packed() if brings is not None else None
        return await self._on_disk(lambda: archive.keep(exchange, outcome, packed))

    def _linked(self, address: str, data: bytes) -> links.Links:
        s = self._settings
        return links.linked(address, data, max_attachments=s.max_attachments, max_pages=s.max_pages)

    async def _brings(self, visit: Visit) -> links.Links:
        """What a page that is archived brings: as noted then, or found again where the note is gone."""
        archive = self._archive
        if not self._settings.follow or archive is None:
            return links.NONE
        known = links.Links.unpacked(visit.brings)
        if known is not None:
            return known
        try:
            data = await self._on_disk(lambda: archive.get(visit.sha256))
        except ArchiveDamaged:
            return links.NONE  # whoever reads it finds the damage, and has it fetched again
        return self._linked(visit.address, data)

    def _take(self, address: str) -> bool:
        """Whether nobody else in this run has this address."""
        new = address not in self._taken
        self._taken.add(address)
        return new

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)


def _sent_home(way: _Way) -> DocumentError | None:
    """Sites send readers of pages that are gone to the home page, with a good status."""
    if way.hops and _is_home(way.at) and not _is_home(way.address):
        return WrongContent(f"{way.address}: sent to the home page {way.at}")
    return None


def _is_home(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.query and parts.path.lower() in (
        "",
        "/",
        "/index.html",
        "/index.htm",
        "/index.shtml",
        "/index.jsp",
    )


def _netloc(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def _first(many: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = many
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""When a host may be asked, and whether at all: pace, concurrency and pauses by host, and robots.txt. Sends nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from protego import Protego

from extractors.errors import ConnectionFailed, DocumentError, RefusedByRobots, RobotsUnreachable
from extractors.fetching.settings import Settings

MAX_ROBOTS_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
AGENT = "ogi-warehouse"


def origin(address: str) -> str:
    """Scheme, host and port: what robots.txt speaks for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}"


class Gate:
    """One host: at most so many requests at once, and so much time between two starts."""

    def __init__(self, name: str, delay: float, at_once: int, give_up_after: int) -> None:
        self.name = name
        self.delay = delay
        self.at_once = at_once
        self._slots = asyncio.Semaphore(at_once)
        self._next = 0.0
        self._give_up_after = give_up_after
        self._failures = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises ConnectionFailed when the host was given up."""
        async with self._slots:
            self._still_tried()
            now = asyncio.get_running_loop().time  # the loop's clock, so that a test can play time
            while (wait := self._next - now()) > 0:
                await asyncio.sleep(wait)
                self._still_tried()
            if self.delay:
                self._next = now() + self.delay
            yield

    def pause(self, seconds: float) -> None:
        """Nothing starts for so long: the host asked for it."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)

    def count(self, reached: bool) -> None:
        """Note whether the host could be reached."""
        self._failures = 0 if reached else self._failures + 1

    def _still_tried(self) -> None:
        if self._failures >= self._give_up_after:
            raise ConnectionFailed(f"{self.name}: left alone after {self._failures} failures to connect in a row")


class Gates:
    """The gates of all hosts, made when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._gates: dict[str, Gate] = {}

    def of(self, address: str) -> Gate:
        """The gate of an address's host; addresses without a host share one, and fail when they are checked."""
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        name = parts.netloc.lower()
        gate = self._gates.get(name)
        if gate is None:
            rule = self._settings.host(parts.hostname or "")
            gate = self._gates[name] = Gate(
                name,
                self._settings.delay if rule.delay is None else rule.delay,
                rule.per_host or self._settings.per_host,
                self._settings.give_up_after,
            )
        return gate


class Robots:
    """robots.txt of every origin, fetched once a run by `fetch`: address → (status, bytes), redirects followed.

    RFC 9309: 4xx means that everything is allowed; 5xx, 429 and no answer mean that nothing is. A page in the place of the
    file (many sites answer everything with 200 and HTML) holds no rule and so allows everything.
    """

    def __init__(self, settings: Settings, gates: Gates, fetch: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        self._settings = settings
        self._gates = gates
        self._fetch = fetch
        self._known: dict[str, asyncio.Task[Protego | DocumentError]] = {}

    async def check(self, address: str) -> None:
        """Raises RefusedByRobots or RobotsUnreachable where the address may not be fetched."""
        at = origin(address)
        task = self._known.get(at)
        if task is None:
            task = self._known[at] = asyncio.create_task(self._load(at))
        rules = task.result() if task.done() else await asyncio.shield(task)
        if isinstance(rules, DocumentError):
            raise RobotsUnreachable(f"{at}/robots.txt: {rules}")
        if not rules.can_fetch(address, AGENT):
            raise RefusedByRobots(f"{address}: refused by {at}/robots.txt")

    async def _load(self, at: str) -> Protego | DocumentError:
        try:
            status, data = await self._fetch(f"{at}/robots.txt")
        except DocumentError as error:
            return error
        if status >= 400:
            return Protego.parse("")
        text = data[:MAX_ROBOTS_BYTES].decode("utf-8-sig", "replace")
        rules = Protego.parse("" if text.lstrip()[:1] == "<" else text)
        asked = rules.crawl_delay(AGENT)
        if asked:
            gate = self._gates.of(at)
            gate.delay = max(gate.delay, min(asked, self._settings.max_crawl_delay))
        return rules

"""`python -m tests.bench.fetching`: fetching and keeping 2,000 pages of a loopback server, against a bare httpx loop.

The server is a process of its own; politeness is off; both sides have the same concurrency. The bare loop reads every body and
keeps nothing. `unchanged, fresh`: a second run within the time that an address counts as fresh. `unchanged, asked`: a second run
that asks for every page and is told 304. Memory is the peak of processes of their own that fetch 2,000 and twice as many pages.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path

import httpx

from extractors.fetching.archive import Archive
from extractors.fetching.collect import fetch_all
from extractors.fetching.settings import Settings
from tests.bench import measuring

CONCURRENCY, HOSTS = 20, 20


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every host is this machine."""
    return ["127.0.0.1"]


def settings(fresh_for: float) -> Settings:
    return Settings(
        delay=0, per_host=1, concurrency=CONCURRENCY, allowed_networks=(ip_network("127.0.0.0/8"),), fresh_for=fresh_for
    )


def addresses(port: int, count: int) -> list[str]:
    return [f"http://h{i % HOSTS}.example.com:{port}/page/{i}" for i in range(count)]


@contextlib.contextmanager
def server() -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "tests.fetching.badweb"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


async def _bare(port: int, wanted: Sequence[str]) -> None:
    left = list(reversed(wanted))
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def work() -> None:
            while left:
                address = left.pop()
                host, _, path = address.removeprefix("http://").partition("/")
                answer = await client.get(f"http://127.0.0.1:{port}/{path}", headers={"Host": host})
                answer.raise_for_status()
                assert answer.content

        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))


def fetched(root: Path, wanted: Sequence[str], fresh_for: float, outcome: str) -> float:
    """Seconds of one run, all of whose outcomes must be `outcome`."""
    start = time.perf_counter()
    attempts = fetch_all(wanted, Archive(root), settings(fresh_for), resolve=resolve)
    seconds = time.perf_counter() - start
    assert [a.outcome for a in attempts] == [outcome] * len(wanted), {a.outcome for a in attempts}
    return seconds


def peak_memory(port: int, count: int) -> float:
    """Peak resident megabytes of a process that fetches so many pages."""
    command = [sys.executable, "-m", "tests.bench.fetching", "--child", str(port), "--pages", str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run(pages: int, rounds: int) -> dict[str, object]:
    """Medians of `rounds`, the two sides in turn so that a noisy machine hits both."""
    times: dict[str, list[float]] = {"bare": [], "first": [], "fresh": [], "asked": []}
    with server() as port:
        wanted = addresses(port, pages)
        asyncio.run(_bare(port, wanted))  # the server makes its pages
        for _ in range(rounds):
            start = time.perf_counter()
            asyncio.run(_bare(port, wanted))
            times["bare"].append(time.perf_counter() - start)
            with tempfile.TemporaryDirectory(prefix="ogi-bench-") as root:
                times["first"].append(fetched(Path(root), wanted, 3600, "archived"))
                times["fresh"].append(fetched(Path(root), wanted, 3600, "unchanged"))
                times["asked"].append(fetched(Path(root), wanted, 0, "unchanged"))
        memory = {n: peak_memory(port, n) for n in (pages, 2 * pages)}
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratio = statistics.median(f / b for f, b in zip(times["first"], times["bare"], strict=True))
    return {"machine": measuring.machine(), "pages": pages, "seconds": medians, "ratio": ratio, "memory_mb": memory}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fetching")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        with tempfile.TemporaryDirectory(prefix="ogi-bench-") as root:
            fetched(Path(root), addresses(asked.child, asked.pages), 3600, "archived")
        measuring.show(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        return
    result = run(asked.pages, asked.rounds)
    seconds = result["seconds"]
    assert isinstance(seconds, dict)
    rows = [
        ("bare httpx loop", f"{seconds['bare']:.2f}", "1.00", ""),
        ("fetched and kept", f"{seconds['first']:.2f}", f"{result['ratio']:.2f}", "1.00"),
        ("unchanged, fresh", f"{seconds['fresh']:.2f}", "", f"{seconds['fresh'] / seconds['first']:.2f}"),
        ("unchanged, asked (304)", f"{seconds['asked']:.2f}", "", f"{seconds['asked'] / seconds['first']:.2f}"),
    ]
    measuring.show(f"{asked.pages} pages over {HOSTS} hosts, {CONCURRENCY} at once, median of {asked.rounds}\n")
    measuring.show(measuring.table(("", "s", "of bare", "of first"), rows))
    memory = result["memory_mb"]
    assert isinstance(memory, dict)
    measuring.show("\npeak memory  " + ", ".join(f"{n} pages {mb:.0f} MB" for n, mb in memory.items()))
    measuring.write_json(asked.json, result)


if __name__ == "__main__":
    main()

"""Fixtures of the tests of fetching: the bad web, settings that reach it, an archive."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_network

import pytest

from extractors.fetching.archive import Archive
from extractors.fetching.collect import Attempt, fetch_all
from extractors.fetching.settings import Settings
from tests.fetching.badweb import BadWeb

LOOPBACK = (ip_network("127.0.0.0/8"),)
IMPATIENT = Settings(
    delay=0, per_host=1, concurrency=20, connect_timeout=60, read_timeout=60, total_timeout=90, max_bytes=1 << 20, attempts=2,
    wait_initial=0.01, wait_max=2, wait_jitter=0.01, fresh_for=0, give_up_after=99, allowed_networks=LOOPBACK,
)  # fmt: skip


async def here(host: str, port: int) -> Sequence[str]:
    """Every host is this machine."""
    return ["127.0.0.1"]


@pytest.fixture
def web() -> Iterator[BadWeb]:
    with BadWeb() as running:
        yield running


@pytest.fixture
def archive(tmp_path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def fetch(web, archive) -> Callable[..., list[Attempt]]:
    """Function (paths or addresses, host=…, settings…) → attempts."""

    def run(*wanted: str, host: str = "www.example.com", **different: object) -> list[Attempt]:
        settings = dataclasses.replace(IMPATIENT, **different)
        full = [w if "://" in w else f"http://{host}:{web.port}{w}" for w in wanted]
        return fetch_all(full, archive, settings, resolve=here)

    return run

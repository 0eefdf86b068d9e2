"""Addresses off the public network are refused in their text, after every resolution, at connect time, and at redirects."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import threading

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import DocumentError, NameUnknown, UnsafeAddress, UnsupportedLocation
from extractors.fetching.archive import Archive
from extractors.fetching.collect import fetch_all, fetch_one
from extractors.fetching.safety import SafeBackend, check_address
from extractors.fetching.settings import Settings
from tests.fetching.badweb import answer
from tests.fetching.conftest import IMPATIENT, LOOPBACK

UNSAFE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2002:a00:1::1", "2001:0:7f00:1::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
]  # fmt: skip
SAFE = ["1.1.1.1", "8.8.8.8", "114.114.114.114", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def connect(numbers: list[str], allowed: tuple = ()) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return numbers

    async def run() -> None:
        stream = await SafeBackend(allowed, resolve).connect_tcp("www.example.com", 9, timeout=0.2)
        await stream.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("number", UNSAFE)
def test_numbers_off_the_public_network_are_refused(number):
    with pytest.raises(UnsafeAddress, match="not on the public network"):
        check_address(f"http://[{number}]/" if ":" in number else f"http://{number}/")
    with pytest.raises(UnsafeAddress, match=r"www\.example\.com"):
        connect([number])
    with pytest.raises(UnsafeAddress):
        connect(["8.8.8.8", number])  # refused before the good one is tried


@pytest.mark.parametrize("number", SAFE)
def test_public_numbers_pass(number):
    check_address(f"http://[{number}]/" if ":" in number else f"http://{number}/")


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("ftp://www.example.com/", UnsupportedLocation),
        ("file:///etc/passwd", UnsupportedLocation),
        ("gopher://www.example.com/", UnsupportedLocation),
        ("unix:/run/x", UnsupportedLocation),
        ("http:///x", UnsupportedLocation),
        ("http://", UnsupportedLocation),
        ("//www.example.com/", UnsupportedLocation),
        ("http://[::1/", UnsupportedLocation),
        ("http://www.example.com:0/", UnsupportedLocation),
        ("http://www.example.com:70000/", UnsupportedLocation),
        ("http://user@www.example.com/", UnsafeAddress),
        ("http://www.example.com@127.0.0.1/", UnsafeAddress),
        ("http://www.example.com/a b", UnsafeAddress),
        ("http://www.example.com/\r\nHost: x", UnsafeAddress),
        ("http://www.example.com\\@127.0.0.1/", UnsafeAddress),
    ],
)
def test_addresses_of_another_shape_are_refused(address, error):
    with pytest.raises(error):
        check_address(address)


@given(st.text(max_size=40).map("http://".__add__) | st.text(max_size=40))
def test_any_text_is_an_address_or_a_named_error(text):
    try:
        parts = check_address(text)
    except DocumentError:
        return
    assert parts.scheme in ("http", "https")
    assert parts.hostname


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_other_ways_to_write_loopback_are_refused_at_connect(host):
    """The system resolves them, and what it resolves to is what is checked."""
    with pytest.raises((UnsafeAddress, NameUnknown, UnsupportedLocation)) as refused:
        fetch_one(f"http://{host}:9/", Settings(obey_robots=False, attempts=1, delay=0))
    if host == "localhost":
        assert isinstance(refused.value, UnsafeAddress)


def test_loopback_is_refused_without_the_setting_and_nothing_is_sent(web, tmp_path):
    addresses = [f"http://127.0.0.1:{web.port}/page/1", f"http://localhost:{web.port}/page/1"]
    attempts = fetch_all(addresses, Archive(tmp_path), Settings(delay=0, obey_robots=False))
    assert [a.outcome for a in attempts] == ["unsafe_address"] * 2
    assert web.requests.total() == 0


def test_a_name_that_changes_its_answer_is_connected_to_where_it_was_checked(web, tmp_path):
    """DNS rebinding: the first answer is allowed, every later one is not. One resolution a connection, so no later one counts."""
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    address = f"http://rebind.example.com:{web.port}"
    attempts = fetch_all([f"{address}/old-http", f"{address}/page/2"], Archive(tmp_path),
                         dataclasses.replace(IMPATIENT, obey_robots=False), resolve=rebinding)  # fmt: skip
    assert [a.outcome for a in attempts] == [
        "archived",
        "unsafe_address",
    ]  # HTTP/1.0 closed, so the second resolves again
    assert len(asked) == 2


def test_redirect_to_a_name_that_is_private_is_refused_at_connect(web, tmp_path):
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1" if host == "www.example.com" else "192.168.0.1"]

    web.pages["/go"] = answer("302 Found", b"", "Location: http://inside.example.com/secret")
    (attempt,) = fetch_all([f"http://www.example.com:{web.port}/go"], Archive(tmp_path), IMPATIENT, resolve=resolve)
    assert attempt.outcome in ("unsafe_address", "robots_unreachable")
    assert "192.168.0.1 is not on the public network" in attempt.detail


def test_proxies_of_the_environment_are_not_used(web, tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    (attempt,) = fetch_all([f"http://www.example.com:{web.port}/page/1"], Archive(tmp_path), IMPATIENT, resolve=resolve)
    assert attempt.outcome == "archived"


def test_names_that_resolve_to_nothing_or_too_slowly():
    with pytest.raises(NameUnknown):
        connect([])

    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(3600)
        return []

    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(SafeBackend((), never).connect_tcp("www.example.com", 80, timeout=0.05))


def test_sockets_of_this_machine_are_refused():
    with pytest.raises(UnsafeAddress):
        asyncio.run(SafeBackend().connect_unix_socket("/run/x"))


def test_second_number_is_tried_when_the_first_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        accepted = threading.Thread(target=lambda: server.accept()[0].close())
        accepted.start()

        async def two(host: str, port: int) -> list[str]:
            return ["127.0.0.2", "127.0.0.1"]

        async def run() -> None:
            stream = await SafeBackend(LOOPBACK, two).connect_tcp("www.example.com", port, timeout=60)
            await stream.aclose()

        asyncio.run(run())
        accepted.join(60)

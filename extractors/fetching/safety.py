"""Which machines are never asked: everything off the public network. Checks names at parse and addresses at connect.

A name is resolved once, every address that it has is checked, and the connection goes to the very address that was checked:
a name that changes its answer in between (DNS rebinding) gains nothing. Knows no HTTP beyond the shape of an address.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore

from extractors.errors import NameUnknown, UnsafeAddress, UnsupportedLocation
from extractors.fetching.settings import Network

Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# What `is_global` lets pass, in some version of Python or in all: Azure's virtual host, protocol assignments, the 6to4 relay,
# site-local and local NAT64.
_NOT_PUBLIC = tuple(
    ip_network(n) for n in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "64:ff9b:1::/48")
)
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")


def check_address(address: str, allowed: Sequence[Network] = ()) -> SplitResult:
    """Parts of an address that may be asked for, as far as its text tells.

    Raises UnsupportedLocation for anything but http and https or without a host, UnsafeAddress for a user or password in
    it, characters that have no place in an address, or a host that is a number off the public network.
    """
    if any(ord(c) <= 32 or ord(c) == 127 for c in address) or "\\" in address:
        raise UnsafeAddress(f"{address!r}: white space, control characters or backslashes")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UnsupportedLocation(f"{address!r}: no address ({error})") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise UnsupportedLocation(f"{address!r}: expected an http or https address with a host")
    if "@" in parts.netloc:
        raise UnsafeAddress(f"{address!r}: carries a user name")
    try:
        number = ip_address(host)
    except ValueError:
        return parts
    check_number(number, host, allowed)
    return parts


def check_number(number: Ip, host: str, allowed: Iterable[Network] = ()) -> None:
    """Raises UnsafeAddress unless `number` is on the public network or in one of the `allowed` networks."""
    for meant in _meanings(number):
        if any(meant in network for network in allowed):
            continue
        if not meant.is_global or meant.is_multicast or any(meant in network for network in _NOT_PUBLIC):
            raise UnsafeAddress(f"{host}: {number} is not on the public network")


def _meanings(number: Ip) -> list[Ip]:
    """The number, or the IPv4 number that an IPv6 number stands for (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(number, IPv4Address):
        return [number]
    if number.scope_id is not None:
        number = IPv6Address(int(number))
    if number.ipv4_mapped is not None:
        return [number.ipv4_mapped]
    if number.sixtofour is not None:
        return [number.sixtofour]
    if number.teredo is not None:
        return list(number.teredo)
    if number in _NAT64 or (number in _COMPATIBLE and int(number) > 1):
        return [IPv4Address(int(number) & 0xFFFFFFFF)]
    return [number]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Numbers of a host, as the system knows them. Raises NameUnknown."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(f"{host}: {error}") from error
    return [str(sockaddr[0]) for *_, sockaddr in found]


class SafeBackend(httpcore.AsyncNetworkBackend):
    """Opens connections, to checked numbers only."""

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve = resolve) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        """Connect to `host`. One number off the public network refuses the host: no honest name has both.

        Raises UnsafeAddress, NameUnknown, httpcore.ConnectTimeout or httpcore.ConnectError.
        """
        try:
            numbers = [ip_address(n) for n in await asyncio.wait_for(self._resolve(host, port), timeout)]
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{host}: no answer from the name servers") from None
        if not numbers:
            raise NameUnknown(f"{host}: resolves to nothing")
        for number in numbers:
            check_number(number, host, self._allowed)
        last: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for number in list(dict.fromkeys(numbers))[:3]:
            try:
                return await self._inner.connect_tcp(str(number), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        assert last is not None
        raise last

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise UnsafeAddress(f"{path}: a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates checked against the usual authorities and those in `ca_file`."""
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context

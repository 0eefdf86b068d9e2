"""One request and its answer, whole and as sent, or a named error. Follows, repeats, judges and keeps nothing.

httpx sends, by its transport: its client on top would parse redirects and refuse some, keep cookies, and obey the proxies of
the environment, which connect in our place, unchecked. It does not decode either: the bytes of the wire are evidence, so they
are taken raw and bounded, and decoded with bounds of their own (a gzip bomb ends as `too_large`).

There is no HTTP cache such as hishel in between. What RFC 9111 calls validation is done with the ETag and Last-Modified that
the archive holds. A cache beside the archive would keep every body a second time and could forget what the archive knows; and
its question, whether a stored answer may stand for the origin's, is not ours: `fresh_for` says how often we look again.
"""

from __future__ import annotations

import asyncio
import email.utils
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType

import httpcore
import httpx

from extractors.errors import (
    BadResponse,
    CertificateRefused,
    ConnectionFailed,
    FetchError,
    NameUnknown,
    RateLimited,
    ServerFailed,
    TimedOut,
    TlsFailed,
    TooLarge,
    Truncated,
    UnsupportedLocation,
)
from extractors.fetching import safety
from extractors.fetching.exchange import Exchange, decoded
from extractors.fetching.settings import Settings


class Client:
    """Sends requests. Use as an async context manager, inside one event loop."""

    def __init__(self, settings: Settings, resolve: safety.Resolve = safety.resolve) -> None:
        self._settings = settings
        self._backend = safety.SafeBackend(settings.allowed_networks, resolve)
        self._tls = {name: safety.tls_context(r.ca_file) for name, r in settings.hosts.items() if r.ca_file}
        self._any_tls = safety.tls_context()
        self._pools: dict[str, _Pool] = {}
        self._headers = {
            "User-Agent": settings.user_agent,
            "Accept": "text/html,application/xhtml+xml,application/pdf,application/msword,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
        }
        timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout)
        self._extensions = {"timeout": timeout.as_dict()}

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            await pool.transport.aclose()

    async def get(self, address: str, validators: Mapping[str, str] | None = None) -> Exchange:
        """Ask once. `validators` are If-None-Match and If-Modified-Since; 304 and redirects are answers like others.

        Raises RateLimited for 429 and ServerFailed for 5xx, UnsafeAddress, UnsupportedLocation, NameUnknown,
        ConnectionFailed, CertificateRefused, TlsFailed, TimedOut, TooLarge, Truncated and BadResponse.
        """
        safety.check_address(address, self._settings.allowed_networks)
        try:
            async with asyncio.timeout(self._settings.total_timeout):
                exchange = await self._exchange(address, validators or {})
        except TimeoutError:
            raise TimedOut(f"{address}: not finished after {self._settings.total_timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _named(address, error) from error
        if exchange.status == 429:
            raise RateLimited(f"{address}: status 429", _retry_after(exchange))
        return exchange

    @asynccontextmanager
    async def _pool(self, url: httpx.URL) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Connections by host: one pool for all looks at every connection whenever a request begins or ends, which with
        twenty hosts was half of the time. Of those that nobody uses, the ones used last stay open."""
        name = f"{url.scheme}://{url.netloc.decode('ascii')}"
        pool = self._pools.pop(name, None) or _Pool(self._transport(url.host))
        self._pools[name] = pool  # the last used stands last
        pool.users += 1
        try:
            yield pool.transport
        finally:
            pool.users -= 1
            spare = len(self._pools) - self._settings.concurrency
            idle = [name for name, p in self._pools.items() if not p.users][: max(spare, 0)]
            for one in [self._pools.pop(name) for name in idle]:  # all taken out before anybody else has a turn
                await one.transport.aclose()

    def _transport(self, host: str) -> httpx.AsyncHTTPTransport:
        tls = self._tls.get(host, self._any_tls)
        transport = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)
        # httpx has no public way to give its pool a network backend; tests/fetching/test_safety.py fails if this one ends
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=self._settings.concurrency,
            max_keepalive_connections=self._settings.concurrency,
            keepalive_expiry=15.0,
            network_backend=self._backend,
        )
        return transport

    async def _exchange(self, address: str, validators: Mapping[str, str]) -> Exchange:
        request = httpx.Request("GET", address, headers={**self._headers, **validators}, extensions=self._extensions)
        async with self._pool(request.url) as transport:
            return await self._answer(address, request, transport)

    async def _answer(self, address: str, request: httpx.Request, transport: httpx.AsyncHTTPTransport) -> Exchange:
        limit = self._settings.max_bytes
        at = datetime.now(UTC)
        response = await transport.handle_async_request(request)
        try:
            announced = response.headers.get("content-length", "")
            if announced.isdigit() and int(announced) > limit:
                raise TooLarge(f"{address}: announces {announced} bytes, more than {limit}")
            parts, size = [], 0
            async for part in response.aiter_raw():
                size += len(part)
                if size > limit:
                    raise TooLarge(f"{address}: more than {limit} bytes")
                parts.append(part)
        finally:
            await response.aclose()
        headers = response.headers.raw
        raw = b"".join(parts)
        stream = response.extensions["network_stream"].get_extra_info("server_addr")
        exchange = Exchange(
            address, at, str(stream[0]) if stream else "", _request_head(request),
            response.extensions["http_version"].decode("ascii"), response.status_code,
            response.extensions.get("reason_phrase", b""), headers, raw, raw,
        )  # fmt: skip
        if response.status_code >= 500:
            if response.status_code == 521 or exchange.header("cf-mitigated") or b"_jsl" in raw[:4096]:
                return exchange  # how known challenges begin, not a failure: the caller judges
            raise ServerFailed(f"{address}: status {response.status_code}", _retry_after(exchange))
        coding = exchange.header("content-encoding").lower()
        if coding in ("", "identity"):
            return exchange
        return replace(exchange, data=decoded(raw, coding, limit, address))


@dataclass(slots=True)
class _Pool:
    """The connections to one host, and how many requests use them."""

    transport: httpx.AsyncHTTPTransport
    users: int = 0


def _request_head(request: httpx.Request) -> bytes:
    lines = [b"%b: %b\r\n" % pair for pair in request.headers.raw]
    return b"GET %b HTTP/1.1\r\n%b\r\n" % (request.url.raw_path, b"".join(lines))


def _retry_after(exchange: Exchange) -> float | None:
    """Seconds that the answer asks to wait; None when it does not say."""
    text = exchange.header("retry-after")
    if text.isascii() and text.isdigit():
        return min(float(text), 1e9)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _named(address: str, error: Exception) -> FetchError | UnsupportedLocation:
    """What httpx, TLS or the system said, in the names of this project."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateRefused(f"{address}: {cause.verify_message or cause}")
        if isinstance(cause, ssl.SSLError) and isinstance(error, httpx.ConnectError):
            return TlsFailed(f"{address}: no TLS 1.2 or newer could be agreed on ({cause.reason or cause})")
        if isinstance(cause, socket.gaierror):
            return NameUnknown(f"{address}: {cause}")
    said = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"{address}: {type(error).__name__}")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return UnsupportedLocation(f"{address}: {said}")
    if isinstance(error, httpx.RemoteProtocolError):
        if "without sending complete message body" in said or "incomplete chunked read" in said:
            return Truncated(f"{address}: {said}")
        if "without sending a response" in said:
            return ConnectionFailed(f"{address}: {said}")
        return BadResponse(f"{address}: {said}")
    if isinstance(error, httpx.NetworkError | OSError):
        return ConnectionFailed(f"{address}: {said}")
    return BadResponse(f"{address}: {type(error).__name__}: {said}")


def _causes(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and len(chain) < 10:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain

"""A web server on loopback that plays the bad web. Misbehaves on purpose, by path; knows nothing of the code that it tests.

`BadWeb` runs it in a thread, `python -m tests.fetching.badweb` as a process. `/page/N` are well-behaved pages; every other path is
named after what is wrong with it. Hosts are told apart by the Host header.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import hashlib
import ssl
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType

Writer = asyncio.StreamWriter
WORDS = "本机关主动公开政府信息数量依法办理申请答复予以公开结转下年度继续办理行政复议诉讼".encode()


def page(number: int, size: int = 20_000) -> bytes:
    """A page like a report: a table of numbers, the same for the same number."""
    seed = hashlib.sha256(b"%d" % number).hexdigest()
    rows = [b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Report %d</title></head><body><table>" % number]
    total, i = 0, 0
    while total < size:
        row = b"<tr><td>%b</td><td>%b</td><td>%d</td></tr>\n" % (WORDS[: 6 * (i % 13 + 1)], seed[i % 60 :].encode(), i)
        rows.append(row)
        total += len(row)
        i += 1
    return b"".join(rows) + b"</table></body></html>"


def answer(status: str, body: bytes = b"", *headers: str, length: bool = True, version: str = "HTTP/1.1") -> bytes:
    lines = [f"{version} {status}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@functools.cache
def bomb() -> bytes:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(pack.compress(bytes(1 << 20)) for _ in range(200)) + pack.flush()


HTML = "Content-Type: text/html; charset=utf-8"


class BadWeb:
    """A running server. `requests` counts them by (host, path), `seen` holds the last headers."""

    def __init__(
        self, robots: dict[str, bytes] | None = None, tls: ssl.SSLContext | None = None, port: int = 0
    ) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.seen: dict[str, dict[str, str]] = {}
        self.busy: Counter[str] = Counter()
        self.most_busy: Counter[str] = Counter()
        self.most_busy_of_all = 0
        self.robots = robots or {}
        self.pages: dict[str, bytes] = {}
        """Whole answers for paths, set by tests."""
        self.together = 1
        self._waiting: list[asyncio.Future[None]] = []
        self.version = 0
        self.port = port
        self._tls = tls
        self._cache: dict[int, tuple[bytes, bytes]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    def __enter__(self) -> BadWeb:
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def serve(self, announce: Callable[[int], None] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        if announce:
            announce(self.port)
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError
        ):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                path = first.split(" ")[1]
                headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                host = headers.get("host", "").partition(":")[0]
                self.requests[host, path] += 1
                self.seen[path] = headers
                self.busy[host] += 1
                self.most_busy[host] = max(self.most_busy[host], self.busy[host])
                self.most_busy_of_all = max(self.most_busy_of_all, self.busy.total())
                try:
                    goes_on = await self._answer(host, path, headers, writer)
                finally:
                    self.busy[host] -= 1
                if not goes_on:
                    break
        writer.close()

    async def _answer(self, host: str, path: str, headers: dict[str, str], writer: Writer) -> bool:
        """Whether the connection goes on."""
        if path == "/robots.txt":
            writer.write(self.robots.get(host, answer("404 Not Found")))
            return True
        if path in self.pages:
            writer.write(self.pages[path])
            return b"\r\nContent-Length:" in self.pages[path]
        if path.startswith("/page/"):
            body, tag = self._page(int(path.rpartition("/")[2].partition(".")[0]))
            if headers.get("if-none-match") == tag.decode():
                writer.write(answer("304 Not Modified", b"", f"ETag: {tag.decode()}", length=False))
            else:
                writer.write(answer("200 OK", body, HTML, f"ETag: {tag.decode()}"))
            return True
        name = path.strip("/").partition("?")[0].replace("-", "_").replace(".", "_").replace("/", "_")
        behave: Callable[..., Awaitable[bool]] | None = getattr(self, f"do_{name}", None)
        if behave is None:
            writer.write(answer("404 Not Found", b"<html><body>404</body></html>", HTML))
            return True
        return await behave(host, headers, writer)

    def _page(self, number: int) -> tuple[bytes, bytes]:
        if number not in self._cache:
            body = page(number)
            self._cache[number] = body, b'"%b"' % hashlib.md5(body).hexdigest().encode()
        return self._cache[number]

    # what goes wrong, by path

    async def do_slow_head(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        await asyncio.sleep(3600)
        return False

    async def do_nap(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        """Answers when `together` requests wait; more than these have 50 ms to show."""
        self._waiting.append(asyncio.get_running_loop().create_future())
        mine = self._waiting[-1]
        if len(self._waiting) >= self.together:
            waiting, self._waiting = self._waiting, []
            for one in waiting:
                one.set_result(None)
        await mine
        await asyncio.sleep(0.05)
        w.write(answer("200 OK", page(13), HTML))
        return True

    async def do_drip(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        """Never silent for long, never done."""
        w.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(72_000):
            w.write(b"x")
            await w.drain()
            await asyncio.sleep(0.05)
        return False

    async def do_reset(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.transport.abort()
        return False

    async def do_reset_once(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        if self.requests[host, "/reset-once"] == 1:
            w.transport.abort()
            return False
        w.write(answer("200 OK", page(1), HTML))
        return True

    async def do_reset_in_body(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 5000)
        await w.drain()
        await asyncio.sleep(0.05)
        w.transport.abort()
        return False

    async def do_truncated(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + page(2)[:5000])
        return False

    async def do_truncated_chunks(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + page(2)[:100])
        return False

    async def do_truncated_gzip(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", gzip.compress(page(2))[:-100], HTML, "Content-Encoding: gzip"))
        return True

    async def do_bomb(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        """200 MB in 200 kB."""
        w.write(answer("200 OK", bomb(), HTML, "Content-Encoding: gzip"))
        return True

    async def do_double_bomb(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", gzip.compress(bomb()), HTML, "Content-Encoding: gzip, gzip"))
        return True

    async def do_endless_body(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        for _ in range(3000):
            w.write(bytes(1 << 16))
            await w.drain()
        return False

    async def do_huge_announced(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx")
        return False

    async def do_huge_header(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000_000 + b"\r\n\r\n")
        return False

    async def do_not_http(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"220 ftp ready\r\n\r\n")
        return False

    async def do_brotli(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", b"\x0b\x02\x80", HTML, "Content-Encoding: br"))
        return True

    async def do_lying_gzip(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", page(3), HTML, "Content-Encoding: gzip"))
        return True

    async def do_gzip(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", gzip.compress(page(3)), HTML, "Content-Encoding: gzip"))
        return True

    async def do_raw_deflate(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        pack = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = pack.compress(page(3)) + pack.flush()
        w.write(answer("200 OK", body, HTML, "Content-Encoding: deflate"))
        return True

    async def do_chunked(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        body = page(4)
        for i in range(0, len(body), 3000):
            part = body[i : i + 3000]
            w.write(b"%x;ext=1\r\n%b\r\n" % (len(part), part))
        w.write(b"0\r\nX-Trailer: y\r\n\r\n")
        return True

    async def do_old_http(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(5))
        return False

    async def do_gbk(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        """No charset in the header, none in the page."""
        text = "<html><head><title>年报</title></head><body>" + "政府信息公开工作年度报告" * 50 + "</body></html>"
        w.write(answer("200 OK", text.encode("gbk"), "Content-Type: text/html"))
        return True

    async def do_wrong_charset(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", page(6), "Content-Type: text/html; charset=ISO-8859-1"))
        return True

    async def do_redirect(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("301 Moved Permanently", b"", "Location: /page/7"))
        return True

    async def do_loop(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("302 Found", b"", "Location: /loop2"))
        return True

    async def do_loop2(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("302 Found", b"", "Location: /loop"))
        return True

    async def do_deeper(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("302 Found", b"", f"Location: /deeper?{self.requests.total()}"))
        return True

    async def do_home(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("302 Found", b"", "Location: /"))
        return True

    async def do_(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("200 OK", page(8), HTML))
        return True

    async def do_limited_once(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        if self.requests[host, "/limited-once"] == 1:
            w.write(answer("429 Too Many Requests", b"", "Retry-After: 1"))
        else:
            w.write(answer("200 OK", page(9), HTML))
        return True

    async def do_limited(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("429 Too Many Requests", b"", "Retry-After: 86400"))
        return True

    async def do_busy_once(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        if self.requests[host, "/busy-once"] == 1:
            w.write(answer("503 Service Unavailable", b"<html>busy</html>", HTML))
        else:
            w.write(answer("200 OK", page(10), HTML))
        return True

    async def do_broken(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("500 Internal Server Error", b"<html>500</html>", HTML))
        return True

    async def do_changing_etag(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        """The same bytes under another ETag each time."""
        w.write(answer("200 OK", page(11), HTML, f'ETag: "{self.requests.total()}"'))
        return True

    async def do_changing(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        """Content that follows `version`, with a truthful ETag."""
        tag = f'"v{self.version}"'
        if headers.get("if-none-match") == tag:
            w.write(answer("304 Not Modified", b"", f"ETag: {tag}", length=False))
        else:
            w.write(answer("200 OK", page(1000 + self.version), HTML, f"ETag: {tag}"))
        return True

    async def do_dated(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        date = "Tue, 30 Mar 2021 00:00:00 GMT"
        if headers.get("if-modified-since") == date:
            w.write(answer("304 Not Modified", b"", length=False))
        else:
            w.write(answer("200 OK", page(12), HTML, f"Last-Modified: {date}"))
        return True

    async def do_always_304(self, host: str, headers: dict[str, str], w: Writer) -> bool:
        w.write(answer("304 Not Modified", b"", length=False))
        return True


def main() -> None:
    """Serve until stdin ends; print the port."""
    web = BadWeb(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(web.serve(lambda port: print(port, flush=True)))
        await loop.run_in_executor(None, sys.stdin.read)
        web._stop.set()
        await task

    asyncio.run(serve())


if __name__ == "__main__":
    main()

"""WARC records (ISO 28500, WARC/1.1): written for our archive, read from anyone's. Knows no index and no network.

Ours are written here and not by a library: a record is then one string of bytes and one write, so that a kill tears at most
the last one; its place is known; and headers stay the bytes that were sent (a file name in GBK is not turned into something
else). warcio, the reference implementation, reads what others wrote, and the tests check with it what we write.
Two liberties that the standard leaves: bodies are stored without chunking (`Transfer-Encoding` becomes
`X-Archive-Orig-Transfer-Encoding`), and fields of our own begin with `Ogi-`.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extractors.documents.limits import MAX_BYTES
from extractors.errors import Damaged, DocumentError, TooLarge, Truncated
from extractors.fetching.exchange import Exchange, Headers, decoded

SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
MAX_RECORD = 512 * 1024 * 1024
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: its fields (names in lower case) and its block."""

    fields: dict[str, str]
    block: bytes

    @property
    def type(self) -> str:
        return self.fields.get("warc-type", "")

    @property
    def address(self) -> str:
        return self.fields.get("warc-target-uri", "").strip("<>")

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.fields["warc-date"])

    def http(self) -> tuple[int, Headers, bytes]:
        """Status, headers and body of a response or revisit. Raises Damaged."""
        head, _, body = self.block.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        try:
            status = int(first.split(b" ", 2)[1])
        except (IndexError, ValueError):
            raise Damaged(f"{self.address}: no HTTP status in {first[:40]!r}") from None
        pairs = [line.partition(b":") for line in lines if line]
        return status, [(k.strip(), v.strip()) for k, _, v in pairs], body

    def payload(self) -> bytes:
        """The content, without content codings. Raises DocumentError where it is broken."""
        if self.type != "response":
            return self.block
        _, headers, body = self.http()
        coding = next((v.decode("latin-1").lower() for k, v in headers if k.lower() == b"content-encoding"), "")
        return decoded(body, coding, MAX_RECORD, self.address)


def sha1(data: bytes) -> str:
    """A digest as WARC tools expect it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")


def info(software: str, at: datetime) -> bytes:
    """A warcinfo record: the first of a file."""
    block = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _gzipped("warcinfo", at, [("Content-Type", "application/warc-fields")], block)


def resource(location: str, at: datetime, data: bytes, sha256: str) -> bytes:
    """A record of bytes that came by no HTTP."""
    fields = [
        ("WARC-Target-URI", _uri(location)),
        ("WARC-Block-Digest", sha1(data)),
        ("Content-Type", "application/octet-stream"),
        ("Ogi-Sha256", sha256),
    ]
    return _gzipped("resource", at, fields, data)


def response(exchange: Exchange, outcome: str, sha256: str) -> tuple[bytes, bytes]:
    """The records (response, request) of an exchange with its whole body, each a gzip member."""
    block = _http_head(exchange) + exchange.raw
    record_id = _new_id()
    fields = [
        *_common(exchange, outcome, sha256),
        ("WARC-Payload-Digest", sha1(exchange.raw)),
        ("WARC-Block-Digest", sha1(block)),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    return _gzipped("response", exchange.at, fields, block, record_id), _request(exchange, record_id)


def revisit(
    exchange: Exchange, outcome: str, sha256: str, digest: str, earlier_uri: str, earlier: datetime
) -> tuple[bytes, bytes]:
    """The records (revisit, request) of an exchange whose payload is in the archive already."""
    block = _http_head(exchange)
    record_id = _new_id()
    fields = [
        *_common(exchange, outcome, sha256),
        ("WARC-Profile", NOT_MODIFIED if exchange.status == 304 else SAME_PAYLOAD),
        ("WARC-Refers-To-Target-URI", _uri(earlier_uri)),
        ("WARC-Refers-To-Date", _date(earlier)),
        ("WARC-Payload-Digest", digest),
        ("WARC-Block-Digest", sha1(block)),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    return _gzipped("revisit", exchange.at, fields, block, record_id), _request(exchange, record_id)


def parse(data: bytes) -> Record:
    """One record from its uncompressed bytes. Raises Damaged."""
    head, found, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if not found or not lines[0].startswith(b"WARC/1."):
        raise Damaged(f"no WARC record: {data[:20]!r}")
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        fields[name.strip().decode("latin-1").lower()] = value.strip().decode("utf-8", "replace")
    try:
        length = int(fields["content-length"])
    except (KeyError, ValueError):
        raise Damaged("a WARC record without a length") from None
    if len(rest) != length + 4:
        raise Damaged(f"a WARC record of {len(rest) - 4} bytes that announces {length}")
    return Record(fields, rest[:length])


def unzip(member: bytes) -> bytes:
    """The bytes of one whole gzip member. Raises Damaged."""
    inflate = zlib.decompressobj(31)
    try:
        data = inflate.decompress(member, MAX_RECORD)
    except zlib.error as error:
        raise Damaged(f"broken compression ({error})") from error
    if not inflate.eof or inflate.unused_data:
        raise Damaged("a gzip member that does not end where it should")
    return data


@dataclass(frozen=True, slots=True)
class Found:
    """A page in a WARC file that somebody else made."""

    address: str
    data: bytes
    fetched_at: datetime
    status: int
    media_type: str


def responses(path: Path, *, max_bytes: int = MAX_BYTES) -> Iterator[Found | tuple[str, DocumentError]]:
    """What a WARC file holds: HTTP responses and resources with their bytes, content codings undone.

    Requests, metadata and revisits are passed over. A record that is too large or broken inside is yielded as (address,
    error). Raises Damaged when the file itself cannot be read on, with what was yielded before still good.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    with path.open("rb") as file:
        last = -1
        try:
            records = ArchiveIterator(file)
            for record in records:
                last = records.offset
                if record.format != "warc":  # what is nothing at all, warcio takes for an ARC file
                    raise Damaged(f"{path}: no WARC file")
                if record.rec_type not in ("response", "resource"):
                    continue
                address = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
                try:
                    yield _found(address, record, max_bytes)
                except DocumentError as error:
                    yield address, error
        except (ArchiveLoadFailed, EOFError, zlib.error, ValueError) as error:
            raise Damaged(f"{path}: {type(error).__name__}: {error}") from error
    if last < 0:
        raise Damaged(f"{path}: no record")
    if _torn(path, last):  # warcio takes the end of the file for the end of the record
        raise Damaged(f"{path}: ends in the middle of a record, behind byte {last}")


def _torn(path: Path, start: int) -> bool:
    """Whether the last gzip member, of those from `start`, is not whole. False for a file that is not compressed."""
    with path.open("rb") as file:
        file.seek(start)
        inflate, rest = None, b""
        while chunk := rest or file.read(1 << 16):
            if inflate is None:
                if not _is_gzip(chunk):
                    return False
                inflate = zlib.decompressobj(31)
            try:
                inflate.decompress(chunk)
            except zlib.error:
                return True
            rest = inflate.unused_data
            if inflate.eof:
                inflate = None
        return inflate is not None


def _is_gzip(data: bytes) -> bool:
    return b"\x1f\x8b\x08".startswith(data[:3])


def _found(address: str, record: Any, max_bytes: int) -> Found:
    headers = record.http_headers
    stream = record.raw_stream
    data: bytes = stream.read(max_bytes + 1)
    while len(data) <= max_bytes and (more := stream.read(max_bytes + 1 - len(data))):
        data += more
    if len(data) > max_bytes:
        raise TooLarge(f"{address}: more than {max_bytes} bytes")
    if getattr(stream, "limit", 0):
        raise Truncated(f"{address}: the record ends {stream.limit} bytes before its length")
    status, media_type = 200, record.rec_headers.get_header("Content-Type") or ""
    if headers is not None:
        code = headers.get_statuscode() or ""
        status = int(code) if code.isdigit() else 0
        media_type = headers.get_header("Content-Type") or ""
        if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
            data = _unchunked(data)
        # Common Crawl undoes the codings and renames the header, so that only what is still coded is decoded
        data = decoded(data, (headers.get_header("Content-Encoding") or "").lower(), max_bytes, address)
    date = record.rec_headers.get_header("WARC-Date") or ""
    try:
        at = datetime.fromisoformat(date)
    except ValueError:
        raise Damaged(f"{address}: no date in {date!r}") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Found(address, data, at, status, media_type.partition(";")[0].strip().lower())


def _unchunked(data: bytes) -> bytes:
    """The body of a chunked message; `data` itself where it is not chunked, as some crawlers keep the header only."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        size = data[at:end].split(b";")[0].strip() if end >= 0 else b""
        try:
            length = int(size, 16)
        except ValueError:
            return data
        if length == 0:
            return b"".join(parts)
        parts.append(data[end + 2 : end + 2 + length])
        at = end + 2 + length
        if data[at : at + 2] != b"\r\n":
            return data
        at += 2


def _common(exchange: Exchange, outcome: str, sha256: str) -> list[tuple[str, str]]:
    fields = [("WARC-Target-URI", _uri(exchange.address)), ("Ogi-Outcome", outcome)]
    if sha256:
        fields.append(("Ogi-Sha256", sha256))
    if exchange.ip:
        fields.append(("WARC-IP-Address", exchange.ip))
    return fields


def _request(exchange: Exchange, concurrent_to: str) -> bytes:
    fields = [
        ("WARC-Target-URI", _uri(exchange.address)),
        ("WARC-Concurrent-To", concurrent_to),
        ("WARC-Block-Digest", sha1(exchange.request)),
        ("Content-Type", "application/http; msgtype=request"),
    ]
    return _gzipped("request", exchange.at, fields, exchange.request)


def _http_head(exchange: Exchange) -> bytes:
    lines = [b"%b %d %b" % (exchange.version.encode("ascii"), exchange.status, exchange.phrase)]
    for name, value in exchange.headers:
        kept = b"X-Archive-Orig-Transfer-Encoding" if name.lower() == b"transfer-encoding" else name
        lines.append(b"%b: %b" % (kept, value))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _uri(address: str) -> str:
    """Never more than one field: what comes from outside holds no line end here."""
    return "".join(c for c in address if c.isprintable() and c != " ")


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _gzipped(kind: str, at: datetime, fields: list[tuple[str, str]], block: bytes, record_id: str = "") -> bytes:
    lines = [
        "WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: {record_id or _new_id()}", f"WARC-Date: {_date(at)}",
        *(f"{name}: {value}" for name, value in fields), f"Content-Length: {len(block)}", "", "",
    ]  # fmt: skip
    compress = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    data = "\r\n".join(lines).encode("utf-8") + block + b"\r\n\r\n"
    return compress.compress(data) + compress.flush()

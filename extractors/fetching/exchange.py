"""A request and its answer as data, and content codings undone within bounds. Sends nothing, and imports no client."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from extractors.errors import BadResponse, TooLarge, Truncated

Headers = Sequence[tuple[bytes, bytes]]
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_CODINGS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `raw` is the body as sent (less chunking), `data` the body without content codings."""

    address: str
    at: datetime
    ip: str
    request: bytes
    version: str
    status: int
    phrase: bytes
    headers: Headers
    raw: bytes
    data: bytes

    def header(self, name: str) -> str:
        """A header as text, empty when it was not sent. The last one counts where it was sent twice."""
        wanted = name.lower().encode()
        return next((v.decode("latin-1").strip() for k, v in reversed(self.headers) if k.lower() == wanted), "")

    @property
    def media_type(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """As declared in the header; the bytes may say otherwise, which is the reader's to find out."""
        found = _CHARSET.search(self.header("content-type"))
        return found.group(1) if found else ""

    @property
    def redirect(self) -> str:
        """Where the answer sends on to, as written; empty when it does not."""
        if self.status not in _REDIRECTS:
            return ""
        value = next((v for k, v in reversed(self.headers) if k.lower() == b"location"), b"").strip()
        try:
            return value.decode("utf-8")  # Chinese file names come raw
        except UnicodeDecodeError:
            return value.decode("gb18030", "replace")


def decoded(raw: bytes, codings: str, limit: int, name: str) -> bytes:
    """`raw` without its content codings, at most `limit` bytes.

    Raises BadResponse for a coding that is not read or bytes that are not of it, Truncated when they end too early,
    TooLarge. `name` is for the message.
    """
    data = raw
    for coding in reversed([c.strip().encode() for c in codings.split(",") if c.strip() not in ("", "identity")][:4]):
        if coding not in _CODINGS:
            raise BadResponse(f"{name}: content coding {coding.decode()!r}, which was not asked for")
        if data:
            data = _inflated(data, _CODINGS[coding], limit, name)
    return data


def _inflated(data: bytes, bits: int, limit: int, name: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while data:
        inflate = zlib.decompressobj(bits)
        try:
            part = inflate.decompress(data, limit - size + 1)
        except zlib.error as error:
            if bits == 15 and not parts:  # "deflate" without the zlib header, as some servers send it
                return _inflated(data, -15, limit, name)
            raise BadResponse(f"{name}: broken compression ({error})") from error
        parts.append(part)
        size += len(part)
        if size > limit:
            raise TooLarge(f"{name}: more than {limit} bytes when decompressed")
        if not inflate.eof:
            raise Truncated(f"{name}: the compressed body ends after {size} bytes without its end mark")
        data = inflate.unused_data if bits == 31 and inflate.unused_data[:2] == b"\x1f\x8b" else b""
    return b"".join(parts)

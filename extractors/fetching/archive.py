"""The archive: bytes by their sha256 in WARC shards, written once, checked when read. Fetches nothing, reads no document.

The shards (`ogi-00000.warc.gz`, …) are the archive: append-only, each record a gzip member, readable by any web-archive
tool. `index.sqlite` says where in them an object is and what an address answered last; it follows from the shards and is made
again from them when it is lost. Order of writing: bytes to the shard, fsync, then the index. So a process that is killed
leaves at most records that the index does not know yet, and a torn one at the end; the next writer takes in the former and
cuts off the latter. Nothing else is ever cut, overwritten or removed; bytes that are found damaged stay where they are,
lose their place in the index, and can be fetched again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from extractors.errors import Damaged, DocumentError, OgiError
from extractors.fetching import warc
from extractors.fetching.exchange import Exchange

SHARD_BYTES = 1 << 30
SYNC_BYTES, SYNC_SECONDS = 64 << 20, 2.0
_SOFTWARE = "ogi-warehouse/0.1"
_MAGIC = b"\x1f\x8b\x08"
_KEEP = ("archived", "unchanged")
_SCHEMA = """
create table if not exists shards (name text primary key, indexed_to integer not null, sealed integer not null default 0);
create table if not exists objects (
    sha256 blob primary key, shard text not null, offset integer not null, length integer not null, size integer not null,
    digest text not null, address text not null, at text not null
) without rowid;
create table if not exists visits (
    address text primary key, at text not null, status integer not null, outcome text not null, sha256 blob, etag text not null,
    last_modified text not null, redirect text not null, media_type text not null, charset text not null,
    brings text
) without rowid;
"""


class ArchiveDamaged(OgiError):
    """An object of the archive is missing or its bytes are not those of its name: `discard_damaged`, then fetch it again."""


class ArchiveBusy(OgiError):
    """Another process has been writing for longer than we wait."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is."""

    shard: Path
    offset: int
    length: int
    size: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What an address answered last. `sha256` is the last good content, also after a later failure; empty if there was none."""

    address: str
    at: datetime
    status: int
    outcome: str
    sha256: str
    etag: str
    last_modified: str
    redirect: str
    media_type: str
    charset: str
    brings: str | None
    """Note of what the page brings with it; None where it must be found out again."""


class Archive:
    """Objects and exchanges below `root`. May be pickled and used by several threads and processes; one writes at a time."""

    def __init__(self, root: Path, shard_bytes: int = SHARD_BYTES, patience: float = 60.0) -> None:
        self.root = root
        self._shard_bytes = shard_bytes
        self._patience = patience
        self._local = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        return Archive, (self.root, self._shard_bytes, self._patience)

    # reading

    def get(self, sha256: str) -> bytes:
        """The bytes of an object. Raises ArchiveDamaged when it is missing or does not match its name."""
        place = self.place(sha256)
        if place is None:
            raise ArchiveDamaged(f"{sha256}: not in the archive {self.root}")
        return read_object(place, sha256)

    def __contains__(self, sha256: str) -> bool:
        return self.place(sha256) is not None

    def place(self, sha256: str) -> Place | None:
        """Where the record of an object is; None when the index does not know it."""
        try:
            key = bytes.fromhex(sha256)
        except ValueError:
            return None
        row = self._rows("select shard, offset, length, size from objects where sha256 = ?", key)
        return Place(self.root / row[0][0], *row[0][1:]) if row else None

    def visit(self, address: str) -> Visit | None:
        """What the address answered last, None when it was never asked."""
        rows = self._rows(
            "select address, at, status, outcome, sha256, etag, last_modified, redirect, media_type, charset, brings "
            "from visits where address = ?",
            address,
        )
        if not rows:
            return None
        name, at, status, outcome, sha256, *rest = rows[0]
        return Visit(name, datetime.fromisoformat(at), status, outcome, sha256.hex() if sha256 else "", *rest)

    def sha256s(self) -> Iterator[str]:
        """Names of all objects."""
        if self._exists():
            for (key,) in self._index().execute("select sha256 from objects order by shard, offset"):
                yield key.hex()

    def verify(self) -> Iterator[ArchiveDamaged]:
        """Read every object and yield what is damaged. Changes nothing."""
        for sha256 in list(self.sha256s()):
            try:
                self.get(sha256)
            except ArchiveDamaged as error:
                yield error

    # writing

    def put(self, data: bytes, location: str = "") -> str:
        """Keep `data` that came by no HTTP and return its sha256. Bytes that are there already stay untouched.

        On disk when this returns, or inside `writing()` when that ends. Raises ArchiveBusy.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in self:
            return sha256
        with self.writing() as writer:
            if sha256 not in self:  # nobody else wrote it while we waited
                at = datetime.now(UTC)
                uri = location or f"urn:sha256:{sha256}"
                start, lengths = writer.append(warc.resource(uri, at, data, sha256))
                writer.add_object(sha256, start, lengths[0], len(data), warc.sha1(data), uri, at)
        return sha256

    def keep(self, exchange: Exchange, outcome: str, brings: str | None = None) -> tuple[str, str]:
        """Keep an exchange; return its outcome and the sha256 of its content.

        `archived` becomes `unchanged` when the address had the same content before. Content that is in the archive is not
        written again (a revisit record says where it is). `brings` is a note for the visit. A 304 needs content that is there. Only `archived` content counts as
        the address's; an error page is kept as evidence. Raises ArchiveBusy, and ValueError for a 304 with nothing behind it.
        """
        with self.writing() as writer:
            before = self.visit(exchange.address)
            if exchange.status == 304:
                if before is None or before.sha256 not in self:
                    raise ValueError(f"{exchange.address}: 304 without archived content")
                sha256, outcome = before.sha256, "unchanged"
            else:
                sha256 = hashlib.sha256(exchange.data).hexdigest() if exchange.data else ""
                if outcome == "archived" and before is not None and before.sha256 == sha256:
                    outcome = "unchanged"
            kept = self._rows("select digest, address, at from objects where sha256 = ?", bytes.fromhex(sha256))
            if kept:
                digest, address, at = kept[0]
                pair = warc.revisit(exchange, outcome, sha256, digest, address, datetime.fromisoformat(at))
            else:
                pair = warc.response(exchange, outcome, sha256)
            start, lengths = writer.append(*pair)
            if sha256 and not kept:
                digest = warc.sha1(exchange.raw)
                writer.add_object(sha256, start, lengths[0], len(exchange.data), digest, exchange.address, exchange.at)
            writer.add_visit(_visit_of(exchange, outcome, sha256, brings))
        return outcome, sha256

    def discard_damaged(self, sha256: str) -> bool:
        """Take an object that cannot be read out of the index, so that it is fetched and kept again. Its bytes stay.

        Returns whether it was damaged; a sound object keeps its place.
        """
        with self.writing() as writer:
            try:
                self.get(sha256)
            except ArchiveDamaged:
                with contextlib.suppress(ValueError):
                    writer.forget(bytes.fromhex(sha256))
                return True
            return False

    def rebuild(self) -> None:
        """Make the index again from the shards."""
        with self.writing() as writer:
            writer.start_again()

    @contextlib.contextmanager
    def writing(self) -> Iterator[_Writer]:
        """Hold the archive for many writes, which are on disk when this ends, or every few seconds. May be nested."""
        held: _Writer | None = getattr(self._local, "writer", None)
        if held is not None:
            yield held
            return
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a") as lock:
            _take(lock.fileno(), self._patience, self.root)
            writer = _Writer(self.root, self._index(make=True), self._shard_bytes)
            self._local.writer = writer
            try:
                yield writer
            finally:
                self._local.writer = None
                writer.close()

    # the index

    def _exists(self) -> bool:
        if (self.root / "index.sqlite").exists():
            return True
        if not any(self.root.glob("*.warc.gz")):
            return False
        with self.writing():
            return True  # a writer takes in what the shards hold

    def _rows(self, query: str, key: bytes | str) -> list[Any]:
        return self._index().execute(query, [key]).fetchall() if self._exists() else []

    def _index(self, make: bool = False) -> sqlite3.Connection:
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "index", None)
        if held is not None and held[0] == os.getpid():
            return held[1]
        connection = sqlite3.connect(self.root / "index.sqlite", timeout=30.0, isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")  # behind the shards after a power cut, never ahead of them
        connection.executescript(_SCHEMA)
        self._local.index = (os.getpid(), connection)
        return connection


class _Writer:
    """The one that writes, under the lock. Appends to the last shard; the index follows the disk."""

    def __init__(self, root: Path, index: sqlite3.Connection, shard_bytes: int) -> None:
        self._root, self._index, self._shard_bytes = root, index, shard_bytes
        self._file: int | None = None
        self._name = ""
        self._end = 0
        self._unsynced, self._synced_at = 0, time.monotonic()
        self._begin()
        self._take_in()

    def append(self, *records: bytes) -> tuple[int, list[int]]:
        """Write records behind each other, in one write; return where they begin and their lengths."""
        if self._file is None or self._end >= self._shard_bytes:
            self._open()
        assert self._file is not None
        start, data = self._end, b"".join(records)
        try:
            _write(self._file, data)
        except BaseException:
            os.ftruncate(self._file, start)  # a full disk must not leave half a record in the middle
            raise
        self._end += len(data)
        self._unsynced += len(data)
        return start, [len(r) for r in records]

    def add_object(
        self, sha256: str, offset: int, length: int, size: int, digest: str, address: str, at: datetime
    ) -> None:
        self._index.execute(
            "insert or ignore into objects values (?, ?, ?, ?, ?, ?, ?, ?)",
            [bytes.fromhex(sha256), self._name, offset, length, size, digest, address, at.isoformat()],
        )

    def add_visit(self, visit: Visit) -> None:
        """Replace what is known of an address; the last good content stays known after a failure."""
        v = visit
        sha256 = bytes.fromhex(v.sha256) if v.sha256 and v.outcome in _KEEP else None
        self._index.execute(
            "insert into visits values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (address) do update set at = excluded.at, "
            "status = excluded.status, outcome = excluded.outcome, sha256 = coalesce(excluded.sha256, visits.sha256), "
            "etag = excluded.etag, last_modified = excluded.last_modified, redirect = excluded.redirect, "
            "media_type = case when excluded.status = 304 then visits.media_type else excluded.media_type end, "
            "charset = case when excluded.status = 304 then visits.charset else excluded.charset end, "
            "brings = case when excluded.status = 304 then coalesce(excluded.brings, visits.brings) else excluded.brings end",
            [v.address, v.at.isoformat(), v.status, v.outcome, sha256, v.etag, v.last_modified, v.redirect, v.media_type,
             v.charset, v.brings],
        )  # fmt: skip
        if self._unsynced >= SYNC_BYTES or time.monotonic() - self._synced_at >= SYNC_SECONDS:
            self.sync()

    def forget(self, key: bytes) -> None:
        self._index.execute("delete from objects where sha256 = ?", [key])

    def start_again(self) -> None:
        """Empty the index and take in every shard from its start."""
        self._close_shard()
        for table in ("objects", "visits", "shards"):
            self._index.execute(f"delete from {table}")
        self._take_in()

    def sync(self) -> None:
        """Everything so far to the disk: first the shard, then the index."""
        if self._file is not None and self._unsynced:
            os.fsync(self._file)
            self._index.execute("update shards set indexed_to = ? where name = ?", [self._end, self._name])
        self._index.execute("commit")
        self._unsynced, self._synced_at = 0, time.monotonic()
        self._begin()

    def close(self) -> None:
        """Also after an error: what was appended whole is kept."""
        try:
            self.sync()
        finally:
            if self._index.in_transaction:
                self._index.execute("rollback")
            self._close_shard()

    def _begin(self) -> None:
        self._index.execute("begin immediate")

    def _close_shard(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._name, self._end = None, "", 0

    def _open(self) -> None:
        """The last shard if it may grow, else a new one."""
        if self._file is not None:
            os.fsync(self._file)
            os.fchmod(self._file, 0o444)
            self._index.execute("update shards set indexed_to = ?, sealed = 1 where name = ?", [self._end, self._name])
            self._close_shard()
        rows = self._index.execute("select name, indexed_to, sealed from shards order by name").fetchall()
        if rows and not rows[-1][2] and rows[-1][1] < self._shard_bytes:
            self._name, self._end = rows[-1][0], rows[-1][1]
            self._file = os.open(self._root / self._name, os.O_WRONLY | os.O_APPEND)
            return
        number = int(rows[-1][0][4:9]) + 1 if rows else 0
        name = f"ogi-{number:05d}.warc.gz"
        data = warc.info(_SOFTWARE, datetime.now(UTC))
        self._file = os.open(self._root / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        _write(self._file, data)
        folder = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name of the new file, too, must outlive a power cut
        finally:
            os.close(folder)
        self._index.execute("insert into shards (name, indexed_to) values (?, ?)", [name, len(data)])
        self._name, self._end = name, len(data)
        self._unsynced += len(data)

    def _take_in(self) -> None:
        """Index what the shards hold beyond what the index knows; cut a torn end off."""
        known = {
            n: (to, sealed) for n, to, sealed in self._index.execute("select name, indexed_to, sealed from shards")
        }
        names = sorted(p.name for p in self._root.glob("ogi-[0-9][0-9][0-9][0-9][0-9].warc.gz"))
        for name in names:
            path = self._root / name
            to, sealed = known.get(name, (0, 0))
            size = path.stat().st_size
            if name not in known:
                self._index.execute("insert into shards (name, indexed_to) values (?, 0)", [name])
            if size < to:  # somebody cut it: its objects report damage when read, and nothing is appended to it
                self._index.execute("update shards set sealed = 1 where name = ?", [name])
            elif size > to or not sealed:
                self._take_in_shard(path, to, size, bool(sealed), last=name == names[-1])
        for name in known.keys() - set(names):
            self._index.execute("update shards set sealed = 1 where name = ?", [name])
        self.sync()

    def _take_in_shard(self, path: Path, start: int, size: int, sealed: bool, last: bool) -> None:
        end, broken = start, sealed
        if size > start:
            self._name = path.name
            for offset, length, record in _scan(path, start):
                if record is None:
                    if length or not last:
                        broken = True  # damage, not a killed writer: it stays, and nothing is appended behind it
                        end = offset + length if length else size
                    else:
                        with path.open("r+b") as file:
                            file.truncate(offset)
                            os.fsync(file.fileno())
                        end = offset
                    continue
                self._take_in_record(record, offset, length)
                end = offset + length
            self._name = ""
        query = "update shards set indexed_to = ?, sealed = ? where name = ?"
        self._index.execute(query, [end, int(broken), path.name])

    def _take_in_record(self, record: warc.Record, offset: int, length: int) -> None:
        sha256 = record.fields.get("ogi-sha256", "")
        if record.type in ("response", "resource") and sha256:
            try:
                data = record.payload()
            except DocumentError:
                return
            if hashlib.sha256(data).hexdigest() != sha256:
                return
            body = record.http()[2] if record.type == "response" else record.block
            self.add_object(sha256, offset, length, len(data), warc.sha1(body), record.address, record.at)
        if record.type in ("response", "revisit"):
            status, headers, _ = record.http()
            exchange = Exchange(record.address, record.at, "", b"", "HTTP/1.1", status, b"", headers, b"", b"")
            self.add_visit(_visit_of(exchange, record.fields.get("ogi-outcome", ""), sha256, None))


def _visit_of(exchange: Exchange, outcome: str, sha256: str, brings: str | None) -> Visit:
    return Visit(
        exchange.address, exchange.at, exchange.status, outcome, sha256, exchange.header("etag"),
        exchange.header("last-modified"), exchange.redirect, exchange.media_type, exchange.charset,
        brings,
    )  # fmt: skip


def read_object(place: Place, sha256: str) -> bytes:
    """The bytes of the object at a place, without the index: for readers on other machines that see the same shards.

    Raises ArchiveDamaged when they cannot be read or do not match their name.
    """
    try:
        data = _record_at(place).payload()
    except (OSError, DocumentError) as error:
        raise ArchiveDamaged(f"{sha256}: in {place.shard} at byte {place.offset}: {error}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ArchiveDamaged(f"{sha256}: in {place.shard} at byte {place.offset} are bytes with the sha256 {found}")
    return data


def _record_at(place: Place) -> warc.Record:
    with place.shard.open("rb") as file:
        file.seek(place.offset)
        member = file.read(place.length)
    if len(member) != place.length:
        raise Damaged(f"expected {place.length} bytes, found {len(member)}")
    return warc.parse(warc.unzip(member))


def _scan(path: Path, start: int) -> Iterator[tuple[int, int, warc.Record | None]]:
    """(offset, length, record) of what follows `start`. A stretch that is no record comes with None; a torn end with length 0."""
    size = path.stat().st_size
    with path.open("rb") as file:
        offset = start
        while offset < size:
            length, data, torn = _member(file, offset)
            if data is not None:
                try:
                    record = warc.parse(data)
                except Damaged:
                    yield offset, length, None
                else:
                    yield offset, length, record
                offset += length
                continue
            following = None if torn else _next_member(file, offset + 1, size)
            if following is None and (torn or _only_zeros(file, offset)):
                yield offset, 0, None
                return
            until = size if following is None else following
            yield offset, until - offset, None
            offset = until


def _member(file: BinaryIO, offset: int) -> tuple[int, bytes | None, bool]:
    """(length, content, whether it ends with the file) of the gzip member at `offset`; content None when it is none."""
    file.seek(offset)
    inflate = zlib.decompressobj(31)
    parts: list[bytes] = []
    taken = size = 0
    step = 1 << 14  # most records are small, and what is read beyond one is read again
    while chunk := file.read(step):
        step = min(step * 2, 1 << 20)
        try:
            part = inflate.decompress(chunk, warc.MAX_RECORD - size + 1)
        except zlib.error:
            return 0, None, False
        parts.append(part)
        size += len(part)
        taken += len(chunk)
        if size > warc.MAX_RECORD or inflate.unconsumed_tail:
            return 0, None, False
        if inflate.eof:
            return taken - len(inflate.unused_data), b"".join(parts), False
    return 0, None, True


def _next_member(file: BinaryIO, start: int, size: int) -> int | None:
    """Where the next readable record begins."""
    at = start
    while at < size:
        file.seek(at)
        window = file.read(1 << 20)
        found = window.find(_MAGIC)
        if found < 0:
            at += max(1, len(window) - len(_MAGIC) + 1)
            continue
        at += found
        _, data, _ = _member(file, at)
        if data is not None and data.startswith(b"WARC/1."):
            return at
        at += 1
    return None


def _only_zeros(file: BinaryIO, offset: int) -> bool:
    """What a power cut leaves where a file had grown but its bytes were not there yet."""
    file.seek(offset)
    return all(not chunk.strip(b"\0") for chunk in iter(lambda: file.read(1 << 20), b""))


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _take(handle: int, patience: float, root: Path) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise ArchiveBusy(f"{root}: another process writes") from None
            time.sleep(0.05)

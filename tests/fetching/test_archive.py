"""The archive: written once, checked when read, readable after every kind of end, and by other people's tools."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from extractors.errors import Damaged, TooLarge
from extractors.fetching import warc
from extractors.fetching.archive import Archive, ArchiveBusy, ArchiveDamaged
from extractors.fetching.exchange import Exchange
from extractors.fetching.links import Links
from tests.fetching.badweb import page

NOW = datetime(2026, 1, 31, 8, 30, 0, 123456, tzinfo=UTC)


def exchange(
    address="http://www.example.gov.cn/a", data=b"<html>x</html>", status=200, headers=(), raw=None
) -> Exchange:
    request = b"GET /a HTTP/1.1\r\nHost: www.example.gov.cn\r\n\r\n"
    sent = data if raw is None else raw
    return Exchange(address, NOW, "203.0.113.9", request, "HTTP/1.1", status, b"OK", list(headers), sent, data)


def shards(archive: Archive):
    return sorted(archive.root.glob("*.warc.gz"))


def drop_index(archive: Archive) -> Archive:
    for file in archive.root.glob("index.sqlite*"):
        file.unlink()
    return Archive(archive.root)


def test_archive_writes_once_and_reads_what_it_wrote(archive):
    sha256 = archive.put(b"bytes")
    assert sha256 == hashlib.sha256(b"bytes").hexdigest()
    before = shards(archive)[0].read_bytes()
    assert archive.put(b"bytes") == sha256
    assert shards(archive)[0].read_bytes() == before
    assert archive.get(sha256) == b"bytes"
    assert sha256 in archive
    assert list(archive.sha256s()) == [sha256]


def test_empty_archive_says_what_is_missing(tmp_path):
    archive = Archive(tmp_path / "none")
    with pytest.raises(ArchiveDamaged, match=r"not in the archive"):
        archive.get("0" * 64)
    assert "../../etc/passwd" not in archive
    assert archive.visit("http://x") is None
    assert list(archive.sha256s()) == list(archive.verify()) == []
    assert not archive.root.exists(), "reading makes nothing"


@given(st.lists(st.binary(max_size=200), max_size=8))
@settings(max_examples=20, deadline=None)
def test_any_bytes_come_back_also_after_the_index_is_lost(tmp_path_factory, blobs):
    archive = Archive(tmp_path_factory.mktemp("a"), shard_bytes=400)
    with archive.writing():
        names = [archive.put(b) for b in blobs]
    assert [archive.get(n) for n in names] == blobs
    again = drop_index(archive)
    assert [again.get(n) for n in names] == blobs
    assert sorted(again.sha256s()) == sorted(set(names))


@pytest.mark.parametrize("damage", ["other bytes", "cut", "gone", "zeros"])
def test_damaged_object_is_never_read_as_evidence_and_is_kept_again(archive, damage):
    other, sha256 = archive.put(b"other"), archive.put(b"bytes" * 100)
    place = archive.place(sha256)
    data = bytearray(place.shard.read_bytes())
    if damage == "gone":
        place.shard.unlink()
    else:
        if damage == "other bytes":
            data[place.offset : place.offset + place.length] = gzip.compress(b"WARC/1.1\r\n\r\n").ljust(
                place.length, b"\0"
            )
        elif damage == "zeros":
            data[place.offset : place.offset + place.length] = bytes(place.length)
        else:
            del data[place.offset + 20 :]
        place.shard.write_bytes(data)
    with pytest.raises(ArchiveDamaged, match=sha256):
        archive.get(sha256)
    assert len(list(archive.verify())) == (2 if damage == "gone" else 1)
    assert archive.discard_damaged(sha256)
    assert sha256 not in archive
    assert archive.put(b"bytes" * 100) == sha256
    assert archive.get(sha256) == b"bytes" * 100
    if damage != "gone":
        assert archive.get(other) == b"other"
        assert place.shard.read_bytes()[: place.offset] == bytes(data[: place.offset]), "nothing before it was touched"
    again = drop_index(archive)
    assert again.get(sha256) == b"bytes" * 100


def test_right_record_with_wrong_content_is_damage(archive):
    """A record that is whole and names an object, but holds other bytes."""
    sha256 = archive.put(b"a")
    with archive.writing() as writer:
        at, lengths = writer.append(warc.resource("urn:x", NOW, b"forged", "ab" * 32))
        writer.add_object("ab" * 32, at, lengths[0], 6, "", "urn:x", NOW)
    with pytest.raises(ArchiveDamaged, match=hashlib.sha256(b"forged").hexdigest()):
        archive.get("ab" * 32)
    again = drop_index(archive)
    assert list(again.sha256s()) == [sha256], "forged records are not taken in"


@pytest.mark.parametrize("lost", [1, 7, 50])
def test_torn_end_is_cut_off_and_the_rest_is_taken_in(archive, lost):
    first, second = archive.put(b"first"), archive.put(b"second" * 50)
    (shard,) = shards(archive)
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-lost])
    again = drop_index(archive)
    third = again.put(b"third")
    assert again.get(first) == b"first"
    assert again.get(third) == b"third"
    assert second not in again
    assert again.put(b"second" * 50) == second
    assert list(again.verify()) == []
    assert [r.rec_type for r in records(shard)] == ["warcinfo", "resource", "resource", "resource"]


@pytest.mark.parametrize("rest", [b"\0" * 5000, b"garbage" * 10])
def test_end_after_a_power_cut(archive, rest):
    sha256 = archive.put(b"first")
    (shard,) = shards(archive)
    with shard.open("ab") as file:
        file.write(rest)
    later = archive.put(b"later")
    assert archive.get(sha256) == b"first"
    assert archive.get(later) == b"later"
    assert list(drop_index(archive).verify()) == []


def test_damage_in_the_middle_hides_nothing_behind_it(archive):
    names = [archive.put(b"%d" % i * 300) for i in range(5)]
    place = archive.place(names[2])
    data = bytearray(place.shard.read_bytes())
    data[place.offset + 3 : place.offset + 30] = b"\xff" * 27
    place.shard.write_bytes(data)
    again = drop_index(archive)
    assert sorted(again.sha256s()) == sorted(names[:2] + names[3:])
    again.put(b"more")
    assert place.shard.read_bytes() == bytes(data), "a damaged shard is neither cut nor appended to"


def test_shards_are_sealed_when_they_are_full(archive):
    archive = Archive(archive.root, shard_bytes=3000)
    with archive.writing():
        names = [archive.put(hashlib.sha512(b"%d" % i).digest() * 5) for i in range(40)]
    made = shards(archive)
    assert len(made) > 3
    assert [p.name for p in made] == [f"ogi-{i:05d}.warc.gz" for i in range(len(made))]
    assert all(not p.stat().st_mode & 0o222 for p in made[:-1])
    assert [len(archive.get(n)) for n in names] == [320] * 40


def test_failed_write_leaves_no_half_object(archive, monkeypatch):
    kept = archive.put(b"kept")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", failing)
        with pytest.raises(OSError, match="No space"):
            archive.put(b"bytes")
    assert archive.get(kept) == b"kept"
    assert archive.get(archive.put(b"bytes")) == b"bytes"
    assert list(drop_index(archive).verify()) == []


def failing(*_: object) -> None:
    raise OSError("No space left on device")


def test_half_a_write_is_taken_back(archive, monkeypatch):
    import os

    archive.put(b"kept")
    (shard,) = shards(archive)
    before = shard.read_bytes()
    write = os.write

    def half(handle: int, data: bytes) -> int:
        write(handle, bytes(data[: len(data) // 2]))
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.write", half)
        with pytest.raises(OSError, match="No space"):
            archive.put(b"bytes" * 100)
    assert shard.read_bytes() == before


def test_one_writes_at_a_time_and_others_wait_or_say_so(archive):
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda i: archive.put(b"%d" % (i % 10)), range(40)))
    assert len(set(names)) == 10 == len(list(archive.sha256s()))
    script = "import sys,time,pathlib; from extractors.fetching.archive import Archive\nwith Archive(pathlib.Path(sys.argv[1])).writing():\n print('in', flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", script, str(archive.root)], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"in\n"
        impatient = Archive(archive.root, patience=0.1)
        with pytest.raises(ArchiveBusy):
            impatient.put(b"new")
        assert impatient.get(names[0]) == b"0", "reading waits for nobody"
        other.kill()
    assert impatient.get(impatient.put(b"new")) == b"new", "the lock goes with its process"


def test_archive_goes_to_other_processes(archive):
    sha256 = archive.put(b"x")
    assert pickle.loads(pickle.dumps(archive)).get(sha256) == b"x"


def test_first_visit_second_visit_and_what_stays_known(archive):
    e = exchange(headers=[(b"ETag", b'"1"'), (b"Content-Type", b"text/html; charset=GBK"), (b"Last-Modified", b"x")])
    outcome, sha256 = archive.keep(e, "archived", Links(("http://a/b.pdf",), (), 0).packed())
    assert outcome == "archived"
    visit = archive.visit(e.address)
    assert (visit.etag, visit.media_type, visit.charset, visit.at) == ('"1"', "text/html", "GBK", NOW)
    assert archive.keep(exchange(data=b"", status=304), "archived") == ("unchanged", sha256)
    assert Links.unpacked(archive.visit(e.address).brings).attachments == ("http://a/b.pdf",)
    assert archive.keep(exchange(data=b"<html>no</html>", status=404), "gone")[0] == "gone"
    after = archive.visit(e.address)
    assert (after.outcome, after.sha256) == ("gone", sha256), "what was good stays known"
    assert archive.keep(e, "archived") == ("unchanged", sha256)
    again = drop_index(archive)
    again_visit = again.visit(e.address)
    assert again_visit == archive.visit(e.address) or again_visit.brings is None
    assert again_visit.sha256 == sha256
    with pytest.raises(ValueError, match="304"):
        archive.keep(exchange("http://new", data=b"", status=304), "archived")


def test_same_content_at_two_addresses_is_stored_once(archive):
    body = bytes(hashlib.sha512(b"x").digest() * 1000)
    archive.keep(exchange("http://a/1", body), "archived")
    size = shards(archive)[0].stat().st_size
    assert archive.keep(exchange("http://a/2", body), "archived")[0] == "archived"
    kinds = [r.rec_type for r in records(shards(archive)[0])]
    assert kinds == ["warcinfo", "response", "request", "revisit", "request"]
    assert shards(archive)[0].stat().st_size - size < 2000


# what other tools see


def records(path):
    with path.open("rb") as file:
        return [r for r in ArchiveIterator(file) if r.raw_stream.read() is not None]


def test_shards_are_warc_files_with_right_digests(archive):
    gbk = "attachment; filename=年报.doc".encode("gbk")
    headers = [
        (b"Content-Type", b"text/html"),
        (b"Content-Encoding", b"gzip"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Content-Disposition", gbk),
    ]
    archive.keep(exchange(data=page(1), raw=gzip.compress(page(1)), headers=headers), "archived")
    archive.keep(exchange("http://b/", data=page(1)), "archived")
    archive.put(b"file", "urn:x")
    (shard,) = shards(archive)
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(shard)], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("digest pass") >= 4
    with shard.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                assert record.content_stream().read() == page(1)
                assert record.http_headers.get_statuscode() == "200"
                assert record.rec_headers.get_header("WARC-Date") == "2026-01-31T08:30:00.123456Z"
                response_id = record.rec_headers.get_header("WARC-Record-ID")
            if record.rec_type == "request" and record.rec_headers.get_header("WARC-Target-URI").endswith("/a"):
                assert record.rec_headers.get_header("WARC-Concurrent-To") == response_id
                assert record.http_headers.get_header("Host") == "www.example.gov.cn"
            if record.rec_type == "revisit":
                assert record.rec_headers.get_header("WARC-Refers-To-Target-URI") == "http://www.example.gov.cn/a"
                assert record.rec_headers.get_header("WARC-Refers-To-Date") == "2026-01-31T08:30:00.123456Z"
    place = archive.place(hashlib.sha256(page(1)).hexdigest())
    raw = warc.unzip(shard.read_bytes()[place.offset : place.offset + place.length])
    assert b"Content-Disposition: " + gbk in raw, "headers are the bytes that were sent"


def test_names_from_the_web_break_no_record_and_become_no_path(archive):
    address = "http://www.example.gov.cn/a\r\nWARC-Type: forged\r\n\r\n../../x 年报"
    archive.keep(exchange(address), "archived")
    first = records(shards(archive)[0])[1]
    assert first.rec_headers.get_header("WARC-Type") == "response"
    assert {p.suffix for p in archive.root.iterdir()} <= {".gz", ".sqlite", "", ".sqlite-wal", ".sqlite-shm"}


# other people's WARC files


def foreign(path, *, gzipped=True, version="1.0"):
    """As Common Crawl writes them: codings undone and the header renamed; beside it a chunked and a coded response."""
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzipped, warc_version=version)
        writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "other"}))

        def add(address, body, *headers, status="200 OK"):
            http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    address,
                    "response",
                    payload=BytesIO(body),
                    http_headers=http,
                    warc_headers_dict={"WARC-Date": "2021-03-30T01:02:03Z"},
                )
            )

        add("http://a/1", page(1), ("Content-Type", "text/html; charset=GBK"), ("X-Crawler-Content-Encoding", "gzip"))
        add("http://a/2", gzip.compress(page(2)), ("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
        add("http://a/3", b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n", ("Transfer-Encoding", "chunked"))
        add("http://a/4", b"not chunked", ("Transfer-Encoding", "chunked"))
        add("http://a/5", b"gone", status="404 Not Found")
        add("http://a/6", b"not gzip", ("Content-Encoding", "gzip"))
        add("http://a/7", gzip.compress(bytes(10 << 20)), ("Content-Encoding", "gzip"))
    return path


@pytest.mark.parametrize(("gzipped", "version"), [(True, "1.0"), (False, "1.1")])
def test_other_peoples_warc_files_are_a_source(tmp_path, gzipped, version):
    found = list(warc.responses(foreign(tmp_path / "x.warc.gz", gzipped=gzipped, version=version), max_bytes=1 << 20))
    good = [f for f in found if isinstance(f, warc.Found)]
    assert [(f.address, f.data, f.status) for f in good] == [
        ("http://a/1", page(1), 200), ("http://a/2", page(2), 200), ("http://a/3", b"hello world", 200),
        ("http://a/4", b"not chunked", 200), ("http://a/5", b"gone", 404),
    ]  # fmt: skip
    assert good[0].fetched_at == datetime(2021, 3, 30, 1, 2, 3, tzinfo=UTC)
    assert good[0].media_type == "text/html"
    assert [(a, type(e).__name__) for a, e in (f for f in found if isinstance(f, tuple))] == [
        ("http://a/6", "BadResponse"),
        ("http://a/7", TooLarge.__name__),
    ]


def test_our_own_shards_are_such_a_source(archive):
    archive.keep(
        exchange(data=page(1), raw=gzip.compress(page(1)), headers=[(b"Content-Encoding", b"gzip")]), "archived"
    )
    (found,) = warc.responses(shards(archive)[0])
    assert (found.data, found.fetched_at) == (page(1), NOW)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_broken_warc_file_gives_what_it_has_and_then_its_name(tmp_path, kept):
    path = foreign(tmp_path / "x.warc.gz")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    got = []
    with pytest.raises(Damaged, match=r"x\.warc\.gz"):
        got.extend(warc.responses(path))
    path.write_bytes(b"<html>no archive</html>" * 10)
    with pytest.raises(Damaged):
        list(warc.responses(path))

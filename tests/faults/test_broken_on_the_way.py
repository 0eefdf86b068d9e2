"""What breaks on our side: a killed publication, a damaged archive, a write that fails. The last good state stays."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from extractors.errors import MissingFile, TooLarge, UnsafeLocation
from extractors.fetching import local
from extractors.fetching.archive import Archive, ArchiveDamaged
from orchestration.lib.home import PROJECT
from orchestration.lib.warehouse import Warehouse, publish

KILLED = """
import os, pathlib, signal, sys
from orchestration.lib.warehouse import publish
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # everything is written, nothing is in place
publish(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
"""


def make(path: Path, value: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create or replace table t as select ? as v", [value])


def value(path: Path) -> object:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select v from t").fetchone()


def test_kill_between_writing_and_publishing_leaves_the_last_good_file(tmp_path):
    work, published = tmp_path / "work.duckdb", tmp_path / "it's published.duckdb"
    make(work, 1)
    publish(work, published)
    make(work, 2)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(work), str(published)], cwd=PROJECT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert value(published) == (1,)
    publish(work, published)
    assert value(published) == (2,)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["it's published.duckdb", "work.duckdb"]


def test_write_that_fails_leaves_nothing_behind(tmp_path):
    warehouse = Warehouse(database=str(tmp_path / "w.duckdb"))
    with warehouse.write() as connection:
        connection.execute("create table t as select 1 as v")
    with pytest.raises(ZeroDivisionError), warehouse.write() as connection:  # noqa: PT012  the failure is inside
        connection.execute("insert into t values (2)")
        raise ZeroDivisionError
    with warehouse.read() as connection:
        assert connection.execute("from t").fetchall() == [(1,)]


def test_a_reading_connection_cannot_write(tmp_path):
    warehouse = Warehouse(database=str(tmp_path / "w.duckdb"))
    with warehouse.write() as connection:
        connection.execute("create table t as select 1 as v")
    with pytest.raises(duckdb.Error, match="read-only"), warehouse.read() as connection:
        connection.execute("insert into t values (2)")


def test_archive_writes_once_and_reads_what_it_wrote(tmp_path):
    archive = Archive(tmp_path)
    sha256 = archive.put(b"bytes")
    path = archive.path(sha256)
    assert path == tmp_path / sha256[:2] / sha256[2:4] / sha256
    assert sha256 == hashlib.sha256(b"bytes").hexdigest()
    before = path.stat()
    assert archive.put(b"bytes") == sha256
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert not path.stat().st_mode & 0o222
    assert archive.get(sha256) == b"bytes"
    assert [p.name for p in path.parent.iterdir()] == [sha256]


@pytest.mark.parametrize("damage", ["other bytes of the length", "shorter", "gone"])
def test_damaged_archive_is_never_read_as_evidence(tmp_path, damage):
    archive = Archive(tmp_path)
    sha256 = archive.put(b"bytes")
    path = archive.path(sha256)
    path.chmod(0o644)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"BYTES" if damage.startswith("other") else b"by")
    with pytest.raises(ArchiveDamaged, match=sha256):
        archive.get(sha256)
    if damage == "shorter":
        with pytest.raises(ArchiveDamaged):
            archive.put(b"bytes")


def test_failed_write_leaves_no_half_object(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        Archive(tmp_path).put(b"bytes")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    "location", ["../x", "a/../../x", "/etc/passwd", ".", "a/..", "nul\0byte", "loop", "..", "sub/../../x"]
)
def test_locations_that_lead_out_are_refused(tmp_path, location):
    base = tmp_path / "catalogue"
    base.mkdir()
    (tmp_path / "x").write_text("outside")
    (base / "loop").symlink_to(base / "loop")
    with pytest.raises((UnsafeLocation, MissingFile)) as refused:
        local.fetch(location, base)
    if location != "loop":
        assert isinstance(refused.value, UnsafeLocation)


def test_a_location_may_go_around_inside(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "报告 1.html").write_bytes(b"x")
    (tmp_path / "link").symlink_to("报告 1.html")
    assert local.fetch("a/../报告 1.html", tmp_path) == local.fetch("link", tmp_path) == b"x"


def test_size_is_limited_at_the_limit(tmp_path):
    (tmp_path / "f").write_bytes(b"12345")
    assert local.fetch("f", tmp_path, max_bytes=5) == b"12345"
    with pytest.raises(TooLarge):
        local.fetch("f", tmp_path, max_bytes=4)


def test_a_figure_lost_on_the_way_is_noticed(built, tmp_path):
    """The check that blocks: one row of raw.facts gone, and one too many."""
    from orchestration.lib import reading

    broken = tmp_path / "work.duckdb"
    broken.write_bytes(built.home.work_db.read_bytes())
    with duckdb.connect(str(broken)) as connection:
        assert reading.unaccounted(connection) == []
        connection.execute(
            "create table kept as select * from raw.facts where line_code = 'requests.new' and column_code = 'total'"
        )
        connection.execute("delete from raw.facts where line_code = 'requests.new' and column_code = 'total'")
        lost = reading.unaccounted(connection)
        assert lost
        assert {(table, counted - came) for _, table, counted, came in lost} == {("three", 1)}
        connection.execute("insert into raw.facts select * from kept union all select * from kept")
        assert {(table, counted - came) for _, table, counted, came in reading.unaccounted(connection)} == {
            ("three", -1)
        }

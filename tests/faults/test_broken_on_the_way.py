"""What breaks on our side: a killed publication, a write that fails (the archive: tests/fetching). The last good state stays."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from extractors.errors import MissingFile, TooLarge, UnsafeLocation
from extractors.fetching import local
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

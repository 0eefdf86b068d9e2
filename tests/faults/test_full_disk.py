"""A disk that fills up: one clear error, the last good state, and a clean retry. (Spark's disk: tests/spark/proof.py.)

A limit on the size of a file stands for the full disk, in a process of its own: the system refuses to write beyond it.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from extractors import samples
from orchestration import run as runner
from orchestration.lib.home import PROJECT
from orchestration.lib.warehouse import Warehouse, publish
from tests.conftest import QUIET
from tests.generator import generate

REPLACE = """
import sys
from orchestration.lib.warehouse import Warehouse
with Warehouse(database=sys.argv[1]).write() as connection:
    connection.execute("delete from facts where report_year = 2020")
    connection.execute("insert into facts select 2020, md5(i::varchar || 'new') from range(400000) as t (i)")
"""
PUBLISH = """
import sys
from pathlib import Path
from orchestration.lib.warehouse import publish
publish(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def limited(most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def on_a_full_disk(most: int, script: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """The script in a process that can write no file beyond `most` bytes."""
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=PROJECT, capture_output=True, text=True, check=False, preexec_fn=limited(most),
    )  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work database of two years."""
    path = tmp_path / "work.duckdb"
    with Warehouse(database=str(path)).write() as connection:
        connection.execute(
            "create table facts as select 2020 + i % 2 as report_year, md5(i::varchar) as value from range(100000) as t (i)"
        )
    return path


def years(database: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "select report_year, count(*), sum(hash(value)::hugeint) from facts group by report_year order by report_year"
        ).fetchall()


def test_a_year_that_does_not_fit_is_not_half_replaced_and_the_retry_is_clean(work):
    before = years(work)
    failed = on_a_full_disk(work.stat().st_size + 100_000, REPLACE, work)
    assert failed.returncode == 1
    assert "File too large" in failed.stderr.splitlines()[-1]
    assert years(work) == before
    again = on_a_full_disk(resource.RLIM_INFINITY, REPLACE, work)
    assert again.returncode == 0, again.stderr
    (replaced, *others), (_, *others_before) = years(work), before
    assert replaced[:2] == (2020, 400_000)
    assert others == others_before


def test_a_copy_that_does_not_fit_leaves_the_published_one_and_no_half_file(work, tmp_path):
    published = tmp_path / "published.duckdb"
    publish(work, published)
    before = published.read_bytes()
    with Warehouse(database=str(work)).write() as connection:
        connection.execute("insert into facts select 2022, md5(i::varchar) from range(400000) as t (i)")
    failed = on_a_full_disk(len(before), PUBLISH, work, published)
    assert failed.returncode == 1
    assert "File too large" in failed.stderr.splitlines()[-1]
    assert published.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["published.duckdb", "work.duckdb"], "space that a retry needs"
    publish(work, published)
    assert years(published) == years(work)


def test_a_run_on_a_full_disk_fails_in_a_line_publishes_nothing_and_succeeds_when_there_is_space(
    built, pipeline, tmp_path
):
    home = tmp_path / "home"
    shutil.copytree(built.home.root, home, symlinks=True, ignore=shutil.ignore_patterns("history"))
    shutil.copytree(samples.FOLDER, tmp_path / "reports")
    catalogue = tmp_path / "reports" / "catalog.csv"
    new = generate(5, layout="html_plain")
    (tmp_path / "reports" / "new.html").write_bytes(new.data)
    with catalogue.open("a", encoding="utf-8") as file:
        file.write(f"new,,,,,{new.truth.year},new.html\n")
    published = home / "warehouse.duckdb"
    before = published.read_bytes()
    failed = subprocess.run(
        [sys.executable, "-m", "orchestration.run"],
        cwd=PROJECT, capture_output=True, text=True, check=False, preexec_fn=limited(len(before) * 2 // 3),
        env=os.environ | QUIET | {"OGI_HOME": str(home), "OGI_CATALOG": str(catalogue)},
    )  # fmt: skip
    assert failed.returncode == runner.FAILED, failed.stdout + failed.stderr
    assert "File too large" in failed.stdout
    assert "what was published before is unchanged" in failed.stdout
    assert published.read_bytes() == before
    again = pipeline(home, catalogue)
    assert again.status == runner.DONE, again.said
    with duckdb.connect(str(published), read_only=True) as connection:
        read = connection.execute("select count(*) from raw.readings where source_id = 'new'").fetchone()
    assert read == (1,)

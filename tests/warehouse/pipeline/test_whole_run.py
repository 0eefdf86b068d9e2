"""The whole pipeline, as `make run` runs it: what comes out, again and beside a reader. Single steps: next door."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from extractors import samples
from orchestration.lib import policy
from tests.acceptance import real_reports

HOLD = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    first = connection.execute("select count(*) from marts.fct_report_lines").fetchone()
    print("open", flush=True)
    sys.stdin.readline()
    assert connection.execute("select count(*) from marts.fct_report_lines").fetchone() == first
"""


def contents(database: Path) -> dict[str, str]:
    """A hash of the rows of every table and view, whatever their order; which build made them is no part of what they say."""
    said = "select columns(lambda c: c not in ('build_id', 'previous_build_id')) from {}"
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        return {
            f"{schema}.{table}": hashlib.sha256(
                repr(sorted(map(repr, connection.execute(said.format(f'"{schema}"."{table}"')).fetchall()))).encode()
            ).hexdigest()
            for schema, table in tables
        }


def scalar(database: Path, sql: str) -> object:
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def test_samples_reach_the_marts(built):
    reports = scalar(built.home.published_db, "select count(distinct source_id) from marts.fct_report")
    assert reports == 7
    assert "7 of 8 sources" in built.said
    assert "blank-form-2021: blank_form" in built.said


def test_every_expected_cell_of_the_samples_is_in_the_marts(built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        for path in sorted(samples.EXPECTED.glob("*.csv")):
            wanted = real_reports.expected(path)
            got = real_reports.found(connection, path.stem)
            kinds = {cell: real_reports.kind(value, got, cell) for cell, value in wanted.items()}
            assert {cell: k for cell, k in kinds.items() if k != "equal"} == {}, path.stem


def test_real_reports_have_every_table(built_real):
    assert real_reports.compare(built_real.home.published_db, Path(built_real.home.catalogue).parent) == []


@pytest.mark.parametrize(
    ("source", "identity", "member", "verdict"),
    [
        ("yanping-2018", "fj_replies", "year", "violated"),
        ("guyuan-2019", "t3_processed", "natural", "undecidable"),
        ("guyuan-2019", "t4_total", "litigation.after_review", "violated"),
    ],
)
def test_verdicts_of_the_real_reports(built_real, source, identity, member, verdict):
    with duckdb.connect(str(built_real.home.published_db), read_only=True) as connection:
        found = connection.execute(
            "select verdict from quality.fct_identity_results results inner join marts.fct_report reports "
            "on reports.report_id = results.report_id where source_id = ? and identity_id = ? and member = ?",
            [source, identity, member],
        ).fetchall()
    assert found == [(verdict,)]


def test_blanks_of_shanghai_hold_only_as_zero(built_real):
    found = scalar(
        built_real.home.published_db,
        "select count(*) from quality.fct_identity_results results inner join marts.fct_report reports "
        "on reports.report_id = results.report_id where source_id = 'shanghai-office-2019' "
        "and verdict = 'holds_if_blank_is_zero' and identity_id = 't3_row_total'",
    )
    assert isinstance(found, int)
    assert found > 0


def test_second_run_reads_nothing_changes_nothing_and_is_not_blocked_by_a_reader(built, pipeline):
    home = built.home
    before = contents(home.work_db), contents(home.published_db)
    inode = home.published_db.stat().st_ino
    reader = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.published_db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "open\n"
    again = pipeline(home.root, samples.CATALOGUE)
    reader.communicate("close\n", timeout=30)
    assert again.status == 0, again.said
    assert reader.returncode == 0
    assert "0 parsed, 0 quarantined, 8 unchanged" in again.said
    assert home.published_db.stat().st_ino != inode, "published again while the reader held the old file"
    assert (contents(home.work_db), contents(home.published_db)) == before


def test_published_file_opens_with_duckdb_1_4_and_under_any_name(built, tmp_path):
    copy = tmp_path / "other name.duckdb"
    shutil.copyfile(built.home.published_db, copy)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy}' as elsewhere (read_only)")
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'elsewhere'").fetchone()
        assert connection.execute("select count(*) from elsewhere.staging.stg_facts").fetchone() != (0,)
    assert tags is not None
    assert tags[0]["storage_version"].startswith("v1.4.0")


def test_phases_are_timed_for_the_benchmark(built):
    last = json.loads(built.home.last_run.read_text(encoding="utf-8"))
    assert last["success"]
    assert list(last["phases"]) == [
        "import", "load definitions", "archive", "read", "load", "dbt", "checks", "publish", "docs"
    ]  # fmt: skip
    assert sum(last["phases"].values()) <= last["seconds"]


def test_site_names_the_violation_and_needs_no_other_host(built):
    page = (built.home.site / "index.html").read_text(encoding="utf-8")
    assert "答复总数 = 同意 + 部分 + 不予 + 其他" in page
    assert "blank_form" in page
    assert "http" not in page
    assert (built.home.site / "dbt" / "index.html").stat().st_size > 100_000
    assert 'href="dbt/index.html"' in page


def test_broken_promise_stops_publication(built, pipeline, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(built.home.root, home, ignore=shutil.ignore_patterns("dagster"))
    good = contents(home / "warehouse.duckdb")
    with duckdb.connect(str(home / "work" / "warehouse.duckdb")) as connection:
        connection.execute("delete from marts.fct_report_lines")
    ran = pipeline(home, samples.CATALOGUE, "--job", "publish")
    assert ran.status == 1
    assert "FAILED check counts_reconcile" in ran.said
    assert contents(home / "warehouse.duckdb") == good


def test_a_rate_above_its_bound_stops_before_the_marts(built, pipeline, tmp_path, monkeypatch):
    """The same reports under a bound that they exceed: what is judged is judged, no mart is touched, nothing is published."""
    home = tmp_path / "home"
    shutil.copytree(built.home.root, home, ignore=shutil.ignore_patterns("dagster"))
    good = contents(home / "warehouse.duckdb")
    with duckdb.connect(str(home / "work" / "warehouse.duckdb")) as connection:
        connection.execute("delete from marts.fct_request_flow; delete from quality.fct_identity_results")
    monkeypatch.setitem(policy.VIOLATION_BOUNDS, "form", policy.Bound(0.001, 10))
    ran = pipeline(home, samples.CATALOGUE)
    assert ran.status == 1
    assert "FAILED check violations_by_form_within_bound: above the bound: " in ran.said
    assert "FAILED step" not in ran.said
    work = home / "work" / "warehouse.duckdb"
    assert scalar(work, "select count(*) from quality.fct_identity_results") != 0, "the verdicts were made again"
    assert scalar(work, "select count(*) from marts.fct_request_flow") == 0, "the mart was not"
    assert contents(home / "warehouse.duckdb") == good
    again = pipeline(home, samples.CATALOGUE, "--job", "publish")
    assert (again.status, contents(home / "warehouse.duckdb") == good) == (1, True)
    monkeypatch.undo()
    healed = pipeline(home, samples.CATALOGUE)
    assert healed.status == 0, healed.said
    assert contents(home / "warehouse.duckdb") == good


def test_second_run_at_once_is_refused(built, pipeline):
    with (built.home.work / "run.lock").open("w") as lock:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = pipeline(built.home.root, samples.CATALOGUE)
    assert ran.status == 3
    assert "Another run is at work" in ran.said

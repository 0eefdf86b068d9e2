"""The export as those who take the files meet it: whole, described, valid for Frictionless, the same as the warehouse."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from frictionless import Package

from extractors import samples
from orchestration.lib import dbt as dbt_project
from orchestration.lib import export
from orchestration.lib.home import PROJECT, Home

MARTS = {path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").glob("*.sql")}


def package_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / export.DESCRIPTOR).read_text(encoding="utf-8"))


def errors(folder: Path) -> set[tuple[str, str]]:
    """(resource, kind of error) of everything that Frictionless finds wrong."""
    report = Package(str(folder / export.DESCRIPTOR)).validate()
    assert not report.errors, report.errors
    return {(task.name, error.type) for task in report.tasks for error in task.errors}


@pytest.fixture
def taken(built, tmp_path) -> Path:
    """The files of the samples, to be damaged."""
    return Path(shutil.copytree(built.home.export, tmp_path / "taken"))


@pytest.fixture
def work(built, tmp_path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Home]]:
    """A copy of the work database, and a home to write into."""
    shutil.copyfile(built.home.work_db, tmp_path / "work.duckdb")
    home = Home(tmp_path / "home", samples.CATALOGUE).prepare()
    with duckdb.connect(str(tmp_path / "work.duckdb")) as connection:
        yield connection, home


def test_frictionless_finds_every_file_as_described(built):
    assert errors(built.home.export) == set()


def test_every_mart_is_there_twice_with_the_rows_of_the_warehouse(built):
    package = package_of(built.home.export)
    assert {r["path"] for r in package["resources"]} == {f"{m}.{kind}" for m in MARTS for kind in ("csv", "parquet")}
    assert set(os.listdir(built.home.export)) == {r["path"] for r in package["resources"]} | {export.DESCRIPTOR}
    rows = {r["name"]: r["rows"] for r in package["resources"] if r["format"] == "csv"}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.home.published_db}' as published (read_only)")
        for mart in MARTS:
            packed, table = f"'{built.home.export / mart}.parquet'", f"published.marts.{mart}"
            assert not connection.execute(f"(from {packed} except all from {table}) limit 1").fetchall(), mart
            assert not connection.execute(f"(from {table} except all from {packed}) limit 1").fetchall(), mart
            with (built.home.export / f"{mart}.csv").open(encoding="utf-8", newline="") as handle:
                assert len(list(csv.DictReader(handle))) == rows[mart], mart
            assert connection.execute(f"select count(*) from {table}").fetchone() == (rows[mart],)


def test_the_keys_are_those_that_dbt_tests(built):
    schemas = {r["name"]: r["schema"] for r in package_of(built.home.export)["resources"] if r["format"] == "csv"}
    assert schemas["fct_requests"]["primaryKey"] == ["report_id", "form_id", "form_table", "applicant", "disposition"]
    to = {(k["fields"][0], k["reference"]["resource"]) for k in schemas["fct_requests"]["foreignKeys"]}
    assert {("report_id", "fct_report"), ("line_id", "dim_line"), ("column_id", "dim_column")} <= to
    assert {name for name, schema in schemas.items() if not schema.get("primaryKey")} == set()
    assert {
        k for s in schemas.values() for f in s.get("foreignKeys", []) for k in [f["reference"]["resource"]]
    } <= MARTS


def test_every_column_is_described_in_both_languages_and_every_measure_has_a_unit(built):
    for resource in package_of(built.home.export)["resources"]:
        if resource["format"] == "csv":
            for field in resource["schema"]["fields"]:
                where = (resource["name"], field["name"])
                assert field["description"], where
                assert any("一" <= c <= "鿿" for c in field["description"]), where
                reported = resource["name"].startswith(("fct_", "agency_year", "indicators"))
                counted = field["name"].endswith(("_count", "_year", "_no"))
                if reported and field["type"] in ("integer", "number") and not counted:
                    assert "unit" in field or "unitField" in field, where


def test_frictionless_refuses_what_the_package_promises_not_to_hold(taken):
    """Each damage is found by the constraint that is there for it: a value, a key, a row that is there twice, a lost row."""
    package = package_of(taken)
    for resource in package["resources"]:
        for promise in ("hash", "bytes"):
            del resource[promise]  # or every change would be found by it alone
    (taken / export.DESCRIPTOR).write_text(json.dumps(package), encoding="utf-8")

    def change(name: str, row: int, column: str, value: str) -> None:
        with (taken / name).open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        rows[row][column] = value
        with (taken / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    change("fct_requests.csv", 0, "report_id", "nobody")
    change("fct_reviews.csv", 0, "missing_reason", "forgotten")
    change("fct_disclosure.csv", 0, "made", "1.5")
    change("fct_report_lines.csv", 0, "line_code", "")
    with (taken / "dim_year.csv").open("a", encoding="utf-8") as handle:
        handle.write((taken / "dim_year.csv").read_text(encoding="utf-8").splitlines()[-1] + "\n")
    assert errors(taken) >= {
        ("fct_requests", "foreign-key"), ("fct_reviews", "constraint-error"), ("fct_disclosure", "type-error"),
        ("fct_report_lines", "constraint-error"), ("dim_year", "row-count"),
    }  # fmt: skip


def test_equal_inputs_give_an_equal_package_and_other_inputs_another_version(work, tmp_path):
    connection, home = work
    first = export.write(connection, home, dbt_project.described())
    before = {path.name: path.read_bytes() for path in home.export.iterdir()}
    again = export.write(connection, home, dbt_project.described())
    assert again.version == first.version
    assert {path.name: path.read_bytes() for path in home.export.iterdir()} == before
    catalogue = tmp_path / "catalog.csv"
    shutil.copyfile(samples.CATALOGUE, catalogue)
    shutil.copyfile(home.corrections, tmp_path / "corrections.csv")
    other = replace(home, catalogue=catalogue)
    assert export.version(connection, other) == first.version, "the place of a file is no input"
    (tmp_path / "corrections.csv").write_bytes(home.corrections.read_bytes() + b"\n")
    versions = {first.version, export.version(connection, other)}
    catalogue.write_bytes(samples.CATALOGUE.read_bytes() + b"\n")
    versions.add(export.version(connection, other))
    connection.execute("update raw.outcomes set sha256 = 'other' where source_id = 'huaian-2024'")
    versions.add(export.version(connection, home))
    assert len(versions) == 4


def test_a_failure_on_the_way_leaves_the_last_set_and_nothing_else(work):
    connection, home = work
    export.write(connection, home, dbt_project.described())
    good = home.export.resolve()
    connection.execute("create table marts.unknown_mart as select 1 as one")
    with pytest.raises(KeyError, match="unknown_mart"):
        export.write(connection, home, dbt_project.described())
    connection.execute("drop table marts.unknown_mart")
    connection.execute("create or replace table marts.dim_year as select *, interval 1 day as long from marts.dim_year")
    with pytest.raises((ValueError, KeyError), match="long"):
        export.write(connection, home, dbt_project.described())
    assert home.export.resolve() == good
    assert os.listdir(home.exports) == [good.name]


def test_the_last_set_but_one_stays_for_its_readers_and_no_more(work):
    connection, home = work
    sets = []
    for _ in range(3):
        export.write(connection, home, dbt_project.described())
        sets.append(home.export.resolve())
    (home.exports / ".killed-on-the-way").mkdir()
    export.write(connection, home, dbt_project.described())
    assert {s.name for s in home.exports.iterdir()} == {sets[-1].name, home.export.resolve().name}


def test_a_home_that_was_copied_as_files_gets_its_link_back(built, work, tmp_path):
    connection, _ = work
    home = Home(Path(shutil.copytree(built.home.root, tmp_path / "copied")), samples.CATALOGUE)
    assert not home.export.is_symlink()
    export.write(connection, home, dbt_project.described())
    assert home.export.is_symlink()
    assert (home.site / "export" / export.DESCRIPTOR).samefile(home.export / export.DESCRIPTOR)


def test_the_site_leads_to_every_file_and_works_without_a_server(built):
    page = (built.home.site / "export.html").read_text(encoding="utf-8")
    for mart in MARTS:
        assert f'href="export/{mart}.csv"' in page
        assert (built.home.site / "export" / f"{mart}.parquet").is_file()
    assert 'href="export.html"' in (built.home.site / "index.html").read_text(encoding="utf-8")
    assert package_of(built.home.export)["version"] in page

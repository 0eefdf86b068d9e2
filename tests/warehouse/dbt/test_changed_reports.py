"""Only what changed, replaced, gives what rebuilding everything gives, whatever changed: reports added, re-issued, withdrawn,
moved to another agency, corrected, copied from another agency, children of a territory. Years replaced: test_new_report."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.dbt.changes import Changes, copied, one

CHANGED = ["run", "--selector", "new_reports", "--vars", "{changed_reports: true}"]
MEMORY = "int_report_contents"  # it says which build it is of, and what changed since


def differences(database: Path, other: Path) -> list[str]:
    """Tables whose rows differ between two work databases, with a row."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as a (read_only)")
        connection.execute(f"attach '{other}' as b (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'a' "
            "and schema_name in ('intermediate', 'marts', 'quality') and table_name <> ? order by all",
            [MEMORY],
        ).fetchall()
        assert len(tables) > 30
        for schema, table in tables:
            for left, right in (("a", "b"), ("b", "a")):
                rows = connection.execute(
                    f"(from {left}.{schema}.{table}) except all (from {right}.{schema}.{table}) limit 2"
                ).fetchall()
                if rows:
                    found.append(f"{schema}.{table}: only in {left} {rows}")
    return found


def changed(database: Path) -> set[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            row[0]
            for row in connection.execute(
                f"select distinct report_id from intermediate.{MEMORY} where is_changed"
            ).fetchall()
        }


def rebuilt(dbt: Any, database: Path, folder: Path) -> Path:
    """A copy, built whole."""
    whole = folder / "whole.duckdb"
    shutil.copyfile(database, whole)
    assert dbt(whole, "run").success
    return whole


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_changes_the_tables_are_those_of_a_whole_build(
    dbt: Any, populated: Path, tmp_path: Path, seed: int
) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(populated, database)
    for step in range(3):
        with duckdb.connect(str(database)) as connection:
            did = Changes(connection, seed * 10 + step).some(5)
            total = one(connection, "select count(*) from raw.readings")
        outcome = dbt(database, *CHANGED)
        assert outcome.success, [r.message for r in outcome.result]
        assert 0 < len(changed(database)) < total, "not everything was replaced"
        assert differences(database, rebuilt(dbt, database, tmp_path)) == [], did


def test_a_new_report_replaces_the_reports_of_its_agency_and_of_those_that_look_at_it(
    dbt: Any, populated: Path, tmp_path: Path
) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(populated, database)
    with duckdb.connect(str(database)) as connection:
        parent, child = connection.execute(
            "select parent_name, child_name from staging.agency_parent where first_year = 2014"
        ).fetchall()[0]
        reports = "select report_id from raw.readings where agency_name in (?, ?)"
        expected = {row[0] for row in connection.execute(reports, [parent, child]).fetchall()}
        model = one(
            connection, "select report_id from raw.readings where agency_name = ? and report_year = 2024", child
        )
        copied(connection, model, "new", published_on="2030-01-01")
        # table three as it was is the new one's twin: that of the same agency, which is replaced anyway
    assert dbt(database, *CHANGED).success
    assert changed(database) == expected | {"new"}
    assert differences(database, rebuilt(dbt, database, tmp_path)) == []
    assert dbt(database, *CHANGED).success
    assert changed(database) == set(), "nothing changed since"


def test_what_a_run_left_half_done_or_did_otherwise_is_built_whole(dbt: Any, populated: Path, tmp_path: Path) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(populated, database)
    with duckdb.connect(str(database)) as connection:
        total = one(connection, "select count(*) from raw.readings")
        Changes(connection, 5).figures()
    # a run that ended after the first tables
    assert dbt(database, "run", "--select", f"+{MEMORY}", "fct_requests", "--vars", "{changed_reports: true}").success
    assert len(changed(database)) < total
    with duckdb.connect(str(database)) as connection:
        connection.execute("update raw.facts set reported_value = 3 where line_code = 'granted' and report_year = 2022")
    outcome = dbt(database, "run", "--select", "fct_reviews", "--vars", "{changed_reports: true}")
    assert outcome.success, "as of the build that changes are counted from: its turn had not come"
    assert dbt(database, *CHANGED).success
    assert len(changed(database)) == total, "some tables are of another build than others: everything counts as changed"
    assert differences(database, rebuilt(dbt, database, tmp_path)) == []
    # years replaced: what else has changed, nobody knows
    with duckdb.connect(str(database)) as connection:
        Changes(connection, 6).figures()
    assert dbt(database, "run", "--selector", "new_reports", "--vars", "{report_years: [2014]}").success
    assert dbt(database, *CHANGED).success
    assert len(changed(database)) == total
    assert differences(database, rebuilt(dbt, database, tmp_path)) == []


def test_a_table_of_another_build_is_refused(dbt: Any, populated: Path, tmp_path: Path) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(populated, database)
    assert dbt(database, "run", "--select", f"+{MEMORY}", "--vars", "{changed_reports: true}").success
    with duckdb.connect(str(database)) as connection:
        connection.execute("comment on table marts.fct_requests is 'some other build'")
    outcome = dbt(database, "run", "--select", "fct_requests", "--vars", "{changed_reports: true}")
    assert not outcome.success
    assert "rebuild it whole" in outcome.result.results[0].message


def test_a_table_that_cannot_be_built_stays_as_it_was(dbt: Any, populated: Path, tmp_path: Path) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(populated, database)
    with duckdb.connect(str(database)) as connection:
        before = one(connection, "select count(*) from marts.fct_requests")
        connection.execute("update raw.facts set report_year = null where form_table = 'three'")
    assert not dbt(database, "run", "--select", "fct_requests").success, "the contract wants a year"
    with duckdb.connect(str(database), read_only=True) as connection:
        assert one(connection, "select count(*) from marts.fct_requests") == before > 0
        assert one(connection, "select count(*) from duckdb_tables() where table_name like '%fresh'") == 0

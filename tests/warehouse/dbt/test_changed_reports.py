"""Only what changed, replaced, gives what rebuilding everything gives, whatever changed: reports added, re-issued, withdrawn,
moved to another agency, corrected, copied from another agency, children of a territory. Years replaced: test_new_report."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.bench import models
from tests.warehouse import gold

Connection = duckdb.DuckDBPyConnection
TABLES = ("readings", "agency_candidates", "tables", "facts", "residue", "corrections")
CHANGED = ["run", "--selector", "new_reports", "--vars", "{changed_reports: true}"]
MEMORY = "int_report_contents"  # it says which build it is of, and what changed since
REPORTS = 120  # of ten agencies, twelve years each


def copied(connection: Connection, model: str, report: str, **other: object) -> None:
    """The report `model` again, as `report`; the columns in `other` say something else."""
    for table in TABLES:
        columns = [row[0] for row in connection.execute(f"describe raw.{table}").fetchall()]
        said = {"report_id": report} | {name: value for name, value in other.items() if name in columns}
        replaced = ", ".join(f"? as {name}" for name in said)
        connection.execute(
            f"insert into raw.{table} select * replace ({replaced}) from raw.{table} where report_id = ?",
            [*said.values(), model],
        )


def withdrawn(connection: Connection, report: str) -> None:
    for table in TABLES:
        connection.execute(f"delete from raw.{table} where report_id = ?", [report])


def one(connection: Connection, query: str, *values: object) -> Any:
    return connection.execute(query, values).fetchall()[0][0]


class Changes:
    """Changes to schema raw, chosen by a seed among the reports that are there."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection, self.chance = connection, random.Random(seed)
        self.seed, self.number = seed, 0

    def report(self, condition: str = "true") -> str:
        found = self.connection.execute(f"select report_id from raw.readings where {condition} order by 1").fetchall()
        return str(self.chance.choice(found)[0])

    def name(self) -> str:
        self.number += 1
        return f"made-{self.seed}-{self.number}"

    def another_version(self) -> None:
        report = self.report("reader_version = 'bench'")
        copied(
            self.connection, report, made := self.name(), published_on=self.chance.choice(["2030-01-01", "2001-01-01"])
        )
        self.figures(made)

    def figures(self, report: str | None = None) -> None:
        report = report or self.report()
        self.connection.execute(
            "update raw.facts set reported_value = reported_value + ? where report_id = ? and hash(line_code, ?) % 3 = 0",
            [self.chance.randint(1, 9), report, self.chance.random()],
        )

    def gone(self) -> None:
        withdrawn(self.connection, self.report())

    def a_blank(self) -> None:
        self.connection.execute(
            "update raw.facts set reported_value = null, missing_reason = 'blank' "
            "where report_id = ? and hash(line_code, column_code) % 9 = 0",
            [self.report()],
        )

    def another_agency(self) -> None:
        report, other = self.report("reader_version = 'bench'"), self.report("reader_version = 'bench'")
        for table, column in (("agency_candidates", "agency_key"), ("readings", "agency_name")):
            value = one(self.connection, f"select {column} from raw.{table} where report_id = ?", other)
            self.connection.execute(f"update raw.{table} set {column} = ? where report_id = ?", [value, report])

    def another_year(self) -> None:
        report, year = self.report("reader_version = 'bench'"), self.chance.randint(2014, 2025)
        for table in ("readings", "agency_candidates", "tables", "facts", "residue"):
            self.connection.execute(f"update raw.{table} set report_year = ? where report_id = ?", [year, report])

    def another_scope(self) -> None:
        self.connection.execute("update raw.readings set scope = 'organ' where report_id = ?", [self.report()])

    def the_table_of_another(self) -> None:
        report = self.report("reader_version = 'bench' and report_year >= 2021")
        year = one(self.connection, "select report_year from raw.readings where report_id = ?", report)
        twin = self.report(f"reader_version = 'bench' and report_year = {year}")
        self.connection.execute(
            "update raw.facts as f set reported_value = o.reported_value, missing_reason = o.missing_reason from raw.facts as o "
            "where f.report_id = ? and o.report_id = ? and f.form_table = 'four' and o.form_table = 'four' "
            "and f.line_code = o.line_code and f.column_code = o.column_code",
            [report, twin],
        )

    def a_table_less(self) -> None:
        report = self.report()
        for table in ("tables", "facts"):
            self.connection.execute(
                f"delete from raw.{table} where report_id = ? and form_table in ('four', '2014')", [report]
            )

    def a_correction(self) -> None:
        self.connection.execute(
            "insert into raw.corrections (source_id, report_id, form_id, form_table, line_code, column_code, action, "
            "corrected_value, reason, evidence, status, reviewer, declared_at) "
            "select 's', report_id, form_id, form_table, line_code, column_code, 'replace', reported_value + 1, 'r', 'e', "
            "'accepted', 'p', 'd' from raw.facts where report_id = ? and form_table in ('three', '2014') "
            "and reported_value is not null and (report_id, form_id, form_table, line_code, column_code) not in "
            "(select (report_id, form_id, form_table, line_code, column_code) from raw.corrections) "
            "order by line_code, column_code limit 3",
            [self.report()],
        )

    def residue(self) -> None:
        self.connection.execute(
            "insert into raw.residue (report_id, report_year, form_table, residue_text, address, reason) "
            "select report_id, report_year, 'three', '7', 'table 1', 'no_place' from raw.readings where report_id = ?",
            [self.report()],
        )

    def some(self, count: int) -> list[str]:
        kinds: list[Callable[[], None]] = [
            self.another_version, self.figures, self.gone, self.a_blank, self.another_agency, self.another_year,
            self.another_scope, self.the_table_of_another, self.a_table_less, self.a_correction, self.residue,
        ]  # fmt: skip
        chosen = self.chance.sample(kinds, count)
        for kind in chosen:
            kind()
        return [kind.__name__ for kind in chosen]


@pytest.fixture(scope="module")
def populated(dbt: Any, built: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gold reports and generated ones, two of whose agencies are children of a third; built whole."""
    database = tmp_path_factory.mktemp("changed") / "work.duckdb"
    shutil.copyfile(built[0], database)
    regions = gold.ROOT / "extractors" / "agencies" / "regions.csv"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            models.GENERATE.format(reports=REPORTS, first=models.YEARS[0], years=len(models.YEARS), regions=regions)
        )
        names = [
            row[0]
            for row in connection.execute(
                "select distinct agency_name from raw.readings where reader_version = 'bench' order by 1"
            ).fetchall()
        ]
        connection.execute(
            "insert into staging.agency_parent (parent_name, child_name, first_year) values (?, ?, 2014), (?, ?, 2019)",
            [names[0], names[1], names[0], names[2]],
        )
    assert dbt(database, "run").success
    return database


def differences(one: Path, other: Path) -> list[str]:
    """Tables whose rows differ between two work databases, with a row."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as a (read_only)")
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

"""Changes to schema raw, as publishers and readers make them: chosen by a seed among the reports that are there. No test here."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tests.bench import models
from tests.warehouse import gold

Connection = duckdb.DuckDBPyConnection
TABLES = ("readings", "agency_candidates", "tables", "facts", "residue", "corrections", "sentences")
REPORTS = 120  # of ten agencies, twelve years each


def populate(database: Path) -> None:
    """To what is there: reports of ten agencies in twelve years, two of them children of a third; blanks, corrections and
    second versions among them."""
    regions = gold.ROOT / "extractors" / "agencies" / "regions.csv"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            models.GENERATE.format(reports=REPORTS, first=models.YEARS[0], years=len(models.YEARS), regions=regions)
        )
        names = connection.execute(
            "select distinct agency_name from raw.readings where reader_version = 'bench' order by 1 limit 3"
        ).fetchall()
        parent, first, second = (row[0] for row in names)
        connection.execute(
            "insert into staging.agency_parent (parent_name, child_name, first_year) values (?, ?, 2014), (?, ?, 2019)",
            [parent, first, parent, second],
        )
        changes = Changes(connection, 0)
        for _ in range(4):
            changes.a_blank()
            changes.a_correction()
            changes.another_version()
        changes.a_table_less()


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
        for table in ("readings", "agency_candidates", "tables", "facts", "residue", "sentences"):
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
            "'accepted', 'p', 'd' from raw.facts where report_id = ? and form_table in ('three', '2014') and column_code in ('total', 'value') "
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

    def other_sentences(self) -> None:
        self.connection.execute(
            "update raw.sentences set sentence_key = md5(sentence_key || ?) where report_id = ?",
            [self.name(), self.report()],
        )

    def some(self, count: int) -> list[str]:
        kinds: list[Callable[[], None]] = [
            self.another_version, self.figures, self.gone, self.a_blank, self.another_agency, self.another_year,
            self.another_scope, self.the_table_of_another, self.a_table_less, self.a_correction, self.residue,
            self.other_sentences,
        ]  # fmt: skip
        chosen = self.chance.sample(kinds, count)
        for kind in chosen:
            kind()
        return [kind.__name__ for kind in chosen]

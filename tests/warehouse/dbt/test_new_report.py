"""One year replaced gives what rebuilding everything gives: in the year, and in the years that look back on it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

REPORT = "(select report_id from raw.readings where source_id = 'neijiang-2020' and report_year = 2020)"
# Neijiang's report again as that of 2018 and 2019, so that there are neighbours that look back
EARLIER = """
    insert into raw.{table} select * replace (report_id || '-{year}' as report_id, {year} as report_year)
    from raw.{table} where report_id = {report}
"""
SENTENCES = f"insert into raw.sentences select {REPORT}, 2020, 'sentence ' || i, 300, 'line 1' from range(3) as r(i)"
# then one report of 2018 is new, says something else than the other, and is the version that counts
CHANGES = (
    *(
        f"insert into raw.{table} select * replace (report_id || '-again' as report_id) from raw.{table} "
        f"where report_id = {REPORT} || '-2018'"
        for table in ("readings", "agency_candidates", "tables", "facts")
    ),
    f"insert into raw.sentences select {REPORT} || '-2018-again', 2018, 'sentence 0', 300, 'line 1'",
    "update raw.facts set reported_value = reported_value + 5 where report_id like '%-again' "
    "and line_code in ('requests.carried_out', 'granted') and form_table = 'three'",
)


def tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = ? "
        "and table_schema in ('intermediate', 'marts', 'quality') and table_name <> 'int_report_contents' order by all",
        [database],  # that one says which build it is of
    ).fetchall()


def test_a_changed_year_alone_gives_what_a_whole_rebuild_gives(
    dbt: Any, built: tuple[Path, Any], tmp_path: Path
) -> None:
    before, whole, alone = (tmp_path / f"{name}.duckdb" for name in ("before", "whole", "alone"))
    shutil.copyfile(built[0], before)
    with duckdb.connect(str(before)) as connection:
        connection.execute(SENTENCES)
        for year in (2018, 2019):
            for table in ("readings", "agency_candidates", "tables", "facts", "sentences"):
                connection.execute(EARLIER.format(table=table, year=year, report=REPORT))
    assert dbt(before, "run").success
    for copy in (whole, alone):
        shutil.copyfile(before, copy)
        with duckdb.connect(str(copy)) as connection:
            for change in CHANGES:
                connection.execute(change)
    assert dbt(whole, "run").success
    outcome = dbt(alone, "run", "--selector", "new_reports", "--vars", "{report_years: [2018]}")
    assert outcome.success
    assert {str(r.node.config.materialized) for r in outcome.result} == {"table", "replaced"}
    changed = set()
    with duckdb.connect() as connection:
        for database in (before, whole, alone):
            connection.execute(f"attach '{database}' as {database.stem} (read_only)")
        assert tables(connection, "alone") == tables(connection, "whole")
        for schema, table in tables(connection, "whole"):
            rows = {name: f"from {name}.{schema}.{table}" for name in ("before", "whole", "alone")}
            for one, other in (("whole", "alone"), ("alone", "whole")):
                differ = connection.execute(f"({rows[one]} except all {rows[other]}) limit 3").fetchall()
                assert not differ, f"{schema}.{table}: in {one} and not in {other}: {differ}"
            if connection.execute(f"({rows['whole']} except all {rows['before']}) limit 1").fetchall():
                changed.add(table)
        later = connection.execute(
            "select distinct report_year from (from whole.quality.fct_identity_results "
            "except all from before.quality.fct_identity_results) where report_year > 2018"
        ).fetchall()
    assert {"fct_report", "fct_requests", "fct_request_flow", "agency_year_panel", "restatements"} <= changed
    assert later, "a report that looks back on the changed one is judged again"


def test_a_table_with_other_columns_is_refused_until_it_is_rebuilt_whole(
    dbt: Any, built: tuple[Path, Any], tmp_path: Path
) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("alter table marts.fct_requests drop column disposition")
        before = connection.execute("select count(*) from marts.fct_requests").fetchone()
    outcome = dbt(database, "run", "--select", "fct_requests", "--vars", "{report_years: [2024]}")
    assert not outcome.success
    assert "rebuild it whole" in outcome.result.results[0].message
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_requests").fetchone() == before

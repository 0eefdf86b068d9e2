"""Integrity: each fact table is derived again from raw by a test of dbt, and each of those tests fails on the damage it is for."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

Connection = duckdb.DuckDBPyConnection

# by test: the damage, done to one report, and what the rows that the test returns must say (None: that there are any)
REPORT = "(select report_id from marts.fct_report where source_id = '{}')"
DAMAGE: dict[str, tuple[str, set[str] | None]] = {
    "fct_requests_rederived_from_raw": (
        "update marts.fct_requests set requests = requests + 1, reported_value = reported_value + 1 "
        "where report_id = {huaian} and applicant = 'natural' and disposition = 'granted'",
        {"another value"},
    ),
    "fct_reviews_rederived_from_raw": ("delete from marts.fct_reviews where report_id = {huaian}", {"not in the mart"}),
    "fct_request_flow_rederived_from_raw": (
        "update marts.fct_request_flow set form_id = 'narrative', form_table = 'prose' where report_id = {huaian}",
        {"from nowhere", "prose although there is a table"},
    ),
    "fct_disclosure_rederived_from_raw": (
        "update marts.fct_disclosure set amount_yuan = amount_yuan / 10000 where report_id = {neijiang}",
        {"another value"},
    ),
    "fct_report_lines_are_every_fact_of_raw": (
        "update marts.fct_report_lines set reported_value = 0, missing_reason = null "
        "where report_id = {guyuan} and missing_reason = 'illegible'",
        {"not in the mart", "not in raw"},
    ),
    "panel_again_agency_year_panel": (
        "update marts.agency_year_panel set requests_received = requests_received + 1 where report_id = {huaian}",
        None,
    ),
    "indicators_again_indicators": (
        "update marts.indicators set indicator_value = 1 - indicator_value where indicator_id = 'disclosure_rate'",
        None,
    ),
    "fct_requests_leaves_add_up": (
        "insert into marts.fct_requests select * replace ('processed.total' as disposition, 234 as requests) "
        "from marts.fct_requests where report_id = {neijiang} and applicant = 'natural' and disposition = 'granted'",
        {"all"},
    ),
    "fct_reviews_leaves_add_up": (
        "update marts.fct_reviews set cases = cases + 1 where report_id = {neijiang} "
        "and outcome = 'upheld' and route in ('review', 'direct_suit')",
        {"review", "litigation"},
    ),
}  # fmt: skip


def of(name: str, tests: dict[str, Any]) -> Any:
    found = [result for test, result in tests.items() if test.startswith(name)]
    assert len(found) == 1, (name, sorted(tests))
    return found[0]


def test_every_fact_table_is_derived_again_and_each_damage_is_found(
    dbt: Any, built: tuple[Path, Any], tmp_path: Path
) -> None:
    sound = {r.node.name: r for r in built[1].result}
    assert {str(of(name, sound).status) for name in DAMAGE} == {"pass"}
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    sources = {name: REPORT.format(source) for name, source in (
        ("huaian", "huaian-2024"), ("neijiang", "neijiang-2020"), ("guyuan", "guyuan-2019"),
    )}  # fmt: skip
    with duckdb.connect(str(database)) as connection:
        for name, (change, _) in DAMAGE.items():
            (rows,) = connection.execute(change.format(**sources)).fetchall()[0]
            assert rows > 0, f"{name}: nothing was damaged"
    outcome = dbt(database, "test", "--select", *(f"{name}*" for name in DAMAGE))
    tests = {r.node.name: r for r in outcome.result}
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, (_, said) in DAMAGE.items():
            result = of(name, tests)
            assert str(result.status) == "fail", name
            rows = connection.execute(result.node.compiled_code).fetchall()
            assert rows, name
            if said is not None:
                words = {value for row in rows for value in row if isinstance(value, str)}
                assert said <= words, (name, rows[:3])


def test_leaves_that_are_all_blank_stand_under_a_printed_zero_and_under_no_other_figure(
    dbt: Any, built: tuple[Path, Any], tmp_path: Path
) -> None:
    """A total of 0 over a row that is left blank is sound (the identities hold if blank is zero): no leaf is missing."""
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    neijiang = REPORT.format("neijiang-2020")
    said = {}
    for printed in (0, 1):
        with duckdb.connect(str(database)) as connection:
            connection.execute(
                f"update marts.fct_reviews set cases = null, reported_value = null, missing_reason = 'blank' "
                f"where report_id = {neijiang} and route = 'review'"
            )
            connection.execute(
                f"update marts.fct_report_lines set reported_value = {printed}, missing_reason = null "
                f"where report_id = {neijiang} and form_table = 'four' and column_code = 'total' and line_code = 'review'"
            )
        outcome = dbt(database, "test", "--select", "fct_reviews_leaves_add_up")
        said[printed] = {r.node.name: (str(r.status), r.failures) for r in outcome.result}
    assert said == {0: {"fct_reviews_leaves_add_up": ("pass", 0)}, 1: {"fct_reviews_leaves_add_up": ("fail", 1)}}

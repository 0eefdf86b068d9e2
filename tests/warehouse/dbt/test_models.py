"""What the marts and verdicts say of reports whose figures are known. Reading is not tested here: raw comes from gold.py."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.auditing.evaluate import evaluate
from extractors.forms import catalogue as forms
from extractors.model import Fact
from tests.warehouse import gold

Connection = duckdb.DuckDBPyConnection
PROCESSED = {
    "deyang-2018": 25,
    "huaian-2024": 3050,
    "neijiang-2020": 234,
    "haizhou-2015": 5,
    "shanghai-office-2019": 805,
}


def results(connection: Connection, source: str, identity: str, member: str) -> tuple[Any, ...]:
    found = connection.execute(
        """
        select r.lhs, r.rhs, r.difference, r.verdict
        from quality.fct_identity_results as r
        inner join marts.fct_report as p on r.report_id = p.report_id
        where p.source_id = ? and r.identity_id = ? and r.member = ?
        """,
        [source, identity, member],
    ).fetchall()
    assert len(found) == 1, found
    return found[0]


def test_every_model_and_every_test_of_dbt_passes(built: tuple[Path, Any]) -> None:
    outcome = built[1]
    bad = [
        (r.node.name, str(r.status), r.message)
        for r in outcome.result or ()
        if str(r.status) not in ("success", "pass", "no-op")  # an exposure builds nothing
    ]
    assert outcome.success, bad or outcome.exception
    assert not bad


def test_schemas_are_exactly_those_of_the_house(warehouse: Connection) -> None:
    found = warehouse.execute("select distinct table_schema from information_schema.tables").fetchall()
    assert {name for (name,) in found} == {"raw", "staging", "intermediate", "marts", "quality"}


def test_yanping_answers_zero_against_two_are_violated(warehouse: Connection) -> None:
    assert results(warehouse, "yanping-2018", "fj_replies", "year") == (0, 2, -2, "violated")
    assert results(warehouse, "yanping-2018", "fj_replies", "cumulative")[3] == "holds"


def test_guyuan_lost_cells_are_undecidable_and_its_table_four_is_violated(warehouse: Connection) -> None:
    assert results(warehouse, "guyuan-2019", "t3_processed", "natural") == (None, None, None, "undecidable")
    assert results(warehouse, "guyuan-2019", "t4_total", "litigation.after_review") == (0, 2, -2, "violated")


def test_shanghai_blanks_hold_if_blank_is_zero_and_blank_totals_are_undecidable(warehouse: Connection) -> None:
    assert results(warehouse, "shanghai-office-2019", "t3_row_total", "denied.other_law")[3] == "holds_if_blank_is_zero"
    assert results(warehouse, "shanghai-office-2019", "t3_row_total", "granted") == (None, None, None, "undecidable")


def test_nothing_else_is_violated(warehouse: Connection) -> None:
    found = warehouse.execute(
        """
        select p.source_id, r.identity_id, r.member from quality.fct_identity_results as r
        inner join marts.fct_report as p on r.report_id = p.report_id where r.verdict = 'violated' and r.is_within_table
        """
    ).fetchall()
    assert set(found) == {
        ("yanping-2018", "fj_replies", "year"),
        ("guyuan-2019", "t4_total", "litigation.after_review"),
    }


def test_sql_and_the_oracle_agree_on_every_result(warehouse: Connection) -> None:
    held: dict[str, list[Fact]] = {}
    for report, *fact in warehouse.execute(
        """
        select report_id, form_id, form_table, line_code, column_code, reported_value, missing_reason, raw_text, unit, address
        from staging.stg_facts
        """
    ).fetchall():
        held.setdefault(report, []).append(Fact(*fact))
    expected = {
        (report, r.identity, r.form, r.table, r.over, r.lhs, r.rhs, r.difference, r.verdict)
        for report, facts in held.items()
        for r in evaluate(facts, forms.default())
    }
    found = warehouse.execute(
        """
        select report_id, identity_id, form_id, form_table, member, lhs, rhs, difference, verdict
        from quality.fct_identity_results where is_within_table
        """
    ).fetchall()
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert len(expected) > 1000


@pytest.mark.parametrize("source", PROCESSED)
def test_totals_are_never_members(warehouse: Connection, source: str) -> None:
    found = warehouse.execute(
        """
        select sum(f.requests) from marts.fct_requests as f
        inner join marts.fct_report as p on f.report_id = p.report_id where p.source_id = ?
        """,
        [source],
    ).fetchone()
    assert found == (PROCESSED[source],)


def test_flow_balances_by_applicant(warehouse: Connection) -> None:
    found = warehouse.execute(
        """
        select p.source_id, sum(f.requests_new), sum(f.requests_carried_in), sum(f.requests_processed),
            sum(f.requests_carried_out), count(*)
        from marts.fct_request_flow as f inner join marts.fct_report as p on f.report_id = p.report_id
        where p.source_id in ('huaian-2024', 'yanping-2018') group by p.source_id order by p.source_id
        """
    ).fetchall()
    assert found == [("huaian-2024", 3119, 34, 3050, 103, 6), ("yanping-2018", 2, None, 0, None, 1)]


def test_what_the_form_does_not_ask_is_not_missing(warehouse: Connection) -> None:
    found = warehouse.execute(
        "select distinct requests_carried_in, carried_in_missing from marts.fct_request_flow where form_id = 'local_fujian'"
    ).fetchall()
    assert found == [(None, "not_on_form")]


def test_reviews_are_leaves(warehouse: Connection) -> None:
    found = warehouse.execute(
        """
        select f.route, sum(f.cases) from marts.fct_reviews as f
        inner join marts.fct_report as p on f.report_id = p.report_id
        where p.source_id = 'huaian-2024' group by f.route order by f.route
        """
    ).fetchall()
    assert dict(found)["review"] == 351
    assert dict(found)["direct_suit"] + dict(found)["suit_after_review"] == 46


def test_money_is_in_yuan_whatever_the_printed_unit(warehouse: Connection) -> None:
    found = warehouse.execute(
        """
        select p.source_id, f.amount_yuan, f.amount_missing from marts.fct_disclosure as f
        inner join marts.fct_report as p on f.report_id = p.report_id
        where f.line_code in ('procurement', 'fees') and f.amount_missing is distinct from 'not_on_form'
        """
    ).fetchall()
    assert set(found) == {
        ("shanghai-office-2019", Decimal(251000), None),
        ("neijiang-2020", Decimal("581490500"), None),
        ("huaian-2024", Decimal("961716000"), None),
        ("guyuan-2019", None, "absent"),
    }


def test_a_lost_cell_is_null_with_its_reason_and_never_zero(warehouse: Connection) -> None:
    found = warehouse.execute(
        """
        select f.requests, f.reported_value, f.missing_reason from marts.fct_requests as f
        inner join marts.fct_report as p on f.report_id = p.report_id
        where p.source_id = 'guyuan-2019' and f.applicant = 'natural' and f.disposition = 'denied.third_party'
        """
    ).fetchall()
    assert found == [(None, None, "illegible")]


def test_reports_say_their_forms_and_what_is_certified(warehouse: Connection) -> None:
    found = warehouse.execute(
        "select source_id, form_two, form_2014, form_fujian, is_certified, is_current from marts.fct_report"
    ).fetchall()
    assert set(found) == {
        ("deyang-2018", None, None, None, False, True),
        ("haizhou-2015", None, "national_2014", None, True, True),
        ("guyuan-2019", "national_2019", None, None, False, True),
        ("neijiang-2020", "national_2019", None, None, True, True),
        ("yanping-2018", None, None, "local_fujian", False, True),
        ("huaian-2024", "national_2021", None, None, True, True),
        ("shanghai-office-2019", "national_2019", None, None, False, True),
    }


def test_prose_feeds_a_mart_only_where_no_table_does(dbt: Any, built: tuple[Path, Any], tmp_path: Path) -> None:
    """A report that says the same in its table and in its prose is counted once; without a table, its prose counts."""
    raw = gold.raw_tables()
    by_source = {reading[1]: reading for reading in raw["readings"]}
    raw["facts"] = [f for f in raw["facts"] if f[2] != "narrative"] + [
        gold.row(
            "facts", report_id=by_source[source][0], report_year=year, form_id="narrative", form_table="prose",
            line_code="replies.granted", column_code="value", reported_value=Decimal(11), raw_text="11", unit="件",
            address="paragraph 1", note="",
        )
        for source, year in (("deyang-2018", 2018), ("huaian-2024", 2024))
    ]  # fmt: skip
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    gold.write(database, raw)
    assert dbt(database, "run").success
    with duckdb.connect(str(database), read_only=True) as connection:
        lines = connection.execute("select count(*) from marts.fct_report_lines where form_table = 'prose'").fetchone()
        sums = connection.execute(
            """
            select r.source_id, sum(f.requests) from marts.fct_requests as f
            inner join staging.stg_readings as r on f.report_id = r.report_id
            where r.source_id in ('deyang-2018', 'huaian-2024') group by r.source_id
            """
        ).fetchall()
    assert lines == (2,)
    assert dict(sums) == {"deyang-2018": 11, "huaian-2024": 3050}


def test_a_year_is_replaced_alone_and_becomes_empty_when_its_reports_are_gone(
    dbt: Any, built: tuple[Path, Any], tmp_path: Path
) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update raw.facts set reported_value = 7 where report_year = 2024 and line_code = 'granted'")
        connection.execute("update raw.facts set reported_value = 7 where report_year = 2020 and line_code = 'granted'")
        for table in ("readings", "tables", "facts", "sentences"):
            connection.execute(f"delete from raw.{table} where report_year = 2015")
    years = "{report_years: [2015, 2024]}"
    assert dbt(database, "run", "--vars", years).success
    count = "select report_year, count(*), sum(requests) from marts.fct_requests group by 1 order by 1"
    with duckdb.connect(str(built[0]), read_only=True) as connection:
        before = {year: rest for year, *rest in connection.execute(count).fetchall()}
    with duckdb.connect(str(database), read_only=True) as connection:
        views = "select count(distinct report_year) from intermediate.{}"
        seen = {v: connection.execute(views.format(v)).fetchone() for v in ("int_facts", "int_identity_operands")}
        after = {year: rest for year, *rest in connection.execute(count).fetchall()}
    assert 2015 in before
    assert 2015 not in after
    assert set(seen.values()) == {(4,)}, "the views show every year after such a run"
    assert after[2024] != before[2024], "2024 was asked for"
    assert after[2024][0] == before[2024][0]
    assert {y: after[y] for y in after if y != 2024} == {y: before[y] for y in before if y not in (2015, 2024)}


def test_a_second_build_changes_no_row(dbt: Any, built: tuple[Path, Any], tmp_path: Path) -> None:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    assert dbt(database, "run").success
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{built[0]}' as first (read_only)")
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'work' "
            "and table_schema in ('marts', 'quality')"
        ).fetchall()
        assert len(tables) > 10
        for schema, table in tables:
            ours, theirs = f"work.{schema}.{table}", f"first.{schema}.{table}"
            assert not connection.execute(f"(from {ours} except all from {theirs}) limit 1").fetchall(), table
            assert not connection.execute(f"(from {theirs} except all from {ours}) limit 1").fetchall(), table


def test_a_defect_of_ours_does_not_pass(dbt: Any, built: tuple[Path, Any], tmp_path: Path) -> None:
    """Each defect, in a row of its own, fails the test that is there for it; one run for all of them."""
    raw = gold.raw_tables()
    column = {name: i for i, (name, _) in enumerate(gold.TABLES["facts"].columns)}
    facts: list[list[Any]] = [list(f) for f in raw["facts"] if f[column["form_table"]] != "prose"]
    del facts[10:13]  # three facts lost
    facts.append(facts[0])  # one twice
    facts[20][column["missing_reason"]] = "blank"  # a value, and a reason why there is none
    facts[21][column["reported_value"]] = None  # neither
    facts[22][column["line_code"]] = "no_such_line"
    raw["facts"] = [tuple(f) for f in facts]
    raw["outcomes"].remove(next(o for o in raw["outcomes"] if o[0] == "yanping-2018" and o[1] == "archive"))
    lost = raw["readings"].pop(next(i for i, r in enumerate(raw["readings"]) if r[1] == "haizhou-2015"))
    raw["readings"] = [(*r[:13], 1999, *r[14:]) if r[1] == "guyuan-2019" else r for r in raw["readings"]]
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    gold.write(database, raw)
    assert dbt(database, "run").success
    outcome = dbt(database, "test", "--select", "test_type:generic")
    failed = [r.node.name for r in outcome.result if str(r.status) == "fail"]
    for caught_by in (
        "is_true_reconciliation_holds",
        "unique_combination_stg_facts",
        "value_or_reason_stg_facts",
        "not_null_int_facts_line_id",
        "relationships_stg_facts_report_id",
        "relationships_fct_report_report_year",
    ):
        assert any(name.startswith(caught_by) for name in failed), (caught_by, failed)
    with duckdb.connect(str(database), read_only=True) as connection:
        broken = {
            p for (p,) in connection.execute("select promise_id from quality.reconciliation where not holds").fetchall()
        }
        assert connection.execute(
            "select count(*) from marts.fct_report where report_id = ?", [lost[0]]
        ).fetchone() == (0,)
    assert broken == {
        "sources_have_an_archive_outcome", "archived_sources_have_a_read_outcome", "parsed_outcomes_have_a_reading",
        "tables_have_every_cell",
    }  # fmt: skip

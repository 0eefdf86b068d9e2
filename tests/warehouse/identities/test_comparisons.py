"""Every comparison: one case that holds, one that is violated, one that cannot be decided; and SQL against the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.auditing import beside, comparisons
from extractors.auditing.comparisons import Comparison, Operand
from extractors.auditing.evaluate import evaluate
from extractors.forms.catalogue import default
from extractors.model import Sentence
from tests.warehouse import gold
from tests.warehouse.dbt.conftest import dbt  # noqa: F401  the fixture
from tests.warehouse.identities import worlds
from tests.warehouse.identities.cases import Case, cases

CASES = list(cases())
VERSIONS = (
    (
        " a",
        {
            "three/granted/total": 5,
            "three/partial/total": 2,
            "three/other.other/total": 0,
            "three/processed.total/total": 8,
        },
        "2023-01-20",
    ),
    (
        " b",
        {
            "three/granted/total": 6,
            "three/partial/total": 2,
            "three/other.other/total": "dash",
            "three/processed.total/total": 8,
            "two/fees/amount": 7,
        },
        "2023-03-01",
    ),
)
"""One report, published twice."""
GENERATED = [worlds.generated(seed) for seed in range(60)]


@pytest.fixture(scope="session")
def world(dbt: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:  # noqa: F811
    """All cases in one warehouse: one run of dbt."""
    database: Path = tmp_path_factory.mktemp("cases") / "work.duckdb"
    raw, children = worlds.raw_tables(CASES)
    for version, cells, day in VERSIONS:
        worlds.add(raw, "再版机关", 2022, "national_2021", cells, {"published_on": day}, version)
    for name, year, form, cells in GENERATED:
        worlds.add(raw, name, year, form, cells, {})
    raw["corrections"] += [
        gold.row("corrections", source_id="再版机关 2022 b", report_id="再版机关 2022 b", form_id="national_2021", form_table="three",
                 column_code="total", reason="misprint", evidence="row", declared_at="c.csv:2", **row)
        for row in (
            {"line_code": "granted", "expected_value": 6, "action": "replace", "corrected_value": 5, "status": "accepted"},
            {"line_code": "partial", "expected_value": 2, "action": "withdraw", "status": "accepted"},
            {"line_code": "other.other", "expected_missing": "dash", "action": "replace", "corrected_value": 0, "status": "proposed"},
        )
    ]  # fmt: skip
    gold.write(database, raw)
    assert dbt(database, "seed").success
    with duckdb.connect(str(database)) as connection:
        connection.executemany(
            "insert into staging.agency_parent (parent_name, child_name, first_year) values (?, ?, 2000)", children
        )
    outcome = dbt(
        database,
        "run",
        "--select",
        "+reconciliation",
        "+restatements",
        "+prose_conflicts",
        "int_corrected_facts",
        "+corrections",
        "+agency_year_panel",
        "+indicators",
    )
    assert outcome.success, outcome.exception
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def found(world: duckdb.DuckDBPyConnection, number: int) -> list[tuple[Any, ...]]:
    case = CASES[number]
    return world.execute(
        "select verdict, alternative from quality.fct_identity_results where report_id = ? and identity_id = ? "
        "and member = ? and form_table = ?",
        [worlds.report_id(worlds.agency(number), case.year), case.identity, case.member, case.anchor],
    ).fetchall()


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=lambda n: f"{n}-{CASES[n].identity}-{CASES[n].member}-{CASES[n].verdict}"
)
def test_verdict(world, number: int) -> None:
    case = CASES[number]
    assert found(world, number) == [(case.verdict, case.alternative)]


def test_each_comparison_has_a_case_of_each_verdict() -> None:
    seen = {(c.identity, c.verdict) for c in CASES}
    wanted = {
        (i.code, verdict)
        for i in comparisons.default().identities
        for verdict in ("holds", "violated", "undecidable")
    }  # fmt: skip
    assert not wanted - seen


def test_sql_and_the_oracle_agree_on_every_comparison(world) -> None:
    measures = {
        (report, table, line): value
        for report, table, line, value in world.execute(
            "select report_id, form_table, line_code, measured_value from intermediate.int_report_measures"
        ).fetchall()
    }
    expected = set()
    for number, case in enumerate(CASES):
        own = worlds.report_id(worlds.agency(number), case.year)
        held = worlds.facts(case.form, case.own)
        years = {"previous": case.previous, "before_previous": case.before_previous}
        reports = {"own": held} | {
            k: None if cells is None else worlds.facts(case.form, cells) for k, cells in years.items()
        }
        facts = comparisons.lookup_facts(reports)

        def lookup(term: Comparison, own=own, case=case, facts=facts) -> list[Operand]:
            if term.line.startswith("measure."):
                value = measures.get((own, term.operand_table, term.line))
                return [Operand(value, None if value is not None else "not_stated")]
            if not term.reference.startswith("children"):
                return list(facts(term))
            known = [c for c in case.children.values() if c is not None or term.reference == "children"] or [None]
            return [
                operand
                for cells in known
                for operand in comparisons.lookup_facts({"children": cells and worlds.facts(case.form, cells)})(
                    Comparison(**{**{s: getattr(term, s) for s in Comparison.__slots__}, "reference": "children"})
                )
            ]

        anchors = {(f.form, f.table) for f in held} | {("report", "report")}
        parent = bool(case.children)
        needs = {t.identity for t in comparisons.default().terms if t.reference.startswith("children")}
        for r in comparisons.compare(comparisons.default(), anchors, case.year, lookup):
            if r.identity not in needs or parent:
                expected.add((own, r.identity, r.form, r.table, r.over, r.alternative or None, r.asked, r.lhs, r.rhs, r.difference, r.verdict))  # fmt: skip
    mine = [worlds.report_id(worlds.agency(n), c.year) for n, c in enumerate(CASES)]
    got = world.execute(
        """
        select report_id, identity_id, form_id, form_table, member, alternative, is_asked, lhs, rhs, difference, verdict
        from quality.fct_identity_results where not is_within_table and report_id in (select unnest(?))
        """,
        [mine],
    ).fetchall()
    assert len(got) == len(set(got)) > 1000
    assert set(got) == expected


def test_sql_and_the_library_measure_alike_what_stands_beside_last_year(world) -> None:
    expected = {}
    for number, case in enumerate(CASES):
        before = worlds.facts(case.form, case.previous or {})
        sentences = [
            [Sentence(key, characters, "") for key, characters in prose.items()]
            for prose in (case.prose, case.previous_prose if case.previous is not None else {})
        ]
        own = [f for f in worlds.facts(case.form, case.own) if f.line != "no_such_cell"]
        measured = beside.of_tables(own, before) | beside.of_prose(*sentences)
        expected |= {
            (worlds.report_id(worlds.agency(number), case.year), *key): value for key, value in measured.items()
        }
    found = world.execute(
        "select report_id, form_table, line_code, measured_value from intermediate.int_report_measures "
        "where measured_value is not null and report_id in (select unnest(?)) and line_code in (select unnest(?))",
        [[worlds.report_id(worlds.agency(n), c.year) for n, c in enumerate(CASES)], list(beside.MEASURES)],
    ).fetchall()
    assert {tuple(key): value for *key, value in found} == expected
    assert {line for _, _, line in expected} == set(beside.MEASURES)


def test_sql_and_the_oracle_agree_on_generated_reports(world) -> None:
    expected = {
        (worlds.report_id(name, year), r.identity, r.form, r.table, r.over, r.lhs, r.rhs, r.difference, r.verdict)
        for name, year, form, cells in GENERATED
        for r in evaluate(worlds.facts(form, cells), default())
    }
    got = world.execute(
        "select report_id, identity_id, form_id, form_table, member, lhs, rhs, difference, verdict "
        "from quality.fct_identity_results where is_within_table and report_id like 'generated%'"
    ).fetchall()
    assert len(got) == len(expected) > 5000
    assert set(got) == expected
    assert {verdict for *_, verdict in got} == {"holds", "holds_if_blank_is_zero", "violated", "undecidable"}


def test_a_share_that_is_not_stated_is_not_asked_for(world) -> None:
    asked = world.execute(
        "select report_id, member from quality.fct_identity_results where identity_id = 'n_shares'"
    ).fetchall()
    assert sorted(asked) == sorted(
        (worlds.report_id(worlds.agency(n), c.year), c.member) for n, c in enumerate(CASES) if c.identity == "n_shares"
    )


def test_missing_children_are_named(world) -> None:
    number = next(n for n, c in enumerate(CASES) if c.identity == "x_roll_up" and c.verdict == "undecidable")
    named = world.execute(
        "select operand_agency_name, missing_reason from intermediate.int_comparison_operands where report_id = ? "
        "and identity_id = 'x_roll_up' and member = 'requests.new' and side = 'rhs' order by all",
        [worlds.report_id(worlds.agency(number), CASES[number].year)],
    ).fetchall()
    assert named == [(f"己县 of {number}", "no_report"), (f"戊县 of {number}", "blank")]


def test_a_report_whose_children_are_not_declared_is_no_parent(world) -> None:
    parents = world.execute(
        "select distinct report_id from quality.fct_identity_results where identity_id = 'x_roll_up'"
    )
    assert {r for (r,) in parents.fetchall()} == {
        worlds.report_id(worlds.agency(n), c.year) for n, c in enumerate(CASES) if c.children
    }


def test_a_restatement_is_shown_cell_by_cell(world) -> None:
    rows = world.execute(
        "select report_id, earlier_report_id, version_no, line_code, earlier_value, earlier_missing_reason, reported_value, "
        "missing_reason, difference from quality.restatements order by line_code"
    ).fetchall()
    versions = "再版机关 2022 b", "再版机关 2022 a", 2
    assert rows == [
        (*versions, "fees", None, "absent", 7, None, None),
        (*versions, "granted", 5, None, 6, None, 1),
        (*versions, "other.other", 0, None, None, "dash", None),
    ]


def test_a_conflict_of_the_prose_quotes_the_sentence(world) -> None:
    number = next(n for n, c in enumerate(CASES) if c.identity == "n_review" and c.verdict == "violated")
    rows = world.execute(
        "select prose_line_code, prose_value, compared_value, difference, sentence, address from quality.prose_conflicts "
        "where report_id = ?",
        [worlds.report_id(worlds.agency(number), CASES[number].year)],
    ).fetchall()
    assert rows == [("review.total", 134, 170, -36, "正文: 134", "prose/review.total of the case")]


def test_an_accepted_correction_is_a_column_beside_the_reported_value(world) -> None:
    rows = world.execute(
        "select line_code, reported_value, corrected_value, corrected_missing_reason, is_corrected, correction_reason "
        "from intermediate.int_corrected_facts where report_id = '再版机关 2022 b' order by line_code"
    ).fetchall()
    assert rows == [
        ("fees", 7, 7, None, False, None),
        ("granted", 6, 5, None, True, "misprint"),
        ("other.other", None, None, "dash", False, None),
        ("partial", 2, None, "withdrawn", True, "misprint"),
        ("processed.total", 8, 8, None, False, None),
    ]
    changed = world.execute(
        "select line_code, difference, is_applied from quality.corrections order by line_code"
    ).fetchall()
    assert changed == [("granted", -1, True), ("other.other", None, False), ("partial", None, True)]


def test_the_lines_and_the_panel_can_be_used_on_either(world) -> None:
    """Reported and corrected side by side: granted is 6 and 5, partial 2 and withdrawn; a proposed correction changes nothing."""
    version = "report_id = '再版机关 2022 b'"
    lines = world.execute(
        "select line_code, reported_value, missing_reason, corrected_value, is_corrected, correction_reason "
        f"from marts.fct_report_lines where {version} and form_table = 'three' order by line_code"
    ).fetchall()
    assert lines == [
        ("granted", 6, None, 5, True, "misprint"),
        ("other.other", None, "dash", None, False, None),
        ("partial", 2, None, None, True, "misprint"),
        ("processed.total", 8, None, 8, False, None),
    ]
    (panel,) = world.execute(
        "select is_corrected, disclosed_full, disclosed_full_corrected, disclosed_part, disclosed_part_missing, "
        f"disclosed_part_corrected from marts.agency_year_panel where {version}"
    ).fetchall()
    assert panel == (True, 6, 5, 2, None, None)
    untouched = "select count(*), count(*) filter (not is_corrected and disclosed_full is distinct from disclosed_full_corrected)"
    rows, different = world.execute(f"{untouched} from marts.agency_year_panel").fetchone()
    assert (rows > 50, different) == (True, 0)


def test_indicators_of_corrected_figures(world) -> None:
    changed = world.execute(
        "select report_id, indicator_id, indicator_value, corrected_value from marts.indicators "
        "where corrected_value is distinct from indicator_value order by indicator_id"
    ).fetchall()
    version = "再版机关 2022 b"
    assert (version, "disclosure_rate_full", Decimal("0.75"), Decimal("0.625")) in changed
    assert (version, "disclosure_rate", 1, None) in changed, "withdrawn: no rate"
    assert {report for report, *_ in changed} == {version}


def test_only_violated_prose_is_a_conflict(world) -> None:
    (conflicts,) = world.execute("select count(*) from quality.prose_conflicts").fetchone()
    (violated,) = world.execute(
        "select count(*) from quality.fct_identity_results where family = 'prose' and verdict = 'violated'"
    ).fetchone()
    assert conflicts == violated > 3


def test_no_comparison_can_vanish(world) -> None:
    assert world.execute("select holds, expected_count > 0 from quality.reconciliation where promise_id = 'comparison_index_is_dense'").fetchall() == [(True, True)]  # fmt: skip


def test_the_oracle_compares_what_one_report_and_last_years_say() -> None:
    flow = Case(
        "",
        "",
        "",
        {"three/requests.new/total": 10, "three/requests.carried_in/total": 2, "prose/requests.received": 12},
    )
    facts = worlds.facts(flow.form, flow.own)
    alone = {(r.identity, r.over): r for r in comparisons.compare_facts(facts, 2023)}
    assert alone["n_requests", "received"].alternative == "new_and_carried_in"
    assert not {i for i, _ in alone} & {"x_carry_over", "p12_deadline", "x_roll_up", "p04_all_zero"}
    last = worlds.facts(flow.form, {"three/requests.carried_out/total": 3})
    both = {(r.identity, r.over): r for r in comparisons.compare_facts(facts, 2023, last)}
    assert (both["x_carry_over", "total"].verdict, both["x_carry_over", "total"].difference) == ("violated", 1)

"""The bridge to Great Expectations: bad data is told from a crash, and every operator asks what it says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from extractors.forms.catalogue import Identity, default
from orchestration.lib import gx, identity_checks, promises
from orchestration.lib.home import Home
from orchestration.lib.warehouse import Warehouse


def identity(operator: str, tolerance: int = 0) -> Identity:
    return Identity("x", "family", operator, "H", Decimal(tolerance), Decimal(0), "甲 = 乙", "a = b", "test", ("f",))


def frame(*rows: tuple[object, object, str, int]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["lhs", "rhs", "verdict", "cases"], dtype=object)
    return found.assign(identity_id="x", cases=found["cases"].astype(int))


@pytest.mark.parametrize(
    ("operator", "good", "bad"),
    [("=", (2, 2), (2, 3)), ("<=", (2, 3), (3, 2)), (">=", (3, 2), (2, 3)), ("natural", (1, 0), (-1, 0))],
)
def test_each_operator_counts_violations_in_cases_and_leaves_out_the_undecidable(operator, good, bad):
    rows = frame((*map(Decimal, good), "holds", 5), (*map(Decimal, bad), "violated", 3), (None, None, "undecidable", 7))
    answer = gx.validate(rows, [identity_checks.expectation(identity(operator))])["x"]
    assert (answer.success, answer.unexpected) == (False, 3)
    answer = gx.validate(rows.iloc[[0, 2]], [identity_checks.expectation(identity(operator))])["x"]
    assert (answer.success, answer.unexpected) == (True, 0)


def test_tolerance_asks_the_verdict():
    rows = frame((Decimal(100), Decimal(101), "holds", 1), (Decimal(100), Decimal(200), "violated", 1))
    assert gx.validate(rows, [identity_checks.expectation(identity("=", 2))])["x"].unexpected == 1


def test_difference_in_the_last_decimal_is_seen():
    rows = frame((Decimal("123456789012345.0001"), Decimal("123456789012345.0002"), "violated", 1))
    assert gx.validate(rows, [identity_checks.expectation(identity("="))])["x"].unexpected == 1


def test_identity_without_rows_passes():
    rows = frame((Decimal(1), Decimal(2), "violated", 1)).assign(identity_id="another")
    assert gx.validate(rows, [identity_checks.expectation(identity("="))])["x"].success


def test_expectation_that_crashes_raises_and_is_no_finding():
    rows = frame((Decimal(1), Decimal(1), "holds", 1)).drop(columns="rhs")
    with pytest.raises(gx.ExpectationCrashed, match=r"x: .*rhs"):
        gx.validate(rows, [identity_checks.expectation(identity("="))])


def test_expectation_that_cannot_compare_raises():
    rows = frame((Decimal(1), "one", "holds", 1))
    with pytest.raises(gx.ExpectationCrashed):
        gx.validate(rows, [identity_checks.expectation(identity("<="))])


@pytest.fixture
def audited(built, tmp_path):
    """A copy of the samples' work database that a test may change."""
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(built.home.work_db.read_bytes())
    return Warehouse(database=str(copy))


def change(warehouse: Warehouse, sql: str) -> None:
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(sql)


def family(name: str) -> list[Identity]:
    return identity_checks.families(default())[name]


def test_finding_is_a_warning_with_its_rows(audited):
    found = {r.check_name: r for r in identity_checks.check_family(audited, family("table_fujian"))}
    replies = found["fj_replies"]
    assert not replies.passed
    assert replies.severity.value == "WARN"
    shown = replies.metadata["violations"].value
    assert all(part in shown for part in ("延平", "2018", "year", "| 0 | 2 | -2 |"))
    assert "答复总数" in replies.description
    assert replies.metadata["violated"].value == 1
    assert found["fj_requests"].passed


def test_each_violated_case_leads_to_its_place_on_the_evidence_page(audited, tmp_path, monkeypatch):
    """As a file and, where OGI_SITE_URL says where the site is served, over http."""
    home = Home(tmp_path, tmp_path / "catalog.csv")
    with audited.read() as connection:
        (report,) = connection.execute(
            "select report_id from raw.readings where source_id = 'yanping-2018'"
        ).fetchone() or ("",)
    place = f"reports/{report}.html#i-fujian-fj_replies-year"
    for served, site in ((None, f"file://{tmp_path}/site/"), ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/")):
        if served:
            monkeypatch.setenv("OGI_SITE_URL", served)
        found = {r.check_name: r for r in identity_checks.check_family(audited, family("table_fujian"), home)}
        metadata = found["fj_replies"].metadata
        assert f"[evidence]({site}{place})" in metadata["violations"].value
        assert metadata["evidence of the first"].value == site + place
        assert "evidence of the first" not in found["fj_requests"].metadata
        columns = [c.strip() for c in metadata["violations"].value.splitlines()[0].strip("|").split("|")]
        assert {"agency", "year", "member", "lhs", "rhs", "difference", "evidence"} <= set(columns)


def test_the_place_is_on_the_page(built):
    """Every violated case, of whatever family: its anchor is on the page that was written."""
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        rows = list(identity_checks.violations(connection).records())
    assert {row["severity"] for row in rows} == {"H", "S"}
    for row in rows:
        page, _, anchor = row["evidence"].partition("#")
        assert f'id="{anchor}"' in (built.home.site / page).read_text(encoding="utf-8")


def test_evaluators_that_disagree_raise(audited):
    change(audited, "update quality.fct_identity_results set verdict = 'holds' where verdict = 'violated'")
    with pytest.raises(identity_checks.EvaluatorsDisagree, match="fj_replies"):
        identity_checks.check_family(audited, family("table_fujian"))


def test_structure_holds_and_each_promise_can_break(audited):
    def failed() -> set[str | None]:
        every = promises.BEFORE_MARTS | promises.BEFORE_PUBLICATION
        return {r.check_name for r in promises.check(audited, every) if not r.passed}

    assert failed() == set()
    change(audited, "update quality.fct_identity_results set member = null where member = 'year'")
    assert failed() == {"keys_are_known"}
    change(audited, "delete from marts.fct_report_lines where reported_value = 0")
    assert failed() == {"keys_are_known", "counts_reconcile"}
    change(audited, "delete from quality.fct_identity_results where verdict = 'undecidable'")
    assert failed() == {"keys_are_known", "results_equal_index", "counts_reconcile"}
    change(audited, "drop view quality.reconciliation; drop view quality.identity_promises")
    nothing = "create table quality.{} (promise_id text, statement text, expected_count bigint, found_count bigint, holds boolean)"
    change(audited, nothing.format("reconciliation"))
    change(audited, nothing.format("identity_promises"))
    assert failed() == {"keys_are_known", "results_equal_index", "counts_reconcile"}, "no promise is no kept promise"


def test_what_is_asked_before_the_marts_needs_none_of_them(audited):
    change(audited, "drop schema marts cascade; drop view quality.reconciliation")
    assert all(r.passed for r in promises.check(audited, promises.BEFORE_MARTS))
    assert all(r.passed for r in promises.check_rates(audited))
    assert not {r.check_name for r in identity_checks.check_family(audited, family("table_four"))} - {"t4_total"}


def test_every_operator_of_the_catalogue_has_an_expectation():
    for known in default().identities:
        assert identity_checks.expectation(known).meta["name"] == known.code
    assert identity_checks.expectation(replace(identity("="), code="y")).meta["name"] == "y"

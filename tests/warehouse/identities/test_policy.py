"""What a failure means: findings warn and are published; ours are errors and block. And that certified reports keep the rules."""

from __future__ import annotations

import pytest

from orchestration.lib import policy, promises


@pytest.mark.parametrize("kind", list(policy.VIOLATION_BOUNDS))
def test_a_rate_above_the_bound_is_ours_and_blocks(kind):
    bound = policy.VIOLATION_BOUNDS[kind]
    many = bound.from_decided
    at = int(bound.share * many)
    assert policy.violations(kind, at, many) is policy.FINDING
    assert policy.violations(kind, at + 1, many) is policy.STRUCTURAL
    assert policy.violations(kind, many - 1, many - 1) is policy.FINDING, "too few say nothing"


def test_a_kind_without_a_bound_is_refused():
    with pytest.raises(KeyError):
        policy.violations("weekday", 1, 1000)


def rates(warehouse):
    return {r.check_name: r for r in promises.check_rates(warehouse)}


def test_the_samples_are_within_every_bound(audited):
    found = rates(audited)
    assert set(found) == {f"violations_by_{kind}_within_bound" for kind in policy.VIOLATION_BOUNDS}
    assert all(r.passed for r in found.values())


def test_a_form_that_is_misread_is_an_error_that_blocks_and_is_named(audited, change):
    """Every sum of table three of 2019 broken in many reports, and no other form."""
    change(
        "insert into quality.fct_identity_results select results.* replace ('violated' as verdict) from "
        "quality.fct_identity_results as results, range(40) where form_id = 'national_2019' and identity_id = 't3_row_total'"
    )
    found = rates(audited)
    broken = found["violations_by_form_within_bound"]
    assert (broken.passed, broken.severity.value) == (False, "ERROR")
    assert broken.description == "above the bound: national_2019"
    assert "national_2019" in broken.metadata["rates"].value
    blocking = {spec.name: spec.blocking for spec in promises.rate_specs()}
    assert blocking == dict.fromkeys(found, True)


def test_undecidable_and_soft_results_do_not_count(audited, change):
    for verdict, severity in (("undecidable", "H"), ("violated", "S")):
        change(
            "insert into quality.fct_identity_results select results.* replace (? as verdict, ? as severity) from "
            "quality.fct_identity_results as results, range(40) where identity_id = 't3_row_total'",
            [verdict, severity],
        )
    assert all(r.passed for r in rates(audited).values())


def certified(warehouse):
    name = "certified_reports_keep_every_hard_identity"
    (found,) = promises.check(warehouse, {name: promises.BEFORE_PUBLICATION[name]})
    return found


CERTIFIED = "(select min(report_id) from marts.fct_report where is_certified)"


def test_certified_reports_keep_every_hard_identity(audited):
    with audited.read() as connection:
        assert connection.execute("select count(*) from marts.fct_report where is_certified").fetchone() > (0,)
    assert certified(audited).passed


@pytest.mark.parametrize("verdict", ["violated", "undecidable"])
def test_one_hard_identity_of_a_certified_report_that_does_not_hold_blocks(audited, change, verdict):
    change(
        "update quality.fct_identity_results set verdict = ? where rowid = (select min(rowid) from quality.fct_identity_results "
        f"where report_id = {CERTIFIED} and severity = 'H')",
        [verdict],
    )
    broken = certified(audited)
    assert (broken.passed, broken.severity.value) == (False, "ERROR")


@pytest.mark.parametrize(
    ("sql", "passes"),
    [
        (f"update marts.fct_report set residue_count = 1 where report_id = {CERTIFIED}", False),
        (f"delete from quality.fct_identity_results where severity = 'H' and report_id = {CERTIFIED}", False),
        (
            f"update quality.fct_identity_results set verdict = 'violated' where severity = 'S' and report_id = {CERTIFIED}",
            True,
        ),
        (
            f"update quality.fct_identity_results set verdict = 'holds_if_blank_is_zero' where report_id = {CERTIFIED}",
            True,
        ),
    ],
    ids=["a number without a place", "no hard identity at all", "a soft one", "blank as zero"],
)
def test_what_certification_allows(audited, change, sql, passes):
    change(sql)
    assert certified(audited).passed is passes

"""The rules of the comparisons: every inconsistency is refused with file and line. What they find: tests/warehouse/identities."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from extractors.auditing.comparisons import RULES_FOLDER, default, load
from extractors.errors import FormsError
from extractors.forms.catalogue import default as forms


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules that a test may spoil."""
    return Path(shutil.copytree(RULES_FOLDER, tmp_path / "rules"))


@pytest.mark.parametrize(
    ("file", "start", "old", "new", "words"),
    [
        ("terms.csv", "x_carry_over", "requests.carried_out", "requests.carried_off", "no form has a cell requests.carried_off"),
        ("terms.csv", "x_in_force", ",in_force", ",in_power", "no form has a cell rules x in_power in a table two"),
        ("terms.csv", "p12_deadline", "measure.published_on", "measure.published_at", "unknown measure: 'measure.published_at'"),
        ("terms.csv", "p13_numbers_only", "measure.cells_without_number", "measure.deadline", "unknown measure"),
        ("terms.csv", "p12_deadline", "value", "total", "unknown column of a measure: 'total'"),
        ("terms.csv", "p07_carried_out", ",4", ",", "weight must be a whole number, found ''"),
        ("terms.csv", "p07_carried_out", ",4", ",0", "a term of weight 0 is none"),
        ("terms.csv", "p07_carried_out", ",4", ",0.5", "weight must be a whole number"),
        ("terms.csv", "p07_carried_out", "lhs", "left", "unknown side: 'left'"),
        ("terms.csv", "x_carry_over", "previous", "last", "unknown reference: 'last'"),
        ("terms.csv", "x_carry_over", "x_carry_over", "x_carry", "term of an identity that does not exist: x_carry"),
        ("terms.csv", "p02_applicants", "natural_share", "natural", "unknown member: 'natural'"),
        ("terms.csv", "n_requests", "national_2019/three", "national_2019/four", "unknown anchor"),
        ("terms.csv", "x_carry_over", ",1", "", "number of cells differs from the header"),
        ("identities.csv", "x_in_force", "x_in_force", "x_carry_over", "duplicate identity: 'x_carry_over'"),
        ("identities.csv", "x_in_force", "x_in_force", "t3_flow", "duplicate identity: 't3_flow'"),
        ("identities.csv", "x_in_force", "x_in_force", "x_stock", "identity that does not exist: x_in_force"),
        ("identities.csv", "x_in_force", ",=,", ",==,", "unknown operator: '=='"),
        ("identities.csv", "x_in_force", ",S,", ",M,", "unknown severity: 'M'"),
        ("identities.csv", "x_in_force", "national_2021/two", "national_2021/five", "unknown anchor: 'national_2021/five'"),
        ("identities.csv", "x_in_force", ":2022", ":next", "first year of national_2021/two is not a year: 'next'"),
        ("identities.csv", "x_in_force", "lines:", "rows:", "members must start with"),
        ("identities.csv", "x_in_force", ",0,0,", ",0,none,", "tolerance is not a number"),
        ("identities.csv", "p02_applicants", "natural_share", "natural_share other", "member other has no term on the left side"),
    ],
)  # fmt: skip
def test_an_inconsistent_row_is_refused_with_file_and_line(
    rules: Path, file: str, start: str, old: str, new: str, words: str
) -> None:
    path = rules / file
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(start) and old in line)
    lines[at] = new.join(lines[at].rsplit(old, 1)) if old in (",4", ",1") else lines[at].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(FormsError) as error:
        load(rules)
    assert words in str(error.value)
    assert str(error.value).startswith(f"{rules}/")
    assert str(error.value).split(": ")[0].rsplit(":", 1)[1].isdigit()


def test_an_identity_without_terms_is_refused(rules: Path) -> None:
    path = rules / "identities.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1].replace("x_carry_over", "x_more")]) + "\n", encoding="utf-8")
    with pytest.raises(FormsError, match=rf"identities.csv:{len(lines) + 1}: identity x_more has no terms"):
        load(rules)


@pytest.mark.parametrize(("file", "column"), [("terms.csv", "weight"), ("identities.csv", "operator")])
def test_a_missing_column_is_named(rules: Path, file: str, column: str) -> None:
    path = rules / file
    head, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(head.replace(column, "lost") + "\n" + rest, encoding="utf-8")
    with pytest.raises(FormsError, match=f"{file}:1: column missing: {column}"):
        load(rules)


def test_the_twenty_checks_and_the_one_beside_them_are_there() -> None:
    numbers = sorted({i.code[1:3] for i in default().identities if i.family == "plausibility"})
    assert numbers == [f"{n:02}" for n in range(1, 22)]


def test_comparisons_are_off_the_certified_path() -> None:
    assert {i.severity for i in default().identities} == {"S"}
    assert {i.code for i in default().identities}.isdisjoint(i.code for i in forms().identities)


def test_every_identity_of_the_specification_is_there() -> None:
    codes = {i.code for i in (*forms().identities, *default().identities)}
    assert {
        "t3_flow", "t3_processed", "t3_row_total", "t4_total", "t2_published_within_stock", "t2_items_non_negative",
        "t2_issued_within_force", "s14_requests", "s14_completed", "s14_replies", "s14_denied", "s14_review",
        "s14_litigation", "s14_staff", "s14_normative_within", "s14_led_within", "s14_channels_bound",
        "s14_completed_replied", "fj_requests", "fj_replies", "fj_cumulative", "x_carry_over", "x_in_force", "x_items",
        "x_roll_up", "n_requests", "n_review", "n_litigation", "n_parts", "all_non_negative_integer",
    } <= codes  # fmt: skip

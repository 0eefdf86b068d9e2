"""Every identity of every form, over every member: a case that holds, one that is violated, one undecidable."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from extractors.auditing.evaluate import evaluate
from extractors.forms.catalogue import Identity, Term, default
from extractors.model import Fact, IdentityResult, Missing

FORMS = default()
IDENTITIES = {i.code: i for i in FORMS.identities}
Cells = dict[tuple[str, str], Decimal | Missing]


def members() -> Iterator[tuple[str, str, str, str]]:
    yield from dict.fromkeys((t.identity, t.form, t.table, t.member) for t in FORMS.terms)


def terms_of(key: tuple[str, str, str, str]) -> list[Term]:
    return [t for t in FORMS.terms if (t.identity, t.form, t.table, t.member) == key]


def result(key: tuple[str, str, str, str], cells: Cells) -> IdentityResult:
    """Evaluate with the given cells; every other cell of the table is 0."""
    code, form, table, member = key
    facts = []
    for line, column in FORMS.table(form, table).cells():
        held = cells.get((line.code, column.code), Decimal(0))
        value, missing = (held, None) if isinstance(held, Decimal) else (None, held)
        facts.append(Fact(form, table, line.code, column.code, value, missing, "", "", ""))
    return next(r for r in evaluate(facts, FORMS) if (r.identity, r.over) == (code, member))


def violating(identity: Identity, terms: list[Term]) -> Cells:
    """One cell changed so that the identity cannot hold."""
    first = next(t for t in terms if t.side == "lhs")
    if identity.operator in ("=", "<="):
        return {(first.line, first.column): Decimal(1000)}
    return {(first.line, first.column): Decimal("-1000")}


@pytest.mark.parametrize("key", list(members()), ids=lambda k: f"{k[0]}:{k[1]}:{k[3]}")
def test_four_verdicts(key: tuple[str, str, str, str]) -> None:
    identity, terms = IDENTITIES[key[0]], terms_of(key)
    assert result(key, {}).verdict == "holds"
    bad = violating(identity, terms)
    wrong = result(key, bad)
    assert wrong.verdict == "violated"
    assert wrong.difference == (wrong.lhs or 0) - (wrong.rhs or 0) != 0
    operand = (terms[-1].line, terms[-1].column)
    for reason in ("dash", "slash", "none_word", "absent", "illegible", "ambiguous"):
        lost = result(key, {operand: reason})
        assert (lost.verdict, lost.lhs, lost.rhs, lost.difference) == ("undecidable", None, None, None)
    assert result(key, {operand: "blank"}).verdict == "holds_if_blank_is_zero"
    if operand not in bad:
        assert result(key, {**bad, operand: "blank"}).verdict == "undecidable"


def test_no_identity_can_vanish() -> None:
    for form in FORMS.forms:
        for table in form.tables:
            facts = [Fact(form.code, table.code, x.code, c.code, None, "absent", "", "", "") for x, c in table.cells()]
            index = {(t.identity, t.member) for t in FORMS.terms if (t.form, t.table) == (form.code, table.code)}
            results = evaluate(facts, FORMS)
            assert {(r.identity, r.over) for r in results} == index
            assert {r.verdict for r in results} <= {"undecidable"}


def test_hard_checks_of_table_three() -> None:
    """37 in the form of 2019 and 39 in that of 2021 (forms.md section 6)."""
    for form, count in (("national_2019", 37), ("national_2021", 39)):
        got = {(t.identity, t.member) for t in FORMS.terms if t.form == form and t.identity.startswith("t3_")}
        assert len(got) == count


def test_tolerance_is_the_larger_of_the_two() -> None:
    key = ("s14_completed_replied", "national_2014", "2014", "report")
    assert result(key, {("completed.total", "value"): Decimal(2)}).verdict == "holds"
    assert result(key, {("completed.total", "value"): Decimal(3)}).verdict == "violated"
    both: Cells = {("completed.total", "value"): Decimal(105), ("replies.total", "value"): Decimal(100)}
    assert result(key, both).verdict == "holds"


def test_a_count_is_whole() -> None:
    key = ("all_non_negative_integer", "national_2019", "three", "granted/natural")
    assert result(key, {("granted", "natural"): Decimal("1.5")}).verdict == "violated"

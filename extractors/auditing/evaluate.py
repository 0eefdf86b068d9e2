"""Evaluates the identities over the facts of one report: the oracle that the SQL models must agree with. Suggests nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache

from extractors.forms.catalogue import Catalogue, Identity, Term
from extractors.model import Fact, IdentityResult, Verdict


def evaluate(facts: Iterable[Fact], catalogue: Catalogue) -> tuple[IdentityResult, ...]:
    """One result for every identity that applies to the tables in `facts` and every member of it: none can vanish.

    A missing operand makes the verdict undecidable. Only where every missing operand is `blank` is zero tried, and only
    to name the verdict `holds_if_blank_is_zero`. A side without terms is zero. Tolerance is the larger of the two.
    """
    held = {(f.form, f.table, f.line, f.column): f for f in facts}
    tables = {(form, table) for form, table, _, _ in held}
    identities = {i.code: i for i in catalogue.identities}
    results = []
    for (form, table, code, member), terms in _by_member(catalogue).items():
        if (form, table) in tables:
            results.append(_result(identities[code], form, table, member, terms, held))
    return tuple(results)


@cache
def _by_member(catalogue: Catalogue) -> dict[tuple[str, str, str, str], list[Term]]:
    out: dict[tuple[str, str, str, str], list[Term]] = {}
    for term in catalogue.terms:
        out.setdefault((term.form, term.table, term.identity, term.member), []).append(term)
    return out


def _result(
    identity: Identity,
    form: str,
    table: str,
    member: str,
    terms: Sequence[Term],
    held: dict[tuple[str, str, str, str], Fact],
) -> IdentityResult:
    missing: list[str | None] = []
    sides = {"lhs": Decimal(0), "rhs": Decimal(0)}
    for term in terms:
        fact = held.get((form, table, term.line, term.column))
        if fact is None or fact.value is None:
            missing.append(fact.missing if fact else "absent")
        else:
            sides[term.side] += term.weight * fact.value
    verdict: Verdict = "undecidable"
    if all(m == "blank" for m in missing):
        holds = _holds(identity, sides["lhs"], sides["rhs"])
        if not missing:
            verdict = "holds" if holds else "violated"
        elif holds:
            verdict = "holds_if_blank_is_zero"
    if verdict == "undecidable":
        return IdentityResult(identity.code, form, table, member, None, None, None, verdict)
    lhs, rhs = sides["lhs"], sides["rhs"]
    return IdentityResult(identity.code, form, table, member, lhs, rhs, lhs - rhs, verdict)


def _holds(identity: Identity, lhs: Decimal, rhs: Decimal) -> bool:
    slack = max(identity.tolerance_absolute, identity.tolerance_relative * abs(rhs))
    difference = lhs - rhs
    if identity.operator == "=":
        return abs(difference) <= slack
    if identity.operator == "<=":
        return difference <= slack
    if identity.operator == ">=":
        return difference >= -slack
    return difference >= 0 and difference == difference.to_integral_value()

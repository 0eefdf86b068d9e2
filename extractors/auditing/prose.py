"""The prose of a report against its tables and against itself, for one report by itself, each result with its sentence.

The rules are those of comparisons.py (family `prose`); here is only which of them a report answers, and the quotation.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractors.auditing import comparisons
from extractors.auditing.comparisons import ComparisonResult
from extractors.model import Fact, Reading
from extractors.reading.prose import TABLE

FAMILY = "prose"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A result with the sentence that states its left side, and the place of that sentence."""

    result: ComparisonResult
    sentence: str
    where: str


def against_tables(reading: Reading) -> tuple[Quoted, ...]:
    """What the prose says that can be compared, decided. What it does not say is not asked for; growth against last year
    needs that report (across.py)."""
    known = comparisons.default()
    codes = {i.code for i in known.identities if i.family == FAMILY}
    results = comparisons.compare_facts(reading.facts, reading.identification.report_year or 0, comparisons=known)
    facts = {(f.line, f.column): f for f in reading.facts if f.table == TABLE}
    return tuple(
        Quoted(r, " | ".join(f.raw for f in said), "; ".join(f.where for f in said))
        for r in results
        if r.identity in codes and r.verdict != "undecidable" and (said := _said(r, facts))
    )


def _said(result: ComparisonResult, facts: dict[tuple[str, str], Fact]) -> list[Fact]:
    """The facts of the prose on the left side of a result, by sentence."""
    key = (result.identity, result.form, result.table, result.over)
    left = {
        (t.line, t.column): None
        for t in comparisons.default().terms
        if (t.identity, t.form, t.table, t.member) == key and t.side == "lhs" and t.operand_table == TABLE
    }
    return list({f.raw: f for cell in left if (f := facts.get(cell))}.values())

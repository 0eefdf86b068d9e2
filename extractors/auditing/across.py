"""Identities across years between reports that are held together, e.g. the files of one `ogi audit`. Knows no warehouse.

The rules are those of comparisons.py; here is only which report is the one of the year before. Levels are not compared: which
agency is a child of which is declared in the warehouse, not said in a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from extractors.auditing import beside, comparisons
from extractors.auditing.comparisons import ComparisonResult
from extractors.model import Reading
from extractors.reading.sentences import sentences

Pair = tuple[int, ComparisonResult]
"""Number of the report of the year before, and one result."""


def across(readings: Sequence[Reading | None]) -> list[tuple[Pair, ...]]:
    """For each reading, its results against each one of the year before by the same agency in the same scope.

    None where a file could not be read. A reading that does not say its agency or its year has no other.
    """
    out: list[tuple[Pair, ...]] = []
    for own in readings:
        found: list[Pair] = []
        for number, other in enumerate(readings):
            if own is not None and other is not None and _is_before(other, own):
                found += [(number, r) for r in _pair(own, other) if r.identity in _looking_back()]
        out.append(tuple(found))
    return out


def _pair(own: Reading, other: Reading) -> tuple[ComparisonResult, ...]:
    measures = beside.of_tables(own.facts, other.facts) | beside.of_prose(
        sentences(own.document.prose), sentences(other.document.prose)
    )
    year = own.identification.report_year or 0
    return comparisons.compare_facts(own.facts, year, other.facts, measures=measures, measurable=beside.MEASURES)


@cache
def _looking_back() -> frozenset[str]:
    """The comparisons with an operand from the year before: a figure, or what is measured beside it."""
    return frozenset(
        t.identity for t in comparisons.default().terms if t.reference == "previous" or t.line in beside.MEASURES
    )


def _is_before(other: Reading, own: Reading) -> bool:
    before, now = other.identification, own.identification
    return bool(
        now.agency_name
        and before.agency_name == now.agency_name
        and before.scope == now.scope
        and before.report_year is not None
        and now.report_year == before.report_year + 1
    )

"""Identities across years between reports that are held together, e.g. the files of one `ogi audit`. Knows no warehouse.

The rules are those of comparisons.py; here is only which report is the one of the year before. Levels are not compared: which
agency is a child of which is declared in the warehouse, not said in a report.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.auditing import comparisons
from extractors.auditing.comparisons import ComparisonResult
from extractors.model import Reading

FAMILY = "cross_year"

Pair = tuple[int, ComparisonResult]
"""Number of the report of the year before, and one result."""


def across(readings: Sequence[Reading | None]) -> list[tuple[Pair, ...]]:
    """For each reading, its results against each one of the year before by the same agency in the same scope.

    None where a file could not be read. A reading that does not say its agency or its year has no other.
    """
    known = comparisons.default()
    codes = {i.code for i in known.identities if i.family == FAMILY}
    out: list[tuple[Pair, ...]] = []
    for own in readings:
        found: list[Pair] = []
        for number, other in enumerate(readings):
            if own is None or other is None or not _is_before(other, own):
                continue
            year = own.identification.report_year or 0
            results = comparisons.compare_facts(own.facts, year, other.facts, known)
            found += [(number, r) for r in results if r.identity in codes]
        out.append(tuple(found))
    return out


def _is_before(other: Reading, own: Reading) -> bool:
    before, now = other.identification, own.identification
    return bool(
        now.agency_name
        and before.agency_name == now.agency_name
        and before.scope == now.scope
        and before.report_year is not None
        and now.report_year == before.report_year + 1
    )

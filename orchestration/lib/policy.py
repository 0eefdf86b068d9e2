"""What a failed check means, decided once: whose fault it is, how loud it is, and whether it stops publication. No check here."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

WRITER_POOL = "duckdb_writer"
"""One writer: every step that opens the work database takes the one slot of this pool (limit in dagster.yaml)."""

RETRY = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For the step that fetches, when something of ours fails: the disk, the archive's lock. Addresses repeat by themselves."""

OWNERS = ["team:warehouse"]


@dataclass(frozen=True, slots=True)
class Severity:
    """How a failure of a kind is reported."""

    level: dg.AssetCheckSeverity
    blocking: bool


FINDING = Severity(dg.AssetCheckSeverity.WARN, blocking=False)
"""A report contradicts itself: the publisher's figures, published with the verdict beside them."""

STRUCTURAL = Severity(dg.AssetCheckSeverity.ERROR, blocking=True)
"""Rows were lost or made up on the way: ours. What stands on them is not built, and nothing is published."""

MAX_READER_FAILURES = 0.2
"""Above this share of the documents the reader itself is broken, not a document."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The share of decided hard identities that may be violated, and from how many decided ones on the share says anything."""

    share: float
    from_decided: int

    def exceeded(self, violated: int, decided: int) -> bool:
        return decided >= self.from_decided and violated > self.share * decided


VIOLATION_BOUNDS = {"form": Bound(0.03, 500), "publisher": Bound(0.25, 150), "format": Bound(0.03, 500)}
"""Agencies err in single cells; a reader that misreads a form errs in all of its reports. The bounds stand between the two. Of the
decided arithmetic of the real reports 2 of 204 equations are violated, one in a hundred (`make run`, line `identities`). A reader
that took a column of table three for another breaks the total of every line in which the two differ; one that lost a digit of
a line, its total and the sums of its columns: three and more of 37 or 39 equations in each report. So one in thirty is ours
where it is a form or a format, over more decided equations than a dozen reports have. A publisher may be careless for years: one in four, over several reports."""


def reader_failures(failed: int, documents: int) -> Severity:
    """A reader that fails on a document is ours to repair; one that fails on many must not empty the warehouse."""
    many = failed > 1 and failed > MAX_READER_FAILURES * documents
    return STRUCTURAL if many else FINDING


def violations(kind: str, violated: int, decided: int) -> Severity:
    """What violations of hard identities mean for one form, publisher or format: findings, or a defect of ours that blocks.

    Raises KeyError for a kind without a bound.
    """
    return STRUCTURAL if VIOLATION_BOUNDS[kind].exceeded(violated, decided) else FINDING

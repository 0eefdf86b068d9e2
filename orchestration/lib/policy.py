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
"""Rows were lost or made up on the way: ours. Nothing is published."""

MAX_READER_FAILURES = 0.2
"""Above this share of the documents the reader itself is broken, not a document."""


def reader_failures(failed: int, documents: int) -> Severity:
    """A reader that fails on a document is ours to repair; one that fails on many must not empty the warehouse."""
    many = failed > 1 and failed > MAX_READER_FAILURES * documents
    return STRUCTURAL if many else FINDING

"""The figures of a report, as text, from its expected file. No number is made here and none is converted."""

from __future__ import annotations

import csv

from extractors import samples

Figures = dict[tuple[str, str, str], str]
"""(table, line, column) -> the figure as written in the expected file; "" where the report has none."""


def load(source_id: str) -> Figures:
    """Figures of a bundled report. Raises FileNotFoundError where it has no expected file."""
    with (samples.EXPECTED / f"{source_id}.csv").open(encoding="utf-8", newline="") as handle:
        return {(r["table"], r["line"], r["column"]): r["value"] for r in csv.DictReader(handle)}

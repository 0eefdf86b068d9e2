"""Expected files of the golden tests: reading, writing where missing, and comparing with what a reading yields. No test here."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.model import Fact

Cell = tuple[str, str, str]
"""(table, line, column)"""

COLUMNS = ("table", "line", "column", "value")


def statutory(facts: Iterable[Fact]) -> dict[Cell, Fact]:
    """The facts of statutory tables by cell. Fails where two facts claim one cell."""
    found: dict[Cell, Fact] = {}
    for fact in facts:
        if fact.table == "prose":
            continue
        cell = (fact.table, fact.line, fact.column)
        assert cell not in found, f"two facts for {cell}: {found[cell]} and {fact}"
        found[cell] = fact
    return found


def load(path: Path) -> dict[Cell, Decimal | None]:
    """The cells of an expected file; None where the value is empty."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {(r["table"], r["line"], r["column"]): Decimal(r["value"]) if r["value"] else None for r in rows}


def plain(value: Decimal | None) -> str | None:
    """A value as the expected files write it: no exponent, no trailing zeros."""
    return None if value is None else format(value.normalize(), "f")


def write_and_fail(path: Path, found: dict[Cell, Fact]) -> None:
    """Write the expected file that is missing, from what was read, and fail: a person must check it first."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (table, line, column), fact in found.items():
            writer.writerow((table, line, column, plain(fact.value) or ""))
    pytest.fail(f"{path} was missing and has been written: compare it with the document by hand, then commit it")


def differences(expected: dict[Cell, Decimal | None], found: dict[Cell, Fact]) -> list[str]:
    """One sentence a cell that differs: wrong or lost value, a value where none is expected, a cell without a fact."""
    out = []
    for cell, value in expected.items():
        name = "/".join(cell)
        if cell not in found:
            out.append(f"{name}: no fact (expected {value})")
        elif found[cell].value != value:
            fact = found[cell]
            out.append(
                f"{name}: read {fact.value} ({fact.missing}) from {fact.raw!r} at {fact.where}, expected {value}"
            )
    for cell, fact in found.items():
        if cell not in expected and fact.value is not None:
            out.append(f"{'/'.join(cell)}: read {fact.value} from {fact.raw!r} at {fact.where}, expected no such cell")
    return out

"""`python -m tests.acceptance.real_reports`: the published warehouse against what a careful reader found in the real reports.

Fails when a table that an expected.csv has is missing from marts.fct_report_lines. Counts every cell, and hides no difference.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb

Cell = tuple[str, str, str]
KINDS = ("equal", "different", "null instead", "value instead of blank", "no row")


def expected(path: Path) -> dict[Cell, Decimal | None]:
    """Cells (table, line, column) of an expected.csv; an empty value is a cell left blank."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["table"], row["line"], row["column"]): Decimal(row["value"]) if row["value"] else None
            for row in csv.DictReader(file)
        }


def found(connection: duckdb.DuckDBPyConnection, source_id: str) -> dict[Cell, Decimal | None]:
    """Cells of the current report of a source in the marts."""
    rows = connection.execute(
        "select form_table, line_code, column_code, reported_value from marts.fct_report_lines as lines "
        "inner join marts.fct_report as reports on reports.report_id = lines.report_id "
        "where reports.source_id = ? and lines.form_id <> 'narrative'",
        [source_id],
    ).fetchall()
    return {(table, line, column): value for table, line, column, value in rows}


def kind(wanted: Decimal | None, got: dict[Cell, Decimal | None], cell: Cell) -> str:
    """Which of KINDS a cell is."""
    if cell not in got:
        return "no row"
    if got[cell] == wanted:
        return "equal"
    return "null instead" if got[cell] is None else "value instead of blank" if wanted is None else "different"


def compare(warehouse: Path, reports: Path) -> list[str]:
    """Print a line a report; return the tables that are missing, as `source_id: table`."""
    missing: list[str] = []
    with (reports / "catalog.csv").open(encoding="utf-8", newline="") as file:
        sources = list(csv.DictReader(file))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        print(f"{'report':<24}{'expected':>9}" + "".join(f"{k:>24}" for k in KINDS))
        for source in sources:
            path = reports / Path(source["location"]).parent / "expected.csv"
            if not path.exists():
                continue
            wanted, got = expected(path), found(connection, source["source_id"])
            counts = Counter(kind(value, got, cell) for cell, value in wanted.items())
            print(f"{source['source_id']:<24}{len(wanted):>9}" + "".join(f"{counts[k]:>24}" for k in KINDS))
            lacking = {table for table, _, _ in wanted} - {table for table, _, _ in got}
            missing += [f"{source['source_id']}: {table}" for table in sorted(lacking)]
    return missing


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.real_reports")
    parser.add_argument("--warehouse", type=Path, required=True)
    parser.add_argument("--reports", type=Path, required=True)
    asked = parser.parse_args()
    missing = compare(asked.warehouse, asked.reports)
    for table in missing:
        print(f"missing from marts.fct_report_lines: {table}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

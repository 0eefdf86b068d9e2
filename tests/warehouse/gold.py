"""Builds schema `raw` from what a careful reader found (expected.csv), so that the models are tested without our reader.

Belongs here: rows of records.TABLES made by hand or from the gold files, and how they reach a DuckDB file. Not here:
reading documents, running dbt, judging results.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from extractors.agencies.resolve import Said
from extractors.forms import catalogue as forms
from extractors.records import TABLES, Row, of_agency, of_forms, report_id

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "extractors" / "samples"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)

ILLEGIBLE = {
    ("guyuan-2019", "three", "denied.safety_stability", "natural"),
    ("guyuan-2019", "three", "denied.third_party", "natural"),
    ("guyuan-2019", "three", "denied.internal_affairs", "natural"),
}
ABSENT = {
    ("guyuan-2019", "two", "procurement", "projects"),
    ("guyuan-2019", "two", "procurement", "amount"),
}
PRINTED_UNIT = {
    ("neijiang-2020", "two", "procurement", "amount"): "万元",
    ("shanghai-office-2019", "two", "procurement", "amount"): "元",
}

Raw = dict[str, list[Row]]


def reports_folder() -> Path:
    """Where the catalogue with gold files is: OGI_REAL_REPORTS, else ../shared/reports, else the bundled samples, whose
    figures are the same. Raises FileNotFoundError where OGI_REAL_REPORTS leads nowhere."""
    named = os.environ.get("OGI_REAL_REPORTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "reports"
    if (folder / "catalog.csv").exists():
        return folder
    if named:
        raise FileNotFoundError(f"OGI_REAL_REPORTS: no catalog.csv in {folder}")
    return SAMPLES


def row(table: str, **values: Any) -> Row:
    """A row of `table` in the order of its columns; what is not given is null. Raises KeyError for an unknown column."""
    names = [name for name, _ in TABLES[table].columns]
    if unknown := set(values) - set(names):
        raise KeyError(f"raw.{table} has no column {', '.join(sorted(unknown))}")
    return tuple(values.get(name) for name in names)


def empty() -> Raw:
    """Every raw table without rows, but for the forms and identities of the default catalogue."""
    return {name: [] for name in TABLES} | of_forms(forms.default())


def raw_tables(folder: Path | None = None) -> Raw:
    """The raw tables of the catalogue in `folder`: every source, the gold facts of those that have them."""
    out, folder = empty(), folder or reports_folder()
    with (folder / "catalog.csv").open(encoding="utf-8", newline="") as handle:
        for line, source in enumerate(csv.DictReader(handle), start=2):
            _add_source(out, folder, source, line)
    return out


def _add_source(out: Raw, folder: Path, source: dict[str, str], line: int) -> None:
    key, document = source["source_id"], folder / source["location"]
    data = document.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    year = int(source["report_year"]) if source["report_year"] else None
    out["sources"].append(row("sources", **{**source, "report_year": year, "catalogue_line": line}))
    out["documents"].append(
        row("documents", sha256=sha256, location=source["location"], size_bytes=len(data), fetched_at=NOON)
    )
    attempt = {"source_id": key, "sha256": sha256, "attempted_at": NOON}
    out["outcomes"].append(row("outcomes", **attempt, step="archive", status="archived"))
    if year is None:
        out["outcomes"].append(row("outcomes", **attempt, step="read", status="quarantined", reason="blank_form"))
        return
    out["outcomes"].append(row("outcomes", **attempt, step="read", status="parsed"))
    report = report_id(key, sha256)
    out["readings"].append(
        row(
            "readings", report_id=report, source_id=key, sha256=sha256, reader_version="gold", media_type="text/plain",
            agency_name=source["agency_name"], agency_source="catalogue", region_code=source["region_code"],
            report_year=year, year_source="catalogue", scope_source="gold",
            scope="office" if source["agency_name"].endswith(("办公室", "办公厅")) else "territory",
        )
    )  # fmt: skip
    out["agency_candidates"] += of_agency(report, Said(source["agency_name"], year, source["region_code"]))
    beside, bundled = document.parent / "expected.csv", SAMPLES / "expected" / f"{key}.csv"
    expected = beside if beside.exists() else bundled
    if expected.exists():
        _add_tables(out, expected, key, report, year)
    _add_prose(out, SAMPLES / "expected" / f"{key}.json", report, year)


def _add_tables(out: Raw, expected: Path, source: str, report: str, year: int) -> None:
    cells: dict[str, dict[tuple[str, str], str]] = {}
    with expected.open(encoding="utf-8", newline="") as handle:
        for found in csv.DictReader(handle):
            cells.setdefault(found["table"], {})[found["line"], found["column"]] = found["value"]
    for table, values in cells.items():
        form = next(
            t
            for f in forms.default().forms
            for t in f.tables
            if t.code == table and f.first_year <= year <= f.last_year
            and {(x.code, c.code) for x, c in t.cells()} == set(values)
        )  # fmt: skip
        out["tables"].append(
            row("tables", report_id=report, report_year=year, form_id=form.form, form_table=table,
                evidence="gold", address=f"table {table}", copies=1)
        )  # fmt: skip
        for position, (line, column) in enumerate(form.cells()):
            cell = (source, table, line.code, column.code)
            text = values[line.code, column.code]
            out["facts"].append(
                row(
                    "facts", report_id=report, report_year=year, form_id=form.form, form_table=table,
                    line_code=line.code, column_code=column.code, reported_value=Decimal(text) if text else None,
                    missing_reason=None if text else _why(cell), raw_text=text,
                    unit=PRINTED_UNIT.get(cell, form.unit(line, column)), address=f"table {table}, cell {position}",
                    grid_no=0, row_no=position, column_no=0, note="",
                )
            )  # fmt: skip


def _why(cell: tuple[str, str, str, str]) -> str:
    return "illegible" if cell in ILLEGIBLE else "absent" if cell in ABSENT else "blank"


def _add_prose(out: Raw, stated: Path, report: str, year: int) -> None:
    """Numbers that the prose states. Sparse: a report without such a file has none here."""
    if not stated.exists():
        return
    for fact in json.loads(stated.read_text(encoding="utf-8")):
        value = None if fact["value"] is None else Decimal(fact["value"])
        out["facts"].append(
            row("facts", report_id=report, report_year=year, form_id="narrative", form_table="prose",
                line_code=fact["line"], column_code=fact["column"], reported_value=value, missing_reason=fact["missing"],
                raw_text=fact["value"] or "", unit=fact["unit"], address="prose", note="")
        )  # fmt: skip


def write(database: Path, raw: Raw) -> None:
    """Replace schema `raw` of the DuckDB file `database`."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists raw")
        for name, table in TABLES.items():
            columns = ", ".join(f"{column} {_type(kind)}" for column, kind in table.columns)
            connection.execute(f"create or replace table raw.{name} ({columns})")
            _insert(connection, name, raw[name])


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[Row]) -> None:
    if batch := list(rows):
        marks = ", ".join("?" for _ in TABLES[name].columns)
        connection.executemany(f"insert into raw.{name} values ({marks})", batch)


def _type(kind: str) -> str:
    return {"string": "varchar", "int": "integer", "bool": "boolean"}.get(kind, kind)

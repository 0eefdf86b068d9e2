"""Raw tables for cases: readings, tables and facts of an agency, of its years before and of its children. No test here."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from extractors.forms.catalogue import default
from extractors.model import Fact, Missing
from tests.warehouse import gold
from tests.warehouse.identities.cases import Case, Cells, Value

UNITS = {"two/fees/amount": "万元"}


def report_id(agency: str, year: int) -> str:
    return f"{agency} {year}"


def facts(form: str, cells: Cells) -> list[Fact]:
    """Cells as facts of the tables of `form`, prose apart."""
    out = []
    for cell, value in cells.items():
        table, line, column = (*cell.split("/"), "value")[:3]
        number = None if isinstance(value, str) else Decimal(value)
        prose = table == "prose"
        out.append(
            Fact(
                "narrative" if prose else form, table, line, column, number, None if number is not None else value,  # type: ignore[arg-type]
                f"正文: {value}" if prose else str(value), UNITS.get(cell, "件"), f"{cell} of the case",
            )
        )  # fmt: skip
    return out


def add(
    raw: gold.Raw, agency: str, year: int, form: str, cells: Cells, says: Mapping[str, Any], version: str = "",
    prose: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """One report of `agency` into the raw tables, `prose` by sentence; another `version` of it has another key."""
    key, known = report_id(agency, year) + version, {
        "agency_kind": "county_government", "scope": "organ", "year_source": "text", **says,
    }  # fmt: skip
    raw["sources"].append(gold.row("sources", source_id=key, catalogue_line=len(raw["sources"]) + 2, location=key))
    raw["readings"].append(
        gold.row("readings", report_id=key, source_id=key, sha256=key, reader_version="case", media_type="text/html",
                 agency_name=agency, agency_source="catalogue", report_year=year, **known)
    )  # fmt: skip
    held = facts(form, cells)
    for used, table in dict.fromkeys((f.form, f.table) for f in held if f.table != "prose"):
        raw["tables"].append(gold.row("tables", report_id=key, report_year=year, form_id=used, form_table=table))
    raw["facts"] += [
        gold.row(
            "facts", report_id=key, report_year=year, form_id=f.form, form_table=f.table, line_code=f.line,
            column_code=f.column, reported_value=f.value, missing_reason=f.missing, raw_text=f.raw, unit=f.unit,
            address=f.where,
        )
        for f in held
    ]  # fmt: skip
    raw["sentences"] += [
        gold.row("sentences", report_id=key, report_year=year, sentence_key=sentence, characters=characters)
        for sentence, characters in (prose or {}).items()
    ]


def agency(number: int) -> str:
    return f"机关{number}"


def raw_tables(cases: list[Case]) -> tuple[gold.Raw, list[tuple[str, str]]]:
    """The raw tables of all cases, and the declared (parent, child) pairs."""
    raw, children = gold.empty(), []
    for number, case in enumerate(cases):
        name = agency(number)
        add(raw, name, case.year, case.form, case.own, case.says, prose=case.prose)
        for back, cells, prose in ((1, case.previous, case.previous_prose), (2, case.before_previous, None)):
            if cells is not None:
                add(raw, name, case.year - back, case.form, cells, case.says, prose=prose)
        for child, cells in case.children.items():
            own_name = f"{child} of {number}"
            children.append((name, own_name))
            if cells is not None:
                add(raw, own_name, case.year, case.form, cells, {})
    return raw, children


def generated(seed: int) -> tuple[str, int, str, dict[str, Value]]:
    """(agency, year, form, cells): a report with every cell of its form, where sums mostly hold; some cells are wrong, some
    missing for any reason, some not there at all. The same seed gives the same report."""
    chance = random.Random(seed)
    form = chance.choice([f for f in default().forms if f.code != "narrative"])
    cells: dict[str, Value] = {}
    for table in form.tables:
        for line, column in table.cells():
            cells[f"{table.code}/{line.code}/{column.code}"] = chance.choice((0, 0, 0, 1, 2, 7, 30))
    for term in sorted(
        (t for t in default().terms if t.form == form.code and t.side == "lhs"), key=lambda t: t.identity
    ):
        parts = [
            t for t in default().terms
            if (t.identity, t.form, t.member, t.side) == (term.identity, form.code, term.member, "rhs")
        ]  # fmt: skip
        if parts and term.weight == 1:
            figures = [cells[f"{t.table}/{t.line}/{t.column}"] for t in parts]
            cells[f"{term.table}/{term.line}/{term.column}"] = sum(f for f in figures if isinstance(f, int))
    for cell in list(cells):
        if chance.random() < 0.04:
            cells[cell] = chance.choice((99, -3, *get_args(Missing)))
        elif chance.random() < 0.01:
            del cells[cell]
    return f"generated {seed}", chance.randint(form.first_year, form.last_year), form.code, cells

"""An audit as one self-contained page: the tables as they were read, each cell coloured by its state, identities beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, PackageLoader, Template

from extractors.auditing import comparisons
from extractors.auditing.comparisons import ComparisonResult
from extractors.auditing.prose import Quoted
from extractors.forms.catalogue import Catalogue, Identity
from extractors.model import Fact, Grid, IdentityResult, Reading

STATES = {
    "read": "读出 read",
    "blank": "空缺 blank or a sign for none",
    "ambiguous": "不能确定 ambiguous or illegible",
    "unplaced": "无处可放 a figure without a place",
    "violated": "勾稽不符 part of a violated identity",
}


@dataclass(slots=True)
class ShownCell:
    """A cell of the document: its text, spans, state (empty for labels) and what it was read as."""

    text: str
    row_span: int
    column_span: int
    state: str = ""
    meaning: str = ""


@dataclass(slots=True)
class ShownGrid:
    where: str
    number: int
    rows: list[list[ShownCell]] = field(default_factory=list)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("extractors.auditing"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("audit.html")


def violated_cells(results: Sequence[IdentityResult], catalogue: Catalogue) -> frozenset[tuple[str, str, str, str]]:
    """(form, table, line, column) of every operand of a violated identity."""
    bad = {(r.form, r.table, r.identity, r.over) for r in results if r.verdict == "violated"}
    return frozenset(
        (t.form, t.table, t.line, t.column) for t in catalogue.terms if (t.form, t.table, t.identity, t.member) in bad
    )


def shown_grids(reading: Reading, violated: frozenset[tuple[str, str, str, str]]) -> Iterator[ShownGrid]:
    """The grids that hold statutory tables, with the state of each cell."""
    facts = {(f.grid, f.row, f.column_no): f for f in reading.facts if f.grid is not None}
    unplaced = {(r.grid, r.row, r.column_no): r for r in reading.residue}
    used = {key[0] for key in (*facts, *unplaced)}
    for grid in reading.document.grids:
        if grid.number in used:
            yield _shown(grid, facts, unplaced, violated)


def _shown(grid: Grid, facts: dict, unplaced: dict, violated: frozenset) -> ShownGrid:  # type: ignore[type-arg]
    shown = ShownGrid(grid.where, grid.number)
    rows: dict[int, list[ShownCell]] = {}
    for cell in grid.cells:
        made = ShownCell(cell.text, cell.row_span, cell.column_span)
        place = (grid.number, cell.row, cell.column)
        fact: Fact | None = facts.get(place)
        if place in unplaced:
            made.state, made.meaning = "unplaced", unplaced[place].reason
        if fact is not None:
            made.meaning = f"{fact.line} × {fact.column}" + (f": {fact.missing}" if fact.missing else "")
            if (fact.form, fact.table, fact.line, fact.column) in violated:
                made.state = "violated"
            elif fact.value is not None:
                made.state = "read"
            elif fact.missing in ("ambiguous", "illegible"):
                made.state = made.state or "ambiguous"
            else:
                made.state = "blank"
        rows.setdefault(cell.row, []).append(made)
    shown.rows = [cells for _, cells in sorted(rows.items())]
    return shown


def render(
    audits: Sequence[
        tuple[
            str,
            Reading | None,
            Sequence[IdentityResult],
            Sequence[Quoted],
            Sequence[tuple[str, ComparisonResult]],
            str | None,
        ]
    ],
    catalogue: Catalogue,
) -> str:
    """One HTML page for (file, reading, results, those of the prose, results with other files, error) of each audited file. Works offline,
    prints, escapes all text."""
    statements: dict[str, Identity] = {i.code: i for i in (*catalogue.identities, *comparisons.default().identities)}
    reports = []
    for file, reading, results, stated, across, error in audits:
        order = {"violated": 0, "undecidable": 1, "holds_if_blank_is_zero": 2, "holds": 3}
        reports.append(
            {
                "file": file,
                "error": error,
                "said": reading.identification if reading else None,
                "tables": reading.tables if reading else (),
                "grids": list(shown_grids(reading, violated_cells(results, catalogue))) if reading else [],
                "prose": [f for f in reading.facts if f.table == "prose"] if reading else [],
                "residue": reading.residue if reading else (),
                "warnings": reading.warnings if reading else (),
                "results": sorted(results, key=lambda r: order[r.verdict]),
                "stated": sorted(stated, key=lambda q: order[q.result.verdict]),
                "across": sorted(across, key=lambda pair: order[pair[1].verdict]),
                "counts": {v: sum(r.verdict == v for r in results) for v in order},
            }
        )
    return _template().render(reports=reports, statements=statements, states=STATES)

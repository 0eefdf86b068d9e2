"""Declared corrections: a reviewed CSV of cells that a person found wrong, with the value it expects to find. Repairs nothing.

A correction is a column of its own beside the reported value. It says what it expects to find, and fails when the publisher
has fixed the report or the reader now reads the cell otherwise: then a person looks again.

The file, `corrections.csv` beside the catalogue whose reports it corrects:

- `source_id`: the report, as the catalogue names it · `form_id`, `form_table`, `line_code`, `column_code`: the cell
- `expected`: the number that the report says, or why it says none (blank, dash, slash, none_word, absent, illegible, ambiguous)
- `action`: `replace` (by `corrected`, a number) or `withdraw` (there should be no number: `corrected` is empty)
- `reason` and `evidence`: why, and where a reviewer can see it
- `status`: `proposed` (checked, not applied), `accepted` (applied; needs a `reviewer`) or `retired` (kept for the record)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import get_args

from extractors import rows
from extractors.errors import OgiError
from extractors.forms.catalogue import Catalogue
from extractors.model import Missing

COLUMNS = (
    "source_id", "form_id", "form_table", "line_code", "column_code", "expected", "action", "corrected", "reason",
    "evidence", "status", "reviewer",
)  # fmt: skip
ACTIONS = ("replace", "withdraw")
STATUSES = ("proposed", "accepted", "retired")
REASONS = get_args(Missing)

Cell = tuple[str, str, str, str]
Found = tuple[Decimal | None, str | None]
"""What a report says of a cell: its value, or why there is none."""


class CorrectionsError(OgiError):
    """Corrections are refused as a whole. Says file and line; nothing is applied."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One declared correction. `expected_value` is None exactly when `expected_missing` says why."""

    source_id: str
    form: str
    table: str
    line: str
    column: str
    expected_value: Decimal | None
    expected_missing: str | None
    action: str
    corrected: Decimal | None
    reason: str
    evidence: str
    status: str
    reviewer: str
    at: str
    """`file:line` of the row."""

    @property
    def cell(self) -> Cell:
        return self.form, self.table, self.line, self.column


def load(path: Path, catalogue: Catalogue) -> tuple[Correction, ...]:
    """Read the file; none where there is no file.

    Raises CorrectionsError naming file and line: a column missing, an unknown form, cell, action or status, a number that
    is none, no reason or evidence, an accepted row without reviewer, a cell corrected twice.
    """
    if not path.exists():
        return ()
    out: list[Correction] = []
    seen: dict[tuple[str, Cell], str] = {}
    for at, row in rows.read(path, COLUMNS, CorrectionsError, "utf-8-sig"):
        made = _correction(at, row, catalogue)
        if made.status != "retired":
            before = seen.setdefault((made.source_id, made.cell), at)
            if before != at:
                raise CorrectionsError(f"{at}: the cell is corrected already at {before}")
        out.append(made)
    return tuple(out)


def _correction(at: str, row: Mapping[str, str], catalogue: Catalogue) -> Correction:
    for name in ("source_id", "reason", "evidence"):
        if not row[name].strip():
            raise CorrectionsError(f"{at}: no {name}")
    for name, known in (("action", ACTIONS), ("status", STATUSES)):
        if row[name] not in known:
            raise CorrectionsError(f"{at}: unknown {name}: {row[name]!r} (expected one of {', '.join(known)})")
    if row["status"] == "accepted" and not row["reviewer"].strip():
        raise CorrectionsError(f"{at}: accepted without a reviewer")
    cell = row["form_id"], row["form_table"], row["line_code"], row["column_code"]
    known_cells = {
        (x.code, c.code)
        for t in catalogue.tables()
        if (t.form, t.code) == cell[:2] and t.layout != "prose"
        for x, c in t.cells()
    }
    if cell[2:] not in known_cells:
        raise CorrectionsError(f"{at}: {cell[0]} table {cell[1]} has no cell {cell[2]} x {cell[3]}")
    missing = row["expected"] if row["expected"] in REASONS else None
    expected = None if missing else _number(at, "expected", row["expected"])
    if row["action"] == "withdraw" and row["corrected"]:
        raise CorrectionsError(f"{at}: a withdrawn value has no other, found {row['corrected']!r}")
    corrected = None if row["action"] == "withdraw" else _number(at, "corrected", row["corrected"])
    if corrected == expected and (expected is not None or row["action"] == "withdraw"):
        raise CorrectionsError(f"{at}: changes nothing")
    return Correction(
        row["source_id"], *cell, expected, missing, row["action"], corrected, row["reason"], row["evidence"],
        row["status"], row["reviewer"], at,
    )  # fmt: skip


def _number(at: str, what: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise CorrectionsError(f"{at}: {what} is not a number: {text!r}") from error
    if not number.is_finite():
        raise CorrectionsError(f"{at}: {what} is not a number: {text!r}")
    return number


def verify(corrections: Iterable[Correction], found: Mapping[str, Mapping[Cell, Found]]) -> None:
    """Compare what each correction expects with what the reports say (`found`, by source).

    Raises CorrectionsError with a line for each that names a report that does not exist, a table that the report does not
    have, or a value that is not there any more. Retired corrections expect nothing.
    """
    wrong = []
    for c in corrections:
        if c.status == "retired":
            continue
        report = found.get(c.source_id)
        if report is None:
            wrong.append(f"{c.at}: no report was read from source {c.source_id!r}")
        elif c.cell not in report:
            wrong.append(f"{c.at}: the report has no {c.form} table {c.table}")
        elif report[c.cell] != (c.expected_value, c.expected_missing):
            value, missing = report[c.cell]
            says = missing if value is None else f"{value.normalize():f}"
            wants = c.expected_missing if c.expected_value is None else f"{c.expected_value.normalize():f}"
            wrong.append(f"{c.at}: expects {wants} in {c.line} x {c.column}, the report says {says}: look again")
    if wrong:
        raise CorrectionsError("\n".join(wrong))

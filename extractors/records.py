"""The rows that reading yields, table by table, in plain Python: the contract between the reader and any engine.

Column types are names (`string`, `int`, `bool`, `decimal(p,s)`, `timestamp`) that each engine maps to its own. No engine here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extractors.agencies.resolve import Said, resolve
from extractors.auditing.comparisons import Comparisons
from extractors.auditing.comparisons import default as default_comparisons
from extractors.errors import AgencyUnknown, YearUnknown
from extractors.forms.catalogue import Catalogue
from extractors.model import Reading
from extractors.reading.identify import kind_and_level
from extractors.reading.sentences import sentences
from extractors.sources import Source
from extractors.version import reader_version

Row = tuple[Any, ...]
VALUE = "decimal(20,4)"


@dataclass(frozen=True, slots=True)
class RawTable:
    """Name, columns with their types, and what one row is."""

    name: str
    columns: tuple[tuple[str, str], ...]
    grain: str
    by_report: bool = False
    """Rows belong to a report and are replaced with it."""


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((n, t) for n, _, t in (part.strip().partition(" ") for part in text.split(";")))


_PLACE = "grid_no int; row_no int; column_no int"
_REPORT = "report_id string; report_year int; "
TABLES: dict[str, RawTable] = {
    t.name: t
    for t in (
        RawTable(
            "sources",
            _columns(
                "source_id string; catalogue_line int; agency_name string; agency_kind string; region_code string; "
                "scope string; report_year int; location string"
            ),
            "row of the catalogue",
        ),
        RawTable(
            "documents",
            _columns("sha256 string; location string; media_type string; size_bytes int; fetched_at timestamp"),
            "archived document",
        ),
        RawTable(
            "attachments",
            _columns("attachment_id string; source_id string; attachment_no int; kind string; location string"),
            "attachment or next page that the page of a source brings",
        ),
        RawTable(
            "outcomes",
            _columns(
                "source_id string; step string; status string; reason string; detail string; sha256 string; "
                "attempted_at timestamp"
            ),
            "source and step (archive, read)",
        ),
        RawTable(
            "readings",
            _columns(
                "report_id string; source_id string; sha256 string; reader_version string; media_type string; "
                "encoding string; title string; agency_name string; agency_source string; agency_name_in_text string; "
                "agency_kind string; agency_level string; region_code string; report_year int; year_source string; "
                "scope string; scope_source string; scope_cue string; published_on string; period_start string; "
                "period_end string; index_number string; site_code string; warnings string"
            ),
            "report read from a document",
            True,
        ),
        RawTable(
            "agency_candidates",
            _columns(_REPORT + "candidate int; agency_key string; result string; reason string"),
            "report and agency of the register that it may be of (one row without agency where there is none)",
            True,
        ),
        RawTable(
            "tables",
            _columns(
                _REPORT
                + "form_id string; form_table string; evidence string; address string; copies int; figures int; repeated int"
            ),
            "statutory table recognised in a report",
            True,
        ),
        RawTable(
            "cells",
            _columns(_REPORT + _PLACE + "; row_span int; column_span int; cell_text string; address string"),
            "cell of a grid of a report",
            True,
        ),
        RawTable(
            "facts",
            _columns(
                _REPORT + "form_id string; form_table string; line_code string; column_code string; "
                f"reported_value {VALUE}; missing_reason string; raw_text string; unit string; address string; "
                + _PLACE
                + "; note string"
            ),
            "report, line and column of a recognised table; or quantity of the prose",
            True,
        ),
        RawTable(
            "residue",
            _columns(_REPORT + "form_table string; residue_text string; address string; reason string; " + _PLACE),
            "number in a statutory table that found no place",
            True,
        ),
        RawTable(
            "sentences",
            _columns(_REPORT + "sentence_key string; characters int; address string"),
            "sentence of the prose of a report, by the hash of its text",
            True,
        ),
        RawTable(
            "forms",
            _columns("form_id string; title_zh string; title_en string; basis string; first_year int; last_year int"),
            "statutory form",
        ),
        RawTable(
            "form_lines",
            _columns(
                "form_id string; form_table string; line_code string; position int; label string; label_en string; "
                "unit string; kind string; parent string; group_label string; is_total bool; mart string; "
                "measure string; route string; outcome string"
            ),
            "line of a table of a form",
        ),
        RawTable(
            "form_columns",
            _columns(
                "form_id string; form_table string; column_code string; position int; label string; label_en string; "
                "group_label string; is_total bool; is_stock bool; applicant string; outcome string"
            ),
            "column of a table of a form",
        ),
        RawTable(
            "form_cells",
            _columns(
                "form_id string; form_table string; line_code string; column_code string; kind string; unit string"
            ),
            "cell that a form prints",
        ),
        RawTable(
            "identities",
            _columns(
                "identity_id string; family string; operator string; severity string; tolerance_absolute decimal(20,4); "
                "tolerance_relative decimal(9,6); statement_zh string; statement_en string; source string; forms string"
            ),
            "accounting identity",
        ),
        RawTable(
            "identity_terms",
            _columns(
                "identity_id string; form_id string; form_table string; member string; side string; line_code string; "
                "column_code string; weight int"
            ),
            "operand of an identity for one member",
        ),
        RawTable(
            "corrections",
            _columns(
                "source_id string; report_id string; form_id string; form_table string; line_code string; "
                f"column_code string; expected_value {VALUE}; expected_missing string; action string; "
                f"corrected_value {VALUE}; reason string; evidence string; status string; reviewer string; declared_at string"
            ),
            "declared correction",
        ),
        RawTable(
            "comparison_terms",
            _columns(
                "identity_id string; form_id string; form_table string; first_year int; member string; "
                "alternative string; alternative_no int; side string; reference string; operand_table string; "
                "line_code string; column_code string; weight int"
            ),
            "operand of a comparison (across years, levels, prose, plausibility) for one anchor and member",
        ),
    )
}


def report_id(source_id: str, *sha256: str) -> str:
    """Hashed key of a report version: the same source with the same bytes (its page's, then those of what the page brings)
    is the same report."""
    return hashlib.md5("|".join((source_id, *sha256)).encode(), usedforsecurity=False).hexdigest()


def of_report(source: Source, sha256: str, reading: Reading, brought: Sequence[str] = ()) -> dict[str, list[Row]]:
    """Rows of `readings` (one), `agency_candidates`, `tables`, `cells`, `facts`, `residue` and `sentences` for one report.

    What the text says stands before what the catalogue says; a contradiction is a warning in the row. `brought` are the
    sha256 of the attachments and next pages that were read with it. Raises YearUnknown or AgencyUnknown where neither says.
    """
    said = reading.identification
    warnings = list(reading.warnings)
    year = said.report_year if said.report_year is not None else source.report_year
    if year is None:
        raise YearUnknown("neither the text nor the catalogue says of which year")
    agency, agency_source = _agency(said.agency_name, source.agency_name)
    if not agency:
        raise AgencyUnknown("neither the text nor the catalogue says of which agency")
    for what, prior, text in (
        ("report_year", source.report_year, said.report_year),
        ("agency_name", source.agency_name or None, agency),
        ("scope", source.scope or None, said.scope),
    ):
        if prior is not None and text is not None and prior != text:
            warnings.append(f"catalogue says {what} {prior}, the text {text}")
    kind, level = kind_and_level(agency, source.region_code)
    key = report_id(source.source_id, sha256, *brought)
    return {
        "readings": [
            (
                key, source.source_id, sha256, reader_version(), reading.document.media_type, reading.document.encoding,
                said.title, agency, agency_source, said.agency_name, source.agency_kind or kind, level,
                source.region_code or None, year, "text" if said.report_year is not None else "catalogue",
                said.scope or source.scope or None,
                "text" if said.scope else "catalogue" if source.scope else None, said.scope_cue,
                said.published_on, said.period_start, said.period_end, said.index_number, said.site_code,
                "; ".join(warnings),
            )
        ],
        "agency_candidates": of_agency(
            key,
            Said(agency, year, source.region_code, said.title or "", said.site_code or "", said.index_number or ""),
        ),
        "tables": [(key, year, t.form, t.table, t.evidence, t.where, t.copies, t.figures, t.repeated) for t in reading.tables],
        "cells": [
            (key, year, g.number, c.row, c.column, c.row_span, c.column_span, c.text, g.address(c))
            for g in reading.document.grids
            for c in g.cells
        ],
        "facts": [
            (key, year, f.form, f.table, f.line, f.column, f.value, f.missing, f.raw, f.unit, f.where,
             f.grid, f.row, f.column_no, f.note)
            for f in reading.facts
        ],
        "residue": [
            (key, year, r.table, r.text, r.where, r.reason, r.grid, r.row, r.column_no) for r in reading.residue
        ],
        "sentences": [(key, year, s.key, s.characters, s.where) for s in sentences(reading.document.prose)],
    }  # fmt: skip


def of_agency(report: str, said: Said) -> list[Row]:
    """Rows of `agency_candidates` for one report: the agency that is meant, or those it may be, or none."""
    found = resolve(said)
    return [
        (report, said.year, number, key, found.result, found.reason)
        for number, key in enumerate(found.candidates or (None,), start=1)
    ]


def _agency(text: str | None, prior: str) -> tuple[str, str]:
    """(name, who says so). A text that names the government's office as compiler does not contradict the government."""
    if not text:
        return prior, "catalogue"
    if prior and (text == prior or text.removesuffix("办公室").removesuffix("办公厅") == prior):
        return prior, "text"
    return text, "text"


def of_forms(catalogue: Catalogue, comparisons: Comparisons | None = None) -> dict[str, list[Row]]:
    """Rows of `forms`, `form_lines`, `form_columns`, `form_cells`, `identities`, `identity_terms`, `comparison_terms`.

    Without `comparisons`, those that ship with the library.
    """
    comparisons = comparisons or default_comparisons()
    out: dict[str, list[Row]] = {
        "forms": [(f.code, f.title_zh, f.title_en, f.basis, f.first_year, f.last_year) for f in catalogue.forms],
        "form_lines": [],
        "form_columns": [],
        "form_cells": [],
        "identities": [
            (
                i.code, i.family, i.operator, i.severity, i.tolerance_absolute, i.tolerance_relative,
                i.statement_zh, i.statement_en, i.source, " ".join(i.forms),
            )
            for i in (*catalogue.identities, *comparisons.identities)
        ],
        "identity_terms": [
            (t.identity, t.form, t.table, t.member, t.side, t.line, t.column, t.weight) for t in catalogue.terms
        ],
        "comparison_terms": [
            (
                c.identity, c.form, c.table, c.first_year, c.member, c.alternative, c.alternative_no, c.side, c.reference,
                c.operand_table, c.line, c.column, c.weight,
            )
            for c in comparisons.terms
        ],
    }  # fmt: skip
    for table in catalogue.tables():
        key = (table.form, table.code)
        out["form_lines"] += [
            (*key, x.code, x.position, x.label, x.label_en, x.unit, x.kind, x.parent, x.group_label, x.is_total,
             x.mart, x.measure, x.route, x.outcome)
            for x in table.lines
        ]  # fmt: skip
        out["form_columns"] += [
            (
                *key,
                c.code,
                c.position,
                c.label,
                c.label_en,
                c.group_label,
                c.is_total,
                c.is_stock,
                c.applicant,
                c.outcome,
            )
            for c in table.columns
        ]
        out["form_cells"] += [(*key, x.code, c.code, table.kind(x, c), table.unit(x, c)) for x, c in table.cells()]
    return out

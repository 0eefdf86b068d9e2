"""What the pages show, as rows: every SQL query of the sites is here. Writes no page and judges nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from orchestration.lib.outcomes import PROBLEMS
from orchestration.lib.warehouse import Connection

Record = dict[str, Any]
Row = tuple[Any, ...]

VERDICTS = ("violated", "undecidable", "holds_if_blank_is_zero", "holds")


def _figure(column: str) -> str:
    """SQL: a decimal as a person writes it, without the zeros of the storage type; a null stays null."""
    text = f"cast({column} as varchar)"
    return f"case when {column} = floor({column}) then split_part({text}, '.', 1) else rtrim({text}, '0') end"


_REPORTS = """
    select
        reports.report_id, reports.agency_id, known.agency_name, known.agency_kind, known.agency_level, known.region_code,
        reports.report_year, reports.year_source, reports.scope, reports.scope_source, reports.scope_cue, reports.title,
        reports.published_on, reports.period_start, reports.period_end, reports.index_number, reports.site_code,
        reports.agency_source, reports.agency_name_in_text, reports.location, reports.sha256, reports.media_type,
        reports.is_current, reports.is_certified, reports.fact_count, reports.value_count, reports.missing_count,
        reports.residue_count, reports.hard_violated_count, reports.hard_undecidable_count, reports.warnings,
        reports.reader_version, documents.size_bytes, cast(documents.fetched_at as varchar) as fetched_at
    from marts.fct_report as reports
    inner join intermediate.int_reports as known on known.report_id = reports.report_id
    left join raw.documents as documents on documents.sha256 = reports.sha256
    order by reports.report_year, reports.report_id
"""

# A sum of hashes a report says whether anything that its page shows has changed, without fetching it.
_SUMS = {
    "cells": "select report_id, sum(hash(grid_no, row_no, column_no, row_span, column_span, cell_text, address)) "
    "from raw.cells group by report_id",
    "facts": "select report_id, sum(hash(form_id, form_table, line_code, column_code, reported_value, missing_reason, "
    "raw_text, unit, address, grid_no, row_no, column_no, note)) from marts.fct_report_lines group by report_id",
    "residue": "select report_id, sum(hash(form_table, residue_text, address, reason, grid_no, row_no, column_no)) "
    "from raw.residue group by report_id",
    "results": "select report_id, sum(hash(identity_id, form_id, form_table, member, lhs, rhs, difference, verdict, "
    "statement)) from quality.fct_identity_results group by report_id",
    "tables": "select report_id, sum(hash(form_id, form_table, evidence, address, copies)) from raw.tables group by report_id",
    "suggestions": "select report_id, sum(hash(suggestions)) from quality.suggestions group by report_id",
}

_BROUGHT = """
    select reports.report_id, brought.attachment_no, brought.kind, brought.location, had.sha256,
           case when read.status = 'parsed' then null else coalesce(read.reason, had.reason) end as reason
    from marts.fct_report as reports
    inner join raw.attachments as brought on brought.source_id = reports.source_id
    left join raw.outcomes as had on had.source_id = brought.attachment_id and had.step = 'archive'
    left join raw.outcomes as read on read.source_id = brought.attachment_id and read.step = 'read'
"""
_SUMS["attachments"] = f"select report_id, sum(hash(brought)) from ({_BROUGHT}) as brought group by report_id"
_ATTACHMENTS = f"{_BROUGHT} where reports.report_id in (select unnest(?)) order by all"
_CELLS = """
    select report_id, grid_no, row_no, column_no, row_span, column_span, cell_text
    from raw.cells where report_id in (select unnest(?)) order by report_id, grid_no, row_no, column_no
"""
_GRIDS = """
    select report_id, grid_no, min_by(address, row_no * 10000 + column_no)
    from raw.cells where report_id in (select unnest(?)) group by report_id, grid_no
"""
# The texts of a fact are shown for prose only: those of cells are the cells'.
_FACTS = f"""
    select report_id, form_id, form_table, line_code, column_code, {_figure("reported_value")}, missing_reason,
           grid_no, row_no, column_no,
           case when form_table = 'prose' then raw_text end, case when form_table = 'prose' then address end,
           case when form_table = 'prose' then note end
    from marts.fct_report_lines where report_id in (select unnest(?))
    order by report_id, form_table, address, line_code, column_code
"""
_RESIDUE = """
    select report_id, form_table, residue_text, address, reason, grid_no, row_no, column_no
    from raw.residue where report_id in (select unnest(?)) order by all
"""
# Signs of numbers are by far the most results and say little: one is shown only where it is violated.
_RESULTS = f"""
    select report_id, identity_id, form_id, form_table, member, operator, {_figure("lhs")}, {_figure("rhs")},
           {_figure("difference")}, verdict, statement
    from quality.fct_identity_results
    where (family <> 'non_negative' or verdict = 'violated') and report_id in (select unnest(?))
    order by report_id, form_table, identity_id, member
"""
_TABLES = """
    select report_id, form_id, form_table, evidence, address, copies
    from raw.tables where report_id in (select unnest(?)) order by report_id, form_id, form_table
"""
_SUGGESTIONS = f"""
    select report_id, form_id, form_table, line_code, column_code, {_figure("suggested_value")}, cause, is_unique,
           identities, set_number
    from quality.suggestions where report_id in (select unnest(?)) order by all
"""
_DETAILS = {
    "attachments": _ATTACHMENTS,
    "cells": _CELLS, "grids": _GRIDS, "facts": _FACTS, "residue": _RESIDUE, "results": _RESULTS, "tables": _TABLES,
    "suggestions": _SUGGESTIONS,
}  # fmt: skip

_FORMS = (
    "select form_id, title_zh, title_en, basis, first_year, last_year from marts.dim_form order by first_year, form_id"
)
_LINES = """
    select form_id, form_table, line_code, label_zh, label_en, group_label, unit, is_total
    from marts.dim_line order by form_id, form_table, position
"""
_COLUMNS = """
    select form_id, form_table, column_code, label_zh, label_en, group_label
    from marts.dim_column order by form_id, form_table, position
"""
_FORM_CELLS = "select form_id, form_table, line_code, column_code from raw.form_cells order by all"
_TERMS = """
    select terms.form_id, terms.form_table, terms.identity_id, terms.member, terms.side, terms.weight, terms.line_code,
           terms.column_code
    from raw.identity_terms as terms
    order by terms.form_id, terms.form_table, terms.identity_id, terms.member, terms.side, terms.line_code, terms.column_code
"""
_IDENTITIES = """
    select identity_id, family, operator, severity, statement_en, statement_zh, source, forms
    from quality.dim_identity order by family, identity_id
"""
_SUPERIORS = """
    select agency_id, superior_agency_id, superior_line_agency_id from marts.dim_agency
    where is_latest and (superior_agency_id is not null or superior_line_agency_id is not null)
        and agency_id in (select agency_id from marts.fct_report)
"""
_YEARS = "select report_year, national_form, regulations_en, regulations_zh, series_break from marts.dim_year order by report_year"
_BREAKS = "select measure, report_year, happened_on, reason_en, reason_zh from marts.series_break order by all"
_MEASURES = "select measure, label_en, label_zh, unit from marts.dim_measure order by measure"
_PROVINCES = (
    "select region_code, any_value(region_name) from marts.dim_region where region_level = 'province' group by all"
)

_PANEL_SUMS = "select agency_id, sum(hash(panel)) from marts.agency_year_panel as panel group by agency_id"
_PANEL = (
    "select * from marts.agency_year_panel where agency_id in (select unnest(?)) order by agency_id, scope, report_year"
)
_VERDICT_COUNTS = f"""
    select report_id, {", ".join(f"count(*) filter (verdict = '{v}') as {v}" for v in VERDICTS)}
    from quality.fct_identity_results where family <> 'non_negative' group by report_id
"""
_VIOLATIONS = f"""
    select report_id, form_table, identity_id, member, {_figure("lhs")} as lhs, {_figure("rhs")} as rhs,
           {_figure("difference")} as difference, statement
    from quality.fct_identity_results where verdict = 'violated'
    order by report_year desc, severity, report_id, form_table, identity_id, member
"""
_MOST_VIOLATED = """
    select
        identity_id, any_value(statement) as statement, any_value(severity) as severity,
        count(distinct report_id) filter (verdict = 'violated') as reports,
        count(distinct report_id) filter (verdict in ('violated', 'holds', 'holds_if_blank_is_zero')) as decided
    from quality.fct_identity_results
    group by identity_id having count(*) filter (verdict = 'violated') > 0
    order by reports desc, identity_id limit ?
"""
_COVERAGE = """
    select coalesce(left(region_code, 2), '00') as province, report_year,
           count(*) as expected, count(*) filter (report_count > 0) as found,
           count(*) filter (status = 'late') as late, count(*) filter (status = 'unreadable') as unreadable
    from marts.coverage group by all order by all
"""
_PROBLEMS = f"""
    {PROBLEMS}
    select source_id, agency_name, location, step, status, reason, detail
    from problems order by catalogue_line, source_id, step limit ?
"""
_PROBLEM_COUNTS = f"""
    {PROBLEMS}
    select step, status, reason, count(*) as sources from problems group by all
    order by sources desc, step, status, reason
"""
_COUNTS = """
    select step, status, reason, count(*) as sources from raw.outcomes where reason is not null group by all
    order by sources desc, step, status, reason
"""
_COUNTS = """
    select
        (select count(*) from raw.sources) as sources,
        (select count(*) from marts.fct_report) as reports,
        (select count(distinct agency_id) from marts.fct_report) as agencies,
        (select count(*) from raw.facts) as facts,
        (select count(reported_value) from raw.facts) as with_value,
        (select count(*) from raw.residue) as residue,
        (select count(*) from quality.suggestions) as suggestions
"""


@dataclass(slots=True)
class Details:
    """Rows of one report, by what they are; each row without its report_id."""

    cells: list[Row] = field(default_factory=list)
    grids: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    residue: list[Row] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    tables: list[Row] = field(default_factory=list)
    suggestions: list[Row] = field(default_factory=list)
    attachments: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reference:
    """What all pages share: forms, lines, columns, identities and their terms, years, breaks, measures, provinces."""

    forms: list[Record]
    lines: list[Record]
    columns: list[Record]
    form_cells: list[Row]
    identities: list[Record]
    terms: dict[Row, list[Row]]
    """(form, table, identity, member) → (side, weight, line, column)."""
    years: list[Record]
    breaks: list[Record]
    measures: list[Record]
    provinces: dict[str, str]

    @property
    def key(self) -> str:
        """Hash: pages made with other forms, labels or years are made again."""
        said = repr([getattr(self, name) for name in self.__slots__])
        return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()


def reference(connection: Connection) -> Reference:
    """Load what all pages share."""
    terms: dict[Row, list[Row]] = defaultdict(list)
    for row in connection.execute(_TERMS).fetchall():
        terms[row[:4]].append(row[4:])
    return Reference(
        forms=records(connection, _FORMS),
        lines=records(connection, _LINES),
        columns=records(connection, _COLUMNS),
        form_cells=connection.execute(_FORM_CELLS).fetchall(),
        identities=records(connection, _IDENTITIES),
        terms=dict(terms),
        years=records(connection, _YEARS),
        breaks=records(connection, _BREAKS),
        measures=records(connection, _MEASURES),
        provinces=dict(connection.execute(_PROVINCES).fetchall()),
    )


def reports(connection: Connection) -> list[Record]:
    """Every report version, by year, with what its page says of it."""
    return records(connection, _REPORTS)


def sums(connection: Connection) -> dict[str, str]:
    """By report: a text that changes whenever the rows below the report change."""
    said: dict[str, list[str]] = defaultdict(list)
    for name, sql in _SUMS.items():
        for report_id, total in connection.execute(sql).fetchall():
            said[report_id].append(f"{name}:{total}")
    return {report_id: " ".join(parts) for report_id, parts in said.items()}


def details(connection: Connection, report_ids: Sequence[str]) -> dict[str, Details]:
    """The rows of some reports. A report without rows of a kind has an empty list."""
    found = {report_id: Details() for report_id in report_ids}
    for name, sql in _DETAILS.items():
        for report_id, rows in groupby(connection.execute(sql, [list(report_ids)]).fetchall(), key=itemgetter(0)):
            getattr(found[report_id], name).extend(row[1:] for row in rows)
    return found


def superiors(connection: Connection) -> dict[str, list[str]]:
    """By agency: the agencies above it, in the territory and in its line."""
    return {row[0]: [key for key in row[1:] if key] for row in connection.execute(_SUPERIORS).fetchall()}


def panel(connection: Connection, agency_ids: Sequence[str]) -> dict[str, list[Record]]:
    """Rows of the panel by agency: one a scope and year."""
    found: dict[str, list[Record]] = {agency_id: [] for agency_id in agency_ids}
    for row in records(connection, _PANEL, [list(agency_ids)]):
        found[row["agency_id"]].append(row)
    return found


def panel_sums(connection: Connection) -> dict[str, str]:
    """By agency: a text that changes whenever its rows of the panel change."""
    return {agency_id: str(total) for agency_id, total in connection.execute(_PANEL_SUMS).fetchall()}


def verdict_counts(connection: Connection) -> dict[str, Row]:
    """By report: number of arithmetic identities of each verdict, in the order of VERDICTS."""
    return {row[0]: row[1:] for row in connection.execute(_VERDICT_COUNTS).fetchall()}


def violations(connection: Connection) -> dict[str, list[Record]]:
    """By report, newest year first: every violated identity."""
    found: dict[str, list[Record]] = defaultdict(list)
    for row in records(connection, _VIOLATIONS):
        found[row["report_id"]].append(row)
    return dict(found)


def most_violated(connection: Connection, shown: int) -> list[Record]:
    """The identities that most reports violate."""
    return records(connection, _MOST_VIOLATED, [shown])


def coverage(connection: Connection) -> list[Record]:
    """By province (first two digits of the region code; 00 unknown) and year: agencies expected and found."""
    return records(connection, _COVERAGE)


def problems(connection: Connection, shown: int) -> list[Record]:
    """Sources that ended with a reason, in the order of the catalogue."""
    return records(connection, _PROBLEMS, [shown])


def problem_counts(connection: Connection) -> list[Record]:
    """How many sources ended with each reason."""
    return records(connection, _PROBLEM_COUNTS)


def counts(connection: Connection) -> Record:
    """Sources, reports, agencies, facts."""
    return records(connection, _COUNTS)[0]


def records(connection: Connection, sql: str, parameters: Iterable[Any] | None = None) -> list[Record]:
    """Rows of a query as dictionaries."""
    cursor = connection.execute(sql, None if parameters is None else list(parameters))
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

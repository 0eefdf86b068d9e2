"""What the Dagster UI shows of a table and of a run: rows, columns, years, agencies, a few lines, a summary. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.lib.warehouse import Connection

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.lib.manifest import Written
    from orchestration.lib.summary import Summary

ROWS, COLUMNS = "dagster/row_count", "dagster/column_schema"
COUNTED = {"agency_id": "agencies", "agency_name": "agencies", "report_id": "reports", "source_id": "sources"}
PREVIEW_ROWS, CELL_WIDTH = 5, 40


def describe(
    connection: Connection, schema_name: str, table: str, descriptions: Mapping[str, str] | None = None
) -> dict[str, dg.MetadataValue]:
    """Metadata of a table: rows, columns with their types, first and last report year, agencies (or reports) and a preview.

    Raises duckdb.CatalogException when there is no such table.
    """
    relation = f'"{schema_name}"."{table}"'
    known = schema(connection, relation, descriptions or {})
    columns = [column.name for column in known.columns]
    count = connection.execute(f"select count(*) from {relation}").fetchone()
    found: dict[str, dg.MetadataValue] = {ROWS: dg.MetadataValue.int(count[0] if count else 0)}
    found[COLUMNS] = dg.MetadataValue.table_schema(known)
    if "report_year" in columns:
        years = connection.execute(f"select min(report_year), max(report_year) from {relation}").fetchone()
        if years and years[0] is not None:
            found["years"] = dg.MetadataValue.text(f"{years[0]}–{years[1]}")
    for column, name in COUNTED.items():
        if column in columns and name not in found:
            distinct = connection.execute(f"select count(distinct {column}) from {relation}").fetchone()
            found[name] = dg.MetadataValue.int(distinct[0] if distinct else 0)
    # DuckDB 2.0.0 forgets a bare limit over a left join whose other side is known to be empty: the preview was the whole table
    rows = connection.execute(f"from {relation} limit {PREVIEW_ROWS} offset 0").fetchall()
    found["preview"] = dg.MetadataValue.md(markdown(columns, rows, CELL_WIDTH))
    return found


def of_run(found: Summary, pages: Written, start: Path) -> dict[str, dg.MetadataValue]:
    """The summary of a run, as its last materialization: in words, and as figures that the UI plots over the runs."""
    counts, arithmetic = found.counts, found.arithmetic
    decided = sum(arithmetic.values()) - arithmetic["undecidable"]
    lines = [
        f"**{counts['reports']} reports of {counts['sources']} sources**, {counts['facts']} facts, {counts['with_value']} "
        f"with a value, {counts['residue']} numbers without a place.",
        "Identities: "
        + ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in arithmetic.items())
        + ".",
        *(f"- violated: {v['agency']} {v['year']}: {v['statement']} over {v['member']}" for v in found.violations[:10]),
        *(f"- {f['status']}: {f['source_id']}: {f['reason']}" for f in found.failed[:10]),
    ]
    plotted = {
        **{name: counts[name] for name in ("reports", "facts", "residue")},
        **{f"identities {verdict.replace('_', ' ')}": count for verdict, count in arithmetic.items()},
        "pages": pages.total, "pages written": pages.written, "pages removed": pages.removed,
    }  # fmt: skip
    made = {"summary": dg.MetadataValue.md("\n".join(lines)), "start page": dg.MetadataValue.url(start.as_uri())}
    made |= {name: dg.MetadataValue.int(value) for name, value in plotted.items()}
    if decided:
        made["share of decided identities that hold"] = dg.MetadataValue.float(1 - arithmetic["violated"] / decided)
    return made


def schema(connection: Connection, table: str, descriptions: Mapping[str, str]) -> dg.TableSchema:
    """Columns of a table as they are, with the descriptions that are known. `table` is quoted by the caller."""
    columns = connection.execute(f"describe {table}").fetchall()
    return dg.TableSchema([dg.TableColumn(row[0], row[1].lower(), descriptions.get(row[0])) for row in columns])


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int | None = None) -> str:
    """A Markdown table, cells cut to `width`; a null is shown as ∅, so that it cannot be taken for a zero or an empty text."""
    lines = [columns, ["---"] * len(columns), *([_cell(value, width) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: Any, width: int | None) -> str:
    if value is None:
        return "∅"
    text = str(value).replace("|", "\\|").replace("\n", " ")
    return text if width is None or len(text) <= width else text[: width - 1] + "…"


def of_frame(frame: pd.DataFrame) -> str:
    """A Markdown table of a whole frame."""
    return markdown(
        [str(c) for c in frame.columns], frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    )

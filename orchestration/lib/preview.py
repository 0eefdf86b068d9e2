"""What the Dagster UI shows of a table: rows, years, agencies and a few lines. Judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.lib.warehouse import Connection

if TYPE_CHECKING:
    import pandas as pd

ROWS = "dagster/row_count"
COUNTED = {"agency_id": "agencies", "agency_name": "agencies", "report_id": "reports", "source_id": "sources"}
PREVIEW_ROWS, CELL_WIDTH = 5, 40


def describe(connection: Connection, schema: str, table: str) -> dict[str, dg.MetadataValue]:
    """Metadata of a table: number of rows, first and last report year, agencies (or reports, sources) and a preview.

    Raises duckdb.CatalogException when there is no such table.
    """
    relation = f'"{schema}"."{table}"'
    columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
    count = connection.execute(f"select count(*) from {relation}").fetchone()
    found: dict[str, dg.MetadataValue] = {ROWS: dg.MetadataValue.int(count[0] if count else 0)}
    if "report_year" in columns:
        years = connection.execute(f"select min(report_year), max(report_year) from {relation}").fetchone()
        if years and years[0] is not None:
            found["years"] = dg.MetadataValue.text(f"{years[0]}–{years[1]}")
    for column, name in COUNTED.items():
        if column in columns and name not in found:
            distinct = connection.execute(f"select count(distinct {column}) from {relation}").fetchone()
            found[name] = dg.MetadataValue.int(distinct[0] if distinct else 0)
    rows = connection.execute(f"from {relation} limit {PREVIEW_ROWS}").fetchall()
    found["preview"] = dg.MetadataValue.md(markdown(columns, rows, CELL_WIDTH))
    return found


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

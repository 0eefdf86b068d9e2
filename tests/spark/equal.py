"""Whether two warehouses hold the same rows: an order-free hash over every row of every table, whichever engine made it. Builds nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

# The moment of a run is no content.
CLOCK = {"fetched_at", "attempted_at"}
COMPARED = ("raw", "marts", "quality")


def fingerprint(table: pa.Table, without: Iterable[str] = CLOCK) -> tuple[int, str]:
    """(rows, hash): equal exactly when the tables hold the same rows as multisets, whatever the order of rows and columns.

    Every value is written in one way: 2, 2.0 and 2.0000 are the same number; null is no text.
    """
    names = sorted(set(table.column_names) - set(without))
    texts = ", ".join(f"coalesce({_text(name, table.schema.field(name).type)}, chr(1))" for name in names)
    with duckdb.connect() as connection:
        connection.register("t", table)
        rows, total = connection.execute(
            f"select count(*), sum(md5_number_lower(concat_ws(chr(31), {texts}))::hugeint) from t"
        ).fetchall()[0]
    return rows, f"{total if rows else 0} {','.join(names)}"


def of_file(database: Path, schemas: Iterable[str] = COMPARED) -> dict[str, tuple[int, str]]:
    """The fingerprint of every table of a DuckDB file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in (select unnest(?)) order by 1",
            [list(schemas)],
        ).fetchall()
        return {name: fingerprint(connection.sql(f"from {name}").to_arrow_table()) for (name,) in tables}


def _text(name: str, kind: pa.DataType) -> str:
    """SQL: the value as text."""
    is_number = pa.types.is_decimal(kind) or pa.types.is_integer(kind)
    return f'"{name}"::decimal(38, 10)::varchar' if is_number else f'"{name}"::varchar'

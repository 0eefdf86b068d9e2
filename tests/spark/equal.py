"""Whether two warehouses hold the same rows: an order-free hash over every row of every table, whichever engine made it. Builds nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

# The moment of a run is no content.
CLOCK = {"fetched_at", "attempted_at"}
COMPARED = ("raw", "marts", "quality")


def fingerprint(table: pa.Table, without: Iterable[str] = CLOCK) -> tuple[int, str]:
    """(rows, hash): equal exactly when the tables hold the same rows as multisets, whatever the order of rows and columns."""
    names = sorted(set(table.column_names) - set(without))
    columns = [map(_text, table.column(name).to_pylist()) for name in names]
    total = 0
    for row in zip(*columns, strict=True):
        total += int.from_bytes(hashlib.blake2b("\x1f".join(row).encode(), digest_size=16).digest())
    return table.num_rows, f"{total % (1 << 128):032x} {','.join(names)}"


def of_file(database: Path, schemas: Iterable[str] = COMPARED) -> dict[str, tuple[int, str]]:
    """The fingerprint of every table of a DuckDB file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in (select unnest(?)) order by 1",
            [list(schemas)],
        ).fetchall()
        return {name: fingerprint(connection.sql(f"from {name}").to_arrow_table()) for (name,) in tables}


def _text(value: Any) -> str:
    """One writing for one value: 2, 2.0 and 2.0000 are the same number; null is no text."""
    if value is None:
        return "\x00"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)

"""The tables of schema `raw`, made from the reader's contract (extractors.records): DDL, Arrow, replacing rows. No reading here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractors.records import TABLES, RawTable, Row
from orchestration.lib import arrow
from orchestration.lib.warehouse import Connection

READ_INPUTS = RawTable(
    "read_inputs",
    (("source_id", "string"), ("input_key", "string")),
    "archived source and the input of its last reading: equal input is not read again",
)
"""The pipeline's own memory, beside the reader's contract."""
SUGGESTION_INPUTS = RawTable(
    "suggestion_inputs",
    (("report_id", "string"), ("input_key", "string")),
    "report with an open identity and the input of its last solving: equal input is not solved again",
)

REPORT_TABLES = tuple(t.name for t in TABLES.values() if t.by_report)
FORM_TABLES = ("forms", "form_lines", "form_columns", "form_cells", "identities", "identity_terms", "comparison_terms")
_ALL = {**TABLES, READ_INPUTS.name: READ_INPUTS, SUGGESTION_INPUTS.name: SUGGESTION_INPUTS}
_SQL = {"string": "varchar", "int": "integer", "bool": "boolean", "timestamp": "timestamp"}


def create(connection: Connection) -> None:
    """Create schema `raw` and each of its tables that is missing; a table of an older contract gets today's columns."""
    connection.execute("create schema if not exists raw")
    for table in _ALL.values():
        create_table(connection, "raw", table)


def create_table(connection: Connection, schema: str, table: RawTable) -> None:
    """Create one table in `schema` where it is missing; one of an older contract gets today's columns."""
    name = f"{schema}.{table.name}"
    columns = ", ".join(f"{column} {_SQL.get(kind, kind)}" for column, kind in table.columns)
    connection.execute(f"create table if not exists {name} ({columns})")
    expected = [column for column, _ in table.columns]
    found = [row[0] for row in connection.execute(f"describe {name}").fetchall()]
    if found != expected:
        _upgrade(connection, name, columns, ", ".join(c for c in expected if c in found))


def _upgrade(connection: Connection, name: str, columns: str, kept: str) -> None:
    """Today's columns, filled from those of the same name. What is new is filled by the next reading: a changed contract
    is a changed reader, so every document is read again."""
    connection.execute(f"create temp table old as from {name}")
    connection.execute(f"drop table {name}")
    connection.execute(f"create table {name} ({columns})")
    if kept:
        connection.execute(f"insert into {name} by name select {kept} from old")
    connection.execute("drop table old")


def append(connection: Connection, name: str, rows: Sequence[Row]) -> None:
    """Add rows, in the order of the contract's columns, through Arrow."""
    append_to(connection, "raw", _ALL[name], rows)


def append_to(connection: Connection, schema: str, table: RawTable, rows: Sequence[Row]) -> None:
    """The same for a table of another schema that was made by `create_table`."""
    if rows:
        incoming = arrow.of_rows(table, rows)
        connection.register("incoming", incoming)
        connection.execute(f"insert into {schema}.{table.name} select * from incoming")
        connection.unregister("incoming")


def replace(connection: Connection, name: str, rows: Sequence[Row]) -> None:
    """Replace the whole table."""
    connection.execute(f"delete from raw.{_ALL[name].name}")
    append(connection, name, rows)


def delete_where_in(connection: Connection, name: str, column: str, values: Iterable[str]) -> None:
    """Remove the rows whose `column` is one of `values`."""
    if column not in [c for c, _ in _ALL[name].columns]:
        raise KeyError(f"raw.{name} has no column {column}")
    gone = list(values)
    if gone:
        connection.execute(f"delete from raw.{_ALL[name].name} where {column} in (select unnest(?))", [gone])

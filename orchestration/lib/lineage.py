"""Which columns a column of a model is made of, from its compiled SQL. Knows no model, and reads no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

from orchestration.lib.warehouse import Connection

LINEAGE = "dagster/column_lineage"
DIALECT = "duckdb"
_COLUMNS = "select table_schema, table_name, column_name, data_type from information_schema.columns"


def compiled(manifest: Mapping[str, Any], target: Path) -> dict[tuple[str, str], Path]:
    """(schema, name) of every model → where dbt has put its SQL in the target folder."""
    folder = target / "compiled" / manifest["metadata"]["project_name"]
    return {
        (node["schema"], node["name"]): folder / node["original_file_path"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def tables(connection: Connection) -> MappingSchema:
    """What the SQL may read: every table of the warehouse with its columns and their types."""
    known: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in connection.execute(_COLUMNS).fetchall():
        known.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return MappingSchema(known, dialect=DIALECT)


def of(sql: str, known: MappingSchema) -> dg.TableColumnLineage:
    """Each column of a SELECT with the columns of tables that it is computed from, conditions and joins left aside.

    A table `schema.name` is the asset [schema, name]. Raises sqlglot.errors.SqlglotError where the SQL cannot be followed.
    """
    tree = parse_one(sql, dialect=DIALECT)
    if not isinstance(tree, exp.Query):
        raise SqlglotError(f"not a SELECT but {type(tree).__name__}")
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)  # the database's own name: one warehouse, one name a table
    select = qualify(tree, schema=known, dialect=DIALECT)
    scope = build_scope(select)
    return dg.TableColumnLineage(
        {
            column: _sources(
                lineage(column, select, known, scope=scope, dialect=DIALECT, trim_selects=False, copy=False)
            )
            for column in select.named_selects
        }
    )


def _sources(node: Any) -> Sequence[dg.TableColumnDep]:
    found: dict[tuple[str, str, str], None] = {}
    for leaf in node.walk():
        table = leaf.expression if isinstance(leaf.expression, exp.Table) else None
        if table is not None and not leaf.downstream:
            found[table.db, table.name, exp.to_column(leaf.name).name] = None
    return [dg.TableColumnDep(dg.AssetKey([schema, table]), column) for schema, table, column in sorted(found)]

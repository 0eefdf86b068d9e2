"""The only door to the work database: short connections, one transaction each. Knows no table and no asset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from orchestration.lib.home import Home

Connection = duckdb.DuckDBPyConnection


class Warehouse(dg.ConfigurableResource):
    """`database` is the path of the work database; empty means the one of OGI_HOME when the step runs.

    SQL text never carries values: they are parameters or Arrow tables.
    """

    database: str = ""

    @property
    def path(self) -> Path:
        return Path(self.database) if self.database else Home.from_env().work_db

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that is committed at the end, or rolled back when anything raises."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction("begin transaction") as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that cannot write."""
        with self._transaction("begin transaction read only") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with DuckDBResource(database=str(self.path), connection_config=ceiling()).get_connection() as connection:
            try:
                connection.execute("set autoinstall_known_extensions = false")
                connection.execute(begin)
                yield connection
                connection.execute("commit")
            finally:
                connection.close()  # dagster-duckdb leaves it open when the body raises; closing rolls back


def ceiling() -> dict[str, str]:
    """The memory that DuckDB may take before it writes to disk, for every connection alike: OGI_MEMORY_LIMIT, or half of the machine's."""
    return {"memory_limit": os.environ.get("OGI_MEMORY_LIMIT") or "50%"}


def publish(source: Path, target: Path) -> None:
    """Put a compact copy of the database `source` in the place of `target`, in one step.

    Readers that hold the old file keep it, whole, until they close it; new readers see the new one. A failure or a kill
    before the last line leaves `target` as it was; after a failure nothing of the copy takes up space. Raises duckdb.Error or OSError.
    """
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with duckdb.connect(config=ceiling()) as connection:
            connection.execute("set autoinstall_known_extensions = false")
            connection.execute(f"attach {_literal(source)} as work (read_only)")
            connection.execute(
                f"attach {_literal(fresh)} as published (storage_version 'v1.4.0')"
            )  # DuckDB 1.4+ opens it
            connection.execute("copy from database work to published")
            connection.execute("detach published")
    except duckdb.Error:  # a full disk has no room for half a copy and its log
        for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            left.unlink(missing_ok=True)
        raise
    fresh.replace(target)


def _literal(path: Path) -> str:
    """ATTACH takes no parameter, so the one value that must be in SQL text is quoted here."""
    return "'" + str(path).replace("'", "''") + "'"

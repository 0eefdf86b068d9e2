"""Fixtures of the model tests: dbt in process, and a warehouse built once from the gold raw schema. No test here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse import gold
from tests.warehouse.dbt import changes

PROJECT = gold.ROOT / "dbt_project"
Dbt = Callable[..., Any]


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    """`dbt(database, "build", …)`: runs the command in this process, returns dbt's result, leaves no connection open."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    made = tmp_path_factory.mktemp("dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        patch.setenv("DBT_TARGET_PATH", str(made / "target"))
        patch.setenv("DBT_LOG_PATH", str(made / "logs"))

        def run(database: Path, *arguments: str) -> Any:
            patch.setenv("OGI_WORK_DB", str(database))
            try:
                return dbtRunner().invoke(
                    ["--quiet", *arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()

        yield run


@pytest.fixture(scope="session")
def built(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """(database, result) of one `dbt build` over the gold raw schema."""
    database = tmp_path_factory.mktemp("gold") / "work.duckdb"
    gold.write(database, gold.raw_tables())
    return database, dbt(database, "build")


@pytest.fixture(scope="session")
def populated(dbt: Dbt, built: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gold reports and generated ones, built whole: see changes.populate."""
    database = tmp_path_factory.mktemp("populated") / "work.duckdb"
    shutil.copyfile(built[0], database)
    changes.populate(database)
    assert dbt(database, "run").success
    return database


@pytest.fixture
def warehouse(built: tuple[Path, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built warehouse, read-only."""
    with duckdb.connect(str(built[0]), read_only=True) as connection:
        yield connection

"""Fixtures of the tests of the checks: a work database that a test may change. No test here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.warehouse import Warehouse
from tests.conftest import Ran

Change = Callable[..., None]


@pytest.fixture
def audited(built: Ran, tmp_path: Path) -> Warehouse:
    """A copy of the samples' work database."""
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(built.home.work_db.read_bytes())
    return Warehouse(database=str(copy))


@pytest.fixture
def change(audited: Warehouse) -> Change:
    """Function (sql, parameters) that changes the copy."""

    def apply(sql: str, parameters: list[Any] | None = None) -> None:
        with duckdb.connect(str(audited.path)) as connection:
            connection.execute(sql, parameters)

    return apply

"""Every column of the panel and every indicator, against the same derived again from raw in Python: rederived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.dbt import rederived

MILLIONTH = Decimal("0.000001")  # the last digit that a ratio has


def rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    result = connection.execute(f"from marts.{table}")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def differences(
    found: Iterable[dict[str, Any]], expected: Iterable[dict[str, Any]], keys: Sequence[str]
) -> list[tuple[Any, ...]]:
    """(key, column, found, expected) where they differ; every column of the table is compared."""
    ours = {tuple(row[key] for key in keys): row for row in found}
    theirs = {tuple(row[key] for key in keys): row for row in expected}
    differ: list[tuple[Any, ...]] = [(key, "only one has it") for key in ours.keys() ^ theirs.keys()]
    for key in ours.keys() & theirs.keys():
        assert ours[key].keys() == theirs[key].keys(), "not every column is derived again"
        differ += [
            (key, column, value, theirs[key][column])
            for column, value in ours[key].items()
            if not same(value, theirs[key][column])
        ]
    return differ


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal | int):
        return abs(one - other) <= MILLIONTH
    return one == other


@pytest.fixture(scope="module", params=["gold", "generated"])
def connection(request: pytest.FixtureRequest, built: tuple[Path, Any], populated: Path) -> Any:
    with duckdb.connect(str(built[0] if request.param == "gold" else populated), read_only=True) as opened:
        yield opened


def test_every_column_of_the_panel(connection: duckdb.DuckDBPyConnection) -> None:
    found = rows(connection, "agency_year_panel")
    assert differences(found, rederived.panel(rederived.Raw(connection)), ("report_id",)) == []


def test_every_indicator(connection: duckdb.DuckDBPyConnection) -> None:
    found = rows(connection, "indicators")
    assert differences(found, rederived.indicators(rederived.Raw(connection)), ("report_id", "indicator_id")) == []


def test_the_generated_warehouse_has_what_is_hard(populated: Path) -> None:
    with duckdb.connect(str(populated), read_only=True) as opened:
        panel = rows(opened, "agency_year_panel")
        ratios = rows(opened, "indicators")
    assert {row["is_corrected"] for row in panel} == {True, False}
    assert any(row[name] != row[f"{name}_corrected"] for row in panel for name in rederived.PANEL)
    assert any(row["staff_missing"] == "blank" for row in panel)
    assert {row["indicator_id"] for row in ratios if row["indicator_value"] is not None} == {
        *rederived.INDICATORS,
        "on_time_publication",
    }


def test_a_difference_is_seen(populated: Path) -> None:
    with duckdb.connect(str(populated), read_only=True) as opened:
        panel, again = rows(opened, "agency_year_panel"), list(rederived.panel(rederived.Raw(opened)))
    panel[3]["staff_relation"] = "exactly"
    again = [row for row in again if row["report_id"] != panel[5]["report_id"]]  # no table has an order
    assert {difference[1] for difference in differences(panel, again, ("report_id",))} == {
        "staff_relation",
        "only one has it",
    }

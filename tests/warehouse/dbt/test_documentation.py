"""Every table and column is described, every description ends in its grain, and the sources are those of the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.records import TABLES
from tests.warehouse import gold

PROJECT = gold.ROOT / "dbt_project"
SQL = sorted((PROJECT / "models").rglob("*.sql"))


def described(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_sources_agree_with_the_contract() -> None:
    (source,) = described(PROJECT / "models/staging/_sources.yml")["sources"]
    found = {t["name"]: [(c["name"], c["data_type"]) for c in t["columns"]] for t in source["tables"]}
    assert found == {t.name: list(t.columns) for t in TABLES.values()}
    for table in source["tables"]:
        assert table["description"].strip().endswith(f"Grain: one row per {TABLES[table['name']].grain}.")
        assert all(c["description"].strip() for c in table["columns"]), table["name"]


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_beside_each_model_is_its_description_ending_in_the_grain(path: Path) -> None:
    (model,) = described(path.with_suffix(".yml"))["models"]
    assert model["name"] == path.stem
    last = model["description"].strip().rsplit("Grain: ", 1)
    assert len(last) == 2
    assert last[1].startswith("one row per ")
    assert last[1].endswith(".")


def test_every_column_that_exists_is_described_and_no_other(warehouse: Any) -> None:
    columns: dict[str, list[str]] = {}
    for table, column in warehouse.execute(
        "select table_name, column_name from information_schema.columns where table_schema <> 'raw' order by ordinal_position"
    ).fetchall():
        columns.setdefault(table, []).append(column)
    paths = [p.with_suffix(".yml") for p in SQL] + sorted((PROJECT / "seeds").glob("*.yml"))
    said = {m["name"]: m["columns"] for p in paths for key in ("models", "seeds") for m in described(p).get(key, [])}
    assert {name: [c["name"] for c in cs] for name, cs in said.items()} == columns
    for name, cs in said.items():
        for column in cs:
            assert column["description"].strip(), f"{name}.{column['name']}"


def test_the_site_is_one_file_that_starts_with_the_overview(dbt: Any, built: Any, tmp_path: Path) -> None:
    outcome = dbt(built[0], "docs", "generate", "--static", "--target-path", str(tmp_path))
    assert outcome.success, outcome.exception
    page = (tmp_path / "static_index.html").read_text(encoding="utf-8")
    assert "Missing is not zero" in page
    assert "marts.fct_requests" in page

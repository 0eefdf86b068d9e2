"""Lineage of columns, and the last event of a run, as the UI shows them: from SQL of ours, and from the events of a whole run."""

from __future__ import annotations

import dagster as dg
import duckdb
import pytest
from sqlglot.errors import SqlglotError

from orchestration.lib import lineage, preview
from tests.conftest import environment


def made_of(sql: str) -> dict[str, list[str]]:
    """Column → the columns it comes from, over two tables of ours."""
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.facts (report_id text, figure integer, raw_text text)")
        connection.execute("create table raw.outcomes (report_id text, reason text)")
        found = lineage.of(sql, lineage.tables(connection))
    return {
        column: [f"{'.'.join(d.asset_key.path)}.{d.column_name}" for d in deps]
        for column, deps in found.deps_by_column.items()
    }


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select report_id as id, 1 as one from warehouse.raw.facts", {"id": ["raw.facts.report_id"], "one": []}),
        ("select * from raw.outcomes", {"report_id": ["raw.outcomes.report_id"], "reason": ["raw.outcomes.reason"]}),
        (
            "with a as (select report_id, sum(figure) as total from raw.facts group by report_id) "
            "select coalesce(o.reason, a.report_id) as said, total from a join raw.outcomes o on o.report_id = a.report_id",
            {"said": ["raw.facts.report_id", "raw.outcomes.reason"], "total": ["raw.facts.figure"]},
        ),
        (
            "select raw_text as text from raw.facts union all select reason from raw.outcomes",
            {"text": ["raw.facts.raw_text", "raw.outcomes.reason"]},
        ),
        ("select count(*) as rows from raw.facts", {"rows": []}),
    ],
)
def test_a_column_comes_from(sql, expected):
    assert made_of(sql) == expected


@pytest.mark.parametrize("sql", ["select nothing_like_it from raw.facts", "drop table raw.facts", "select from from"])
def test_sql_that_cannot_be_followed_is_an_error(sql):
    with pytest.raises(SqlglotError):
        made_of(sql)


@pytest.fixture(scope="module")
def materialized(built) -> list[dg.AssetMaterialization]:
    """What the run that built the samples has materialized, first to last."""
    with environment(built.home.root, built.home.catalogue), dg.DagsterInstance.get() as instance:
        first = instance.get_runs()[-1]
        events = [entry.dagster_event for entry in instance.all_logs(first.run_id) if entry.dagster_event]
    return [e.step_materialization_data.materialization for e in events if e.is_step_materialization]


def test_every_column_of_every_model_says_where_it_comes_from(materialized):
    models = [m for m in materialized if lineage.LINEAGE in m.metadata]
    assert {m.asset_key.path[0] for m in models} == {"staging", "intermediate", "marts", "quality"}
    for model in models:
        columns = {c.name for c in model.metadata[preview.COLUMNS].schema.columns}
        assert set(model.metadata[lineage.LINEAGE].column_lineage.deps_by_column) == columns, model.asset_key


def test_columns_lead_from_the_marts_to_raw(materialized):
    parents = {
        (*m.asset_key.path, column): {(*dep.asset_key.path, dep.column_name) for dep in deps}
        for m in materialized
        if lineage.LINEAGE in m.metadata
        for column, deps in m.metadata[lineage.LINEAGE].column_lineage.deps_by_column.items()
    }
    reached = {("marts", "fct_report_lines", "reported_value")}
    while new := set().union(*(parents.get(c, set()) for c in reached)) - reached:
        reached |= new
    assert ("raw", "facts", "reported_value") in reached
    assert ("raw", "facts", "missing_reason") not in reached


def test_the_last_event_of_a_run_is_its_summary(materialized):
    last = materialized[-1]
    assert last.asset_key.path == ["published", "site"]
    assert last.metadata["summary"].value.startswith("**7 reports of 8 sources**")
    assert last.metadata["identities violated"].value == 2

"""What the Dagster UI is told: columns as they are with what they mean, and the summary of a run with figures to plot."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb

from orchestration.lib import preview, summary
from orchestration.lib.manifest import Written


def test_columns_have_the_types_of_the_table_and_the_descriptions_of_the_model(built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        found = preview.describe(connection, "marts", "fct_report_lines", {"reported_value": "as printed"})
    columns = {column.name: column for column in found[preview.COLUMNS].schema.columns}
    assert columns["reported_value"].type == "decimal(20,4)"
    assert columns["reported_value"].description == "as printed"
    assert columns["report_year"].type == "integer"


def test_a_preview_is_a_few_rows_of_a_view_whose_join_finds_nothing():
    """DuckDB 2.0.0 gives all thousand for `limit 5`; the event of int_corrected_facts had 25 MB for 1,000 reports."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table facts as select range as x from range(1000); create table corrections (x int, y int)"
        )
        connection.execute("""create view corrected as with applied as (select * from corrections where y > 1)
            select facts.x, case when applied.x is null then 1 else 2 end as z
            from facts left join applied on facts.x = applied.x""")
        found = preview.describe(connection, "main", "corrected")
    assert found[preview.ROWS].value == 1000
    assert len(found["preview"].value.splitlines()) == 2 + preview.PREVIEW_ROWS


def test_materialization_of_a_model_says_its_columns(built):
    """After a run, not only in the definition."""
    with dg.DagsterInstance.from_config(str(built.home.dagster)) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["marts", "fct_report"]))
        assert event is not None
        assert event.asset_materialization is not None
        schema = event.asset_materialization.metadata[preview.COLUMNS].value
        last = instance.get_latest_materialization_event(dg.AssetKey(["published", "site"]))
        assert last is not None
        assert last.asset_materialization is not None
        said = last.asset_materialization.metadata
    described = {column.name: (column.type, column.description) for column in schema.columns}
    assert described["report_year"][0] == "integer"
    assert described["report_year"][1]
    assert "7 reports of 8 sources" in said["summary"].value
    assert "blank_form" in said["summary"].value


def test_summary_has_figures_that_can_be_plotted(built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        found = summary.of(connection)
    made = preview.of_run(found, Written(9, 2, 1), Path("/site/index.html"))
    assert made["identities violated"].value == 2
    assert made["pages written"].value == 2
    decided = sum(count for verdict, count in found.arithmetic.items() if verdict != "undecidable")
    assert made["share of decided identities that hold"].value == 1 - 2 / decided

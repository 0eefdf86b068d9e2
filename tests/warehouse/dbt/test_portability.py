"""Models keep to the SQL that DuckDB and Spark share, and the guard notices each way of leaving it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse import gold
from tests.warehouse.dbt.portability import FORBIDDEN, offences

MODELS = sorted((gold.ROOT / "dbt_project" / "models").rglob("*.sql"))
GOOD = """with facts as (
    select * from {{ ref('stg_facts') }}
),

final as (
    select
        report_id,
        coalesce(rows.row_count, 0) as row_count,
        nullif(note, '') as note -- not a date: 2019-01-01::date
    from facts
)

select * from final
"""


def test_there_are_models() -> None:
    assert len(MODELS) > 25


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_are_portable(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == set()


def test_a_good_model_offends_nothing() -> None:
    assert offences(GOOD) == set()


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        ("cast with ::", "reported_value::int"),
        ("qualify", "x from facts qualify row_number() over (order by x) = 1"),
        ("group by all, order by all", "x, sum(y) from facts group by all"),
        ("group by all, order by all", "x from facts ORDER BY ALL"),
        ("list, struct or JSON", "[1, 2] as pair"),
        ("list, struct or JSON", "{'a': 1} as pair"),
        ("list, struct or JSON", "list(x) as members"),
        ("list, struct or JSON", "array_agg(x) as members"),
        ("list, struct or JSON", "json_extract(x, '$.a') as a"),
        ("list, struct or JSON", "unnest(x) as member"),
        ("list, struct or JSON", "payload->>'a' as a"),
        ("string aggregate", "string_agg(line_code, ', ') as lines"),
        ("regular expression", "regexp_extract(raw_text, '[0-9]+') as digits"),
        ("regular expression", "raw_text similar to '[0-9]+' as is_number"),
        ("regular expression", "raw_text ~ '[0-9]+' as is_number"),
        ("date parsing", "strptime(published_on, '%Y-%m-%d') as published"),
        ("date parsing", "cast(published_on as date) as published"),
        ("date parsing", "date '2019-01-01' as day"),
        ("clock", "current_date as loaded_on"),
        ("file read by a model", "x from read_parquet('facts.parquet')"),
        ("DuckDB only", "* exclude (note)"),
        ("DuckDB only", "try_cast(raw_text as bigint) as number"),
        ("type without stated scale", "cast(x as decimal) as x"),
        ("type without stated scale", "cast(x as double) as x"),
        ("type without stated scale", "cast(x as varchar) as x"),
        ("missing made zero", "coalesce(reported_value, 0) as value"),
        ("missing made zero", "sum(coalesce(f.requests, 0)) as requests"),
        ("missing made zero", "ifnull(reported_value, 0.0) as value"),
        ("missing made zero", "coalesce(row_count, reported_value, 0) as value"),
        ("dependency outside an import CTE", "x from {{ ref('stg_tables') }} as t"),
    ],
)
def test_the_guard_notices(rule: str, bad: str) -> None:
    assert rule in offences(GOOD.replace("report_id,\n", f"report_id,\n        {bad},\n"))


def test_the_guard_notices_a_model_out_of_order() -> None:
    step, late = (
        "step as (\n    select 1 as one from facts\n),\n\n",
        "late as (\n    select * from {{ ref('x') }}\n),\n\n",
    )
    assert "import CTE after a step" in offences(GOOD.replace("final as (", step + late + "final as ("))
    assert "does not end with final" in offences(GOOD.replace("final", "result"))
    assert "does not start with its imports" in offences("select 1 as one")


def test_every_rule_has_a_bad_example() -> None:
    """A rule without an example may be one that never fires."""
    shown = {rule for mark in test_the_guard_notices.pytestmark for rule, _ in mark.args[1]}
    assert set(FORBIDDEN) <= shown

"""The dbt models and their tests as assets and checks: one `dbt build` a run."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from orchestration.lib.dbt import Dbt, Translator, build, manifest
from orchestration.lib.policy import WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse


@dbt_assets(manifest=manifest(), dagster_dbt_translator=Translator(), pool=WRITER_POOL)
def models(context: dg.AssetExecutionContext, dbt: Dbt, warehouse: Warehouse) -> Iterator[Any]:
    """Everything that dbt builds."""
    with phase("dbt") as says:
        events = list(build(dbt, warehouse, context))
        says.append(f"{sum(isinstance(event, dg.Output) for event in events)} tables and views")
    yield from events

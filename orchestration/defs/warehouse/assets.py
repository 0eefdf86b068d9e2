"""The dbt models and their tests as assets and checks, in two steps: what is judged first, then the marts that stand on it.

A blocking check on the identities stands between the two: where it fails, no mart is built.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from orchestration.lib.dbt import Dbt, Translator, build, manifest
from orchestration.lib.policy import WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse

MARTS = "fqn:ogi_warehouse.marts+"
"""The marts and whatever looks at them. Everything else is judged before they are built."""


@dbt_assets(manifest=manifest(), exclude=MARTS, name="evaluated", dagster_dbt_translator=Translator(), pool=WRITER_POOL)
def evaluated(context: dg.AssetExecutionContext, dbt: Dbt, warehouse: Warehouse) -> Iterator[Any]:
    """Seeds, staging, intermediate models, and the verdicts on the identities."""
    yield from _built(context, dbt, warehouse, "what is judged")


@dbt_assets(manifest=manifest(), select=MARTS, name="marts", dagster_dbt_translator=Translator(), pool=WRITER_POOL)
def marts(context: dg.AssetExecutionContext, dbt: Dbt, warehouse: Warehouse) -> Iterator[Any]:
    """The star schema, once the checks on the identities let it be built."""
    yield from _built(context, dbt, warehouse, "marts")


def _built(context: dg.AssetExecutionContext, dbt: Dbt, warehouse: Warehouse, what: str) -> Iterator[Any]:
    with phase("dbt") as says:
        events = list(build(dbt, warehouse, context))
        made = sum(isinstance(event, dg.Output) for event in events)
        says.append(f"{what}: {made} tables and views")
    yield from events

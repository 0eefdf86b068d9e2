"""The cells that would close the open identities, as a table. Solves nothing itself."""

import dagster as dg

from orchestration.lib import preview
from orchestration.lib import suggestions as solving
from orchestration.lib.identity_checks import RESULTS
from orchestration.lib.policy import OWNERS, WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse


@dg.asset(
    key=["quality", "suggestions"],
    deps=[RESULTS],
    group_name="quality",
    owners=OWNERS,
    kinds={"python", "duckdb"},
    pool=WRITER_POOL,
    description="The fewest cells whose change satisfies every hard identity of a report (Fellegi and Holt), and the value "
    "that rows and columns imply for a missing cell, with the identities that say so. Never applied: reported values do "
    "not change. Grain: one row per report, set of changes and cell.",
)
def suggestions(warehouse: Warehouse) -> dg.MaterializeResult:
    with phase("checks") as says, warehouse.write() as connection:
        says.append(f"suggestions: {solving.refresh(connection)}")
        return dg.MaterializeResult(metadata=preview.describe(connection, "quality", "suggestions"))

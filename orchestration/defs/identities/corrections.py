"""Declared corrections as a table. Applies nothing: the models put corrected values beside the reported ones."""

import dagster as dg

from orchestration.lib import corrections as declared
from orchestration.lib import preview
from orchestration.lib.home import Home
from orchestration.lib.policy import OWNERS, WRITER_POOL
from orchestration.lib.warehouse import Warehouse


@dg.asset(
    key=["raw", "corrections"],
    deps=[["raw", "facts"], ["raw", "readings"]],
    group_name="raw",
    owners=OWNERS,
    kinds={"csv", "duckdb"},
    pool=WRITER_POOL,
    description="Corrections declared by a person in corrections.csv beside the catalogue. Refused, with file and line, where "
    "one does not find the value that it expects. Grain: one row per declared correction.",
)
def corrections(warehouse: Warehouse) -> dg.MaterializeResult:
    with warehouse.write() as connection:
        counts = declared.refresh(connection, Home.from_env().corrections)
        return dg.MaterializeResult(metadata={**counts, **preview.describe(connection, "raw", "corrections")})

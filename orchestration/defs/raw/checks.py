"""Whether the reader itself failed or lost something. What a document contains is not judged here."""

import dagster as dg

from orchestration.lib import policy, reading
from orchestration.lib.warehouse import Warehouse


@dg.asset_check(
    asset=["raw", "outcomes"],
    blocking=policy.STRUCTURAL.blocking,
    pool=policy.WRITER_POOL,
    description="The reader did not fail: a document that cannot be used is refused for a named reason. One failure is "
    "shown; many stop the run, so that a broken reader cannot empty the warehouse.",
)
def reader_did_not_fail(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Count the documents on which the reader failed."""
    with warehouse.read() as connection:
        failed, documents, example = reading.failures(connection)
    return dg.AssetCheckResult(
        passed=not failed,
        severity=policy.reader_failures(failed, documents).level,
        description=f"the reader failed on {failed} of {documents} documents{f', e.g. {example}' if example else ''}",
        metadata={"failed": failed, "documents": documents},
    )


@dg.asset_check(
    asset=["raw", "facts"],
    blocking=policy.STRUCTURAL.blocking,
    pool=policy.WRITER_POOL,
    description="No figure is lost: every numeric token of a statutory table is a fact, residue, or said again by an equal "
    "copy of the table.",
)
def no_figure_is_lost(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Compare the tokens counted in each table with the rows that came of them."""
    with warehouse.read() as connection:
        lost = reading.unaccounted(connection)
    return dg.AssetCheckResult(
        passed=not lost,
        severity=policy.STRUCTURAL.level,
        description=f"{len(lost)} tables whose figures do not reconcile{f', e.g. {lost[0]}' if lost else ''}",
        metadata={"tables": len(lost)},
    )

"""Whether the reader itself failed. What a document contains is not judged here."""

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

"""The catalogue of sources and the archived documents. Reads no document."""

import dagster as dg

from extractors import sources as catalogue
from extractors.fetching.archive import Archive
from orchestration.defs.resources import Clock
from orchestration.lib import collecting, preview
from orchestration.lib.home import Home
from orchestration.lib.policy import OWNERS, WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse


@dg.asset(
    key=["raw", "sources"],
    group_name="archive",
    owners=OWNERS,
    kinds={"csv", "duckdb"},
    pool=WRITER_POOL,
    description="The catalogue: which report to collect from where, and what is expected of it. A catalogue that breaks "
    "a rule is refused before anything is written. Grain: one row per row of the catalogue.",
)
def sources(warehouse: Warehouse) -> dg.MaterializeResult:
    found = catalogue.load(Home.from_env().catalogue)
    with warehouse.write() as connection:
        collecting.write_sources(connection, found)
        return dg.MaterializeResult(metadata=preview.describe(connection, "raw", "sources"))


@dg.asset(
    key=["raw", "documents"],
    deps=[sources],
    group_name="archive",
    owners=OWNERS,
    kinds={"python", "duckdb"},
    pool=WRITER_POOL,
    description="Bytes as they were published, kept for ever under their sha256. The outcome of every source goes to "
    "raw.outcomes (step archive). Grain: one row per archived document.",
)
def documents(warehouse: Warehouse, clock: Clock) -> dg.MaterializeResult:
    home = Home.from_env()
    with phase("archive") as says, warehouse.write() as connection:
        wanted = collecting.read_sources(connection)
        attempts = collecting.collect(wanted, home.catalogue.parent, Archive(home.archive))
        outcomes = collecting.write_documents(connection, attempts, clock.now())
        failed = [o for o in outcomes if o.reason is not None]
        says.append(f"{len(outcomes)} sources: {len(outcomes) - len(failed)} archived, {len(failed)} with a problem")
        return dg.MaterializeResult(
            metadata=preview.describe(connection, "raw", "documents") | {"with a problem": len(failed)}
        )

"""Reports as read, and the statutory forms. Everything is text and number as printed; nothing is judged."""

from collections.abc import Iterator

import dagster as dg

from extractors import records
from extractors.fetching.archive import Archive
from extractors.forms import catalogue
from extractors.version import reader_version
from orchestration.defs.resources import Clock
from orchestration.lib import collecting, origins, preview, progress, raw_tables, reading
from orchestration.lib.home import Home
from orchestration.lib.origins import Places
from orchestration.lib.policy import OWNERS, WRITER_POOL
from orchestration.lib.preview import ROWS
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse

READ = (*raw_tables.REPORT_TABLES, "outcomes")


def _spec(table: str, *deps: str) -> dg.AssetSpec:
    grain = records.TABLES[table].grain
    return dg.AssetSpec(
        ["raw", table],
        deps=[dg.AssetKey(["raw", dep]) for dep in deps],
        group_name="raw",
        owners=OWNERS,
        kinds={"python", "duckdb"},
        description=f"{grain[0].upper()}{grain[1:]}. Grain: one row per {grain}.",
    )


@dg.multi_asset(name="reports", specs=[_spec(table, "documents") for table in READ], pool=WRITER_POOL)
def reports(warehouse: Warehouse, clock: Clock) -> Iterator[dg.MaterializeResult]:
    """Read every archived document that is new, or whose priors or reader changed, in one step and one transaction."""
    home = Home.from_env()
    with warehouse.write() as connection:
        wanted, archive = collecting.read_sources(connection), Archive(home.archive)
        with phase("read") as says:
            says.append(str(reading.refresh(connection, archive, wanted, reader_version(), clock.now())))
            if damaged := reading.damaged(connection):
                restored = origins.restore(damaged, wanted, Places.of(home), archive)
                says.append(f"({len(damaged)} of damaged bytes in the archive, {restored} objects fetched again)")
                reading.refresh(connection, archive, wanted, reader_version(), clock.now())
        described = {table: preview.describe(connection, "raw", table) for table in READ}
    progress.say_total("load", f"{described['facts'][ROWS].value} facts, {described['cells'][ROWS].value} cells")
    for table in READ:
        yield dg.MaterializeResult(asset_key=["raw", table], metadata=described[table])


@dg.multi_asset(name="forms", specs=[_spec(table) for table in raw_tables.FORM_TABLES], pool=WRITER_POOL)
def forms(warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
    """The statutory forms and their identities, as the files of extractors/forms say."""
    with phase("load"), warehouse.write() as connection:
        raw_tables.create(connection)
        for table, rows in records.of_forms(catalogue.default()).items():
            raw_tables.replace(connection, table, rows)
            yield dg.MaterializeResult(asset_key=["raw", table], metadata=preview.describe(connection, "raw", table))

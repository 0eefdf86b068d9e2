"""The published warehouse and the sites. Computes nothing that is not in the tables."""

import dagster as dg

from orchestration.defs.identities.suggestions import suggestions
from orchestration.defs.warehouse.assets import evaluated, marts
from orchestration.lib import dbt as dbt_project
from orchestration.lib import export as files
from orchestration.lib import preview, summary
from orchestration.lib import site as pages
from orchestration.lib import warehouse as door
from orchestration.lib.dbt import Dbt
from orchestration.lib.home import Home
from orchestration.lib.policy import OWNERS, WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse


@dg.asset(
    key=["published", "warehouse"],
    deps=[*sorted(evaluated.keys | marts.keys), suggestions],
    group_name="published",
    owners=OWNERS,
    kinds={"duckdb"},
    pool=WRITER_POOL,
    description="The read-only copy of the warehouse, replaced in one step: a reader that holds the old one keeps it and "
    "blocks nothing. Written only when no blocking check failed. Grain: one file.",
)
def warehouse_file(warehouse: Warehouse) -> dg.MaterializeResult:
    target = Home.from_env().published_db
    with phase("publish") as says:
        door.publish(warehouse.path, target)
        says.append(str(target))
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(target), "bytes": target.stat().st_size})


@dg.asset(
    key=["published", "export"],
    deps=[warehouse_file],
    group_name="published",
    owners=OWNERS,
    kinds={"parquet", "csv"},
    pool=WRITER_POOL,
    description="Every mart as Parquet and CSV, and datapackage.json, which says what their columns, keys and units are "
    "(Frictionless). A whole set, put in the place of the last one in one step. Grain: two files per mart.",
)
def export(warehouse: Warehouse) -> dg.MaterializeResult:
    with phase("publish") as says, warehouse.read() as connection:
        done = files.write(connection, Home.from_env(), dbt_project.described())
        says.append(str(done))
    said = {"path": dg.MetadataValue.path(done.folder), "version": done.version, "rows": done.rows, "bytes": done.size}
    return dg.MaterializeResult(metadata=said)


@dg.asset(
    key=["published", "dbt_docs"],
    deps=[warehouse_file],
    group_name="published",
    owners=OWNERS,
    kinds={"dbt", "html"},
    pool=WRITER_POOL,
    description="Documentation of every model and column, with the lineage, in one page that opens without a server. "
    "Grain: one file.",
)
def dbt_docs(dbt: Dbt) -> dg.MaterializeResult:
    with phase("docs") as says:
        page = dbt_project.docs(dbt, Home.from_env().site)
        says.append("documentation of the models")
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(page), "bytes": page.stat().st_size})


@dg.asset(
    key=["published", "site"],
    deps=[warehouse_file, export, dbt_docs],
    group_name="published",
    owners=OWNERS,
    kinds={"jinja", "html"},
    pool=WRITER_POOL,
    description="Evidence pages: the tables of every report as they were read, cell by cell, with the identities over them; "
    "agencies with their years side by side; the start page. Only what changed is written. Grain: one file per report "
    "version, agency, province and form.",
)
def site(warehouse: Warehouse) -> dg.MaterializeResult:
    home = Home.from_env()
    with phase("docs") as says, warehouse.read() as connection:
        done = pages.write(connection, home.site, pages.copies(home.archive))
        says.append(str(done))
        found = summary.of(connection)
    return dg.MaterializeResult(metadata=preview.of_run(found, done, home.site / "index.html"))

"""The catalogue of sources and the archived documents. Reads no document."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from extractors.fetching.archive import Archive
from orchestration.defs.resources import Clock
from orchestration.lib import collecting, origins, preview, wanted
from orchestration.lib.home import Home
from orchestration.lib.origins import Places
from orchestration.lib.policy import OWNERS, RETRY, WRITER_POOL
from orchestration.lib.preview import ROWS
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse


@dg.asset(
    key=["raw", "sources"],
    group_name="archive",
    owners=OWNERS,
    kinds={"csv", "duckdb"},
    pool=WRITER_POOL,
    description="The catalogue: which report to collect from where, and what is expected of it. A catalogue that breaks "
    "a rule is refused before anything is written. Files in OGI_HOME/inbox that it does not name follow it. Grain: one row "
    "per row of the catalogue or dropped file.",
)
def sources(warehouse: Warehouse) -> dg.MaterializeResult:
    found = wanted.sources(Home.from_env())
    wanted.settings()  # refused here, before anything is written or fetched
    with warehouse.write() as connection:
        collecting.write_sources(connection, found)
        return dg.MaterializeResult(metadata=preview.describe(connection, "raw", "sources"))


class Years(dg.Config):
    """Report years to ask for again, however lately they were asked for; empty: everything that is due."""

    years: list[int] = Field(default_factory=list)


@dg.multi_asset(
    name="raw__documents",
    specs=[
        dg.AssetSpec(
            ["raw", "documents"],
            deps=[sources],
            group_name="archive",
            owners=OWNERS,
            kinds={"python", "duckdb"},
            description="Bytes as they were published, kept for ever under their sha256. The outcome of every source, and of "
            "all that its page brings, goes to raw.outcomes (step archive). Grain: one row per archived document.",
        ),
        dg.AssetSpec(
            ["raw", "attachments"],
            deps=[sources],
            group_name="archive",
            owners=OWNERS,
            kinds={"python", "duckdb"},
            description="What the page of a source brings: attachments (files, pictures of pages) and the next pages of a "
            "paged article, fetched with it. Grain: one row per attachment or next page that the page of a source brings.",
        ),
    ],
    pool=WRITER_POOL,
    retry_policy=RETRY,
)
def documents(config: Years, warehouse: Warehouse, clock: Clock) -> Iterator[dg.MaterializeResult]:
    """Ask every source that is due once, keep the bytes, and write down how each attempt ended."""
    home = Home.from_env()
    with phase("archive") as says:
        with warehouse.read() as connection:
            sought, kept = collecting.sought(connection, config.years)
        # hours, perhaps: no connection is held open
        attempts = origins.collect(sought, Places.of(home, anew=bool(config.years)), Archive(home.archive))
        with warehouse.write() as connection:
            ended = collecting.tally(attempts, collecting.had_before(connection))
            outcomes = collecting.write_documents(connection, attempts, clock.now(), kept)
            described = {t: preview.describe(connection, "raw", t) for t in ("documents", "attachments")}
        says.append(collecting.said(outcomes, described["attachments"][ROWS].value))
    attempted = ", ".join(f"{count} {name}" for name, count in ended.most_common())
    counts = {"with a problem": sum(o.is_problem for o in outcomes), "attempts": attempted}
    yield dg.MaterializeResult(asset_key=["raw", "documents"], metadata=described["documents"] | counts)
    yield dg.MaterializeResult(asset_key=["raw", "attachments"], metadata=described["attachments"])

"""Whether the collection is fresh and covers what must be public by now. Both are findings: nothing is held back for them."""

import dagster as dg

from extractors.fetching.archive import Archive
from orchestration.defs.resources import Clock
from orchestration.lib import collecting, coverage, preview
from orchestration.lib.home import Home
from orchestration.lib.policy import FINDING, WRITER_POOL
from orchestration.lib.warehouse import Warehouse

SHOWN = 100


@dg.asset_check(
    asset=["raw", "documents"],
    pool=WRITER_POOL,
    description="Freshness: every address of the catalogue answered in the last two weeks, with a document or a refusal. "
    "One that did not is down, or the schedule does not run.",
)
def addresses_answered_lately(warehouse: Warehouse, clock: Clock) -> dg.AssetCheckResult:
    """Ask the archive when each address answered last."""
    with warehouse.read() as connection:
        sources = collecting.read_sources(connection)
    late, addresses = coverage.unasked(Archive(Home.from_env().archive), sources, clock.now())
    return dg.AssetCheckResult(
        passed=not late,
        severity=FINDING.level,
        description=f"{len(late)} of {addresses} addresses without an answer for {coverage.ASKED_EVERY.days} days",
        metadata={"addresses": dg.MetadataValue.md(preview.markdown(["address"], [[a] for a in late[:SHOWN]]))},
    )


@dg.asset_check(
    asset=["raw", "outcomes"],
    pool=WRITER_POOL,
    description="Coverage: every agency of the catalogue has a report of the last year whose deadline has passed. Those "
    "that have none are named, with the reason as far as it is known.",
)
def published_by_the_deadline(warehouse: Warehouse, clock: Clock) -> dg.AssetCheckResult:
    """Compare the reports that were read with the deadlines."""
    with warehouse.read() as connection:
        missing, agencies = coverage.missing(connection, clock.now().date(), coverage.deadlines())
    rows = [[m.agency, m.year, m.deadline, m.why] for m in missing[:SHOWN]]
    named = "、".join(m.agency for m in missing[:3])
    return dg.AssetCheckResult(
        passed=not missing,
        severity=FINDING.level,
        description=f"{len(missing)} of {agencies} agencies have no report of the last year due{': ' if named else ''}{named}",
        metadata={
            "without": dg.MetadataValue.md(preview.markdown(["agency", "year", "deadline", "why"], rows)),
            "agencies": agencies,
            "missing": len(missing),
        },
    )

"""`ogi prune`: removes old runs and their events from Dagster's storage, which it never does by itself. Touches no data and no table."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from orchestration.lib.home import Home

if TYPE_CHECKING:
    import dagster as dg

DAYS = 180
BATCH = 100


def prune(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete the finished runs that were created before a moment (with zone), with their events; how many.

    What is known of an asset's last materialization and check goes with the run that made it; tables and files stay.
    """
    import dagster as dg

    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    old = dg.RunsFilter(statuses=ended, created_before=before)
    deleted = 0
    while ids := instance.get_run_ids(old, limit=BATCH):
        for run_id in ids:
            instance.delete_run(run_id)
        deleted += len(ids)
    return deleted


def main(arguments: Sequence[str] | None = None) -> int:
    """Prune the storage of OGI_HOME and say how many runs went."""
    parser = argparse.ArgumentParser(
        prog="ogi prune", description="Removes old runs and their events from Dagster's storage."
    )
    parser.add_argument("--days", type=int, default=DAYS, help="keep runs younger than this (default: %(default)s)")
    asked = parser.parse_args(arguments)
    home = Home.from_env()
    if not (home.dagster / "dagster.yaml").exists():
        print(f"Nothing ran yet in {home.root}", file=sys.stderr)
        return 1
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        count = prune(instance, datetime.now(UTC) - timedelta(days=asked.days))
    print(f"{count} runs removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

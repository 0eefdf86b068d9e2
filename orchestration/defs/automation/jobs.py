"""The jobs. Steps run in the run's own process: another process a step would import everything again."""

import dagster as dg

from orchestration.defs.identities.checks import before_marts, before_publication
from orchestration.lib import collecting, coverage
from orchestration.lib.identity_checks import RESULTS
from orchestration.lib.promises import INDEX

refresh_all = dg.define_asset_job(
    "refresh_all",
    selection=dg.AssetSelection.all(),
    description="The whole way: collect, read, build, check, publish.",
    executor_def=dg.in_process_executor,
)

YEARS = dg.StaticPartitionsDefinition([str(d.year) for d in coverage.deadlines()])

refresh_year = dg.define_asset_job(
    "refresh_year",
    selection=dg.AssetSelection.all(),
    description="The whole way for one report year: its sources are asked again, however lately they were; what others hold "
    "is kept. The year is a partition of the job and not of the tables: one run reads many documents and builds all, and of "
    "which year a document is often shows only when it was read. Several years in one run: `orchestration.run --years`.",
    config=dg.PartitionedConfig(YEARS, run_config_for_partition_key_fn=lambda year: collecting.for_years([int(year)])),
    executor_def=dg.in_process_executor,
)

audit_only = dg.define_asset_job(
    "audit_only",
    selection=dg.AssetSelection.assets(RESULTS, INDEX).upstream()
    & dg.AssetSelection.groups("staging", "intermediate", "quality")
    | dg.AssetSelection.checks_for_assets(RESULTS, INDEX),
    description="Evaluate the identities again over what was read, and check them. Publishes nothing.",
    executor_def=dg.in_process_executor,
)

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.groups("published")
    | dg.AssetSelection.checks(*before_marts.check_keys, *before_publication.check_keys),
    description="Publish what the work database holds, if it keeps every promise that blocks: the copy that people open, and the "
    "sites.",
    executor_def=dg.in_process_executor,
)

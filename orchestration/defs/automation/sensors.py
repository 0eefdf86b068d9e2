"""What starts a run besides the calendar, and what is said when one fails. Off until somebody switches it on."""

import time

import dagster as dg

from extractors.errors import CatalogueError
from orchestration.defs.automation.jobs import refresh_all
from orchestration.lib import wanted, watching
from orchestration.lib.home import Home

EVERY_SECONDS = 60


@dg.sensor(
    job=refresh_all,
    minimum_interval_seconds=EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Runs when the catalogue changed: what is unchanged is neither fetched nor read again. A catalogue that "
    "breaks a rule starts nothing, and the tick says why.",
)
def new_catalogue_rows(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Compare the catalogue's content with that of the last tick."""
    home = Home.from_env()
    try:
        rows = len(wanted.sources(home))
    except CatalogueError as error:
        return dg.SkipReason(f"the catalogue is refused: {error}")
    cursor = watching.moved(context.cursor, watching.fingerprint(home.catalogue.read_bytes()))
    if cursor is None:
        return dg.SkipReason(f"{home.catalogue} is unchanged, {rows} sources")
    return dg.SensorResult([dg.RunRequest(run_key=f"catalogue-{cursor}")], cursor=cursor)


@dg.sensor(
    job=refresh_all,
    minimum_interval_seconds=EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Runs when files were dropped in OGI_HOME/inbox, changed or taken out, once nobody writes to them.",
)
def dropped_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Compare the files of the inbox with those of the last tick."""
    files = wanted.inbox_files(Home.from_env().inbox)
    if not watching.settled(files, time.time()):
        return dg.SkipReason("a file is still being written")
    cursor = watching.moved(context.cursor, watching.files_fingerprint(files))
    if cursor is None:
        return dg.SkipReason(f"nothing new among {len(files)} files")
    return dg.SensorResult([dg.RunRequest(run_key=f"inbox-{cursor}")], cursor=cursor)


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Says which run failed, at which step and why: in the log of the daemon, and as a line of "
    "OGI_HOME/work/failures.log for whoever watches files.",
)
def run_failed(context: dg.RunFailureSensorContext) -> None:
    """One line for each step that failed, or one for the run."""
    run, home = context.dagster_run, Home.from_env()
    steps = [f"step {e.step_key}: {_reason(e)}" for e in context.get_step_failure_events()]
    home.work.mkdir(parents=True, exist_ok=True)
    with (home.work / "failures.log").open("a", encoding="utf-8") as log:
        for what in steps or [context.failure_event.message or "no reason given"]:
            line = f"{run.job_name} {run.run_id}: {' '.join(what.split())}"
            context.log.error(line)
            log.write(line + "\n")


def _reason(event: dg.DagsterEvent) -> str:
    """The innermost error is what went wrong; the rest is how Dagster came there."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message if error is not None else "no error given"

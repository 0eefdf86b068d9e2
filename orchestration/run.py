"""`python -m orchestration.run`, what `make run` calls: the whole pipeline once, with short lines and a summary. No step here."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import logging
import os
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from extractors.errors import CatalogueError, SettingsError
from orchestration.lib import engine, wanted
from orchestration.lib.engine import EngineError
from orchestration.lib.home import Home

JOBS = ("refresh_all", "audit_only", "publish")
DONE, FAILED, REFUSED, BUSY = 0, 1, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """Run and say what came out. Returns 0 when the run succeeded (violations are findings), 1 when a step of ours broke,
    2 when the catalogue or the settings were refused (nothing is written), 3 when another run is at work."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.run",
        description="Collect, read, build, check and publish the reports of a catalogue.",
        epilog="Environment: OGI_CATALOG names the catalogue (default: the bundled samples); OGI_HOME is where everything "
        "is written (default: ./data); OGI_FETCHING names a TOML file with the pace and limits of fetching (default: polite). Exit status: 0 the run succeeded (violated identities are findings, not failures), "
        "1 a step failed, 2 the catalogue or the settings were refused and nothing was written, 3 another run is at work.",
    )
    parser.add_argument("--prepare-only", action="store_true", help="create OGI_HOME and the dbt manifest, run nothing")
    parser.add_argument("--job", choices=JOBS, default=JOBS[0], help="what to run (default: %(default)s)")
    parser.add_argument(
        "--years", type=int, nargs="+", default=[], metavar="YEAR",
        help="ask again for the sources of these report years, however lately they were asked for, and for no others",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.years and options.job != JOBS[0]:
        parser.error(f"--years is for {JOBS[0]}: {options.job} asks for nothing")
    home = Home.from_env()
    if options.job != JOBS[0] and not home.work_db.exists():
        print(f"Nothing was collected yet in {home.root}: run the pipeline first (make run)", file=sys.stderr)
        return FAILED
    try:
        sources = wanted.sources(home)
        wanted.settings()
    except CatalogueError as error:
        print(f"The catalogue is refused, nothing was written: {error}", file=sys.stderr)
        return REFUSED
    except SettingsError as error:
        print(f"The settings of OGI_FETCHING are refused, nothing was written: {error}", file=sys.stderr)
        return REFUSED
    try:
        engine.ready()
    except EngineError as error:
        print(f"The engine cannot be used, nothing was written: {error}", file=sys.stderr)
        return REFUSED
    home.prepare()
    with _alone(home) as alone:
        if not alone:
            print(f"Another run is at work in {home.root}", file=sys.stderr)
            return BUSY
        print(f"{len(sources)} sources of {home.catalogue}", flush=True)
        return _prepare(home) if options.prepare_only else _run(home, options.job, options.years)


def _prepare(home: Home) -> int:
    from orchestration.lib.dbt import manifest

    print(f"{home.root} is ready, dbt manifest {manifest()}")
    return DONE


def _run(home: Home, job_name: str, years: Sequence[int] = ()) -> int:
    start = time.perf_counter()
    os.environ["DAGSTER_HOME"] = str(home.dagster)  # so that the UI shows this run
    spoken = sys.stdout
    with home.log.open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        from orchestration.lib import progress

        progress.reset()
        _speak(spoken)
        import dagster as dg
        import dagster_dbt  # noqa: F401  imported here so that its time counts as import

        progress.spent("import", time.perf_counter() - start)
        progress.say_total("import", "Dagster and dbt")
        with progress.phase("load definitions") as says:
            from orchestration.definitions import defs
            from orchestration.lib.collecting import for_years

            job = defs().resolve_job_def(job_name)
            says.append("assets, checks and jobs")
        run_id = str(uuid.uuid4())
        with dg.DagsterInstance.get() as instance, _history_open(home.dagster / "history", run_id):
            config = for_years(years) if years else None
            result = job.execute_in_process(config, instance=instance, raise_on_error=False, run_id=run_id)
        failures = [_reason(event) for event in result.all_events if event.is_step_failure and not _is_check(event)]
        broken = [_promise(e) for e in result.get_asset_check_evaluations() if not e.passed and _is_error(e)]
    seconds = time.perf_counter() - start
    home.last_run.write_text(
        json.dumps(
            {
                "success": result.success,
                "seconds": round(seconds, 3),
                "phases": progress.timings(),
                "processor": progress.processor(),
            },
            indent=2,
        ),
        encoding="utf-8",
    )
    if not result.success or broken:
        for line in failures + broken:
            print(line, file=spoken)
        print(
            f"The run failed after {seconds:.1f} s; what was published before is unchanged. Log: {home.log}",
            file=spoken,
        )
        return FAILED
    _summarise(home, seconds, spoken)
    return DONE


def _speak(stream: IO[str]) -> None:
    """Send the pipeline's own lines to `stream`; everything else goes to the log file."""
    logger = logging.getLogger("ogi")
    logger.handlers = [logging.StreamHandler(stream)]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _is_error(evaluation: object) -> bool:
    return evaluation.severity.value == "ERROR"  # type: ignore[attr-defined]


def _is_check(event: object) -> bool:
    """A step that failed because its blocking check did: the check says more."""
    error = event.step_failure_data.error  # type: ignore[attr-defined]
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"


def _promise(evaluation: object) -> str:
    return f"FAILED check {evaluation.check_name}: {evaluation.description}"  # type: ignore[attr-defined]


def _reason(event: object) -> str:
    """A failed step in one line: the innermost error is what went wrong, the rest is how Dagster came there."""
    error = event.step_failure_data.error  # type: ignore[attr-defined]
    while error is not None and error.cause is not None:
        error = error.cause
    said = error.message.strip() if error is not None else "no error given"
    return f"FAILED step {event.step_key}: {said}"  # type: ignore[attr-defined]


def _summarise(home: Home, seconds: float, stream: IO[str]) -> None:
    import duckdb

    from orchestration.lib import summary

    with duckdb.connect(str(home.work_db), read_only=True) as connection:
        found = summary.of(connection)
    counts = found.counts
    lines = [
        "",
        f"reports     {counts['reports']} of {counts['sources']} sources",
        f"facts       {counts['facts']}, of which {counts['with_value']} with a value; "
        f"{counts['residue']} numbers found no place (residue)",
        f"identities  {_verdicts(found.arithmetic)}",
        f"signs       {_verdicts(found.signs)}",
        f"comparisons {_verdicts(found.comparisons)} (years, levels, prose, plausibility)",
    ]
    lines += [
        f"violated    {v['agency']} {v['year']}: {v['statement']} [{v['identity']} over {v['member']}] "
        f"{v['lhs'].normalize():f} against {v['rhs'].normalize():f}, at {v['address']}"
        for v in found.violations[:10]
    ]
    if len(found.violations) > 10:
        lines.append(f"            … {len(found.violations) - 10} more on the start page")
    lines += [f"{f['status']:<11} {f['source_id']}: {f['reason']}: {f['detail']}" for f in found.failed[:20]]
    if len(found.failed) > 20:
        lines.append(f"            … {len(found.failed) - 20} more on the start page")
    lines += [
        "",
        f"warehouse   {_short(home.published_db)}",
        f"site        {_short(home.site / 'index.html')}",
        "UI          make ui",
        f"done in {seconds:.1f} s",
    ]
    print("\n".join(lines), file=stream)


def _verdicts(counts: dict[str, int]) -> str:
    return (
        f"{counts['holds']} hold, {counts['holds_if_blank_is_zero']} hold if blank is zero, "
        f"{counts['violated']} violated, {counts['undecidable']} undecidable"
    )


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


@contextlib.contextmanager
def _history_open(history: Path, run_id: str) -> Iterator[None]:
    """Hold Dagster's SQLite files open during a run.

    Dagster opens and closes them for every event, and SQLite writes its journal back when the last connection closes:
    with a thousand events that was a third of the run.
    """
    if "\nstorage:" in "\n" + history.with_name("dagster.yaml").read_text(encoding="utf-8"):
        yield  # another storage than SQLite
        return
    files = [history / "runs.db", history / "runs" / "index.db", history / "runs" / f"{run_id}.db"]
    files[-1].parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        for file in files:
            connection = stack.enter_context(contextlib.closing(sqlite3.connect(file)))
            connection.execute("pragma journal_mode = wal")
            connection.execute("select count(*) from sqlite_master").fetchone()
        yield


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[bool]:
    """Whether no other run works in this home. The lock goes with the process, however it ends."""
    with (home.work / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


if __name__ == "__main__":
    sys.exit(main())

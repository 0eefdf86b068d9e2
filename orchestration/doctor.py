"""`ogi doctor`: whether this machine can do the work, in one line a question. Repairs nothing and leaves nothing behind."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from extractors.documents import ocr
from extractors.errors import CatalogueError, SettingsError
from orchestration.lib import engine, wanted
from orchestration.lib.engine import EngineError
from orchestration.lib.home import Home

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pyarrow")
SPARK_PACKAGES = ("dbt-spark", "pyspark-client")
LEAST_FREE = 1 << 30
OK, NOTE, BROKEN = "ok", "note", "BROKEN"


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer. `note`: something optional is not there; `BROKEN`: a run would fail."""

    question: str
    state: str
    says: str


def examine(home: Home) -> Iterator[Finding]:
    """All answers, in the order in which a person would ask."""
    yield _asked("engine", engine.name)
    yield Finding("python", OK, f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} processors")
    yield from _versions(PACKAGES)
    yield _writable("home", home.root)
    yield _run_lock(home)
    yield _database("work database", home.work_db)
    yield _database("published", home.published_db)
    yield _catalogue(home)
    yield _storage(home)
    with contextlib.suppress(EngineError):
        if engine.is_spark():
            yield from _versions(SPARK_PACKAGES)
            yield from _spark()
    yield _program("browser", ("chromium", "chromium-browser", "google-chrome"), "tests of the pages are not possible")
    yield _program(
        "old Word files", ("soffice",), "DOC, WPS and RTF end as needs_converter (Debian: libreoffice-writer-nogui)"
    )
    installed = ocr.is_installed()
    yield Finding(
        "scans",
        OK if installed else NOTE,
        "recognition is installed" if installed else "the extra [ocr] is not installed: scans end as no_text_layer",
    )


def _versions(packages: Sequence[str]) -> Iterator[Finding]:
    for package in packages:
        try:
            yield Finding(package, OK, version(package))
        except PackageNotFoundError:
            yield Finding(package, BROKEN, "not installed")


def _asked(question: str, ask: Callable[[], object]) -> Finding:
    """The answer, or the error of the engine as a finding."""
    try:
        return Finding(question, OK, str(ask()))
    except EngineError as error:
        return Finding(question, BROKEN, str(error))


def _writable(question: str, folder: Path) -> Finding:
    """Writes, syncs and removes a file in the folder, or in the nearest one above it that is there."""
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".ogi-doctor-") as file:
            file.write(bytes(1 << 20))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(question, BROKEN, f"{folder} cannot be written: {error.strerror}")
    free = shutil.disk_usage(there).free
    says = f"{folder}, {free / (1 << 30):.1f} GB free"
    return Finding(question, OK if free >= LEAST_FREE else BROKEN, says)


def _run_lock(home: Home) -> Finding:
    path = home.work / "run.lock"
    if not path.exists():
        return Finding("run", OK, "none has run here")
    with path.open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return Finding("run", NOTE, "a run is at work in this home")
    return Finding("run", OK, "none is at work")


def _database(question: str, path: Path) -> Finding:
    """Whether it opens, and who holds it where it does not: DuckDB names the process."""
    import duckdb

    if not path.exists():
        return Finding(question, NOTE, f"{path} is not there yet: make run")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute("select count(*) from duckdb_tables()").fetchone()
    except duckdb.Error as error:
        return Finding(question, BROKEN, " ".join(str(error).split()))
    return Finding(question, OK, f"{path}, {found[0] if found else 0} tables, held by nobody")


def _catalogue(home: Home) -> Finding:
    try:
        wanted.settings()
        return Finding("catalogue", OK, f"{len(wanted.sources(home))} sources of {home.catalogue}")
    except (CatalogueError, SettingsError) as error:
        return Finding("catalogue", BROKEN, str(error))


def _storage(home: Home) -> Finding:
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        return Finding("Dagster's storage", NOTE, f"{settings} is not there yet: make run")
    import yaml

    kept = (yaml.safe_load(settings.read_text(encoding="utf-8")) or {}).get("storage") or {"sqlite": None}
    return Finding("Dagster's storage", OK, f"{', '.join(kept)} ({settings})")


def _spark() -> Iterator[Finding]:
    from orchestration.lib import lake

    try:
        with lake.connect() as connected:
            yield Finding("Spark server", OK, f"{connected.version} at {engine.remote()}")
            yield _asked("Spark catalogue", connected.check_catalogue)
            yield _asked("Spark writes", lambda: connected.check_writing() or "a table was written and dropped")
            yield _asked(
                "Spark workers",
                lambda: ", ".join(sorted({f"Python {w['python']} ({w['executable']})" for w in connected.workers()})),
            )
    except EngineError as error:
        yield Finding("Spark server", BROKEN, str(error))


def _program(question: str, names: Sequence[str], without: str) -> Finding:
    found = next((path for path in map(shutil.which, names) if path), None)
    return Finding(question, OK if found else NOTE, found or f"not here: {without}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every answer. Exit status 0 when a run can succeed, 1 when something is broken."""
    argparse.ArgumentParser(
        prog="ogi doctor",
        description="Says whether this machine can do the work. Exit status: 0 a run can succeed, 1 something is broken.",
    ).parse_args(arguments)
    findings = []
    for finding in examine(Home.from_env()):
        findings.append(finding)
        print(f"{finding.state:<7} {finding.question:<18} {finding.says}", flush=True)
    return 1 if any(f.state == BROKEN for f in findings) else 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.spark.proof --server VENV [--reports 2000]`: the whole job on DuckDB and on Spark, from one code location.

Both runs must succeed and every row of raw, marts and quality be equal, read from Spark itself and from the work database. Then one
year is replaced: on a disk that is full the run fails in one line and changes nothing that was read or modelled; with space again,
and with a worker killed with -9 while documents are read and another while models are built, it must succeed and be equal, and other
years be what they were. Then the server starts again: the tables must be there; and one that is killed in the middle of a write and
comes back without its catalogue: the next run must make everything again, and send a year in several pieces. Last, servers that
cannot be used must be refused in one clear line before anything is written.
Exit status 0 when all of it holds; everything that was started is ended.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from extractors.sources import COLUMNS
from orchestration.lib import lake
from orchestration.lib.dbt import EXECUTABLE, PROJECT_DIR, described
from orchestration.lib.engine import EngineError
from tests.generator import generate, iterate
from tests.spark import equal
from tests.spark.cluster import Cluster, ClusterError, cluster

Fingerprints = dict[str, tuple[int, str]]
REPLACED = 40  # reports: enough for tasks of reading on both workers
FULL = 4096  # bytes of a file on a full disk
COLLECTED = {"raw.sources", "raw.documents", "raw.attachments", "raw.outcomes"}
OWN = {"raw.lake_tokens"}  # the work database's memory of Spark
RUN_SECONDS = float(os.environ.get("OGI_PROOF_RUN_SECONDS", "1500"))  # for one run; more on a busy machine


class NotEqual(Exception):
    """What was to be proven does not hold. Says where."""


def corpus(folder: Path, count: int) -> Path:
    """`count` generated reports of every form, format and quirk, and their catalogue."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = folder / "catalog.csv"
    with catalogue.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, made in enumerate(iterate(count)):
            name = f"s{number:06}{Path(made.name).suffix}"
            (folder / name).write_bytes(made.data)
            writer.writerow((f"s{number:06}", "", "", "", "", made.truth.year, name))
    return catalogue


def change_a_year(folder: Path, count: int) -> int:
    """Other reports in the place of at most REPLACED of one year, each of the same form and year; returns that year."""
    before = [(number, made) for number, made in enumerate(iterate(count))]
    year = before[0][1].truth.year
    of_year = [(number, made) for number, made in before if made.truth.year == year][:REPLACED]
    for number, old in of_year:
        others = (generate(10_000 * (number + 1) + s, form=old.truth.form, layout=old.layout) for s in range(10_000))
        new = next((other for other in others if other.truth.year == year), None)
        if new is None:
            raise NotEqual(f"the generator makes no other report of {year}")
        (folder / f"s{number:06}{Path(old.name).suffix}").write_bytes(new.data)
    return year


def run(
    engine: str, home: Path, catalogue: Path, remote: str = "", during: Mapping[str, Callable[[], object]] | None = None,
    command: Sequence[str] = ("-m", "orchestration.run"),
) -> float:  # fmt: skip
    """The whole job in a process of its own, as `make run` does; seconds.

    `during`: how a line begins, and what to do from then on, beside the run. Raises NotEqual with the end of what it said where
    it fails, and what `during` raises.
    """
    environment = os.environ | {
        "OGI_ENGINE": engine, "OGI_HOME": str(home), "OGI_CATALOG": str(catalogue), "SPARK_REMOTE": remote,
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    start, said, beside = time.monotonic(), [], []
    with ThreadPoolExecutor() as threads, subprocess.Popen(
        [sys.executable, *command],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        timer = threading.Timer(RUN_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            for line in process.stdout or ():
                said.append(line.rstrip())
                beside += [threads.submit(act) for begins, act in (during or {}).items() if line.startswith(begins)]
            process.wait()
        finally:
            timer.cancel()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise NotEqual(f"the run on {engine} ended with {process.returncode}:\n" + "\n".join(said[-25:]))
    for done in beside:
        done.result()
    if len(beside) != len(during or {}):
        raise NotEqual("the run ended before what was to happen meanwhile")
    return time.monotonic() - start


@contextlib.contextmanager
def _connected(remote: str) -> Iterator[lake.Lake]:
    os.environ |= {"OGI_ENGINE": "spark", "SPARK_REMOTE": remote}
    warnings.simplefilter("ignore", FutureWarning)  # pandas 3
    with lake.connect() as connected:
        yield connected


def in_spark(remote: str, names: Sequence[str]) -> Fingerprints:
    """The fingerprints of tables as Spark holds them."""
    with _connected(remote) as connected:
        return {name: equal.fingerprint(connected.table(name)) for name in names}


def by_year(remote: str, table: str) -> dict[int, tuple[int, str]]:
    """The fingerprint of each year of a raw table in Spark."""
    with _connected(remote) as connected:
        rows = connected.table(table)
    years = sorted(set(rows.column("report_year").to_pylist()))
    with duckdb.connect() as connection:
        connection.register("t", rows)
        return {
            year: equal.fingerprint(connection.sql("from t where report_year = ?", params=[year]).to_arrow_table())
            for year in years
        }


def same(what: str, left: Fingerprints, right: Fingerprints) -> None:
    """Raises NotEqual with the tables that differ."""
    differ = [
        f"{name}: {left.get(name, ('none',))[0]} and {right.get(name, ('none',))[0]} rows"
        for name in sorted((left.keys() | right.keys()) - OWN)
        if left.get(name) != right.get(name)
    ]
    if differ:
        raise NotEqual(f"{what}: {len(differ)} tables differ: " + "; ".join(differ))
    _say(f"{what}: {len(left)} tables, {sum(rows for rows, _ in left.values()):,} rows equal")


def prove(count: int, server: Path, folder: Path) -> None:
    """All of it. Raises NotEqual or ClusterError."""
    jars = [
        str(path) for path in Path(sys.prefix).rglob("*.jar") if "spark" in path.name or "pyspark" in str(path.parent)
    ]
    if jars:
        raise NotEqual(f"the client's environment holds Spark's jars: {jars[:3]}")
    _say("no Spark jar in the client's environment")
    ours, theirs = _graph(described()), _graph(_described_on_spark(folder / "graph"))
    if ours != theirs:
        differ = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        raise NotEqual(f"Dagster knows DuckDB's graph of the models, Spark's is another: {', '.join(differ)}")
    _say(f"one graph of {len(ours)} models, seeds and tests on both engines")
    catalogue = corpus(folder / "reports", count)
    homes = {engine: folder / engine for engine in ("duckdb", "spark")}
    with cluster(folder / "cluster", server) as spark:
        _prove(catalogue, count, homes, spark)


def _graph(project: Mapping[str, Any]) -> dict[str, set[str]]:
    """What each node of a dbt manifest depends on."""
    return {name: set(node["depends_on"].get("nodes", ())) for name, node in project["nodes"].items()}


def _described_on_spark(folder: Path) -> dict[str, Any]:
    """`described`, as dbt reads the project for Spark."""
    subprocess.run(
        [EXECUTABLE, "--quiet", "parse", "--project-dir", PROJECT_DIR, "--profiles-dir", PROJECT_DIR,
         "--target-path", folder, "--log-path", folder],
        env=os.environ | {"OGI_ENGINE": "spark", "OGI_WORK_DB": ":memory:"}, check=True,
    )  # fmt: skip
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def _prove(catalogue: Path, count: int, homes: dict[str, Path], spark: Cluster) -> None:
    files = {engine: home / "work" / "warehouse.duckdb" for engine, home in homes.items()}
    duck, duck_busy = run("duckdb", homes["duckdb"], catalogue), _processor()
    idle, _ = spark.used()
    first, client_busy = run("spark", homes["spark"], catalogue, spark.remote), _processor() - duck_busy
    busy, memory = spark.used()
    _say(
        f"both runs succeeded: DuckDB {duck:.0f} s, Spark {first:.0f} s, ratio {first / duck:.1f} on the same cores; processor "
        f"seconds: DuckDB {duck_busy:.0f}, Spark {busy - idle:.0f} and its client {client_busy:.0f}; Spark's memory {memory:.0f} MB"
    )
    ours = equal.of_file(files["duckdb"])
    distributed = sorted(name for name in ours if not name.startswith("raw.") or name[4:] in _RAW)
    distributed.remove("quality.suggestions")  # solved from the work database, for both
    same("Spark's own tables and DuckDB's", {n: ours[n] for n in distributed}, in_spark(spark.remote, distributed))
    same("work databases", ours, equal.of_file(files["spark"]))
    tasks = spark.executors()
    if len([done for done in tasks.values() if done]) < 2:
        raise NotEqual(f"work ran in fewer than two executors: {tasks}")
    _say(f"tasks by executor: {tasks}")

    before = {table: by_year(spark.remote, f"raw.{table}") for table in _RAW}
    year = change_a_year(catalogue.parent, count)
    _no_space(spark, homes["spark"], catalogue, files["spark"])
    run("duckdb", homes["duckdb"], catalogue)
    killed: list[int] = []

    def kill(number: int, writing: str) -> None:
        spark.writing(writing)
        spark.kill_worker(number)
        killed.append(number)

    again = run("spark", homes["spark"], catalogue, spark.remote, {
        "[3/9]": lambda: kill(0, "raw.db/inbox/_temporary"), "[5/9]": lambda: kill(1, "intermediate.db/*/_temporary"),
    })  # fmt: skip
    if sorted(killed) != [0, 1]:
        raise NotEqual(f"the workers were not killed while the run was at work: {killed}")
    _say(f"a run that replaced {year}, two workers killed in the middle of it: {again:.0f} s, succeeded")
    ours = equal.of_file(files["duckdb"])
    same(
        "after the kills, Spark's tables and DuckDB's",
        {n: ours[n] for n in distributed},
        in_spark(spark.remote, distributed),
    )
    same("after the kills, work databases", ours, equal.of_file(files["spark"]))
    for table in _RAW:
        after = by_year(spark.remote, f"raw.{table}")
        changed = {y for y in before[table].keys() | after.keys() if before[table].get(y) != after.get(y)}
        if not changed <= {year} or (table == "facts" and changed != {year}):
            raise NotEqual(f"raw.{table}: years {sorted(changed)} changed, {year} was replaced")
    _say(f"every other year is what it was; {year} is not")

    held = in_spark(spark.remote, distributed)
    _model_again(year, homes["spark"], spark)
    same(
        f"after the models replaced {year} alone, Spark's tables and what they were",
        held,
        in_spark(spark.remote, distributed),
    )
    spark.stop_server()
    spark.start_server()
    same("after a restart of the server", held, in_spark(spark.remote, distributed))
    _lost(spark, homes["spark"], catalogue)
    same("after the catalogue was lost, Spark's tables and what they were", held, in_spark(spark.remote, distributed))
    _refused(spark, homes["spark"].with_name("refused"), catalogue)


def _model_again(year: int, home: Path, spark: Cluster) -> None:
    """The models of one year alone, as an operator replaces it (docs/overview.md). Raises NotEqual where dbt fails."""
    environment = os.environ | {
        "OGI_ENGINE": "spark", "OGI_HOME": str(home), "OGI_WORK_DB": str(home / "work" / "warehouse.duckdb"),
        "SPARK_REMOTE": spark.remote, "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    done = subprocess.run(
        [
            str(EXECUTABLE), "run", "--selector", "new_reports", "--vars", f"{{report_years: [{year}]}}", "--project-dir",
            str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR), "--target-path", str(home / "one_year"),
        ],
        env=environment, capture_output=True, text=True, check=False, timeout=RUN_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise NotEqual(f"the models of {year} alone: dbt ended with {done.returncode}:\n{done.stdout[-3000:]}")


def _no_space(spark: Cluster, home: Path, catalogue: Path, work: Path) -> None:
    """A disk that fills up while a year is replaced: the run fails and says so, and the work database is what it was."""

    def fill() -> None:
        spark.writing(f"raw.db/{_RAW[0]}/.spark-staging*")
        spark.fill_disk(FULL)

    held = _modelled(work)
    try:
        run("spark", home, catalogue, spark.remote, {"[3/9]": fill})
    except NotEqual as error:
        failed = [line for line in str(error).splitlines() if line.startswith("FAILED") and "File too large" in line]
        if not failed:
            raise
        _say(f"a full disk while a year was replaced: {failed[0]}")
    else:
        raise NotEqual("a run succeeded on a full disk")
    finally:
        spark.fill_disk(None)
    same("after the full disk, the work database and what it was", held, _modelled(work))


def _lost(spark: Cluster, home: Path, catalogue: Path) -> None:
    """A server that is killed while it makes a table, and that comes back without its catalogue: that run fails, the next succeeds."""

    def lose() -> None:
        spark.writing("intermediate.db/*/_temporary")
        spark.lose_server()
        spark.start_server()

    try:
        run("spark", home, catalogue, spark.remote, {"[5/9]": lose})
    except NotEqual as error:
        failed = [x for x in str(error).splitlines() if x.startswith("FAILED step") and "dbt failed on Spark" in x]
        if not failed:
            raise
        _say(f"a server killed in the middle of a write, its catalogue lost: {failed[0]}")
    else:
        raise NotEqual("a run succeeded without its server")
    spent = run("spark", home, catalogue, spark.remote, command=("-m", "tests.spark.in_pieces"))
    _say(f"the next run: {spent:.0f} s, succeeded")


def _modelled(work: Path) -> Fingerprints:
    """What a work database holds, without the steps before reading: they end, each in a transaction of its own, before Spark is asked."""
    return {name: found for name, found in equal.of_file(work).items() if name not in COLLECTED}


def _refused(spark: Cluster, home: Path, catalogue: Path) -> None:
    """A server that would lose its tables, cannot write, has no Python, or is of another version: each is said, nothing is written."""
    import pyspark

    (spark.folder / "no_folder").write_text("a file where tables would go", encoding="utf-8")
    nowhere = spark.folder / "no_folder" / "tables"
    bad = {
        "does not persist": {"spark__sql__catalogImplementation": "in-memory"},
        "cannot write a table": {"spark__sql__warehouse__dir": nowhere, "spark__hadoop__javax__jdo__option__ConnectionURL":
                                 f"jdbc:derby:;databaseName={spark.folder}/metastore2;create=true"},
        "the workers cannot read": {"python": Path("/no/such/python"), "spark__executorEnv__PYSPARK_PYTHON": "/no/such/python"},
    }  # fmt: skip
    for says, settings in bad.items():
        spark.stop_server()
        spark.start_server(**settings)
        _must_be_refused(says, spark.remote, home, catalogue)
    right = pyspark.__version__
    try:
        pyspark.__version__ = "3.5.9"  # what a client of another version would compare
        with _connected(spark.remote):
            raise NotEqual("a server of another version was taken")
    except EngineError as error:
        _say(f"refused: {error}")
    finally:
        pyspark.__version__ = right
    spark.stop_server()
    _must_be_refused("no Spark Connect server answers", spark.remote, home, catalogue)


def _must_be_refused(says: str, remote: str, home: Path, catalogue: Path) -> None:
    try:
        run("spark", home, catalogue, remote)
    except NotEqual as error:
        if says not in str(error) or home.exists():
            raise
        _say(f"refused: {str(error).splitlines()[-1][:160]}")
    else:
        raise NotEqual(f"a server was taken that {says}")


def _processor() -> float:
    """Processor seconds of the runs that have ended: of our children, only these end before the cluster does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


_RAW = tuple(table.name for table in lake.BY_YEAR)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.spark.proof", description=__doc__)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--server", type=Path, required=True, help="virtual environment with pyspark and its jars")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it (default: a temporary one)")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ogi-spark-")))
        try:
            prove(asked.reports, asked.server.absolute(), folder.absolute())
        except (NotEqual, ClusterError) as error:
            _say(f"NOT PROVEN: {error}")
            return 1
    _say("proven")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.bench.growth [--reading 2000 10000] [--documents 1000 10000] [--facts 1000000 10000000]`: what grows with the input.

Reading: generated documents through the reader alone, in two processes (the smallest number also in one), each made where it is
read, so that a million needs no more memory than a thousand. Documents: generated reports through the whole pipeline, each number
in a home and a process of its own, with the phases that the pipeline writes down itself. Facts: rows as the reader yields them,
loaded through Arrow, modelled, judged and published, each phase in a process of its own so that its peak memory is its own; then
one new report in the large warehouse. With `--spark VENV` documents and facts go the same way through Spark (its master, two workers of
one core and Connect server on loopback, as in `make test-spark`): documents read there, the raw tables written by year, the models
built there, what they made taken back. DuckDB's memory is bounded by OGI_MEMORY_LIMIT (default 2GB).

Processor seconds stand beside wall seconds: they say the same on a machine that others use. On them rests the exit status: 1 when
a phase of more than a second grew more than 12-fold for tenfold input. Sizes are a choice: dbt_project/docs/scale.md has what was measured.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from extractors.errors import DocumentError
from extractors.reading.read import read
from extractors.sources import COLUMNS
from tests.bench import measuring
from tests.generator import generate, iterate

MOST = 12.0
SPARK_MB = 3600  # of each of two workers: a year of 10⁷ facts passes the server in one piece
CHUNK = 50  # documents that a process makes and reads before it says how long it took
IDENTITIES = {
    "int_identity_operands",
    "fct_identity_results",
    "int_comparison_index",
    "int_comparison_operands",
    "int_comparison_sums",
}
Phases = dict[str, dict[str, float]]


@dataclass(slots=True)
class Spent:
    """What documents cost the processes that read them, making them left out."""

    documents: Counter[str] = field(default_factory=Counter)
    processor: Counter[str] = field(default_factory=Counter)
    wall: float = 0.0
    memory_mb: float = 0.0

    def add(self, other: Spent) -> None:
        self.documents.update(other.documents)
        self.processor.update(other.processor)
        self.wall += other.wall
        self.memory_mb = max(self.memory_mb, other.memory_mb)


def of_reading(count: int, processes: int) -> Spent:
    """`count` generated documents of every format, read in so many processes."""
    spent = Spent()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_read_some, range(processes * 4), [10] * processes * 4))  # every process has imported its parsers
        starts = range(1_000_000, 1_000_000 + count, CHUNK)
        for part in pool.map(_read_some, starts, (min(CHUNK, starts.stop - start) for start in starts)):
            spent.add(part)
    return spent


def _read_some(first: int, count: int = CHUNK) -> Spent:
    spent = Spent()
    for seed in range(first, first + count):
        made = generate(seed)
        suffix = Path(made.name).suffix[1:]
        wall, busy = time.perf_counter(), time.process_time()
        with contextlib.suppress(DocumentError):  # some quirks are meant to be refused
            read(made.data)
        spent.processor[suffix] += time.process_time() - busy
        spent.wall += time.perf_counter() - wall
        spent.documents[suffix] += 1
    spent.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return spent


def write_corpus(folder: Path, count: int) -> Path:
    """Generated reports and their catalogue."""
    folder.mkdir(parents=True)
    catalogue = folder / "catalog.csv"
    with catalogue.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, made in enumerate(iterate(count, seed=7)):
            name = f"{number:07}{Path(made.name).suffix}"
            (folder / name).write_bytes(made.data)
            writer.writerow((f"g{number:07}", "", "", "", "", made.truth.year, name))
    return catalogue


def of_documents(count: int, folder: Path, spark: Any = None) -> Phases:
    """Seconds of each phase of the pipeline over `count` new reports, and its peak memory, on DuckDB or on the Spark cluster."""
    catalogue, home = write_corpus(folder / f"reports-{count}", count), folder / f"home-{count}"
    _say(count, "documents", spark, "the pipeline")
    spent = _child(["-m", "orchestration.run"], {"OGI_HOME": str(home), "OGI_CATALOG": str(catalogue)}, spark)
    last = json.loads((home / "work" / "last_run.json").read_text(encoding="utf-8"))
    found = {
        name: {"seconds": float(seconds)} | ({"processor": float(last["processor"][name])} if spark is None else {})
        for name, seconds in last["phases"].items()
        if name not in ("import", "load definitions")
    }
    for written in (home, catalogue.parent):
        shutil.rmtree(written)
    return found | {"whole run": spent}


def of_facts(count: int, folder: Path, spark: Any = None) -> Phases:
    """Seconds and peak memory of each phase over about `count` facts, on DuckDB or on the Spark cluster."""
    database, found = folder / f"facts-{count}.duckdb", {}
    _child(["-m", "tests.bench.growth", "--phase", "generate", str(database)], {"OGI_BENCH_FACTS": str(count)})
    phases = ("load", "models", "publication", "one new report")
    if spark is not None:
        phases = ("load", "models", "taking back", "one new report")
    for phase in phases:
        _say(count, "facts", spark, phase)
        found[phase] = _child(["-m", "tests.bench.growth", "--phase", phase, str(database)], {}, spark)
        if phase == "models":
            judging = json.loads(_by_model(database).read_text(encoding="utf-8"))
            found["of which identities"] = {"seconds": sum(s for name, s in judging.items() if name in IDENTITIES)}
        if phase == "publication":
            found[phase]["file_mb"] = database.stat().st_size / 2**20
    for file in folder.glob(f"*facts-{count}.*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    return found


def _say(count: int, what: str, spark: Any, phase: str) -> None:
    """What is being measured now: a large run takes hours, and its tables come at the end."""
    engine = "DuckDB" if spark is None else "Spark"
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {count:,} {what} on {engine}: {phase}\n")


def _child(command: list[str], environment: dict[str, str], spark: Any = None) -> dict[str, float]:
    """Wall and processor seconds, and peak memory of a process; with `spark` those of the cluster are added.

    Raises RuntimeError with its last lines where it fails.
    """
    start, (before, _) = time.perf_counter(), spark.used() if spark is not None else (0.0, 0.0)
    if spark is not None:
        environment = environment | {"OGI_ENGINE": "spark", "SPARK_REMOTE": spark.remote}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *command], env=os.environ | environment | {"DO_NOT_TRACK": "1"}, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{command}: {process.returncode}\n{said.read().decode(errors='replace')[-3000:]}")
    after, memory = spark.used() if spark is not None else (0.0, 0.0)
    return {
        "seconds": time.perf_counter() - start,
        "processor": used.ru_utime + used.ru_stime + after - before,
        "memory_mb": used.ru_maxrss / 1024 + memory,
    }


def _phase(phase: str, database: Path) -> None:
    """One phase, in this process, on the engine that OGI_ENGINE chooses."""
    from orchestration.lib import engine, warehouse
    from tests.bench import models

    folder = database.with_suffix(".dbt")
    os.environ["OGI_HOME"] = str(database.with_suffix(".home"))
    on_spark = engine.is_spark()

    def modelled() -> None:
        models.dbt(database, folder, "seed")
        ran = models.dbt(database, folder, "run", "--threads", "2" if on_spark else "1")
        _by_model(database).write_text(json.dumps(ran.models), encoding="utf-8")

    def one_more() -> None:
        models.add_a_report(database)
        if on_spark:  # every model again, as the pipeline does there
            _give(database)
            models.dbt(database, folder, "run", "--threads", "2")
        else:
            models.dbt(database, folder, "run", "--selector", "new_reports", "--vars", "{changed_reports: true}")

    steps: dict[str, Callable[[], Any]] = {
        "generate": lambda: models.generate(database, int(os.environ["OGI_BENCH_FACTS"])),
        "load": lambda: _give(database) if on_spark else _load(database),
        "models": modelled,
        "publication": lambda: warehouse.publish(database, database.with_name(f"published-{database.name}")),
        "taking back": lambda: _take_back(database),
        "one new report": one_more,
    }
    steps[phase]()


def _by_model(database: Path) -> Path:
    return database.with_suffix(".models.json")


def _load(database: Path) -> None:
    """The facts once more, as the reader brings them: Arrow batches into a table."""
    import duckdb

    loaded = database.with_name(f"load-{database.name}")
    with duckdb.connect(str(database), config={"memory_limit": os.environ["OGI_MEMORY_LIMIT"]}) as connection:
        connection.execute(f"attach '{loaded}' as loaded")
        batches = connection.cursor().sql("from raw.facts").to_arrow_reader(1 << 17)
        connection.register("incoming", batches)
        connection.execute("create table loaded.main.facts as from incoming")


def _give(database: Path) -> None:
    """To Spark what it lacks: every raw table, year by year."""
    from orchestration.lib import lake
    from orchestration.lib.home import Home
    from orchestration.lib.warehouse import Warehouse

    Home.from_env().work.mkdir(parents=True, exist_ok=True)
    with Warehouse(database=str(database)).write() as connection, lake.connect() as connected:
        connected.mend(connection)
        connected.push(connection)


def _take_back(database: Path) -> None:
    """From Spark what the models made there, table by table."""
    from orchestration.lib import lake
    from orchestration.lib.warehouse import Warehouse

    with lake.connect() as connected:
        for schema in ("marts", "quality"):
            for table in connected.tables(schema):
                with Warehouse(database=str(database)).write() as connection:
                    connected.pull(connection, schema, table)


def growth(small: Phases, large: Phases) -> dict[str, float]:
    """How many times longer each phase took, of the processor where that is known. Below a second in the small run is starting up."""
    grown = {}
    for name in large.keys() & small.keys():
        measure = "processor" if "processor" in large[name] else "seconds"
        if small[name][measure] >= 1:
            grown[name] = large[name][measure] / small[name][measure]
    return grown


def _shown(what: str, runs: dict[int, Phases]) -> list[str]:
    """Prints a table; returns the phases that grew too much."""
    sizes = sorted(runs)
    too_much = []
    times = {large: growth(runs[small], runs[large]) for small, large in pairwise(sizes)}
    rows = []
    for name in runs[sizes[-1]]:
        row: list[str] = [name]
        for size in sizes:
            found = runs[size].get(name, {})
            row += [f"{found[x]:,.1f}" if x in found else "" for x in ("seconds", "processor")]
            row.append(f"{found['memory_mb']:,.0f}" if "memory_mb" in found else "")
            grown = times.get(size, {}).get(name)
            row.append(f"×{grown:.1f}" if grown else "")
            previous = sizes[sizes.index(size) - 1]
            if grown and grown > MOST * (size / previous / 10):
                too_much.append(f"{what}: {name} ×{grown:.1f} from {previous:,} to {size:,}")
        rows.append(tuple(row))
    head = [what, *(f"{x} {size:,}" if x == "s" else x for size in sizes for x in ("s", "processor s", "MB", "growth"))]
    measuring.show(measuring.table(tuple(head), rows) + "\n")
    return too_much


def _reading_shown(sizes: list[int]) -> dict[str, Any]:
    """Measures and prints: by format on the smallest number, in one process and in two; then two processes as the number grows."""
    small = min(sizes)
    one, two = of_reading(small, 1), of_reading(small, 2)
    rates = {
        name: [spent.documents[name] / spent.processor[name] for spent in (one, two)] for name in sorted(two.documents)
    }
    rates["all"] = [spent.documents.total() / spent.processor.total() for spent in (one, two)]
    head = ("format", "documents", "/processor s of one", "of each of two", "of linear")
    rows = [(n, two.documents[n] or two.documents.total(), f"{a:.1f}", f"{b:.1f}", f"{b / a:.2f}") for n, (a, b) in rates.items()]  # fmt: skip
    measuring.show(measuring.table(head, rows) + "\n")
    whole = {size: two if size == small else of_reading(size, 2) for size in sorted(sizes)}
    head = ("documents in two processes", "/s", "/processor s", "peak MB of one process")
    rows = [
        (f"{size:,}", f"{2 * size / s.wall:.1f}", f"{size / s.processor.total():.1f}", f"{s.memory_mb:.0f}")
        for size, s in whole.items()
    ]
    measuring.show(measuring.table(head, rows) + "\n")
    return {
        "by_format": {name: {"one": a, "two": b, "scaling": b / a} for name, (a, b) in rates.items()},
        "by_number": {
            str(size): {"a_second": 2 * size / s.wall, "a_processor_second": size / s.processor.total(), "memory_mb": s.memory_mb}
            for size, s in whole.items()
        },
    }  # fmt: skip


@contextlib.contextmanager
def _spark(folder: Path, server: Path | None) -> Iterator[Any]:
    if server is None:
        yield None
        return
    from tests.spark.cluster import cluster

    with cluster(folder / "cluster", server.absolute(), SPARK_MB) as running:
        yield running


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument(
        "--reading", type=int, nargs="*", default=[2_000, 10_000], help="documents, for the reader alone"
    )
    parser.add_argument("--documents", type=int, nargs="*", default=[1_000, 10_000], help="for the whole pipeline")
    parser.add_argument("--facts", type=int, nargs="*", default=[1_000_000, 10_000_000], help="rows, for the models")
    parser.add_argument("--spark", type=Path, help="also through Spark; the virtual environment of its server")
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's temporary folder)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--phase", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.phase:
        _phase(asked.phase[0], Path(asked.phase[1]))
        return 0
    os.environ.setdefault("OGI_MEMORY_LIMIT", "2GB")  # the same on every machine, also for the processes of dbt
    result: dict[str, Any] = {"machine": measuring.machine(), "memory_limit": os.environ["OGI_MEMORY_LIMIT"]}
    too_much: list[str] = []
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="ogi-growth-") as name:
        folder = Path(name)
        if asked.reading:
            result["reading"] = _reading_shown(asked.reading)
        measured: list[tuple[str, list[int], Callable[[int], Phases]]] = [
            ("facts", asked.facts, lambda size: of_facts(size, folder)),
            ("documents", asked.documents, lambda size: of_documents(size, folder)),
        ]
        with _spark(folder, asked.spark) as spark:
            if spark is not None:
                measured += [
                    ("facts on Spark", asked.facts, lambda size: of_facts(size, folder, spark)),
                    ("documents on Spark", asked.documents, lambda size: of_documents(size, folder, spark)),
                ]
            for what, sizes, measure in measured:
                runs = {size: measure(size) for size in sorted(sizes)}
                if runs:
                    result[what] = {str(size): phases for size, phases in runs.items()}
                    too_much += _shown(what, runs)
    measuring.show(f"machine {result['machine']}, memory limit {result['memory_limit']}")
    measuring.write_json(asked.json, result)
    for line in too_much:
        measuring.show(f"GROWS TOO MUCH  {line}")
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.bench.growth [--documents 1000 10000] [--facts 1000000 10000000]`: what grows with the input, phase by phase.

Documents: generated reports through the whole pipeline, each size in a home and a process of its own, with the phases that the
pipeline writes down itself; then the reader alone, documents a second by format, in one process and in two. Facts: rows as the
reader yields them, loaded through Arrow, modelled, judged and published, each phase in a process of its own so that its peak
memory is its own; then one new report in the large warehouse. DuckDB's memory is bounded by OGI_MEMORY_LIMIT (default 2GB).

Exit status 1 when a phase of more than a second grew more than 12-fold for tenfold input. Sizes are a choice: 10⁵ documents take
hours on two cores, 10⁸ facts some 60 GB of disk.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from extractors.errors import DocumentError
from extractors.reading.read import read
from extractors.sources import COLUMNS
from tests.bench import measuring
from tests.generator import iterate

MOST = 12.0
SAMPLE = 400  # documents of the reader alone
IDENTITIES = {
    "int_identity_operands",
    "fct_identity_results",
    "int_comparison_index",
    "int_comparison_operands",
    "int_comparison_sums",
}
Phases = dict[str, dict[str, float]]


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


def of_documents(count: int, folder: Path) -> Phases:
    """Seconds of each phase of the pipeline over `count` new reports, and the peak memory of the process."""
    catalogue, home = write_corpus(folder / f"reports-{count}", count), folder / f"home-{count}"
    spent = _child(["-m", "orchestration.run"], {"OGI_HOME": str(home), "OGI_CATALOG": str(catalogue)})
    phases = json.loads((home / "work" / "last_run.json").read_text(encoding="utf-8"))["phases"]
    found = {name: {"seconds": float(s)} for name, s in phases.items() if name not in ("import", "load definitions")}
    return found | {"whole run": spent}


def of_facts(count: int, folder: Path) -> Phases:
    """Seconds and peak memory of each phase over about `count` facts."""
    database, found = folder / f"facts-{count}.duckdb", {}
    _child(["-m", "tests.bench.growth", "--phase", "generate", str(database), str(count)], {})
    for phase in ("load", "models", "publication", "one new report"):
        found[phase] = _child(["-m", "tests.bench.growth", "--phase", phase, str(database), str(count)], {})
        if phase == "models":
            judging = json.loads(_by_model(database).read_text(encoding="utf-8"))
            found["of which identities"] = {"seconds": sum(s for name, s in judging.items() if name in IDENTITIES)}
    found["publication"]["file_mb"] = database.stat().st_size / 2**20
    for file in folder.glob(f"*facts-{count}.*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    return found


def reader_rates() -> dict[str, dict[str, float]]:
    """Documents a second by format, with one process and with two, over the same documents."""
    by_format: dict[str, list[bytes]] = {}
    for made in iterate(SAMPLE * 4, seed=11):
        found = by_format.setdefault(Path(made.name).suffix[1:], [])
        if len(found) < SAMPLE:
            found.append(made.data)
    rates: dict[str, dict[str, float]] = {}
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two,
    ):
        for pool in (one, two):
            list(pool.map(_read, [d[0] for d in by_format.values()] * 4))  # every process has imported its parsers
        for name, documents in sorted(by_format.items()):
            alone, both = (_rate(pool, documents) for pool in (one, two))
            rates[name] = {"documents": len(documents), "one": alone, "two": both, "scaling": both / alone / 2}
    return rates


def _rate(pool: ProcessPoolExecutor, documents: list[bytes]) -> float:
    start = time.perf_counter()
    list(pool.map(_read, documents, chunksize=8))
    return len(documents) / (time.perf_counter() - start)


def _read(data: bytes) -> bool:
    try:
        read(data)
    except DocumentError:
        return False
    return True


def _child(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    """Wall seconds and peak memory of a process. Raises RuntimeError with its last lines where it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *command], env=os.environ | environment | {"DO_NOT_TRACK": "1"}, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{command}: {process.returncode}\n{said.read().decode(errors='replace')[-3000:]}")
    return {"seconds": time.perf_counter() - start, "memory_mb": used.ru_maxrss / 1024}


def _phase(phase: str, database: Path, count: int) -> None:
    """One phase, in this process."""
    from orchestration.lib import warehouse
    from tests.bench import models

    folder = database.with_suffix(".dbt")
    steps: dict[str, Callable[[], Any]] = {
        "generate": lambda: models.generate(database, count),
        "load": lambda: _load(database),
        "models": lambda: [
            models.dbt(database, folder, "seed"),
            _by_model(database).write_text(json.dumps(models.dbt(database, folder, "run", "--threads", "1")[1])),
        ],
        "publication": lambda: warehouse.publish(database, database.with_name(f"published-{database.name}")),
        "one new report": lambda: [
            models.add_a_report(database),
            models.dbt(database, folder, "run", "--selector", "new_reports", "--vars", "{changed_reports: true}"),
        ],
    }
    steps[phase]()


def _by_model(database: Path) -> Path:
    return database.with_suffix(".models.json")


def _load(database: Path) -> None:
    """The facts once more, as the reader brings them: Arrow batches into a table."""
    import duckdb

    limit = {"memory_limit": os.environ["OGI_MEMORY_LIMIT"]}
    with (
        duckdb.connect(str(database), config=limit) as source,
        duckdb.connect(str(database.with_name(f"load-{database.name}")), config=limit) as target,
    ):
        reader = source.execute("from raw.facts").to_arrow_reader(1 << 17)
        target.register("incoming", reader)
        target.execute("create table facts as from incoming")


def growth(small: Phases, large: Phases) -> dict[str, float]:
    """How many times longer each phase took. A phase below a second in the small run is starting up, not work."""
    return {
        name: large[name]["seconds"] / small[name]["seconds"]
        for name in large
        if name in small and small[name]["seconds"] >= 1
    }


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
            row.append(f"{found['seconds']:.1f}" if "seconds" in found else "")
            row.append(f"{found['memory_mb']:,.0f}" if "memory_mb" in found else "")
            grown = times.get(size, {}).get(name)
            row.append(f"×{grown:.1f}" if grown else "")
            previous = sizes[sizes.index(size) - 1]
            if grown and grown > MOST * (size / previous / 10):
                too_much.append(f"{what}: {name} ×{grown:.1f} from {previous:,} to {size:,}")
        rows.append(tuple(row))
    head = [what, *(f"{x} {size:,}" if x == "s" else x for size in sizes for x in ("s", "MB", "growth"))]
    measuring.show(measuring.table(tuple(head), rows) + "\n")
    return too_much


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument("--documents", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--facts", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument(
        "--reader", action=argparse.BooleanOptionalAction, default=True, help="the reader alone, by format"
    )
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's temporary folder)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--phase", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.phase:
        _phase(asked.phase[0], Path(asked.phase[1]), int(asked.phase[2]))
        return 0
    os.environ.setdefault("OGI_MEMORY_LIMIT", "2GB")  # the same on every machine, also for the processes of dbt
    result: dict[str, Any] = {"machine": measuring.machine(), "memory_limit": os.environ["OGI_MEMORY_LIMIT"]}
    too_much: list[str] = []
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="ogi-growth-") as name:
        folder = Path(name)
        if asked.reader:
            result["reader"] = reader_rates()
            rows = [
                (n, int(r["documents"]), f"{r['one']:.0f}", f"{r['two']:.0f}", f"{r['scaling']:.2f}")
                for n, r in result["reader"].items()
            ]
            measuring.show(measuring.table(("format", "documents", "/s one", "/s two", "of linear"), rows) + "\n")
        for what, sizes, measure in (("facts", asked.facts, of_facts), ("documents", asked.documents, of_documents)):
            runs = {size: measure(size, folder) for size in sorted(sizes)}
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

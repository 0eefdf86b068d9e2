"""`python -m tests.bench.pipeline`: wall time of the whole pipeline by phase, on fresh and then on unchanged input.

Each run is a process of its own, `python -m orchestration.run`, in a home of its own; the phases are those that the pipeline
itself writes to work/last_run.json. The difference to the wall time of the process is shown as "process".
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from extractors import samples
from tests.bench import measuring

RUNS = ("first", "unchanged")


def once(home: Path, catalogue: Path) -> dict[str, float]:
    """Seconds by phase, "process" and "total" of one run. Raises RuntimeError with its last lines where the run fails."""
    environment = os.environ | {"OGI_HOME": str(home), "OGI_CATALOG": str(catalogue), "DO_NOT_TRACK": "1"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.run"], env=environment, capture_output=True, text=True, check=False
    )
    total = time.perf_counter() - start
    if done.returncode:
        said = (done.stdout + done.stderr).splitlines()[-20:]
        raise RuntimeError(f"the run ended with {done.returncode}:\n" + "\n".join(said))
    phases = json.loads((home / "work" / "last_run.json").read_text(encoding="utf-8"))["phases"]
    spent = {str(name): float(value) for name, value in phases.items()}
    return spent | {"process": total - sum(spent.values()), "total": total}


def run(catalogue: Path) -> dict[str, object]:
    """Both runs in one new home, which is removed."""
    with tempfile.TemporaryDirectory(prefix="ogi-bench-") as home:
        return {"machine": measuring.machine(), "runs": {name: once(Path(home), catalogue) for name in RUNS}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pipeline")
    parser.add_argument("--catalog", type=Path, default=samples.CATALOGUE)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    result = run(asked.catalog.resolve())
    runs = result["runs"]
    phases = list(dict.fromkeys(p for name in RUNS for p in runs[name]))
    measuring.show(
        measuring.table(
            ("phase", *(f"{name} s" for name in RUNS)),
            [(p, *(f"{runs[name][p]:.2f}" if p in runs[name] else "" for name in RUNS)) for p in phases],
        )
    )
    measuring.write_json(asked.json, result)


if __name__ == "__main__":
    main()

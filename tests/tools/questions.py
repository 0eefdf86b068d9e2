"""`python -m tests.tools.questions`: writes dbt_project/docs/questions.md, the answers of the analyses on the bundled samples.

Reads the samples with the real reader, builds the warehouse in a temporary folder, runs each compiled analysis and prints what
it returns. A test compares the file with what this prints: after a change of the reader or of an analysis, run it again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from itertools import takewhile
from pathlib import Path
from typing import Any

import duckdb

from extractors import samples, sources
from extractors.errors import DocumentError
from extractors.reading.read import read
from extractors.records import of_report
from orchestration.lib import raw_tables, suggestions
from tests.warehouse import gold

PROJECT = gold.ROOT / "dbt_project"
PAGE = PROJECT / "docs" / "questions.md"
ANALYSES = sorted((PROJECT / "analyses").glob("q*.sql"))
ROWS = 12
HEAD = """# Fifteen questions, answered on the bundled samples · 十五个问题

Written by `python -m tests.tools.questions` from `dbt_project/analyses/`: do not edit. The samples are seven reports of seven
agencies and years, so some answers are short: the queries are what is shown here. Each is compiled by
`dbt compile` and runs on `warehouse.duckdb` as it is.
"""


def raw_samples() -> gold.Raw:
    """Schema `raw` as the reader finds it in the bundled samples; a document that is refused is an outcome."""
    out = gold.empty()
    for source in sources.load(samples.CATALOGUE):
        data = (samples.CATALOGUE.parent / source.location).read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        said = {k: getattr(source, k) for k in sources.COLUMNS} | {"catalogue_line": source.line}
        attempt = {"source_id": source.source_id, "sha256": sha256, "attempted_at": gold.NOON}
        out["sources"].append(gold.row("sources", **said))
        out["documents"].append(
            gold.row("documents", sha256=sha256, location=source.location, size_bytes=len(data), fetched_at=gold.NOON)
        )
        out["outcomes"].append(gold.row("outcomes", **attempt, step="archive", status="archived"))
        try:
            rows = of_report(source, sha256, read(data))
        except DocumentError as error:
            out["outcomes"].append(
                gold.row("outcomes", **attempt, step="read", status="quarantined", reason=error.reason)
            )
            continue
        out["outcomes"].append(gold.row("outcomes", **attempt, step="read", status="parsed"))
        for table, found in rows.items():
            out[table] += found
    return out


def suggest(database: Path) -> None:
    """Write quality.suggestions, as the pipeline does after dbt: an analysis reads it."""
    with duckdb.connect(str(database)) as connection:
        raw_tables.create(connection)
        connection.execute(
            "insert into raw.read_inputs by name select distinct source_id, sha256 as input_key from raw.readings"
        )
        suggestions.refresh(connection)


def page(database: Path, compiled: Path) -> str:
    """The page: each analysis of `compiled` (folder of compiled SQL) with its rows in `database`. Raises duckdb.Error."""
    parts = [HEAD]
    with duckdb.connect(str(database), read_only=True) as connection:
        for analysis in ANALYSES:
            found = connection.execute((compiled / analysis.name).read_text(encoding="utf-8"))
            columns, rows = [d[0] for d in found.description], found.fetchall()
            question, *more = _comment(analysis)
            words = "".join(f"{line}\n" for line in more)
            parts.append(f"## {question}\n\n{words}\n`analyses/{analysis.name}`\n\n{_table(columns, rows)}\n")
    return "\n".join(parts)


def _comment(analysis: Path) -> list[str]:
    """The comment at the head of the file, line by line: the question first."""
    lines = analysis.read_text(encoding="utf-8").splitlines()
    return [x[2:].strip() for x in takewhile(lambda x: x.startswith("--"), lines)]


def _table(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return "No rows in the samples."
    body = [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows[:ROWS]]
    more = [f"\n… and {len(rows) - ROWS} more rows."] if len(rows) > ROWS else []
    return "\n".join([f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns), *body, *more])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = format(value.normalize(), "f") if hasattr(value, "normalize") else str(value)
    return (text if len(text) <= 40 else text[:39] + "…").replace("|", "\\|").replace("\n", " ")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database, target = Path(folder, "work.duckdb"), Path(folder, "target")
        gold.write(database, raw_samples())
        environment = os.environ | {"OGI_WORK_DB": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        common = [
            "--quiet",
            "--project-dir",
            PROJECT,
            "--profiles-dir",
            PROJECT,
            "--target-path",
            target,
            "--log-path",
            target,
        ]
        for command in (["seed"], ["run"], ["compile"]):
            subprocess.run([Path(sys.executable).with_name("dbt"), *command, *common], env=environment, check=True)
        suggest(database)
        PAGE.write_text(page(database, target / "compiled" / "ogi_warehouse" / "analyses"), encoding="utf-8")


if __name__ == "__main__":
    main()

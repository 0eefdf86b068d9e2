"""`python -m tests.bench.pages [--reports N]`: pages a second, the share that a second run writes, bytes of the start page.

The rows are those of the bundled samples, copied N times under other keys, agencies and years: rows, not documents, because
reading is measured elsewhere. The result belongs to the machine and is printed, never asserted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from extractors import samples
from orchestration.lib import site
from orchestration.lib.manifest import Manifest
from tests.bench import measuring
from tests.conftest import run_pipeline

YEARS = 8  # reports an agency
MANY = 100_000
TABLES = (
    "raw.cells", "marts.fct_report_lines", "raw.residue", "raw.tables", "quality.fct_identity_results",
    "quality.suggestions", "intermediate.int_reports", "marts.agency_year_panel", "marts.fct_report",
)  # fmt: skip


def multiply(connection: duckdb.DuckDBPyConnection, reports: int, tables: Sequence[str] = TABLES) -> None:
    """Fill `tables` with `reports` reports: copies of those that they have, eight years an agency."""
    connection.execute(
        f"create temp table copies as with kept as (select report_id, row_number() over (order by report_id) - 1 as place, "
        f"count(*) over () as size from marts.fct_report) "
        f"select kept.report_id as original, md5('r' || n) as report_id, md5('a' || n // {YEARS}) as agency_id, "
        f"cast(2016 + n % {YEARS} as integer) as report_year, '某市第' || n // {YEARS} || '号区人民政府' as agency_name, "
        f"cast(110000 + 10000 * (n // {YEARS} % 5) + n // {YEARS} % 9000 as varchar) as region_code "
        f"from range(?) as numbers(n) inner join kept on kept.place = n // {YEARS} % kept.size",
        [reports],
    )
    views = connection.execute("select (schema_name, view_name) from duckdb_views()").fetchall()
    for table in tables:
        columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
        replaced = [c for c in ("report_id", "agency_id", "report_year", "agency_name", "region_code") if c in columns]
        stars = f"replace ({', '.join(f'copies.{c} as {c}' for c in replaced)})"
        connection.execute(
            f"create temp table made as select own.* {stars} from {table} as own "
            "inner join copies on copies.original = own.report_id"
        )
        kind = "view" if (tuple(table.split(".")),) in views else "table"
        connection.execute(f"drop {kind} {table}")
        connection.execute(f"create table {table} as from made")
        connection.execute("drop table made")
    connection.execute("delete from marts.coverage")
    connection.execute(
        "insert into marts.coverage by name select agency_id, report_year, any_value(agency_name) as agency_name, "
        "'county_government' as agency_kind, any_value(region_code) as region_code, 'published' as status, "
        "1 as source_count, 1 as report_count from copies group by all"
    )


def run(reports: int) -> dict[str, object]:
    """First run, a run over the same rows, and a run after one report changed; in a folder that is removed."""
    with tempfile.TemporaryDirectory(prefix="ogi-bench-") as folder:
        ran = run_pipeline(Path(folder, "home"), samples.CATALOGUE)
        if ran.status:
            raise RuntimeError(ran.said)
        pages = Path(folder, "site")
        found: dict[str, object] = {"machine": measuring.machine(), "reports": reports, "runs": {}}
        with duckdb.connect(str(ran.home.work_db)) as connection:
            multiply(connection, reports)
            for name in ("first", "unchanged", "one changed"):
                if name == "one changed":
                    connection.execute("update raw.cells set cell_text = '?' where report_id = md5('r0')")
                start = time.perf_counter()
                done = site.write(connection, pages, site.copies(ran.home.archive))
                seconds = time.perf_counter() - start
                found["runs"][name] = {  # type: ignore[index]
                    "seconds": seconds, "pages": done.total, "written": done.written, "a second": done.total / seconds,
                }  # fmt: skip
        sizes = [(pages / "reports" / entry).stat().st_size for entry in os.listdir(pages / "reports")]
        found["start page bytes"] = (pages / "index.html").stat().st_size
        found["bytes a report"] = sum(sizes) // len(sizes)
        with duckdb.connect(str(ran.home.work_db)) as connection:
            found |= start_page(connection, Path(folder, "start"))
        return found


def start_page(connection: duckdb.DuckDBPyConnection, pages: Path) -> dict[str, object]:
    """Bytes of the start page and of its search index with MANY reports, without the pages of these."""
    multiply(connection, MANY, ("intermediate.int_reports", "marts.fct_report"))
    manifest, maker = Manifest(pages), site.Maker(connection, lambda sha256: None)
    start = time.perf_counter()
    shards = maker.search(manifest)
    maker.start(manifest, pages, shards)
    return {
        f"start page bytes with {MANY} reports": (pages / "index.html").stat().st_size,
        f"index bytes with {MANY} reports": sum(file.stat().st_size for file in (pages / "assets").iterdir()),
        f"index files with {MANY} reports": shards,
        f"seconds with {MANY} reports": round(time.perf_counter() - start, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages")
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    result = run(asked.reports)
    runs = result["runs"]
    measuring.show(
        measuring.table(
            ("run", "seconds", "pages", "written", "a second"),
            [(n, f"{r['seconds']:.1f}", r["pages"], r["written"], f"{r['a second']:.0f}") for n, r in runs.items()],  # type: ignore[attr-defined]
        )
    )
    for name in sorted(result.keys() - {"machine", "reports", "runs"}):
        measuring.show(f"{name}: {result[name]}")
    measuring.write_json(asked.json, result)


if __name__ == "__main__":
    main()

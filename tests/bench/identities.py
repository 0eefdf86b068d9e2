"""`python -m tests.bench.identities`: the identity model over generated reports against one plain aggregation of the same facts.

The reports are made in SQL: tables three and four of 2019 with figures that add up, but for some that are broken and some
left blank. The plain aggregation is a sum by report, table and line, written as a table, as the model is. The signs of numbers
(one verdict a cell) are left out unless asked for: they would quadruple the verdicts. With `--samples`, the check phase of the
whole pipeline on the samples, in seconds by part.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from extractors.records import TABLES
from tests.bench import measuring
from tests.warehouse import gold

PROJECT = gold.ROOT / "dbt_project"
MODEL = "fct_identity_results"
GOAL = 4.0

# Leaves are i % 7; every total follows. One cell in five hundred is broken, one in two hundred is blank.
FACTS = """
    create or replace table raw.facts as
    with reports as (select md5(cast(i as varchar)) as report_id, i, i % 7 as v from range({reports}) as r(i)),
    dispositions as (
        select count(*) as n from raw.form_lines
        where form_id = 'national_2019' and form_table = 'three' and parent = 'processed.total'
    ),
    cells as (select row_number() over () as cell, * from raw.form_cells where form_id = 'national_2019' and form_table <> 'two'),
    figures as (
        select
            report_id, i, cell, form_id, form_table, line_code, column_code, unit,
            case
                when form_table = 'four' then case column_code when 'total' then 4 * v else v end
                else
                    case line_code when 'processed.total' then n * v when 'requests.new' then n * v else v end
                    * case column_code when 'total' then 6 else 1 end
            end as figure,
            hash(i, cell) as chance
        from reports, cells, dispositions
    )
    select
        report_id, 2019 as report_year, form_id, form_table, line_code, column_code,
        cast(case when chance % 200 = 0 then null when chance % 500 = 1 then figure + 1 else figure end as decimal(20, 4))
            as reported_value,
        case when chance % 200 = 0 then 'blank' end as missing_reason, cast(figure as varchar) as raw_text, unit,
        'table ' || form_table as address, 0 as grid_no, cast(cell as integer) as row_no, 0 as column_no, '' as note
    from figures order by i, cell
"""
OTHERS = """
    create or replace table raw.tables as
        select distinct report_id, report_year, form_id, form_table, 'made' as evidence, form_table as address, 1 as copies
        from raw.facts;
    insert into raw.readings by name
        select distinct report_id, report_id as source_id, 'x' as sha256, 'bench' as reader_version, 'text/html' as media_type,
            '机关' || report_id as agency_name, 'catalogue' as agency_source, report_year, 'catalogue' as year_source,
            'organ' as scope
        from raw.facts;
    insert into raw.sources by name select source_id, source_id as location, 2 as catalogue_line from raw.readings;
    delete from raw.comparison_terms;
"""
PLAIN = """
    create or replace table plain as
    select report_id, form_id, form_table, line_code, sum(reported_value) as total, count(reported_value) as with_value,
        count(missing_reason) as without
    from raw.facts group by report_id, form_id, form_table, line_code
"""
COARSE = """
    create or replace table plain as
    select report_id, sum(reported_value) as total, count(*) as cells from raw.facts group by report_id
"""


def make(database: Path, reports: int, signs: bool) -> None:
    """The raw tables of so many reports."""
    gold.write(database, gold.empty())
    with duckdb.connect(str(database)) as connection:
        connection.execute(FACTS.format(reports=reports))
        assert [r[0] for r in connection.execute("describe raw.facts").fetchall()] == [
            c for c, _ in TABLES["facts"].columns
        ]
        for statement in OTHERS.split(";"):
            connection.execute(statement)
        if not signs:
            connection.execute("delete from raw.identity_terms where identity_id like 'all_%'")


def dbt(database: Path, target: Path, *arguments: str) -> None:
    """Run dbt. Raises RuntimeError with what it says where it fails."""
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--quiet", *arguments, "--project-dir", PROJECT, "--profiles-dir", PROJECT,
         "--target-path", target, "--log-path", target],
        env=os.environ | {"OGI_WORK_DB": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def compiled(database: Path, target: Path) -> str:
    """The model's SQL as dbt sends it; what it selects from is there afterwards."""
    dbt(database, target, "seed")
    dbt(database, target, "run", "--select", f"+{MODEL}")
    path = target / "compiled" / "ogi_warehouse" / "models" / "quality" / f"{MODEL}.sql"
    return f"create or replace table quality.{MODEL} as {path.read_text(encoding='utf-8')}"


def best_seconds(database: Path, statements: dict[str, str], rounds: int) -> dict[str, float]:
    """The best of some rounds of each statement, with dbt's settings; in turns, so that a noisy machine is noisy for all."""
    found: dict[str, list[float]] = {}
    with duckdb.connect(str(database)) as connection:
        connection.execute("set threads = 2; set memory_limit = '2GB'")
        for _ in range(rounds):
            for name, sql in statements.items():
                start = time.perf_counter()
                connection.execute(sql)
                found.setdefault(name, []).append(time.perf_counter() - start)
    return {name: min(seconds) for name, seconds in found.items()}


def identities(reports: int, rounds: int, signs: bool) -> dict[str, object]:
    """Seconds of the model and of the plain aggregations, and their ratio, in one database on disk that is removed."""
    with tempfile.TemporaryDirectory(prefix="ogi-bench-") as folder:
        database, target = Path(folder, "work.duckdb"), Path(folder, "target")
        make(database, reports, signs)
        statements = {"model": compiled(database, target), "plain": PLAIN, "coarse": COARSE}
        model, plain, coarse = best_seconds(database, statements, rounds).values()
        with duckdb.connect(str(database), read_only=True) as connection:
            verdicts = dict(
                connection.execute(f"select verdict, count(*) from quality.{MODEL} group by all").fetchall()
            )
            facts = connection.execute("select count(*) from raw.facts").fetchone()
    return {
        "reports": reports, "facts": facts[0] if facts else 0, "verdicts": sum(verdicts.values()), "by_verdict": verdicts,
        "model_seconds": round(model, 3), "plain_seconds": round(plain, 3), "ratio": round(model / plain, 2), "goal": GOAL,
        "plain_by_report_seconds": round(coarse, 3),
    }  # fmt: skip


PART = re.compile(r"^\[7/9\] checks +(\w+): .* (\d+\.\d) s$", re.M)


def check_phase() -> dict[str, float]:
    """Seconds by part of the check phase of one run on the samples; the first part imports Great Expectations."""
    with tempfile.TemporaryDirectory(prefix="ogi-bench-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.run"], env=os.environ | {"OGI_HOME": home}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        total = json.loads(Path(home, "work", "last_run.json").read_text(encoding="utf-8"))["phases"]["checks"]
    return {name: float(seconds) for name, seconds in PART.findall(done.stdout)} | {"all checks": total}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.identities")
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--signs", action="store_true", help="the signs of numbers too")
    parser.add_argument("--samples", action="store_true", help="the check phase on the samples too")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    result = identities(asked.reports, asked.rounds, asked.signs)
    measuring.show(measuring.table(("identities", ""), list(result.items())))
    if asked.samples:
        parts = check_phase()
        result["check_phase_seconds"] = parts
        measuring.show(
            "\n" + measuring.table(("check phase on the samples", "s"), [(k, f"{v:.2f}") for k, v in parts.items()])
        )
    measuring.write_json(asked.json, {"machine": measuring.machine(), **result})


if __name__ == "__main__":
    main()

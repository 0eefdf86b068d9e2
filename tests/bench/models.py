"""`python -m tests.bench.models [--facts 1000000]`: time of each model, against hand-written SQL, and after one new report.

Generates schema `raw` (agencies of the register, years 2014 to 2025, whole tables of the forms of each year) and measures, in one
process on one machine:
- `dbt run` from nothing: its wall time, with parsing and seeds apart;
- each model with one dbt thread, so that no two models share the processors;
- the same rows of the five fact tables from SQL as a person would write it in the duckdb client (below), with a check that the
  rows are the same, and the ratio of the two;
- after one new report of 2024, the selector new_reports with changed_reports (what changed is found, and replaced with what
  depends on it), as a share of the full build: from the start of the first model to the end of the last, both with the threads
  of the profile, as operators run them, and the seeds of the full build; and the commands with everything that dbt does before
  and after. Five times, each beside a full build of its own, and the median: one such build takes about a second;
- peak memory of the process. OGI_MEMORY_LIMIT bounds DuckDB (default here 4GB).
Processor seconds stand beside wall seconds: they say the same on a machine that others use.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.bench import measuring
from tests.warehouse import gold

PROJECT = gold.ROOT / "dbt_project"
YEARS = range(2014, 2026)
ROUNDS = 5

GENERATE = """
create or replace temp table wanted as
select
    md5(i::varchar) as report_id,
    'source-' || i as source_id,
    {first} + (i % {years})::int as report_year,
    (i // {years})::int as agency_no
from range({reports}) as t (i);

create or replace temp table known as
select agency_key, agency_name, region_code, row_number() over (order by agency_key) - 1 as agency_no
from (
    select 'government:' || territory_id as agency_key, government_name as agency_name, region_code
    from read_csv('{regions}', all_varchar = true) where government_name <> '' and valid_from::int <= {first} and valid_to = '9999'
);

insert into raw.sources (source_id, catalogue_line, report_year, location)
select source_id, 2, report_year, source_id from wanted;
insert into raw.outcomes (source_id, step, status, sha256, attempted_at)
select source_id, step, case step when 'read' then 'parsed' else 'archived' end, report_id, timestamp '2026-01-01'
from wanted cross join (values ('archive'), ('read')) as s (step);
insert into raw.readings (report_id, source_id, sha256, reader_version, media_type, agency_name, agency_source, region_code,
    report_year, year_source, scope, published_on)
select report_id, source_id, report_id, 'bench', 'text/html', coalesce(agency_name, '机关' || w.agency_no), 'text', region_code,
    report_year, 'text', 'territory', (report_year + 1) || '-03-' || lpad((1 + w.agency_no % 31)::varchar, 2, '0')
from wanted as w left join known as k on w.agency_no = k.agency_no;
insert into raw.agency_candidates
select report_id, report_year, 1, agency_key, case when agency_key is null then 'unknown' else 'resolved' end, 'name'
from wanted as w left join known as k on w.agency_no = k.agency_no;

create or replace temp table wanted_tables as
select w.report_id, w.report_year, f.form_id, f.form_table
from wanted as w
inner join (select distinct form_id, form_table from raw.form_cells where form_id like 'national%') as f
    on f.form_id = case
        when w.report_year <= 2018 then 'national_2014'
        when w.report_year <= 2020 then 'national_2019'
        else 'national_2021'
    end;
insert into raw.tables (report_id, report_year, form_id, form_table, evidence, address, copies)
select report_id, report_year, form_id, form_table, 'bench', 'table', 1 from wanted_tables;
insert into raw.facts (report_id, report_year, form_id, form_table, line_code, column_code, reported_value, missing_reason,
    raw_text, unit, address, grid_no, row_no, column_no, note)
select w.report_id, w.report_year, w.form_id, w.form_table, c.line_code, c.column_code,
    case when hash(w.report_id, c.line_code, c.column_code) % 50 = 0 then null
        else hash(w.report_id, c.column_code, c.line_code) % 90 end,
    case when hash(w.report_id, c.line_code, c.column_code) % 50 = 0 then 'blank' end,
    '7', coalesce(c.unit, '件'), 'table 1, row 2, column 3', 1, 2, 3, ''
from wanted_tables as w inner join raw.form_cells as c on w.form_id = c.form_id and w.form_table = c.form_table
-- a report's rows stand together, as they are loaded
order by w.report_year, w.report_id;

-- as many as the bundled reports have on average; every other one stands in all reports of its agency
insert into raw.sentences (report_id, report_year, sentence_key, characters, address)
select report_id, report_year, left(md5(agency_no || '-' || n || case n % 2 when 0 then '' else '-' || report_year end), 16),
    60, 'paragraph ' || n
from wanted cross join range(66) as t (n)
order by report_year, report_id;
"""

BY_HAND = {
    "facts": """
        create or replace temp table f as
        select r.agency_id, f.*, md5(f.form_id || '|' || f.form_table || '|' || f.line_code) as line_id,
            md5(f.form_id || '|' || f.form_table || '|' || f.column_code) as column_id,
            l.mart, l.measure, l.route, coalesce(l.outcome, c.outcome) as outcome, c.applicant,
            l.is_total as line_is_total, c.is_total as column_is_total, c.is_stock, k.kind
        from raw.facts as f
        inner join intermediate.int_reports as r using (report_id)
        inner join (select * replace (nullif(mart, 'none') as mart, nullif(outcome, '') as outcome, nullif(route, '') as route)
            from raw.form_lines) as l using (form_id, form_table, line_code)
        inner join (select * replace (nullif(outcome, '') as outcome, nullif(applicant, '') as applicant)
            from raw.form_columns) as c using (form_id, form_table, column_code)
        inner join raw.form_cells as k using (form_id, form_table, line_code, column_code)
    """,
    "fct_report_lines": """
        create or replace temp table fct_report_lines as
        select f.report_id, f.agency_id, f.form_id, f.form_table, f.line_id, f.column_id, f.line_code, f.column_code,
            x.harmonised_code, f.line_is_total or f.column_is_total as is_total, f.is_stock, f.kind, f.reported_value,
            f.missing_reason, case when a.report_id is null then f.reported_value else a.corrected_value end as corrected_value,
            a.report_id is not null as is_corrected, a.reason as correction_reason, f.raw_text, f.unit,
            case when f.kind = 'money' then (f.reported_value * case f.unit when '元' then 1 when '万元' then 10000
                when '亿元' then 100000000 end)::decimal(28, 4) end as reported_yuan,
            f.address, f.grid_no, f.row_no, f.column_no,
            'reports/' || f.report_id || '.html#c-' || f.grid_no || '-' || f.row_no || '-' || f.column_no as evidence_url,
            nullif(f.note, '') as note, f.report_year
        from f left join staging.crosswalk as x
            on x.form_id = f.form_id and x.form_table = f.form_table and x.line_code = f.line_code
            and x.column_code in ('*', f.column_code) and x.relation <> 'none'
        left join (from quality.corrections where is_applied) as a
            on a.report_id = f.report_id and a.form_id = f.form_id and a.form_table = f.form_table
            and a.line_code = f.line_code and a.column_code = f.column_code
    """,
    "fct_requests": """
        create or replace temp table fct_requests as
        select report_id, agency_id, form_id, form_table, line_id, column_id, applicant, line_code as disposition,
            reported_value::bigint as requests, reported_value, missing_reason, report_year
        from f where mart = 'requests' and not line_is_total and not column_is_total and not is_stock
    """,
    "fct_reviews": """
        create or replace temp table fct_reviews as
        select report_id, agency_id, form_id, form_table, line_id, column_id, route, outcome,
            reported_value::bigint as cases, reported_value, missing_reason, report_year
        from f where mart = 'reviews' and not line_is_total and not column_is_total and not is_stock and outcome <> 'total'
    """,
    "fct_request_flow": """
        create or replace temp table fct_request_flow as
        with m as (
            select report_id, agency_id, form_id, form_table, column_id, applicant, report_year,
                {aggregates}
            from f where mart = 'request_flow' and not column_is_total and not is_stock group by all
        )
        select report_id, agency_id, form_id, form_table, column_id, applicant, {columns}, report_year from m
    """.format(
        aggregates=", ".join(
            f"max(reported_value) filter (measure = '{m}')::bigint as v_{m}, "
            f"max(missing_reason) filter (measure = '{m}') as r_{m}, count(*) filter (measure = '{m}') as n_{m}"
            for m in ("new", "carried_in", "processed", "carried_out")
        ),
        columns=", ".join(
            f"v_{m} as requests_{m}, case when n_{m} = 0 then 'not_on_form' else r_{m} end as {m}_missing"
            for m in ("new", "carried_in", "processed", "carried_out")
        ),
    ),
    "fct_identity_results": """
        create or replace temp table fct_identity_results as
        with s as (
            select report_id, identity_id, form_id, form_table, member, true as is_within_table, null::varchar as alternative,
                true as is_asked, count(*)::int as operand_count,
                count(*) filter (f.reported_value is null)::int as missing_count,
                count(*) filter (f.missing_reason = 'blank')::int as blank_count,
                coalesce(sum(weight * coalesce(f.reported_value, 0)) filter (side = 'lhs'), 0)::decimal(28, 4) as lhs_sum,
                coalesce(sum(weight * coalesce(f.reported_value, 0)) filter (side = 'rhs'), 0)::decimal(28, 4) as rhs_sum,
                null::decimal(20, 4) as own_tolerance
            from raw.facts as f inner join raw.identity_terms using (form_id, form_table, line_code, column_code)
            group by all
            union all
            select report_id, identity_id, form_id, form_table, member, false, alternative, is_asked, operand_count, missing_count,
                blank_count, lhs_sum, rhs_sum, tolerance
            from intermediate.int_comparison_sums
        ),
        j as (
            select s.*, i.* exclude (identity_id), greatest(coalesce(own_tolerance, tolerance_absolute), tolerance_relative * abs(rhs_sum)) as tolerance
            from s inner join quality.dim_identity as i using (identity_id)
        ),
        v as (
            select j.*, not is_asked or case operator when '=' then abs(lhs_sum - rhs_sum) <= tolerance
                when 'one_of' then abs(lhs_sum - rhs_sum) <= tolerance when '<>' then abs(lhs_sum - rhs_sum) > tolerance
                when '<=' then lhs_sum - rhs_sum <= tolerance
                when '>=' then rhs_sum - lhs_sum <= tolerance else lhs_sum >= 0 and lhs_sum = floor(lhs_sum) end as met
            from j
        )
        select report_id, agency_id, identity_id, family, severity, is_within_table, form_id, form_table, member, operator,
            case when verdict in ('holds', 'holds_if_blank_is_zero') then alternative end as alternative, is_asked,
            case when verdict <> 'undecidable' then lhs_sum end as lhs, case when verdict <> 'undecidable' then rhs_sum end as rhs,
            case when verdict <> 'undecidable' then (lhs_sum - rhs_sum)::decimal(28, 4) end as difference,
            verdict, operand_count, missing_count, blank_count, statement, report_year
        from (
            select *, case when missing_count = 0 and met then 'holds' when missing_count = 0 then 'violated'
                when missing_count = blank_count and met then 'holds_if_blank_is_zero' else 'undecidable' end as verdict
            from v
        ) inner join (select report_id, agency_id, report_year from intermediate.int_reports) using (report_id)
    """,
}
SCHEMA = {name: "marts" for name in BY_HAND} | {"fct_identity_results": "quality"}


def generate(database: Path, facts: int) -> int:
    """Schema `raw` with at least `facts` facts; returns how many."""
    gold.write(database, gold.empty())
    regions = gold.ROOT / "extractors" / "agencies" / "regions.csv"
    reports = facts * len(YEARS) // (5 * 60 + 2 * 198 + 5 * 200) + 1  # facts of a report, over the years
    with duckdb.connect(str(database)) as connection:
        connection.execute(GENERATE.format(reports=reports, first=YEARS[0], years=len(YEARS), regions=regions))
        return int(connection.execute("select count(*) from raw.facts").fetchall()[0][0])


def add_a_report(database: Path, key: str = "new") -> None:
    """One more report of 2024: a copy of another under its own key."""
    with duckdb.connect(str(database)) as connection:
        (model,) = connection.execute(
            "select min(report_id) from raw.readings where report_year = 2024"
        ).fetchone() or ("",)
        for table in ("readings", "agency_candidates", "tables", "facts", "sentences"):
            connection.execute(
                f"insert into raw.{table} select * replace (? as report_id) from raw.{table} where report_id = ?",
                [key, model],
            )


@dataclass(frozen=True)
class Ran:
    """One dbt command: wall and processor seconds of all of it, seconds from the start of its first node to the end of its last, and
    those of each."""

    wall: float
    processor: float
    work: float
    models: dict[str, float]


def dbt(database: Path, folder: Path, *command: str) -> Ran:
    """Run dbt in this process. Raises RuntimeError where it fails."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ |= {"OGI_WORK_DB": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    start, busy = time.perf_counter(), time.process_time()
    outcome: Any = dbtRunner().invoke([
        "--log-level", "none", *command, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
    ])  # fmt: skip
    DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise RuntimeError(f"dbt {' '.join(command)}: {outcome.exception or [r.message for r in outcome.result]}")
    wall, processor = time.perf_counter() - start, time.process_time() - busy
    if command[0] == "parse":
        return Ran(wall, processor, 0, {})
    times = [timing for r in outcome.result for timing in r.timing]
    work = max(t.completed_at for t in times) - min(t.started_at for t in times)
    return Ran(wall, processor, work.total_seconds(), {r.node.name: r.execution_time for r in outcome.result})


def by_hand(database: Path) -> tuple[dict[str, float], list[str]]:
    """(seconds by table, tables whose rows differ from the models'). One client, as many threads as dbt has."""
    spent, differs = {}, []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as work")
        connection.execute("use work")
        connection.execute(f"set memory_limit = '{os.environ['OGI_MEMORY_LIMIT']}'")
        for name, statement in BY_HAND.items():
            start = time.perf_counter()
            # the client writes where the models write: a table of the file
            connection.execute(
                statement.replace("temp table ", "table raw.byhand_" if name != "facts" else "temp table ")
            )
            spent[name] = time.perf_counter() - start
        for name in BY_HAND:
            if name != "facts":
                ours, theirs = f"raw.byhand_{name}", f"{SCHEMA[name]}.{name}"
                fingerprint = "select count(*), sum(hash(t)::hugeint) from {} as t"  # of whole rows, in any order
                left, right = (connection.execute(fingerprint.format(x)).fetchall()[0] for x in (theirs, ours))
                if left != right:
                    differs.append(f"{name}: {left[0]} rows by dbt, {right[0]} by hand, or other values")
                connection.execute(f"drop table {ours}")
    return spent, differs


def run(facts: int, folder: Path) -> dict[str, Any]:
    """Everything that is measured, in seconds."""
    database = folder / "work.duckdb"
    count = generate(database, facts)
    dbt(database, folder, "parse")  # the first command of a process also imports dbt
    seeds = dbt(database, folder, "seed")
    said = ["--vars", "{changed_reports: true}"]
    changed = folder / "changed"  # other variables: everything is parsed anew, so each has its own folder
    dbt(database, changed, "parse", *said)
    models = dbt(database, folder, "run", "--threads", "1").models
    start = dbt(database, folder, "run", "--select", "dim_year")
    hand, differs = by_hand(database)
    rounds = []
    for number in range(ROUNDS + 1):
        threads = ("--threads", "1") if number == ROUNDS else ()  # the last one for the time of each model
        full = dbt(database, folder, "run", *threads)
        add_a_report(database, f"new-{number}")
        rounds.append((full, dbt(database, changed, "run", *threads, "--selector", "new_reports", *said)))
    _, last = rounds.pop()
    shares = [one.work / (seeds.work + full.work) for full, one in rounds]
    full, one = rounds[sorted(range(ROUNDS), key=shares.__getitem__)[ROUNDS // 2]]
    compared = sum(models[name] for name in BY_HAND if name in models)
    return {
        "machine": measuring.machine(), "facts": count, "models": models, "models_of_one_report": last.models, "full": asdict(full),
        "start": asdict(start), "seeds": asdict(seeds), "by_hand": hand, "differs": differs,
        "compared_models": compared, "ratio": compared / sum(hand.values()), "one_report": asdict(one),
        "shares_of_work": shares, "share_of_work": sorted(shares)[ROUNDS // 2], "share_of_wall": one.wall / full.wall,
        "share_of_processor": one.processor / full.processor,
        "share_of_processor_but_start": (one.processor - start.processor) / (full.processor - start.processor),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "file_mb": database.stat().st_size // 2**20,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.models")
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    os.environ.setdefault("OGI_MEMORY_LIMIT", "4GB")  # the same on every machine, for both sides
    with tempfile.TemporaryDirectory() as folder:
        found = run(asked.facts, Path(folder))
    full, one = found["full"], found["one_report"]
    measuring.show(
        measuring.table(
            ("model", "full s", "by hand s", "one report s"),
            [
                (
                    name,
                    f"{s:.2f}",
                    f"{found['by_hand'][name]:.2f}" if name in found["by_hand"] else "",
                    f"{found['models_of_one_report'][name]:.2f}" if name in found["models_of_one_report"] else "",
                )
                for name, s in sorted(found["models"].items(), key=lambda m: -m[1])
                if s >= 0.05
            ],
        )
    )
    measuring.show(
        f"\n{found['facts']:,} facts. {len(full['models'])} models {full['work']:.1f} s and seeds {found['seeds']['work']:.1f} s; one model after another "
        f"{sum(found['models'].values()):.1f} s; `dbt run` {full['wall']:.1f} s (starting and one model {found['start']['wall']:.1f} s; "
        f"seeds {found['seeds']['wall']:.1f} s), {full['processor']:.1f} processor s.\n"
        f"Five fact tables: {found['compared_models']:.2f} s, by hand {sum(found['by_hand'].values()):.2f} s "
        f"(with {found['by_hand']['facts']:.2f} s for the join that they share): ratio {found['ratio']:.2f}. "
        f"Rows that differ: {'; '.join(found['differs']) or 'none'}.\n"
        f"After one new report: {len(one['models'])} models {one['work']:.1f} s (one after another {sum(found['models_of_one_report'].values()):.1f} s), {found['share_of_work']:.0%} of the full build "
        f"(of {', '.join(f'{share:.0%}' for share in found['shares_of_work'])}); "
        f"`dbt run` {one['wall']:.1f} s, {found['share_of_wall']:.0%}; {one['processor']:.1f} processor s, "
        f"{found['share_of_processor']:.0%} (without starting dbt on either side "
        f"{found['share_of_processor_but_start']:.0%}).\n"
        f"Peak memory {found['peak_memory_mb']:,} MB, file {found['file_mb']:,} MB, {found['machine']}"
    )
    measuring.write_json(asked.json, found)


if __name__ == "__main__":
    main()

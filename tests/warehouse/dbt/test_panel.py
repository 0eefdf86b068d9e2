"""Agencies, regions, long panel, indicators, coverage and the fifteen questions, over the gold figures; and what is refused."""

from __future__ import annotations

import csv
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from extractors.agencies import registry
from extractors.agencies.resolve import Said
from extractors.records import of_agency
from tests.tools import questions
from tests.warehouse import gold

Connection = duckdb.DuckDBPyConnection
PROJECT = gold.ROOT / "dbt_project"


def panel(connection: Connection, source: str, columns: str) -> tuple[Any, ...]:
    found = connection.execute(
        f"select {columns} from marts.agency_year_panel as p "
        "inner join marts.fct_report as r on p.report_id = r.report_id where r.source_id = ?",
        [source],
    ).fetchall()
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("source", "full", "part", "rest", "why"),
    [
        ("haizhou-2015", 0, 2, 3, None),  # 2014's form: already public and granted, as a sum
        ("guyuan-2019", 6, 0, 27, None),
        ("neijiang-2020", 114, 14, 106, None),
        ("huaian-2024", 1362, 454, 1234, None),
        ("yanping-2018", 0, 0, 0, None),
        ("deyang-2018", 16, 1, None, "not_on_form"),  # prose states no total of the replies
        ("shanghai-office-2019", None, None, None, "blank"),  # row totals left blank
    ],
)
def test_full_part_and_not_disclosed_over_four_forms(
    warehouse: Connection, source: str, full: int | None, part: int | None, rest: int | None, why: str | None
) -> None:
    found = panel(warehouse, source, "disclosed_full, disclosed_part, not_disclosed, not_disclosed_missing")
    assert found == (full, part, rest, why)


def test_relations_and_breaks_stand_beside_the_values(warehouse: Connection) -> None:
    columns = "disclosed_full_relation, not_disclosed_relation, not_held_relation, requests_received_relation"
    assert panel(warehouse, "haizhou-2015", columns) == ("exact", "exact", "approximate", "close")
    assert panel(warehouse, "huaian-2024", columns) == ("exact", "exact", "approximate", "close")
    assert panel(warehouse, "huaian-2024", "denied_third_party_relation, staff_relation") == ("broader", "none")
    assert panel(warehouse, "haizhou-2015", "denied_third_party_relation, staff_relation") == ("narrower", "exact")
    breaks = "disclosed_full_break, not_disclosed_break, requests_received_break, litigation_total_break"
    assert panel(warehouse, "guyuan-2019", breaks) == (False, False, True, True)
    assert panel(warehouse, "huaian-2024", breaks) == (False, False, False, True)


def test_the_columns_of_the_panel_are_the_measures_of_the_seed(warehouse: Connection) -> None:
    with (PROJECT / "seeds/panel_measures.csv").open(encoding="utf-8", newline="") as handle:
        seeded = list(dict.fromkeys(r["measure"] for r in csv.DictReader(handle)))
    macro = (PROJECT / "macros/panel_measures.sql").read_text(encoding="utf-8").partition("endmacro")[0]
    assert re.findall(r"'(\w+)'", macro) == seeded
    broken = {m for (m,) in warehouse.execute("select distinct measure from marts.series_break").fetchall()}
    assert broken <= set(seeded)


def test_what_runs_since_2014_is_said_in_the_dimension(warehouse: Connection) -> None:
    runs = {m for (m,) in warehouse.execute("select measure from marts.dim_measure where runs_since_2014").fetchall()}
    assert {"disclosed_full", "disclosed_part", "not_disclosed", "review_corrected", "requests_received"} <= runs
    assert runs.isdisjoint({"staff", "requests_carried_in", "unprocessed_petition"})
    found = warehouse.execute(
        "select relation_2014, relation_2019, relation_2021 from marts.dim_measure where measure = 'denied_third_party'"
    ).fetchone()
    assert found == ("narrower", "broader", "broader")


def indicator(connection: Connection, source: str, name: str) -> tuple[Any, ...]:
    (found,) = connection.execute(
        "select i.numerator, i.denominator, i.indicator_value, i.missing_reason from marts.indicators as i "
        "inner join marts.fct_report as r on i.report_id = r.report_id where r.source_id = ? and i.indicator_id = ?",
        [source, name],
    ).fetchall()
    return found


@pytest.mark.parametrize(
    ("source", "name", "numerator", "denominator"),
    [
        ("huaian-2024", "disclosure_rate_full", 1362, 3050),
        ("huaian-2024", "disclosure_rate", 1816, 3050),
        ("huaian-2024", "carry_over_rate", 103, 3119 + 34),
        ("huaian-2024", "correction_rate_suits", 5, 39),
        ("haizhou-2015", "disclosure_rate", 2, 5),
        ("neijiang-2020", "disclosure_rate_full", 114, 234),
    ],
)
def test_indicators_by_hand(warehouse: Connection, source: str, name: str, numerator: int, denominator: int) -> None:
    found = indicator(warehouse, source, name)
    assert found[:2] == (numerator, denominator)
    assert found[2] == (Decimal(numerator) / denominator).quantize(Decimal("0.000001"))
    assert found[3] is None


def test_an_indicator_without_an_operand_has_a_reason_and_never_zero(warehouse: Connection) -> None:
    assert indicator(warehouse, "shanghai-office-2019", "disclosure_rate")[2:] == (None, "blank")
    assert indicator(warehouse, "haizhou-2015", "share_unprocessed")[2:] == (None, "not_on_form")
    assert indicator(warehouse, "haizhou-2015", "correction_rate_review")[1:] == (0, None, "denominator_zero")
    assert indicator(warehouse, "huaian-2024", "on_time_publication")[2:] == (None, "no_date")


def test_reviews_per_100_refusals_joins_two_tables(warehouse: Connection) -> None:
    numerator, denominator, value, _ = indicator(warehouse, "huaian-2024", "reviews_per_100_refusals")
    assert (numerator, denominator) == (351, 1234)
    assert value == (Decimal(35100) / 1234).quantize(Decimal("0.000001"))


def test_shares_of_applicants_add_up(warehouse: Connection) -> None:
    (total,) = warehouse.execute(
        "select sum(i.indicator_value) from marts.indicators as i inner join marts.fct_report as r "
        "on i.report_id = r.report_id where r.source_id = 'huaian-2024' and i.indicator_id like 'applicant_share_%'"
    ).fetchone()
    assert abs(total - 1) < Decimal("0.00001")


def test_every_indicator_has_its_formula_in_both_languages(warehouse: Connection) -> None:
    found = warehouse.execute("select indicator_id, formula_zh, formula_en from marts.dim_indicator").fetchall()
    assert len(found) == 16
    assert all(re.search("[\u4e00-\u9fff]", zh) and not re.search("[\u4e00-\u9fff]", en) for _, zh, en in found)
    given = {i for (i,) in warehouse.execute("select distinct indicator_id from marts.indicators").fetchall()}
    assert {i for i, *_ in found} - given == {"coverage"}


def test_coverage_expects_every_agency_in_every_year_of_the_span(warehouse: Connection) -> None:
    found = dict(warehouse.execute("select status, count(*) from marts.coverage group by status").fetchall())
    assert found == {"published": 7, "missing": 63}
    assert warehouse.execute("select count(distinct report_year), min(report_year) from marts.coverage").fetchone() == (
        10, 2015
    )  # fmt: skip


def test_the_register_in_sql_is_the_register_of_the_library(warehouse: Connection) -> None:
    ours = warehouse.execute(
        "select agency_key, agency_name, agency_kind, agency_level, region_code, superior_key, superior_line_key, "
        "valid_from, valid_to from intermediate.int_agencies"
    ).fetchall()
    theirs = [
        (a.key, a.name, a.kind, a.level, a.region_code or None, a.superior_key or None, a.superior_line_key or None,
         a.valid_from, a.valid_to)
        for a in registry.default().agencies
    ]  # fmt: skip
    assert sorted(ours, key=repr) == sorted(theirs, key=repr)
    before = warehouse.execute("select agency_key, predecessor_key from marts.agency_predecessors").fetchall()
    assert set(before) == set(registry.default().predecessors)


def test_haizhou_2013_and_2015_are_two_territories_of_one_constant_code(warehouse: Connection) -> None:
    found = warehouse.execute(
        "select y.report_year, r.territory_id, r.constant_code, r.prefecture_name from marts.dim_year as y "
        "inner join marts.dim_region as r on y.report_year between r.valid_from and r.valid_to "
        "where r.region_code = '320706' and y.report_year in (2013, 2015) order by 1"
    ).fetchall()
    assert found == [(2013, "320706/320706", "320706", "连云港市"), (2015, "320706", "320706", "连云港市")]


def test_no_year_of_a_division_is_lost_in_its_hierarchy(warehouse: Connection) -> None:
    years = "select sum(valid_to - valid_from + 1), count(distinct region_code) from {}"
    assert (
        warehouse.execute(years.format("marts.dim_region")).fetchone()
        == warehouse.execute(years.format("staging.regions")).fetchone()
    )


def test_each_report_meets_one_row_of_dim_agency(warehouse: Connection) -> None:
    found = warehouse.execute(
        "select count(*), count(distinct f.report_id) from marts.fct_report as f inner join marts.dim_agency as a "
        "on f.agency_id = a.agency_id and f.report_year between a.valid_from and a.valid_to "
        "and f.agency_version_id = a.agency_version_id where a.has_report and a.is_registered"
    ).fetchone()
    assert found == (7, 7)


def changed(dbt: Any, built: tuple[Path, Any], tmp_path: Path, raw: gold.Raw) -> Path:
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    gold.write(database, raw)
    assert dbt(database, "run").success
    return database


def test_an_agency_that_is_not_resolved_stands_in_a_table_with_candidates(
    dbt: Any, built: tuple[Path, Any], tmp_path: Path
) -> None:
    raw = gold.raw_tables()
    haizhou, neijiang = (next(r for r in raw["readings"] if r[1] == s) for s in ("haizhou-2015", "neijiang-2020"))
    raw["agency_candidates"] = [c for c in raw["agency_candidates"] if c[0] not in (haizhou[0], neijiang[0])]
    raw["agency_candidates"] += of_agency(haizhou[0], Said("海州区人民政府", 2015))
    raw["agency_candidates"] += of_agency(neijiang[0], Said("某某局", 2020))
    with duckdb.connect(str(changed(dbt, built, tmp_path, raw)), read_only=True) as connection:
        found = connection.execute(
            "select source_id, result, reason, candidate_key, candidate_name from marts.unresolved_agencies order by 1, 4"
        ).fetchall()
        provisional = connection.execute("select agency_name from marts.dim_agency where not is_registered").fetchall()
        reports = connection.execute("select count(*), count(agency_id) from marts.fct_report").fetchone()
    assert found == [
        ("haizhou-2015", "ambiguous", "same_name", "government:210902", "阜新市海州区人民政府"),
        ("haizhou-2015", "ambiguous", "same_name", "government:320706", "连云港市海州区人民政府"),
        ("neijiang-2020", "unknown", "not_in_register", None, None),
    ]
    assert len(provisional) == 2
    assert reports == (7, 7), "the report stays"


def test_late_and_unreadable_are_told_apart(dbt: Any, built: tuple[Path, Any], tmp_path: Path) -> None:
    raw = gold.raw_tables()
    names = [name for name, _ in gold.TABLES["readings"].columns]
    published = names.index("published_on")
    dates = {"huaian-2024": "2025-03-31", "neijiang-2020": "2021-04-01"}
    raw["readings"] = [
        (*r[:published], dates.get(r[1]), *r[published + 1 :]) for r in raw["readings"] if r[1] != "guyuan-2019"
    ]
    raw["outcomes"] = [
        (*o[:2], "quarantined", "undecodable", *o[4:]) if (o[0], o[1]) == ("guyuan-2019", "read") else o
        for o in raw["outcomes"]
    ]
    for table in ("facts", "tables", "agency_candidates"):
        known = {r[0] for r in raw["readings"]}
        raw[table] = [row for row in raw[table] if row[0] in known]
    with duckdb.connect(str(changed(dbt, built, tmp_path, raw)), read_only=True) as connection:
        found = connection.execute(
            "select agency_name, report_year, status, is_on_time, reason from marts.coverage "
            "where status <> 'missing' and (status <> 'published' or is_on_time) order by 1"
        ).fetchall()
        on_time = indicator(connection, "huaian-2024", "on_time_publication")[2]
        late = indicator(connection, "neijiang-2020", "on_time_publication")[2]
    assert sorted(found) == sorted([
        ("内江市人民政府", 2020, "late", False, None),
        ("固原市人民政府办公室", 2019, "unreadable", None, "undecodable"),
        ("淮安市人民政府", 2024, "published", True, None),
    ])  # fmt: skip
    assert (on_time, late) == (1, 0)


DEFECTS = {
    "one_current_version_fct_report_": (
        "insert into marts.fct_report select * replace (report_id || 'x' as report_id) from marts.fct_report "
        "where source_id = 'huaian-2024'",
        1,
    ),
    "one_place_a_year_dim_agency_": (
        "insert into marts.dim_agency select * replace ('320800' as region_code, agency_version_id || 'x' as agency_version_id) "
        "from marts.dim_agency where agency_key = 'government:320706'",
        1,
    ),
    "no_overlap_dim_agency_agency_id": ("", 2),
    "maps_a_line_once_crosswalk_": (
        "insert into staging.crosswalk select * replace ('value' as column_code, 'partial' as harmonised_code) "
        "from staging.crosswalk where form_id = 'national_2014' and line_code = 'replies.granted'",
        2,
    ),
    "no_overlap_regions_region_code": (
        "insert into staging.regions select * replace (2020 as valid_from) from staging.regions "
        "where region_code = '320706' and valid_to = 9999",
        2,
    ),
    "no_overlap_regions_territory_id": ("", 2),
}


def test_what_contradicts_itself_is_refused_with_the_rows(dbt: Any, built: tuple[Path, Any], tmp_path: Path) -> None:
    """A duplicate current report, an agency in two places, a line mapped twice, overlapping validity: the test returns the rows."""
    database = tmp_path / "work.duckdb"
    shutil.copyfile(built[0], database)
    with duckdb.connect(str(database)) as connection:
        for change, _ in DEFECTS.values():
            if change:
                connection.execute(change)
    outcome = dbt(database, "test", "--select", *DEFECTS)
    found = {r.node.name: r for r in outcome.result}
    assert set(found) == set(DEFECTS)
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, (_, rows) in DEFECTS.items():
            assert str(found[name].status) == "fail", name
            assert len(connection.execute(found[name].node.compiled_code).fetchall()) == rows, name


def test_the_fifteen_questions_compile_run_and_are_answered_in_the_docs(dbt: Any, tmp_path: Path) -> None:
    database = tmp_path / "work.duckdb"
    gold.write(database, questions.raw_samples())
    target = tmp_path / "target"
    for command in ("seed", "run", "compile"):
        assert dbt(database, command, "--target-path", str(target)).success
    questions.suggest(database)
    page = questions.page(database, target / "compiled" / "ogi_warehouse" / "analyses")
    assert len(questions.ANALYSES) == 15
    if not questions.PAGE.exists():
        questions.PAGE.write_text(page, encoding="utf-8")
        pytest.fail(f"{questions.PAGE} was missing and has been written: look at it and commit it")
    assert page == questions.PAGE.read_text(encoding="utf-8"), "run `python -m tests.tools.questions`"


def test_every_model_with_logic_has_a_unit_test() -> None:
    tested = set()
    for path in (PROJECT / "models").rglob("_unit_tests*.yml"):
        tested |= {t["model"] for t in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]}
    models = {
        p.stem for layer in ("intermediate", "marts", "quality") for p in (PROJECT / "models" / layer).glob("*.sql")
    }
    assert models - tested == set()


def test_every_mart_has_an_enforced_contract_and_is_exposed() -> None:
    exposed = (PROJECT / "models/marts/_exposures.yml").read_text(encoding="utf-8")
    consumers = {e["name"]: set(e["depends_on"]) for e in yaml.safe_load(exposed)["exposures"]}
    assert set(consumers) == {"dagster_ui", "dbt_docs", "sql_users", "export_files", "evidence_pages"}
    marts = sorted((PROJECT / "models/marts").glob("*.sql"))
    for mart in marts:
        (model,) = yaml.safe_load(mart.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        assert model["config"]["contract"]["enforced"] is True, mart.stem
        assert all(c.get("data_type") for c in model["columns"]), mart.stem
        assert any(c.get("constraints") for c in model["columns"]), mart.stem
    assert consumers["sql_users"] == consumers["export_files"] == {f"ref('{m.stem}')" for m in marts}


def test_documentation_of_the_marts_is_in_both_languages() -> None:
    docs = dict(
        re.findall(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", (PROJECT / "docs/columns.md").read_text("utf-8"), re.S)
    )
    chinese = re.compile("[\u4e00-\u9fff]")
    for path in sorted((PROJECT / "models/marts").glob("*.sql")):
        (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        words = {"": model["description"]} | {c["name"]: c["description"] for c in model["columns"]}
        for name, text in words.items():
            quoted = re.fullmatch(r'\{\{ doc\("(\w+)"\) \}\}', text)
            assert chinese.search(docs[quoted[1]] if quoted else text), (path.stem, name)

"""Every bundled sample is read exactly as its expected file says; the empty form yields nothing. Real reports: next door."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache

import pytest

from extractors import samples, sources
from extractors.auditing.evaluate import evaluate
from extractors.errors import BlankForm
from extractors.forms.catalogue import default
from extractors.model import Reading
from extractors.reading.read import read
from extractors.records import of_report
from tests.golden import golden
from tests.samples_builder.all import build_all, same

CATALOGUE = {s.source_id: s for s in sources.load(samples.CATALOGUE)}
WITHOUT_FIGURES = "blank-form-2021"
PROSE_ONLY = "deyang-2018"
REPORTS = [i for i in CATALOGUE if i != WITHOUT_FIGURES]
WITH_TABLES = [i for i in REPORTS if i != PROSE_ONLY]
NAMED_IN_TEXT = [i for i in REPORTS if i != "haizhou-2015"]
PROSE = samples.EXPECTED / f"{PROSE_ONLY}.json"


@cache
def reading(source_id: str) -> Reading:
    source = CATALOGUE[source_id]
    return read((samples.FOLDER / source.location).read_bytes())


@pytest.fixture(scope="module")
def built() -> dict[str, bytes]:
    return build_all()


@pytest.mark.parametrize("source_id", list(CATALOGUE))
def test_the_builder_gives_the_committed_document(source_id: str, built: dict[str, bytes]) -> None:
    name = CATALOGUE[source_id].location
    committed = (samples.FOLDER / name).read_bytes()
    assert same(name, committed, built[name]), "run python -m tests.samples_builder and look at the difference"


def test_every_document_of_the_builder_is_in_the_catalogue(built: dict[str, bytes]) -> None:
    assert sorted(built) == sorted(s.location for s in CATALOGUE.values())


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_cells_are_exactly_those_expected(source_id: str) -> None:
    path = samples.EXPECTED / f"{source_id}.csv"
    found = golden.statutory(reading(source_id).facts)
    if not path.exists():
        golden.write_and_fail(path, found)
    assert golden.differences(golden.load(path), found) == []


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_a_recognised_table_has_a_fact_for_every_cell_that_its_form_prints(source_id: str) -> None:
    got = reading(source_id)
    tables = [t for t in got.tables if t.table != "prose"]
    assert tables
    for table in tables:
        form = default().table(table.form, table.table)
        printed = {(line.code, column.code) for line, column in form.cells()}
        assert {(f.line, f.column) for f in got.facts if (f.form, f.table) == (table.form, table.table)} == printed


@pytest.mark.parametrize("source_id", REPORTS)
def test_the_text_says_its_year(source_id: str) -> None:
    assert reading(source_id).identification.report_year == CATALOGUE[source_id].report_year


@pytest.mark.parametrize("source_id", NAMED_IN_TEXT)
def test_the_text_names_its_agency(source_id: str) -> None:
    assert reading(source_id).identification.agency_name == CATALOGUE[source_id].agency_name


def test_the_blank_form_is_no_report() -> None:
    source = CATALOGUE[WITHOUT_FIGURES]
    data = (samples.FOLDER / source.location).read_bytes()
    with pytest.raises(BlankForm):
        of_report(source, "0" * 64, read(data))


def test_prose_of_a_report_without_tables() -> None:
    got = reading(PROSE_ONLY)
    assert golden.statutory(got.facts) == {}
    assert [t.table for t in got.tables if t.table != "prose"] == []
    found = [
        {"line": f.line, "column": f.column, "value": golden.plain(f.value), "missing": f.missing, "unit": f.unit}
        for f in got.facts
    ]
    if not PROSE.exists():
        text = ",\n".join(" " + json.dumps(fact, ensure_ascii=False) for fact in found)
        PROSE.write_text(f"[\n{text}\n]\n", encoding="utf-8")
        pytest.fail(f"{PROSE} was missing and has been written: compare it with the document by hand, then commit it")
    expected = json.loads(PROSE.read_text(encoding="utf-8"))
    assert sorted(found, key=lambda f: (f["line"], f["column"])) == sorted(
        expected, key=lambda f: (f["line"], f["column"])
    )


def test_approximations_in_words_are_no_exact_figures() -> None:
    exact = {f.value for f in reading(PROSE_ONLY).facts}
    assert exact.isdisjoint(Decimal(n) for n in ("11.7", "117000", "26000", "17000", "300", "3000000", "20000", "67.5"))


def test_two_copies_of_a_report_are_one_report() -> None:
    copies = {t.table: t.copies for t in reading("neijiang-2020").tables if t.table != "prose"}
    assert copies == {"two": 2, "three": 2, "four": 2}


@pytest.mark.parametrize(
    ("source_id", "value", "unit"), [("neijiang-2020", "58149.05", "万元"), ("shanghai-office-2019", "251000", "元")]
)
def test_an_amount_keeps_the_unit_that_is_printed_with_it(source_id: str, value: str, unit: str) -> None:
    fact = golden.statutory(reading(source_id).facts)["two", "procurement", "amount"]
    assert (fact.value, fact.unit) == (Decimal(value), unit)
    assert unit in fact.raw


def test_a_decrease_written_in_words_is_negative() -> None:
    fact = golden.statutory(reading("neijiang-2020").facts)["two", "licensing", "item_change"]
    assert (fact.value, fact.raw) == (Decimal(-12), "减12")


def test_blank_cells_of_a_whole_table_are_blank_and_nothing_else() -> None:
    found = golden.statutory(reading("shanghai-office-2019").facts)
    assert {f.missing for f in found.values() if f.value is None} == {"blank"}


def test_three_figures_in_one_cell_are_residue_and_fill_no_cell() -> None:
    got = reading("guyuan-2019")
    found = golden.statutory(got.facts)
    cells: dict[str, list[str]] = {}
    for left in got.residue:
        cells.setdefault(left.where, []).extend(left.text.split())
    assert list(cells.values()) == [["0", "0", "3"]]
    lines = ("denied.safety_stability", "denied.third_party", "denied.internal_affairs")
    assert [found["three", line, "natural"].value for line in lines] == [None, None, None]


def test_a_row_that_the_document_lost_is_absent_rather_than_blank() -> None:
    found = golden.statutory(reading("guyuan-2019").facts)
    assert {found["two", "procurement", c].missing for c in ("projects", "amount")} == {"absent"}


VIOLATED = {
    "haizhou-2015": set(),
    "guyuan-2019": {("t4_total", "litigation.after_review")},
    "neijiang-2020": set(),
    "yanping-2018": {("fj_replies", "year")},
    "huaian-2024": set(),
    "shanghai-office-2019": set(),
}
"""What the publishers' own figures break; every other identity holds or cannot be decided."""


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_the_oracle_finds_what_the_report_itself_breaks_and_nothing_else(source_id: str) -> None:
    found = evaluate(reading(source_id).facts, default())
    assert {(r.identity, r.over) for r in found if r.verdict == "violated"} == VIOLATED[source_id]


def test_lost_cells_make_a_verdict_undecidable() -> None:
    found = {(r.identity, r.over): r.verdict for r in evaluate(reading("guyuan-2019").facts, default())}
    lost = [("t3_flow", "natural"), ("t3_processed", "natural")]
    lost += [("t3_row_total", f"denied.{x}") for x in ("safety_stability", "third_party", "internal_affairs")]
    assert {found[x] for x in lost} == {"undecidable"}


def test_blanks_that_stand_for_zero_are_named_and_blank_totals_are_not_filled() -> None:
    found = {(r.identity, r.over): r.verdict for r in evaluate(reading("shanghai-office-2019").facts, default())}
    assert found["t3_flow", "natural"] == "holds"
    assert found["t3_flow", "research"] == found["t3_row_total", "requests.new"] == "holds_if_blank_is_zero"
    assert found["t3_row_total", "granted"] == found["t3_processed", "total"] == "undecidable"

"""The real reports are read as a careful reader read them, and the samples say the same figures in other words.

They lie outside the repository: OGI_REAL_REPORTS, by default ../shared/reports. Missing reports fail; nothing is skipped.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from extractors import samples, sources
from extractors.auditing.evaluate import evaluate
from extractors.errors import BlankForm
from extractors.forms.catalogue import default
from extractors.model import Reading
from extractors.reading.read import read
from extractors.records import of_report
from tests.golden import golden
from tests.samples_builder import deyang, guyuan, haizhou, huaian, neijiang, shanghai, yanping

FOLDER = Path(os.environ.get("OGI_REAL_REPORTS") or Path(__file__).parents[3] / "shared" / "reports")
IDS = [s.source_id for s in sources.load(samples.CATALOGUE)]
OUTSIDE_SECTIONS_TWO_TO_FIVE = ("suggestions_handled",)
WITHOUT_FIGURES, PROSE_ONLY = "blank-form-2021", "deyang-2018"
REPORTS = [i for i in IDS if i != WITHOUT_FIGURES]
WITH_TABLES = [i for i in REPORTS if i != PROSE_ONLY]


@cache
def catalogue() -> dict[str, sources.Source]:
    assert (FOLDER / "catalog.csv").exists(), f"no real reports in {FOLDER} (set OGI_REAL_REPORTS)"
    return {s.source_id: s for s in sources.load(FOLDER / "catalog.csv")}


@cache
def data(source_id: str) -> bytes:
    return (FOLDER / catalogue()[source_id].location).read_bytes()


@cache
def reading(source_id: str) -> Reading:
    return read(data(source_id))


def test_every_real_report_has_a_sample() -> None:
    assert list(catalogue()) == IDS


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_cells_are_exactly_those_expected(source_id: str) -> None:
    expected = golden.load(FOLDER / source_id / "expected.csv")
    assert golden.differences(expected, golden.statutory(reading(source_id).facts)) == []


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_the_sample_expects_the_figures_of_the_real_report(source_id: str) -> None:
    assert golden.load(samples.EXPECTED / f"{source_id}.csv") == golden.load(FOLDER / source_id / "expected.csv")


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_the_sample_binds_the_tables_of_the_real_report(source_id: str) -> None:
    sample = next(s for s in sources.load(samples.CATALOGUE) if s.source_id == source_id)
    got = read((samples.FOLDER / sample.location).read_bytes())
    real = reading(source_id)
    bound = [[(t.form, t.table, t.copies) for t in r.tables if t.table != "prose"] for r in (got, real)]
    assert bound[0] == bound[1]
    assert {(f.table, f.line, f.column): f.missing for f in golden.statutory(got.facts).values()} == {
        (f.table, f.line, f.column): f.missing for f in golden.statutory(real.facts).values()
    }


@pytest.mark.parametrize("source_id", REPORTS)
def test_the_text_says_its_year(source_id: str) -> None:
    assert reading(source_id).identification.report_year == catalogue()[source_id].report_year


@pytest.mark.parametrize("source_id", [i for i in REPORTS if i != "haizhou-2015"])
def test_the_text_names_its_agency(source_id: str) -> None:
    assert reading(source_id).identification.agency_name == catalogue()[source_id].agency_name


def test_the_report_without_tables_has_none() -> None:
    got = reading(PROSE_ONLY)
    assert [t.table for t in got.tables if t.table != "prose"] == []
    assert golden.statutory(got.facts) == {}
    assert [f.value for f in got.facts if f.line == "requests.received"] == [25]


def test_the_blank_form_is_no_report() -> None:
    source = catalogue()[WITHOUT_FIGURES]
    with pytest.raises(BlankForm):
        of_report(source, "0" * 64, read(data(WITHOUT_FIGURES)))


OWN_PROSE = {
    deyang.SOURCE: deyang.PARAGRAPHS,
    guyuan.SOURCE: (guyuan.BEFORE, guyuan.AFTER),
    haizhou.SOURCE: haizhou.PROSE,
    huaian.SOURCE: (*huaian.PAGE_ONE, *huaian.LAST),
    neijiang.SOURCE: (*neijiang.BEFORE, *neijiang.AFTER),
    shanghai.SOURCE: (*shanghai.BEFORE, *shanghai.AFTER),
    yanping.SOURCE: (yanping.BEFORE, yanping.AFTER),
}


@pytest.mark.parametrize("source_id", REPORTS)
def test_a_sample_copies_no_sentence_of_its_report(source_id: str) -> None:
    """Sentences of 12 characters or more, without figures; headings, titles and labels of the forms are official."""
    path = FOLDER / catalogue()[source_id].location
    if path.suffix == ".pdf":
        import pdfplumber

        with pdfplumber.open(path) as pdf:
            text = "".join(page.extract_text() for page in pdf.pages)
    else:
        text = re.sub(r"<[^>]+>", "", unescape(path.read_text(encoding="utf-8")))
    real = _plain(text)
    official = _plain("".join(line.label for table in default().tables() for line in table.lines))
    for paragraph in OWN_PROSE[source_id]:
        for line in paragraph.splitlines():
            if not line.rstrip().endswith(("。", ";")):
                continue  # a heading, a title, a date
            for sentence in re.split("[。;；]", line):
                words = _plain(sentence)
                if len(words) >= 12:
                    assert words not in real or words in official, sentence


def _plain(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text)


@pytest.mark.parametrize("source_id", WITH_TABLES)
def test_the_oracle_judges_the_sample_as_it_judges_the_real_report(source_id: str) -> None:
    sample = next(s for s in sources.load(samples.CATALOGUE) if s.source_id == source_id)
    got = read((samples.FOLDER / sample.location).read_bytes())
    assert evaluate(got.facts, default()) == evaluate(reading(source_id).facts, default())


def test_deyang_gives_every_figure_of_its_sections_with_the_sentence_and_its_offsets() -> None:
    """Sections two to five: counts, categories, channels, answers, reviews, shares. Approximations stay words."""
    told = json.loads((FOLDER / "deyang-2018" / "facts.json").read_text(encoding="utf-8"))["narrative"]
    wanted = set(_numbers({k: v for k, v in told.items() if k not in OUTSIDE_SECTIONS_TWO_TO_FIVE}))
    found = reading("deyang-2018")
    text = {p.where: p.text for p in found.document.prose}
    facts = [f for f in found.facts if f.table == "prose"]
    assert wanted <= {f.value for f in facts}
    for fact in facts:
        place, _, offsets = fact.where.partition(", characters ")
        start, end = (int(n) for n in offsets.split("-"))
        assert text[place][start - 1 : end] in fact.raw
        if fact.value is not None and not fact.note:
            assert str(fact.value) in text[place][start - 1 : end]
    assert {f.line for f in facts if f.value is None} == {"resources.visitors", "channel.gazette_copies"}
    shares = [f for f in facts if f.column == "share"]
    assert {str(f.value) for f in shares} == {"15.7", "84.3", "51.1", "28", "36", "44", "12"}
    halves = {f.line: str(f.value) for f in facts if f.column == "share_half"}
    assert halves == {f.line: "0.05" if "." in str(f.value) else "0.5" for f in shares}


def _numbers(told: object) -> Iterator[Decimal]:
    if isinstance(told, dict):
        for value in told.values():
            yield from _numbers(value)
    elif isinstance(told, int):
        yield Decimal(told)

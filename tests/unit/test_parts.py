"""A report in several files is one Reading: the figures of the report in one file, each with its place, nothing twice."""

from __future__ import annotations

import pytest

from extractors.documents import ocr, opening, sniff, together
from extractors.documents.opening import open_document
from extractors.model import Reading
from extractors.reading.parts import Part, Whole, read_with
from extractors.reading.read import read
from tests.fetching import families


def figures(reading: Reading) -> dict[tuple[str, ...], object]:
    return {(f.form, f.table, f.line, f.column): (f.value, f.missing) for f in reading.facts}


def tables(reading: Reading) -> dict[str, int]:
    return {t.table: t.copies for t in reading.tables if t.table != "prose"}


def counted(reading: Reading) -> bool:
    """No figure is lost, as the pipeline's check asks it."""
    return all(
        t.figures == t.repeated + sum(f.value is not None for f in reading.facts if f.table == t.table)
        + sum(r.table == t.table for r in reading.residue)
        for t in reading.tables if t.table != "prose"
    )  # fmt: skip


def attached(page: bytes, *files: bytes) -> Whole:
    return read_with(page, [Part(n, "attachment", data) for n, data in enumerate(files, 1)])


def article(*pages: bytes) -> Whole:
    first, *others = pages
    return read_with(first, [Part(n, "next_page", data) for n, data in enumerate(others, 1)])


WHOLE = read(families.whole())


def test_a_page_without_parts_is_read_as_ever():
    assert read_with(families.whole()) == Whole(WHOLE, None, {})
    assert read_with(b"").error.reason == "empty"


@pytest.mark.parametrize("repeat_header", [False, True])
@pytest.mark.parametrize("open_cells", [False, True])
def test_a_table_that_a_page_turn_cuts_is_one(repeat_header, open_cells):
    pages = families.paged(repeat_header=repeat_header, open_cells=open_cells)
    found = article(*pages)
    assert found.error is None
    assert not found.refused
    assert figures(found.reading) == figures(WHOLE)
    assert tables(found.reading) == {"two": 1, "three": 1, "four": 1}
    assert found.reading.residue == ()
    assert found.reading.identification == WHOLE.identification
    places = {t.table: t.where for t in found.reading.tables}
    assert places["three"].startswith("web pages 1-2, table ")
    assert places["four"].startswith("web page 3, table ")
    assert counted(found.reading)


def test_the_cut_shows_without_the_pages_behind_it():
    """What makes the tests above able to fail: the first page alone is not the report."""
    first, *_ = families.paged()
    assert figures(read(first)) != figures(WHOLE)


def test_a_next_page_that_is_missing_is_said():
    first, second, _ = families.paged()
    parts = [Part(1, "next_page", second), Part(2, "next_page", None, "gone: status 404")]
    found = read_with(first, parts)
    assert any("web page 3 was not read: gone: status 404" in w for w in found.reading.warnings)
    assert tables(found.reading) == {"two": 1, "three": 1}
    broken = read_with(first, [Part(1, "next_page", second), Part(2, "next_page", b"%PDF-1.4 torn")])
    assert broken.refused[2].reason == "damaged"
    assert any("web page 3 was not read: damaged" in w for w in broken.reading.warnings)


def test_a_server_that_gives_the_first_page_again_adds_nothing():
    first, *_ = families.paged()
    assert figures(article(first, first, first).reading) == figures(read(first))


def test_tables_of_different_width_or_with_a_text_between_are_two():
    wide = families.page("<table><tr><td>甲</td><td>1</td><td>2</td></tr></table>")
    narrow = families.page("<table><tr><td>乙</td><td>3</td></tr></table>")
    told = families.page("<p>四、行政复议和行政诉讼情况</p><table><tr><td>丙</td><td>4</td><td>5</td></tr></table>")
    rest = families.page("<p>第2页 共2页</p><table><tr><td>丙</td><td>4</td><td>5</td></tr></table>")

    def grids(*pages: bytes) -> list[int]:
        joined = together.of_pages([(n, open_document(p)) for n, p in enumerate(pages, 1)])
        assert [g.number for g in joined.grids] == list(range(1, len(joined.grids) + 1))
        return [len(g.cells) for g in joined.grids]

    box = 2
    assert grids(wide, narrow) == [box, 3, 2]
    assert grids(wide, told) == [box, 3, 3]
    assert grids(wide, rest) == [box, 6]


def test_a_page_that_only_links_is_read_from_its_attachment():
    found = attached(families.linking("a.xlsx"), families.workbook(families.whole()))
    assert found.error is None
    statutory = {k: v for k, v in figures(WHOLE).items() if k[1] != "prose"}
    assert figures(found.reading) == statutory
    assert found.reading.identification.report_year == 2020
    assert all(f.where.startswith("attachment 1, ") for f in found.reading.facts)
    title = "2024年淮安市政府信息公开工作年度报告"
    pdf = attached(families.linking("a.pdf", title=title), families.PDF)
    assert figures(pdf.reading) == figures(read(families.PDF))
    word = attached(families.linking("a.docx", title="2018年德阳市政府信息公开工作年度报告"), families.WORD)
    assert figures(word.reading) == figures(read(families.WORD))


def test_equal_copies_count_once_and_unequal_ones_are_reported():
    page = families.whole()
    equal = attached(page, families.workbook(page))
    assert figures(equal.reading) == figures(WHOLE)
    assert tables(equal.reading) == {"two": 2, "three": 2, "four": 2}
    assert equal.reading.warnings == ()
    assert counted(equal.reading)
    unequal = attached(page, families.workbook(page, {"225": 226}))
    assert any("table three stands twice with different figures" in w for w in unequal.reading.warnings)
    assert figures(unequal.reading) == figures(WHOLE), "the page's figures stand"
    assert {r.table for r in unequal.reading.residue} == {"three"}
    assert all(r.where.startswith("attachment 1, ") for r in unequal.reading.residue)
    assert counted(unequal.reading)


def test_an_attachment_that_is_not_the_report_is_named_and_left():
    notice = families.page("<p>关于召开会议的通知</p>", title="通知")
    found = attached(families.whole(), notice, families.BLANK, families.PDF, b"PK\x03\x04 no zip")
    assert found.reading == WHOLE
    assert {n: e.reason for n, e in found.refused.items()} == {
        1: "not_a_report", 2: "blank_form", 3: "other_report", 4: "damaged",
    }  # fmt: skip


def test_what_is_wrong_with_the_attachment_is_why_there_is_no_report():
    page = families.linking("a.pdf")
    assert attached(page, b"%PDF-1.4 torn").error.reason == "damaged"
    assert attached(page, families.PDF).error.reason == "other_report", "2024 on a page of 2020"
    missing = read_with(page, [Part(1, "attachment", None, "gone: status 404")]).error
    assert (missing.reason, "attachment 1 was not had: gone: status 404" in missing.detail) == ("not_a_report", True)


def test_reports_of_several_agencies_on_a_page_that_names_none_are_not_chosen_from():
    page = families.linking("a.pdf", "b.docx", title="政府信息公开")
    found = attached(page, families.PDF, families.WORD)
    assert found.error.reason == "other_report"
    assert sorted(found.refused) == [1, 2]
    alone = attached(page, families.PDF)
    assert figures(alone.reading) == figures(read(families.PDF))


def test_the_prose_of_two_formats_counts_once():
    page = families.whole()
    found = attached(page, page)
    assert figures(found.reading) == figures(WHOLE)
    assert tables(found.reading) == {"two": 2, "three": 2, "four": 2}


def test_pictures_of_pages_are_one_scan(monkeypatch):
    """Recognition itself is tested in tests/ocr; here two pictures hold two halves of a report."""
    first, second, _ = (open_document(p) for p in families.paged(repeat_header=True))
    by_bytes = {b"\x89PNG one": first, b"\x89PNG two": second}
    monkeypatch.setitem(opening._READERS, sniff.IMAGE, by_bytes.__getitem__)
    found = attached(families.linking("1.png", "2.png"), *by_bytes)
    assert found.error is None
    assert tables(found.reading) == {"two": 1, "three": 1}


@pytest.mark.skipif(ocr.is_installed(), reason="says what happens without the extra")
def test_pictures_without_the_extra_say_what_is_needed():
    error = attached(families.linking("1.png"), b"\x89PNG\r\n\x1a\n" + b"\0" * 100).error
    assert error.reason == "no_text_layer"
    assert error.detail.startswith("attachment 1: ")

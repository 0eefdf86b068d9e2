"""The reader against generated reports: no wrong value, nothing lost, every cell of a recognised table named.

A defect that was found and mended stands in MENDED with the smallest report that showed it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from extractors.errors import DocumentError
from extractors.reading.read import read
from tests.generator import FORMS, LAYOUTS, QUIRKS, Generated, generate
from tests.property.compare import Comparison, compare


@dataclass(frozen=True, slots=True)
class Mended:
    """A report that a careful human reads and the reader once did not."""

    name: str
    seed: int
    form: str
    layout: str
    quirks: tuple[str, ...]


MENDED: tuple[Mended, ...] = (
    Mended("text copied from a browser, without the positions under merged cells: figures lost", 0, "national_2021", "text_tabs_by_cell", ()),
    Mended("table two as a table for each of its parts, in a page that prints the report twice: its figures are residue again", 0, "national_2019", "html_twice", ()),
    Mended("one character lost in a label by whose exact words a table is recognised: the table and its figures are gone", 1, "national_2019", "html_plain", ("lost_character",)),
    Mended("one character lost in each of two deciding labels: table three of 2021 is called 2019", 6, "mixed_2019_2021", "html_plain", ("lost_character",)),
    Mended("both rows under 其他处理 cut short, 逾期不补正 still there: table three of 2021 is called 2019", 116, "mixed_2019_2021", "html_trs", ("misprinted_labels",)),
    Mended("one character lost in a heading that gives its lines their meaning, or in a label near another: absent", 2, "national_2014", "html_plain", ("lost_character",)),
    Mended("無 (traditional) in a cell is not known for 无: misnamed, and table four is lost", 0, "national_2021", "md_pipes", ("marks_for_zeros", "traditional")),
    Mended("a line of running text that ends in a doubtful figure (1?) is no row: its figures are lost and the table falls apart", 0, "national_2021", "text_spaces", ("doubtful_digit",)),
    Mended("tables two and three without a heading between become one grid", 0, "mixed_2021_2019", "text_tabs", ("missing_headings",)),
    Mended("规范性档案 for 规范性文件", 9, "national_2021", "docx", ("misprinted_labels",)),
    Mended("residue of a table that stands twice with different figures is counted twice", 0, "national_2019", "html_word", ("unknown_row", "unequal_copies")),
    Mended("ambiguous rows of a second copy in running text are lost", 0, "local_fujian", "text_spaces", ("blank_zeros", "unequal_copies")),
    Mended("the last row of a table alone on a page of a PDF: too few rules for the page to be looked at", 0, "national_2014", "pdf", ()),
    Mended("rows on the next page of a PDF that are narrower than the table above are not joined to it: figures lost", 4, "mixed_2019_2021", "pdf", ()),
    Mended("running text: seven figures left of table four's fifteen are read as the row 总计 of table three", 4021, "national_2021", "text_spaces", ("blank_zeros",)),
    Mended("running text: a row of table four with empty cells, and the table has no fact at all, not even an ambiguous one", 218, "national_2021", "text_spaces", ("blank_zeros",)),
    Mended("running text: headings whose figure is empty give their lines no meaning (五、行政诉讼数量)", 17, "national_2014", "text_spaces", ("blank_zeros",)),
    Mended("running text: the number in `2. 重复申请` is read as a figure of the row above", 6, "national_2019", "text_spaces", ("spaces_in_labels",)),
)  # fmt: skip


def _read(made: Generated) -> Comparison:
    return compare(made, read(made.data))


@st.composite
def reports(draw: st.DrawFn) -> Generated:
    """A generated report: form, layout and up to four quirks shrink towards the first and fewest."""
    layout = draw(st.sampled_from(LAYOUTS))
    fitting = [name for name, quirk in QUIRKS.items() if quirk.fits(layout)]
    quirks = draw(st.lists(st.sampled_from(fitting), max_size=4, unique=True))
    assume(not {"unequal_copies", "run_together"} <= set(quirks))
    return generate(draw(st.integers(0, 10**6)), form=draw(st.sampled_from(tuple(FORMS))), layout=layout, quirks=quirks)


_SLOWLY = settings(
    max_examples=700, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip


@_SLOWLY
@given(reports())
def test_a_report_is_read_right_or_its_cells_are_named(made: Generated) -> None:
    found = _read(made)
    assert found.wrong == [], made
    assert found.sparse == [], made
    assert not found.lost, made
    assert not found.invented, made
    assert found.misnamed == [], made
    assert found.prose == [], made
    assert found.unfound == [], made


@settings(_SLOWLY, max_examples=250)
@given(reports())
def test_no_report_whatever_its_defects_crashes_the_reader(made: Generated) -> None:
    with suppress(DocumentError):  # a named refusal is an answer; anything else is not
        _read(made)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_whole_without_quirks(layout: str) -> None:
    for seed in range(24):
        made = generate(seed, layout=layout, quirks=())
        found = _read(made)
        assert found.right, (made, found)


@pytest.mark.parametrize("quirk", QUIRKS)
def test_every_quirk_alone_is_read_right(quirk: str) -> None:
    for seed in range(24):
        made = generate(seed, quirks=[quirk])
        found = _read(made)
        assert found.right, (made, found)


@pytest.mark.parametrize("once", MENDED, ids=lambda once: once.name)
def test_what_was_mended_stays_mended(once: Mended) -> None:
    made = generate(once.seed, form=once.form, layout=once.layout, quirks=list(once.quirks))
    assert set(made.quirks) == set(once.quirks)
    found = _read(made)
    assert found.right, (made, found)

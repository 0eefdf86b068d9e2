"""Labels: folding, and a tolerance that is bounded and says how it matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.forms.catalogue import default
from extractors.reading.labels import CUT, EXACT, MISPRINT, ORDINAL, columns_of, fold, lines_of, simplify

FORMS = default()


def lines(form: str, table: str):  # type: ignore[no-untyped-def]
    return lines_of(FORMS.table(form, table))


def test_every_label_of_every_form_is_found_exactly() -> None:
    for table in FORMS.tables():
        if table.layout == "prose":
            continue
        for line in table.lines:
            match = lines_of(table).find(line.label)
            assert match is not None, (table.form, line.code)
            assert line.code in match.codes, (table.form, line.code)
            assert match.rank == EXACT
        for column in table.columns:
            found = columns_of(table).find(column.label)
            assert found is not None, (table.form, column.code)
            assert found.codes == (column.code,)


@pytest.mark.parametrize(
    ("form", "table", "text", "code", "rank"),
    [
        ("national_2019", "three", "2.其他法律行政止公开", "denied.other_law", CUT),
        ("national_2019", "three", "7.属于行政执法", "denied.enforcement_file", CUT),
        ("national_2019", "three", "（一）予", "granted", ORDINAL),
        ("national_2019", "three", "一、本年新收政府信息公开申请數量", "requests.new", EXACT),
        ("national_2014", "2014", "(一)維持具有行政行為或者駁回原告訴訟請求數", "litigation.upheld", MISPRINT),
        ("national_2014", "2014", "1﹒專職人員數", "resources.staff_full_time", EXACT),
        ("national_2021", "three", "逾期不补正", "other.not_corrected", EXACT),
        ("national_2021", "two", "规范性文件", "normative_documents", EXACT),
    ],
)
def test_tolerance(form: str, table: str, text: str, code: str, rank: int) -> None:
    match = lines(form, table).find(text)
    assert match is not None
    assert (match.codes, match.rank) == ((code,), rank)


@pytest.mark.parametrize(
    "text", ["工作秘密", "三、本年度办理结果", "(五)不予处理", "(三)不予公开", "申请人情况", "合作", "信息内容"]
)
def test_other_words_are_not_forced_into_a_line(text: str) -> None:
    assert lines("national_2019", "three").find(text) is None


def test_a_column_word_may_be_short_of_one_character() -> None:
    columns = columns_of(FORMS.table("national_2021", "two"))
    match = columns.find("现行有效件")
    assert match is not None
    assert match.codes == ("in_force",)


def test_lines_with_one_label_are_left_to_the_context() -> None:
    match = lines("national_2014", "2014").find("(二)被依法纠错数")
    assert match is not None
    assert set(match.codes) == {"review.corrected", "litigation.corrected"}


@given(st.text(max_size=30))
def test_folding_is_stable(text: str) -> None:
    once = fold(text).full
    assert fold(once).full == once or fold(once).ordinal


def test_radicals_are_read_as_the_characters_they_look_like() -> None:
    # U+2F08, U+2EA0, U+2F8F: as Chromium prints them
    assert simplify("\u2f08\u2ea0") == "人民"
    assert lines("national_2021", "two").find("\u2f8f政许可").codes == ("licensing",)

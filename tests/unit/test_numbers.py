"""What one cell says: figures, reasons for none, and figures that cannot be trusted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.reading.numbers import parse


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0", "0", ""), ("１２", "12", ""), ("1,234", "1234", ""), ("12，345", "12345", ""), (" 7\n", "7", ""),
        ("减12", "-12", ""), ("減51", "-51", ""), ("增3", "3", ""), ("↓7", "-7", ""), ("↑5", "5", ""), ("¥8151.92万元", "8151.92", "万元"), ("￥12元", "12", "元"), ("-2", "-2", ""), ("－2", "-2", ""), ("+21", "21", ""),
        ("58149.05万元", "58149.05", "万元"), ("251000元", "251000", "元"), ("12件", "12", "件"), ("3 萬元", "3", "万元"),
        ("96171.6", "96171.6", ""), ("\u200b5\xa0", "5", ""), ("\u200d5\u2060", "5", ""),
    ],
)  # fmt: skip
def test_figures(text: str, value: str, unit: str) -> None:
    figure = parse(text)
    assert (figure.kind, figure.value, figure.unit) == ("number", Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "blank"), ("\xa0", "blank"), ("\u3000 ", "blank"), ("-", "dash"), ("—", "dash"), ("－－", "dash"), ("/", "slash"),
     ("／", "slash"), ("无", "none_word")],
)  # fmt: skip
def test_missing_is_not_zero(text: str, reason: str) -> None:
    figure = parse(text)
    assert (figure.kind, figure.missing, figure.value) == ("missing", reason, None)


@pytest.mark.parametrize(
    ("text", "found"),
    [("-\n65", ("65",)), ("0 0 3", ("0", "0", "3")), ("0?", ("0",)), ("2 0", ("2", "0")), ("1|2", ("1", "2"))],
)
def test_a_guess_is_a_defect(text: str, found: tuple[str, ...]) -> None:
    figure = parse(text)
    assert (figure.kind, figure.value, figure.numbers) == ("several", None, found)


def test_a_note_moves_out_of_the_figure() -> None:
    figure = parse("22(其中修订16件)")
    assert (figure.value, figure.note) == (Decimal(22), "其中修订16件")
    assert parse("22（其中修订16件）") == figure


@pytest.mark.parametrize(
    ("text", "reason"), [("—①", "dash"), ("-[1]", "dash"), ("/※", "slash"), ("无(见说明)", "none_word"), ("—¹", "dash")]
)
def test_a_sign_for_none_may_have_a_note(text: str, reason: str) -> None:
    assert (parse(text).missing, parse(text).value) == (reason, None)


@pytest.mark.parametrize("text", ["①", "⑫", "①5", "¹5"])
def test_a_mark_alone_or_before_a_figure_is_no_figure(text: str) -> None:
    assert parse(text).value is None


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("12①", "1"),
        ("12¹", "1"),
        ("12₁", "1"),
        ("12份¹", "1"),
        ("１２②", "2"),
        ("12件③", "3"),
        ("12[注]", "注"),
        ("12【注1】", "注1"),
        ("12*", "*"),
        ("12。", ""),
    ],
)
def test_the_mark_of_a_footnote_is_no_digit(text: str, note: str) -> None:
    figure = parse(text)
    assert (figure.value, figure.note) == (Decimal(12), note)


@pytest.mark.parametrize("text", ["规章", "1.属于国家秘密", "2018年度", "第二十条第(一)项", "详见附件3"])
def test_words_are_no_figures(text: str) -> None:
    assert parse(text).kind == "text"


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(["{}", "{:,}", " {} ", "+{}"]))
def test_every_way_of_writing_a_count_reads_back(value: int, form: str) -> None:
    assert parse(form.format(value)).value == value
    wide = form.format(value).translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
    assert parse(wide).value == value


@given(st.text(max_size=40))
def test_any_text_has_one_outcome(text: str) -> None:
    figure = parse(text)
    assert (figure.value is not None) == (figure.kind == "number")
    assert (figure.missing is not None) == (figure.kind == "missing")

"""The catalogue of forms: the counts of the statutory forms, and that every inconsistency is refused with file and line."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import FormsError
from extractors.forms.catalogue import FORMS_FOLDER, Catalogue, default, load
from extractors.records import of_forms

NATIONAL = ("national_2014", "national_2019", "national_2021")


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    """A copy of the shipped forms that a test may spoil."""
    for form in FORMS_FOLDER.glob("*/form.toml"):
        shutil.copytree(form.parent, tmp_path / form.parent.name)
    return tmp_path


def spoil(path: Path, old: str, new: str) -> int:
    """Replace the only occurrence of `old`; gives the number of the line where it stands."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return 1 + text[: text.index(old)].count("\n")


def refused(folder: Path, path: Path, line: int | None, words: str) -> None:
    with pytest.raises(FormsError) as error:
        load(folder)
    at = f"{path}:{line}: " if line else str(path)
    assert str(error.value).startswith(at)
    assert words in str(error.value)


# The shipped forms


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("national_2014", {"2014": 58}),
        ("national_2019", {"two": 22, "three": 161, "four": 15}),
        ("national_2021", {"two": 10, "three": 175, "four": 15}),
        ("local_fujian", {"fujian": 32}),
    ],
)
def test_a_form_prints_as_many_cells_as_the_notice_that_made_it(form: str, cells: dict[str, int]) -> None:
    assert {t.code: len(list(t.cells())) for t in default().form(form).tables} == cells


@pytest.mark.parametrize(("form", "checks"), [("national_2019", (7, 7, 23)), ("national_2021", (7, 7, 25))])
def test_table_three_has_its_hard_checks(form: str, checks: tuple[int, ...]) -> None:
    members = Counter(i for i, _ in {(t.identity, t.member) for t in default().terms if t.form == form})
    assert tuple(members[i] for i in ("t3_flow", "t3_processed", "t3_row_total")) == checks


@pytest.mark.parametrize("form", NATIONAL[1:])
def test_table_four_has_one_check_a_line_in_both_forms(form: str) -> None:
    members = {t.member for t in default().terms if (t.form, t.identity) == (form, "t4_total")}
    assert members == {"review", "litigation.direct", "litigation.after_review"}


def test_the_borrowed_table_is_that_of_2019_under_its_own_form() -> None:
    owner, borrower = (default().table(f, "four") for f in NATIONAL[1:])
    assert [x.code for x in borrower.lines] == [x.code for x in owner.lines]
    assert {x.form for x in (borrower, *borrower.lines, *borrower.columns)} == {"national_2021"}


def test_every_cell_is_checked_for_its_range_once() -> None:
    for table in default().tables():
        ranged = [
            (t.line, t.column)
            for t in default().terms
            if (t.form, t.table) == (table.form, table.code)
            and t.identity in ("all_non_negative_integer", "all_money_non_negative")
        ]
        signed = {(x.code, c.code) for x, c in table.cells() if table.kind(x, c) == "signed"}
        unsigned = {(x.code, c.code) for x, c in table.cells()} - signed
        if ranged:
            assert sorted(ranged) == sorted(unsigned)


def test_every_leaf_of_processed_total_is_in_the_sum_and_nothing_else() -> None:
    for form in NATIONAL[1:]:
        leaves = {x.code for x in default().table(form, "three").lines if x.parent == "processed.total"}
        summed = {
            t.line for t in default().terms if (t.form, t.identity, t.side) == (form, "t3_processed", "rhs")
        }  # fmt: skip
        assert summed == leaves


def test_units_and_kinds_of_a_column_stand_before_those_of_the_line() -> None:
    two = default().table("national_2019", "two")
    amount = two.line("procurement"), two.column("amount")
    assert (two.kind(*amount), two.unit(*amount)) == ("money", "")  # the form prints none: not that of the line
    projects = two.line("procurement"), two.column("projects")
    assert (two.kind(*projects), two.unit(*projects)) == ("count", "项")
    assert two.kind(two.line("fees"), two.column("item_change")) == "signed"


def test_looking_up_what_does_not_exist_fails() -> None:
    with pytest.raises(KeyError, match="national_2014 has no table three"):
        default().table("national_2014", "three")
    assert default().form("national_2014").table("three") is None


def test_tolerances_are_those_of_the_files() -> None:
    by_code = {i.code: i for i in default().identities}
    assert (by_code["t3_flow"].tolerance_absolute, by_code["t3_flow"].tolerance_relative) == (0, 0)
    loose = by_code["s14_completed_replied"]
    assert (loose.tolerance_absolute, loose.tolerance_relative, loose.severity) == (2, Decimal("0.05"), "S")


def _cells(catalogue: Catalogue) -> set[tuple[str, str, str, str]]:
    return {(t.form, t.code, x.code, c.code) for t in catalogue.tables() for x, c in t.cells()}


@given(st.sampled_from(default().terms))
def test_every_term_stands_on_a_cell_that_its_form_prints(term) -> None:
    assert (term.form, term.table, term.line, term.column) in _cells(default())
    assert term.weight != 0
    identity = next(i for i in default().identities if i.code == term.identity)
    assert term.form in identity.forms


@given(st.sampled_from([(t, x) for t in default().tables() for x in t.lines]))
def test_positions_count_from_one_and_parents_come_first(pair) -> None:
    table, line = pair
    assert table.lines[line.position - 1] is line
    assert table.line(line.code) is line
    assert not line.parent or table.line(line.parent).is_total or table.line(line.parent).position < line.position


# Refusals


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,lhs,requests.fresh,*,1", "no cell requests.fresh x"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,lhs,requests.new,men,1", "no cell requests.new x men"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,lhs,requests.new,*,", "weight must be a whole number"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,lhs,requests.new,*,½", "weight must be a whole number"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,lhs,requests.new,*,1.5", "weight must be a whole"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,lhs,requests.new,*", "number of cells differs"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t3_flow,*,left,requests.new,*,1", "unknown side: 'left'"),
        ("terms.csv", "t3_flow,*,lhs,requests.new,*,1", "t9,*,lhs,requests.new,*,1", "identity that does not exist: t9"),
        ("identities.csv", "t3_processed,three", "t3_flow,three", "duplicate identity: 't3_flow'"),
        ("identities.csv", "t4_total,four", "t5_total,four", "identity t5_total has no terms"),
        ("identities.csv", "t4_total,four,table_four,=", "t4_total,four,table_four,~", "unknown operator: '~'"),
        ("identities.csv", "after_review,H,0,0,总计", "after_review,X,0,0,总计", "unknown severity: 'X'"),
        ("identities.csv", "after_review,H,0,0,总计", "after_review,H,none,0,总计", "tolerance is not a number"),
        ("identities.csv", "lines: review litigation.direct", "rows: review litigation.direct", "members must start with"),
        ("lines.csv", "two,rules,规章,rules,件,count,,第二十条第(一)项,made", "two,rules,规章,rules,件,count,,第二十条第(一)项,made signed", "unknown column: 'signed'"),
        ("lines.csv", "two,normative_documents,", "two,rules,", "duplicate line: 'rules'"),
        ("lines.csv", "two,rules,", "nine,rules,", "unknown table: 'nine'"),
        ("lines.csv", "three,requests.carried_out,四、结转下年度继续办理,requests carried out to the next year,件,count,,,natural business research public_welfare legal_service other_org total,false,request_flow", "three,requests.carried_out,四、结转下年度继续办理,requests carried out to the next year,件,count,,,natural business research public_welfare legal_service other_org total,false,outflow", "unknown mart: 'outflow'"),
        ("lines.csv", "three,granted,(一)予以公开,granted in full,件,count,processed.total", "three,granted,(一)予以公开,granted in full,件,count,processed.sum", "unknown parent line: 'processed.sum'"),
        ("lines.csv", "three,processed.total,(七)总计,processed in total,件,count,,三、本年度办理结果,natural business research public_welfare legal_service other_org total,true", "three,processed.total,(七)总计,processed in total,件,count,,三、本年度办理结果,natural business research public_welfare legal_service other_org total,yes", "expected true or false, found 'yes'"),
        ("columns.csv", "three,business,", "three,natural,", "duplicate column: 'natural'"),
        ("columns.csv", "two,made,", "nine,made,", "unknown table: 'nine'"),
        ("labels.csv", "line,three,unprocessed.certification,", "line,three,unprocessed.letter,", "unknown line: 'unprocessed.letter'"),
        ("labels.csv", "column,three,total,", "column,three,sum,", "unknown column: 'sum'"),
        ("labels.csv", "column,three,total,", "row,three,total,", "axis must be line or column, found 'row'"),
    ],
)  # fmt: skip
def test_an_inconsistent_row_is_refused_with_file_and_line(
    forms: Path, file: str, old: str, new: str, words: str
) -> None:
    path = forms / "national_2019" / file
    refused(forms, path, spoil(path, old, new), words)


@pytest.mark.parametrize(
    ("file", "column"), [("terms.csv", "weight"), ("identities.csv", "operator"), ("lines.csv", "columns"), ("columns.csv", "label"), ("labels.csv", "axis")]
)  # fmt: skip
def test_a_missing_column_of_a_form_file_is_named(forms: Path, file: str, column: str) -> None:
    path = forms / "national_2019" / file
    head, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(re.sub(rf"\b{column}\b", "lost", head) + "\n" + rest, encoding="utf-8")
    refused(forms, path, 1, f"column missing: {column}")


def test_a_member_without_operands_is_refused(forms: Path) -> None:
    path = forms / "national_2014" / "identities.csv"
    line = spoil(path, "named: channel.gazette ", "named: channel.radio ")
    refused(forms, path, line, "member channel.radio of s14_channels_bound has no terms")


def test_two_forms_that_define_one_identity_differently_are_refused(forms: Path) -> None:
    path = forms / "national_2021" / "identities.csv"
    line = spoil(path, "sum of the dispositions", "sum of the outcomes")
    refused(forms, path, line, "identity t3_processed is defined differently in national_2019")


def test_a_borrowed_table_must_exist(forms: Path) -> None:
    path = forms / "national_2021" / "form.toml"
    spoil(path, 'same_as = "national_2019"', 'same_as = "national_2014"')
    refused(forms, path, None, "table four is the same as national_2014, which has none")


def test_a_form_lies_in_a_folder_of_its_name(forms: Path) -> None:
    path = forms / "national_2014" / "form.toml"
    spoil(path, 'form_id = "national_2014"', 'form_id = "national_2013"')
    refused(forms, path, None, "form_id 'national_2013' differs from its folder 'national_2014'")


@pytest.mark.parametrize(
    ("old", "new"), [('title_zh = "政府信息公开情况统计表"\ntitle_en = "National', "title_zh = 政\ntitle_en = \"National"), ("report_years = [2014, 2018]", ""), ("report_years = [2014, 2018]", "report_years = [2014]")]
)  # fmt: skip
def test_a_broken_form_file_is_named(forms: Path, old: str, new: str) -> None:
    path = forms / "national_2014" / "form.toml"
    spoil(path, old, new)
    refused(forms, path, None, "")


def test_an_unknown_layout_is_refused(forms: Path) -> None:
    path = forms / "national_2014" / "form.toml"
    spoil(path, 'layout = "lines"', 'layout = "diagonal"')
    refused(forms, path, None, "unknown layout: 'diagonal'")


def test_a_table_without_lines_is_refused(forms: Path) -> None:
    path = forms / "local_fujian"
    for name in ("lines", "labels", "terms", "identities"):
        (path / f"{name}.csv").unlink()
    refused(forms, path / "form.toml", None, "table fujian has no lines or no columns")


def test_a_folder_without_forms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormsError, match="no form found"):
        load(tmp_path)


def test_loading_twice_gives_the_same_catalogue(forms: Path) -> None:
    assert of_forms(load(forms)) == of_forms(default())

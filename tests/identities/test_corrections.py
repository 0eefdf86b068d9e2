"""Declared corrections: every row that breaks a rule, or finds something else than it expects, is refused with file and line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from extractors import samples
from extractors.auditing import corrections
from extractors.auditing.corrections import COLUMNS, Correction, CorrectionsError
from extractors.forms.catalogue import default

GOOD = {
    "source_id": "a", "form_id": "national_2019", "form_table": "four", "line_code": "review", "column_code": "total",
    "expected": "0", "action": "replace", "corrected": "2", "reason": "1 + 1", "evidence": "table four",
    "status": "accepted", "reviewer": "a person",
}  # fmt: skip
CELL = ("national_2019", "four", "review", "total")


def file(tmp_path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    path = tmp_path / "corrections.csv"
    lines = [",".join(columns), *(",".join(row[c] for c in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def loaded(path: Path) -> tuple[Correction, ...]:
    return corrections.load(path, default())


def test_a_good_row_and_no_file_at_all(tmp_path):
    (made,) = loaded(file(tmp_path, GOOD))
    assert (made.cell, made.expected_value, made.corrected, made.status) == (CELL, 0, 2, "accepted")
    assert made.at == f"{tmp_path / 'corrections.csv'}:2"
    assert loaded(tmp_path / "none.csv") == ()


def test_the_bundled_file_is_good_and_nothing_in_it_is_accepted_without_a_person():
    found = loaded(samples.FOLDER / "corrections.csv")
    assert found
    assert all(c.reviewer for c in found if c.status == "accepted")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"form_id": "national_2099"}, "national_2099 table four has no cell review x total"),
        ({"line_code": "reviews"}, "has no cell reviews x total"),
        ({"column_code": "sum"}, "has no cell review x sum"),
        ({"expected": "nothing"}, "expected is not a number: 'nothing'"),
        ({"expected": ""}, "expected is not a number: ''"),
        ({"expected": "NaN"}, "expected is not a number: 'NaN'"),
        ({"corrected": ""}, "corrected is not a number: ''"),
        ({"corrected": "0"}, "changes nothing"),
        ({"action": "repair"}, "unknown action: 'repair'"),
        ({"action": "withdraw"}, "a withdrawn value has no other, found '2'"),
        ({"action": "withdraw", "expected": "blank", "corrected": ""}, "changes nothing"),
        ({"status": "done"}, "unknown status: 'done'"),
        ({"reviewer": " "}, "accepted without a reviewer"),
        ({"reason": ""}, "no reason"),
        ({"evidence": ""}, "no evidence"),
        ({"source_id": ""}, "no source_id"),
        ({"reviewer": "one,two"}, "number of cells differs from the header"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(tmp_path, change, words):
    path = file(tmp_path, {**GOOD, "source_id": "b"}, {**GOOD, **change})
    with pytest.raises(CorrectionsError) as error:
        loaded(path)
    assert str(error.value).startswith(f"{path}:3: ")
    assert words in str(error.value)


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(CorrectionsError, match=r"corrections.csv:1: column missing: expected"):
        loaded(file(tmp_path, GOOD, columns=tuple(c for c in COLUMNS if c != "expected")))


def test_a_cell_is_corrected_once_but_a_retired_row_does_not_count(tmp_path):
    with pytest.raises(
        CorrectionsError, match=r"corrections.csv:3: the cell is corrected already at .*corrections.csv:2"
    ):
        loaded(file(tmp_path, GOOD, GOOD))
    assert len(loaded(file(tmp_path, {**GOOD, "status": "retired"}, GOOD))) == 2


def verify(tmp_path: Path, change: dict[str, str], value: Decimal | None, missing: str | None) -> None:
    corrections.verify(loaded(file(tmp_path, {**GOOD, **change})), {"a": {CELL: (value, missing)}})


def test_what_is_expected_and_found_passes(tmp_path):
    verify(tmp_path, {}, Decimal("0.0000"), None)
    verify(tmp_path, {"expected": "absent"}, None, "absent")
    verify(tmp_path, {"action": "withdraw", "corrected": ""}, Decimal(0), None)


@pytest.mark.parametrize(
    ("change", "value", "missing", "words"),
    [
        ({}, Decimal("2.0000"), None, "expects 0 in review x total, the report says 2: look again"),
        ({}, None, "blank", "expects 0 in review x total, the report says blank"),
        ({"expected": "absent"}, Decimal(0), None, "expects absent in review x total, the report says 0"),
        ({"expected": "blank"}, None, "absent", "expects blank in review x total, the report says absent"),
        ({"source_id": "z"}, Decimal(0), None, "no report was read from source 'z'"),
        ({"line_code": "litigation.direct"}, Decimal(0), None, "the report has no national_2019 table four"),
        ({"status": "proposed"}, Decimal(2), None, "the report says 2"),
    ],
)
def test_an_expectation_that_no_longer_matches_fails_with_file_and_line(tmp_path, change, value, missing, words):
    with pytest.raises(CorrectionsError) as error:
        verify(tmp_path, change, value, missing)
    assert str(error.value).startswith(f"{tmp_path / 'corrections.csv'}:2: ")
    assert words in str(error.value)


def test_every_line_that_fails_is_named(tmp_path):
    declared = loaded(file(tmp_path, GOOD, {**GOOD, "source_id": "b"}))
    with pytest.raises(CorrectionsError) as error:
        corrections.verify(declared, {})
    assert [line.split(": ")[0][-2:] for line in str(error.value).splitlines()] == [":2", ":3"]


def test_a_retired_correction_expects_nothing(tmp_path):
    corrections.verify(loaded(file(tmp_path, {**GOOD, "status": "retired"})), {})

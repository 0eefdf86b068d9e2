"""XLSX and XLS: merged ranges, numbers as shown, titles as prose; and what the child process does when it dies."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt

from extractors.documents import sheet
from extractors.documents.opening import open_document
from extractors.documents.sniff import XLS, XLSX, media_type
from extractors.errors import Damaged, DocumentError, EmptyDocument, TooLarge

TITLE = "某某县2019年政府信息公开工作年度报告"
ROWS: list[list[object]] = [
    ["指标", None, "数"],
    ["收到申请数", "件", 12],
    ["金额", "万元", 96171.6],
    [None, "件", "/"],
]
MERGED = [(0, 0, 0, 2), (2, 0, 2, 1), (4, 0, 5, 0)]


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    made = book.active
    made.title = "表三"
    made.append([TITLE])
    made.append([])
    for row in ROWS:
        made.append(row)
    for top, left, bottom, right in MERGED:
        made.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    made["Z900"].font = openpyxl.styles.Font(bold=True)  # a cell in no use
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    hidden.append(["收到申请数", 9])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls() -> bytes:
    book = xlwt.Workbook()
    made = book.add_sheet("表三")
    made.write(0, 0, TITLE)
    for y, row in enumerate(ROWS, 2):
        for x, value in enumerate(row):
            if value is not None:
                made.write(y, x, value)
    made.merged_ranges.extend((top, bottom, left, right) for top, left, bottom, right in MERGED)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("build", "kind"), [(xlsx, XLSX), (xls, XLS)])
def test_a_sheet_is_a_grid_with_its_spans(build: Callable[[], bytes], kind: str) -> None:
    data = build()
    assert media_type(data) == kind
    document = open_document(data)
    assert [p.text for p in document.prose] == [TITLE]
    (grid,) = document.grids
    assert grid.where == "sheet 表三"
    found = {(c.row, c.column): (c.text, c.row_span, c.column_span) for c in grid.cells}
    assert found[0, 0] == (TITLE, 1, 3)
    assert found[2, 0] == ("指标", 1, 2)
    assert (2, 1) not in found
    assert found[3, 2] == ("12", 1, 1)
    assert found[4, 0] == ("金额", 2, 1)
    assert found[4, 2] == ("96171.6", 1, 1)
    assert found[5, 2] == ("/", 1, 1)
    assert (5, 0) not in found


def test_values_are_as_their_cells_show_them() -> None:
    book = openpyxl.Workbook()
    for value in (0.1 + 0.2, 1e20, -2, True, date(2024, 1, 31), 0.0):
        book.active.append(["值", value])
    out = io.BytesIO()
    book.save(out)
    values = [c.text for c in open_document(out.getvalue()).grids[0].cells if c.column == 1]
    assert values == ["0.3", "100000000000000000000", "-2", "TRUE", "2024-01-31", "0"]


def test_an_empty_sheet_is_no_document() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with pytest.raises(EmptyDocument):
        open_document(out.getvalue())


def test_two_cells_in_opposite_corners_are_refused() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = book.active["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    with pytest.raises((TooLarge, Damaged)):
        open_document(out.getvalue())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("build", [xlsx, xls])
def test_a_truncated_spreadsheet_is_damaged(build: Callable[[], bytes], share: float) -> None:
    data = build()
    with pytest.raises(DocumentError):
        open_document(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        ("import os; os.abort()", Damaged),
        ("import no_such_library_at_all", RuntimeError),
        ("import time; time.sleep(9)", TooLarge),
    ],
    ids=["dies", "lacks its library", "hangs"],
)
def test_a_child_that_fails(
    child: str, expected: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "child.py").write_text(child)
    monkeypatch.setattr(sheet, "_CHILD", tmp_path / "child.py")
    monkeypatch.setattr(sheet.limits, "SHEET_SECONDS", 0.1)
    with pytest.raises(expected):
        sheet.read(xls(), XLS)


def test_formulas_without_a_value_are_named() -> None:
    book = openpyxl.Workbook()
    book.active.append([TITLE])
    book.active.append(["收到申请数", 12])
    book.active.append(["总计", "=SUM(B2:B2)"])  # openpyxl writes no value beside it
    out = io.BytesIO()
    book.save(out)
    document = open_document(out.getvalue())
    assert document.unread == ("xl/worksheets/sheet1.xml: 1 formulas without a value; their cells read as blank",)
    assert open_document(xlsx()).unread == ()

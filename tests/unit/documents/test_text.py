"""Plain text and Markdown: what is a row, what is a sentence, and what is neither."""

import pytest

from extractors.documents import text
from extractors.model import Document


def of(source: str) -> Document:
    return text.read(source.encode())


def rows(document: Document) -> list[list[str]]:
    out: dict[tuple[int, int], list[str]] = {}
    for grid in document.grids:
        for cell in grid.cells:
            out.setdefault((grid.number, cell.row), []).append(cell.text)
    return list(out.values())


def test_the_marks_of_markdown_are_no_text() -> None:
    document = of("# **某某局**年报\n\n收到 **40** 件。\n\n| **3.其他** | 1 |\n|---|---|\n| __（七）总计__ | 2 |\n")
    assert [p.text for p in document.prose] == ["某某局年报", "收到 40 件。"]
    assert rows(document) == [["3.其他", "1"], ["（七）总计", "2"]]


@pytest.mark.parametrize("bar", ["｜", "│", "┃", "¦"])
def test_every_bar_separates_cells(bar: str) -> None:
    assert rows(of(f"规章{bar}1{bar}0\n规范性文件{bar}2{bar}0\n")) == [["规章", "1", "0"], ["规范性文件", "2", "0"]]


def test_one_bar_makes_a_row_beside_rows() -> None:
    source = "行政复议 | 行政诉讼\n---|---\n结果维持 | 结果维持 | 总计\n1 | 2 | 3\n"
    assert rows(of(source)) == [["行政复议", "行政诉讼"], ["结果维持", "结果维持", "总计"], ["1", "2", "3"]]
    assert rows(of("信息内容|本年处理决定数量\n行政许可|3259\n")) == [
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "3259"],
    ]
    assert [p.text for p in of("首页 | 政务公开\n某某局年报").prose] == ["首页 | 政务公开", "某某局年报"]


@pytest.mark.parametrize("number", ["- 3 -", "—3—", "第 3 页 共 6 页", "第3页"])
def test_the_number_of_a_page_ends_no_table_and_is_no_row(number: str) -> None:
    (grid,) = of(f"规章 1 0 11\n\n{number}\n\n规范性文件 2 0 3\n").grids
    assert [c.text for c in grid.cells] == ["规章", "1", "0", "11", "规范性文件", "2", "0", "3"]


def test_a_row_that_looks_like_the_number_of_a_page_is_a_row() -> None:
    (grid,) = of("规范性文件\n— 3 —\n行政许可 5\n").grids
    assert [c.text for c in grid.cells] == ["规范性文件", "—", "3", "—", "行政许可", "5"]


def test_a_line_of_nothing_but_space_behind_its_figure_takes_no_time() -> None:
    assert text.read(("办结数：1" + " " * 50_000 + "甲\n答复数：2" + " " * 50_000).encode()).blocks


def test_a_blank_label_before_a_tab_is_a_cell_of_the_rows_beside() -> None:
    document = text.read("信息内容\t本年处理决定数量\n\t14\n行政强制\t7\n".encode())
    assert [[c.text for c in grid.cells] for grid in document.grids] == [
        ["信息内容", "本年处理决定数量", "", "14", "行政强制", "7"]
    ]


def test_a_full_width_point_is_inside_a_figure() -> None:
    document = text.read("行政许可 3\n行政事业性收费 ４８６．０５万元\n".encode())
    assert [c.text for c in document.grids[0].cells][2:] == ["行政事业性收费", "４８６．０５万元"]


def test_labels_torn_over_lines_between_tabs_are_words_in_a_row() -> None:
    torn = "信\n息内容\t本年制发\n件数\t本年废止\n件数\n规章\t1\t2\n"
    assert rows(of(torn)) == [
        ["信"], ["息内容", "本年制发"], ["件数", "本年废止"], ["件数"], ["规章", "1", "2"]
    ]  # fmt: skip
    (grid,) = of(torn).grids
    assert not grid.aligned
    whole = "信息内容\t本年制发件数\t本年废止件数\n规章\t1\t\n打印\n关闭\n"
    assert rows(of(whole))[1] == ["规章", "1", ""], "a short line behind figures is no piece of a label"


def test_a_hard_space_among_figures_is_a_blank_cell_and_between_words_nothing() -> None:
    source = "法律服务机构\n\xa0\n其他\n\xa0\n一、本年新收\n82\n\t\xa0\t\xa0\t\n2\n\n\xa0\n三、本年度办理结果\n\xa0\n\xa0\n\xa0\n结束\n3\n"
    (grid,) = of(source).grids
    assert [c.text for c in grid.cells] == [
        "法律服务机构", "其他", "一、本年新收", "82", "\xa0", "\xa0", "2", "\xa0", "三、本年度办理结果", "\xa0", "\xa0", "\xa0", "结束", "3"
    ]  # fmt: skip


PARAGRAPHS = (
    "二〇一三年,本县各单位主动公开政府信息15,068条,其中县级部门公开9,947条,乡镇公开5,121条,比上年有所增长。",
    "全年收到政府信息公开申请58件,当面申请35件,信函申请12件,网络申请10件,传真申请1件,均在规定期限内办结并作出书面答复。",
    "全年没有因政府信息公开引起的行政复议和行政诉讼,也没有收取检索、复制、邮寄等费用,监督检查未发现违反规定公开信息的情形。",
    "下一步将完善制度,加强培训,扩大公开范围,提高办理申请的质量,使公众更方便地获得信息,并按时公布下一年度的报告。",
)


@pytest.mark.parametrize("width", [22, 31, 40])
@pytest.mark.parametrize("indent", ["", "    "])
def test_sentences_that_a_text_breaks_at_its_margin_are_whole(width: int, indent: str) -> None:
    """Whatever the width; what ends at the margin by chance stays apart, and so do headings and rows."""
    lines = ["某县政府信息公开工作年度报告", "一、概述"]
    for said in PARAGRAPHS:
        lines += [indent + said[:width], *(said[i : i + width] for i in range(width, len(said), width))]
    lines += ["二、申请", "项目 件数", "当面申请 35", "信函申请 12", "网络申请 10"]
    document = of("\n".join(lines))
    assert {*PARAGRAPHS, "一、概述"} <= {p.text for p in document.prose}
    assert [c.text for c in document.grids[0].cells][-6:] == ["当面申请", "35", "信函申请", "12", "网络申请", "10"]

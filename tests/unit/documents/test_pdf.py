"""PDF: ruled tables with their spans, tables without rules, page breaks, turned headers, and prose that is no table."""

import io
from collections.abc import Callable

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extractors.documents import pdf
from extractors.errors import NoText
from extractors.model import Document, Grid

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))


def drawn(*pages: Callable[[Canvas], None]) -> Document:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 400), invariant=1)
    for page in pages:
        canvas.setFont("STSong-Light", 10)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return pdf.read(out.getvalue())


def box(canvas: Canvas, left: float, top: float, right: float, bottom: float, *lines: str) -> None:
    """A cell from the top left, its text in lines."""
    canvas.rect(left, 400 - bottom, right - left, bottom - top)
    for n, line in enumerate(lines):
        canvas.drawString(left + 3, 400 - top - 12 - 12 * n, line)


def write(canvas: Canvas, y: float, *words: tuple[float, str]) -> None:
    for x, text in words:
        canvas.drawString(x, 400 - y, text)


def texts(grid: Grid) -> list[list[str]]:
    rows: dict[int, list[str]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    return [rows[y] for y in sorted(rows)]


def test_spans_are_rebuilt_from_boxes() -> None:
    def page(canvas: Canvas) -> None:
        box(canvas, 50, 50, 150, 110, "申请", "情况")
        box(canvas, 150, 50, 350, 80, "法人或其他组织")
        box(canvas, 150, 80, 250, 110, "商业企业")
        box(canvas, 250, 80, 350, 110, "总计")
        for x, text in ((50, "收到"), (150, "7"), (250, "0")):
            box(canvas, x, 110, x + 100, 140, text)

    (grid,) = drawn(page).grids
    assert [(c.row, c.column, c.row_span, c.column_span, c.text) for c in grid.cells] == [
        (0, 0, 2, 1, "申请\n情况"), (0, 1, 1, 2, "法人或其他组织"), (1, 1, 1, 1, "商业企业"), (1, 2, 1, 1, "总计"),
        (2, 0, 1, 1, "收到"), (2, 1, 1, 1, "7"), (2, 2, 1, 1, "0"),
    ]  # fmt: skip


def test_a_label_cut_by_the_page_break_and_its_number_is_whole() -> None:
    def first(canvas: Canvas) -> None:
        box(canvas, 50, 200, 150, 300, "（四）无")
        for n, label in enumerate(("1.不掌握", "2.没有现成")):
            box(canvas, 150, 200 + 50 * n, 350, 250 + 50 * n, label)
            box(canvas, 350, 200 + 50 * n, 450, 250 + 50 * n, str(n))
        write(canvas, 380, (290, "- 4 -"))

    def second(canvas: Canvas) -> None:
        box(canvas, 50, 50, 150, 100, "法提供")
        box(canvas, 150, 50, 350, 100, "3.仍不明确")
        box(canvas, 350, 50, 450, 100, "2")
        box(canvas, 50, 100, 150, 150, "（五）不予处理")
        box(canvas, 150, 100, 350, 150, "1.信访")
        box(canvas, 350, 100, 450, 150, "")

    document = drawn(first, second)
    (grid,) = document.grids
    assert grid.where == "pages 1-2, table 1"
    assert [(c.row, c.row_span, c.text) for c in grid.cells if c.column == 0] == [
        (0, 3, "（四）无法提供"),
        (3, 1, "（五）不予处理"),
    ]
    assert [(c.row, c.text) for c in grid.cells if c.column == 2] == [(0, "0"), (1, "1"), (2, "2"), (3, "")]
    assert document.prose == ()


def test_labels_of_two_rows_are_not_joined_over_a_page_break() -> None:
    def page(label: str, value: str) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            box(canvas, 50, 50, 250, 80, "1.标题")
            box(canvas, 250, 50, 350, 80, "9")
            box(canvas, 50, 80, 250, 110, label)
            box(canvas, 250, 80, 350, 110, value)

        return draw

    (grid,) = drawn(page("1.规章", "3"), page("规范性文件", "")).grids
    assert [row[0] for row in texts(grid)] == ["1.标题", "1.规章", "1.标题", "规范性文件"]


@pytest.mark.parametrize("degrees", [90, -90])
def test_a_turned_header_is_read_in_its_direction(degrees: int) -> None:
    def page(canvas: Canvas) -> None:
        for n, label in enumerate(("商业企业", "科研机构")):
            box(canvas, 50 + 30 * n, 50, 80 + 30 * n, 150)
            canvas.saveState()
            canvas.translate(65 + 30 * n, 400 - (140 if degrees > 0 else 60))
            canvas.rotate(degrees)
            canvas.setFont("STSong-Light", 10)
            canvas.drawString(0, 0, label)
            canvas.restoreState()
            box(canvas, 50 + 30 * n, 150, 80 + 30 * n, 180, str(n))

    (grid,) = drawn(page).grids
    assert ["".join(t.split()) for t in texts(grid)[0]] == ["商业企业", "科研机构"]


HEAD = ((60, "指标"), (250, "自然人"), (350, "企业"), (450, "总计"))


def test_figures_one_under_another_are_a_table_without_rules() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 40, (60, "三、收到和处理政府信息公开申请情况，共有三类，合计如下。"))
        write(canvas, 60, *HEAD)
        write(canvas, 80, (60, "本年新收"), (260, "12"), (360, "3"), (460, "15"))
        write(canvas, 100, (60, "上年结转"), (260, "0"), (460, "0"))
        write(canvas, 120, (60, "没有现成信息需要"))
        write(canvas, 132, (60, "另行制作"), (260, "1,204"), (360, "/"), (460, "1,204"))
        write(canvas, 160, (60, "四、行政复议情况"))

    document = drawn(page)
    (grid,) = document.grids
    assert grid.aligned
    assert texts(grid) == [
        ["指标", "自然人", "企业", "总计"],
        ["本年新收", "12", "3", "15"],
        ["上年结转", "0", "", "0"],
        ["没有现成信息需要"],
        ["另行制作", "1,204", "/", "1,204"],
    ]
    assert [p.text for p in document.prose] == [
        "三、收到和处理政府信息公开申请情况，共有三类，合计如下。",
        "四、行政复议情况",
    ]


def test_figures_that_do_not_stand_one_under_another_keep_their_order_only() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 60, *HEAD)
        for n, places in enumerate(((260, 360, 460), (305, 360, 415), (280, 337, 440), (290, 380, 430))):
            write(canvas, 80 + 20 * n, (60, "本年新收"), *((x, "12345678") for x in places))

    (grid,) = drawn(page).grids
    assert not grid.aligned
    assert texts(grid)[1] == ["本年新收", "12345678", "12345678", "12345678"]


@pytest.mark.parametrize(
    "lines",
    [
        ["2019 年收到申请 12 件，办结 11 件，结转 1 件", "其中当面 3 件，网络 9 件，信函 0 件，共 12 件", "较上年增长 2 成"] * 3,
        ["一、概述 1", "二、主动公开 2", "三、依申请公开 3"],
        ["2016 年 2017 年 2018 年", "较上年分别增长百分之 3 4 5，", "其余各年持平。"],
    ],
    ids=["sentences", "table of contents", "years"],
)  # fmt: skip
def test_prose_full_of_figures_is_no_table(lines: list[str]) -> None:
    def page(canvas: Canvas) -> None:
        for n, line in enumerate(lines):
            write(canvas, 40 + 20 * n, (60, line))

    assert drawn(page).grids == ()


def test_a_frame_around_prose_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        box(canvas, 50, 50, 450, 150, "一、概述", "本年收到申请")
        box(canvas, 50, 150, 450, 250, "二、公开")

    document = drawn(page)
    assert document.grids == ()
    assert "".join(p.text for p in document.prose) == "一、概述本年收到申请二、公开"


def test_a_sentence_over_a_page_break_is_one_paragraph() -> None:
    full = "本年度全市各级行政机关共收到政府信息公开申请并按期答复其中较上年增长明显"
    document = drawn(
        lambda c: write(c, 380, (60, full)),
        lambda c: [write(c, 40, (60, "的有 12 件。")), write(c, 60, (60, "二、公开"))],
    )
    assert [(p.text, p.where) for p in document.prose] == [
        (full + "的有 12 件。", "page 1"),
        ("二、公开", "page 2"),
    ]


def test_a_page_without_a_character_is_a_scan() -> None:
    with pytest.raises(NoText):
        drawn(lambda c: c.rect(50, 50, 100, 100, fill=1))


def test_what_a_browser_prints_on_every_page_does_not_cut_a_table() -> None:
    def page(number: int, *rows: str) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            write(canvas, 20, (50, "11/22/26, 3:39 AM"), (250, "年度报告"))
            write(canvas, 390, (50, "https://www.example.gov.cn/report.html"), (500, f"{number}/3"))
            for y, row in enumerate(rows):
                box(canvas, 50, 60 + 30 * y, 150, 90 + 30 * y, row)
                box(canvas, 150, 60 + 30 * y, 250, 90 + 30 * y, str(number))

        return draw

    document = drawn(page(1, "规章", "规范性文件"), page(2, "行政许可"), page(3, "行政处罚"))
    (grid,) = document.grids
    assert texts(grid) == [["规章", "1"], ["规范性文件", "1"], ["行政许可", "2"], ["行政处罚", "3"]]
    assert [p.text for p in document.prose] == ["11/22/26, 3:39 AM 年度报告"]


def test_a_line_that_stands_on_one_page_is_kept_wherever_it_stands() -> None:
    def page(*lines: str) -> Callable[[Canvas], None]:
        return lambda canvas: [write(canvas, 40 + 40 * n, (50, line)) for n, line in enumerate(lines)] and None

    document = drawn(page("一、总体情况", "收到申请3件。"), page("二、主动公开", "公开7条。"))
    assert "".join(p.text for p in document.prose) == "一、总体情况收到申请3件。二、主动公开公开7条。"


def cut_rows(lower: tuple[str, str]) -> Grid:
    """A row of two cells that a page break leaves open, under a closed row; `lower` is what stands below the break."""

    def upright(canvas: Canvas, top: float, bottom: float) -> None:
        for x in (50, 150, 250):
            canvas.line(x, 400 - top, x, 400 - bottom)

    def first(canvas: Canvas) -> None:
        for x, text in ((50, "规章"), (150, "1")):
            box(canvas, x, 330, x + 100, 360, text)
        upright(canvas, 360, 390)
        write(canvas, 375, (55, "4.无正当理由"), (155, "7"))

    def second(canvas: Canvas) -> None:
        upright(canvas, 10, 40)
        write(canvas, 25, (55, lower[0]), (155, lower[1]))
        for x, text in ((50, "规范性文件"), (150, "2")):
            box(canvas, x, 40, x + 100, 70, text)

    (grid,) = drawn(first, second).grids
    return grid


def test_a_row_that_a_page_break_leaves_open_is_one_row() -> None:
    assert texts(cut_rows(("大量反复申请", ""))) == [
        ["规章", "1"],
        ["4.无正当理由大量反复申请", "7"],
        ["规范性文件", "2"],
    ]


def test_figures_on_both_sides_of_a_page_break_are_two_rows() -> None:
    grid = cut_rows(("5.重复申请", "8"))
    assert texts(grid) == [["规章", "1"], ["4.无正当理由", "7"], ["5.重复申请", "8"], ["规范性文件", "2"]]


def test_fonts_that_sit_at_another_height_are_on_one_line() -> None:
    def page(canvas: Canvas) -> None:
        box(canvas, 50, 50, 350, 150)
        box(canvas, 350, 50, 450, 150, "7")
        for x, font, text in ((60, "Courier", "("), (96, "STSong-Light", "二"), (156, "Courier", ")")):
            canvas.setFont(font, 60)
            canvas.drawString(x, 290, text)

    (grid,) = drawn(page).grids
    assert texts(grid) == [["(二)", "7"]]


def rows_of_boxes(canvas: Canvas, *rows: tuple[str, ...], top: float = 60, widths: float = 100) -> None:
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            box(canvas, 50 + widths * x, top + 30 * y, 50 + widths * (x + 1), top + 30 * (y + 1), text)


def test_rules_of_other_tables_leave_a_table_where_it_is() -> None:
    """Each rule is close to one of the next table; brought into line in a chain, the last would lie inside its cell."""

    def page(canvas: Canvas) -> None:
        for n in range(6):
            canvas.line(436 + 2.5 * n, 400 - 20, 436 + 2.5 * n, 400 - 50)
        box(canvas, 350, 60, 400, 90, "收费")
        box(canvas, 400, 60, 450, 90)
        canvas.drawRightString(447, 400 - 72, "142.01")

    grids = drawn(page).grids
    assert texts(grids[-1]) == [["收费", "142.01"]]


def test_a_figure_that_runs_over_a_rule_is_whole_in_the_cell_of_its_middle() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("指标", "", ""), ("收费", "", ""))
        write(canvas, 72, (230, "123456"))
        write(canvas, 102, (233, "987654"))

    assert texts(drawn(page).grids[0]) == [["指标", "123456", ""], ["收费", "987654", ""]]


def test_figures_that_fill_their_cells_are_as_many() -> None:
    def page(canvas: Canvas) -> None:
        width = canvas.stringWidth("12345", "STSong-Light", 10) + 0.1
        rows_of_boxes(canvas, ("", "", "", ""), ("", "", "", ""), widths=width)
        for n in range(4):
            canvas.drawString(50.05 + width * n, 400 - 72, "12345")
            canvas.drawString(50.05 + width * n, 400 - 102, "67890")

    assert texts(drawn(page).grids[0]) == [["12345"] * 4, ["67890"] * 4]


def test_rules_as_wide_as_a_cell_strike_nothing_out() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("收到", "5335"), ("结转", "21"))
        canvas.setLineWidth(0.2)
        for y in range(62, 90, 2):
            canvas.line(50, 400 - y, 250, 400 - y)

    assert "5335" in "".join(c.text for g in drawn(page).grids for c in g.cells)


def test_figures_close_to_a_rule_on_both_sides_are_two() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("指标", "", ""), ("收费", "", ""))
        canvas.drawRightString(249, 400 - 72, "12")
        canvas.drawString(251, 400 - 72, "34")

    assert texts(drawn(page).grids[0])[0] == ["指标", "12", "34"]


def test_there_is_no_cell_between_double_rules() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(48.5, 400 - 121.5, 203, 63)
        for y, row in enumerate((("规章", "1"), ("文件", "2"))):
            for x, text in enumerate(row):
                box(canvas, 50 + 100.7 * x, 60 + 30.7 * y, 150 + 100.7 * x, 90 + 30.7 * y, text)

    assert texts(drawn(page).grids[0]) == [["规章", "1"], ["文件", "2"]]


def test_a_watermark_is_no_text() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("收到", "65"), ("结转", "9"))
        canvas.saveState()
        canvas.translate(170, 310)
        canvas.rotate(35)
        canvas.setFont("STSong-Light", 20)
        canvas.drawString(-20, 0, "2024-03-15")
        canvas.restoreState()

    assert texts(drawn(page).grids[0]) == [["收到", "65"], ["结转", "9"]]


def test_a_small_raised_figure_is_the_mark_of_a_footnote() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("收到", "88"), ("结转", "21"))
        width = canvas.stringWidth("88", "STSong-Light", 10)
        canvas.setFont("STSong-Light", 6)
        canvas.drawString(153 + width, 400 - 72 + 4, "1")

    assert texts(drawn(page).grids[0]) == [["收到", "88¹"], ["结转", "21"]]


def test_struck_out_figures_are_not_said() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("收到", "5335"), ("结转", "21"))
        width = canvas.stringWidth("53", "STSong-Light", 10)
        canvas.line(153, 400 - 72 + 3, 153 + width, 400 - 72 + 3)
        canvas.line(153, 400 - 102 - 1, 153 + width, 400 - 102 - 1)  # underlined

    assert texts(drawn(page).grids[0]) == [["收到", "35"], ["结转", "21"]]


def test_shaded_rows_rule_nothing() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFillGray(0.9)
        for n in (0, 2):
            canvas.rect(50, 400 - 85 - 20 * n, 500, 20, stroke=0, fill=1)
        canvas.setFillGray(0)
        write(canvas, 60, *HEAD)
        for n in range(4):
            write(canvas, 80 + 20 * n, (60, "本年新收"), (260, str(n)), (360, "3"), (460, "15"))

    (grid,) = drawn(page).grids
    assert texts(grid)[1:] == [["本年新收", str(n), "3", "15"] for n in range(4)]


def test_shaded_cells_are_a_table_where_nothing_else_is() -> None:
    def page(canvas: Canvas) -> None:
        for y in range(2):
            for x in range(2):
                canvas.setFillGray(0.9)
                canvas.rect(50 + 100 * x, 400 - 90 - 30 * y, 100, 30, stroke=0, fill=1)
                canvas.setFillGray(0)
                canvas.drawString(55 + 100 * x, 400 - 72 - 30 * y, f"甲{x}{y}")

    assert drawn(page).grids


def test_one_column_of_figures_with_their_units_is_a_table_without_rules() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 40, (60, "指标名称"), (260, "单位"), (360, "统计数"))
        for n, label in enumerate(("主动公开政府信息数", "收到申请数", "申请办结数")):
            write(canvas, 60 + 20 * n, (60, label), (260, "件"), (360, str(n)))
        write(canvas, 120, (60, "— 1 —"))

    (grid,) = drawn(page).grids
    assert texts(grid)[1:] == [["主动公开政府信息数", "件", "0"], ["收到申请数", "件", "1"], ["申请办结数", "件", "2"]]


def test_a_label_with_a_long_note_is_no_sentence() -> None:
    def page(canvas: Canvas) -> None:
        for n, label in enumerate(
            ("（一）予以公开", "（二）部分公开（区分处理的，只计这一情形，不计其他）", "（七）总计")
        ):
            write(canvas, 60 + 20 * n, (40, label), (360, str(n)), (420, "3"), (480, "15"))

    (grid,) = drawn(page).grids
    assert len(texts(grid)) == 3


def test_tables_without_columns_go_on_over_a_page() -> None:
    def page(canvas: Canvas) -> None:
        for n, places in enumerate(((260, 360, 460), (305, 360, 415), (280, 337, 440), (290, 380, 430))):
            write(canvas, 80 + 20 * n, (60, "本年新收"), *((x, "12345678") for x in places))

    (grid,) = drawn(page, page).grids
    assert (len(texts(grid)), grid.aligned) == (8, False)


def test_a_title_is_not_joined_with_what_is_set_smaller() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 20)
        write(canvas, 40, (60, "某某县财政局某年政府信息公开工作年度报告某某县"))
        canvas.setFont("STSong-Light", 10)
        write(canvas, 70, (60, "本报告根据《中华人民共和国政府信息公开条例》编制，由六个部分组成。"))
        rows_of_boxes(canvas, ("收到", "65"), ("结转", "9"), top=100)

    assert [p.text[:5] for p in drawn(page).prose] == ["某某县财政", "本报告根据"]


def test_a_page_whose_font_gives_no_places_is_no_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("收到", "65"), ("结转", "9"))

    monkeypatch.setattr(pdf, "_page", lambda page, number, is_ruled, text, goes_on: pdf.Sheet(number, []))
    document = drawn(page)
    assert "收到" in "".join(p.text for p in document.prose)
    assert document.unread == ("page 1: its font gives no places, so its tables could not be read",)


def test_what_is_drawn_twice_to_look_bold_is_read_once() -> None:
    def page(canvas: Canvas) -> None:
        box(canvas, 50, 50, 150, 80, "总计")
        box(canvas, 150, 50, 250, 80, "1169")
        canvas.drawString(53.4, 400 - 62, "总计")
        canvas.drawString(153.4, 400 - 62, "1169")

    assert texts(drawn(page).grids[0]) == [["总计", "1169"]]


def test_a_signature_set_to_the_right_is_not_gone_on_with() -> None:
    def page(canvas: Canvas) -> None:
        write(
            canvas, 40, (60, "本年度收到政府信息公开申请三件，均在规定期限内答复，没有结转下年度的申请，没有收取费用。")
        )
        box(canvas, 60, 300, 160, 330, "总计")
        canvas.drawRightString(500, 340, "朝阳市财政局")
        canvas.drawRightString(500, 320, "2024年1月19日")

    assert [p.text for p in drawn(page).prose][1:3] == ["朝阳市财政局", "2024年1月19日"]


@pytest.mark.parametrize(
    ("between", "is_one"), [("（续上表）", True), ("注：本表由各单位填报", True), ("三、其他情况", False)]
)
def test_only_a_note_or_words_that_say_so_may_stand_between_the_halves_of_a_table(between: str, is_one: bool) -> None:
    def first(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("申请", "4"), ("答复", "5"))

    def second(canvas: Canvas) -> None:
        write(canvas, 40, (50, between))
        rows_of_boxes(canvas, ("结转", "6"), ("其他", "7"))

    document = drawn(first, second)
    assert [texts(g) for g in document.grids] == (
        [[["申请", "4"], ["答复", "5"], ["结转", "6"], ["其他", "7"]]] if is_one
        else [[["申请", "4"], ["答复", "5"]], [["结转", "6"], ["其他", "7"]]]
    )  # fmt: skip
    assert between in [p.text for p in document.prose]


def test_what_hangs_out_of_a_cell_at_the_end_of_a_page_is_its_own() -> None:
    def first(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("申请", "情况", "4"))
        for x in (50, 150, 250, 350):
            canvas.line(x, 400 - 90, x, 400 - 105)
        write(canvas, 102, (53, "五不"), (153, "信访"), (253, "5"))
        write(canvas, 114, (53, "予处"), (153, "举报"))
        write(canvas, 380, (290, "- 1 -"))

    def second(canvas: Canvas) -> None:
        for x in (50, 150, 250, 350):
            canvas.line(x, 400 - 20, x, 400 - 35)
        write(canvas, 31, (53, "理"))
        canvas.line(50, 400 - 35, 350, 400 - 35)
        rows_of_boxes(canvas, ("六其他", "重复", "6"), top=35)

    document = drawn(first, second)
    assert [texts(g) for g in document.grids] == [
        [["申请", "情况", "4"], ["五不\n予处理", "信访\n举报", "5"], ["六其他", "重复", "6"]]
    ]
    assert not document.prose


def test_a_table_open_at_its_sides_ends_where_its_rules_do() -> None:
    def page(canvas: Canvas) -> None:
        for top in (60, 90, 120):
            canvas.line(50, 400 - top, 350, 400 - top)
        for x in (150, 250):
            canvas.line(x, 400 - 60, x, 400 - 120)
        write(canvas, 80, (53, "申请"), (153, "3"), (253, "4"))
        write(canvas, 110, (53, "答复"), (153, "5"), (253, "6"))

    (grid,) = drawn(page).grids
    assert texts(grid) == [["申请", "3", "4"], ["答复", "5", "6"]]


def test_rules_across_that_end_at_one_place_are_sides_of_cells() -> None:
    """As browsers print cells between which neither has a border: only the rules below the rows are there."""

    def page(c: Canvas, rows: int = 3) -> None:
        box(c, 50, 60, 250, 60 + 30 * rows)
        c.line(200, 340, 200, 340 - 30 * rows)
        for row in range(1, rows):
            c.line(150, 340 - 30 * row, 250, 340 - 30 * row)
        write(c, 60 + 15 * rows, (55, "不予处理"))
        for row in range(rows):
            write(c, 80 + 30 * row, (155, f"{row + 1}.重复"), (220, str(7 + row)))

    (grid,) = drawn(page).grids
    assert texts(grid) == [["不予处理", "1.重复", "7"], ["2.重复", "8"], ["3.重复", "9"]]
    assert grid.cells[0].row_span == 3
    (grid,) = drawn(lambda c: page(c, rows=2)).grids
    assert len(texts(grid)[0]) == 2, "one rule may be anything"

    def underlined(c: Canvas) -> None:
        for row, word in enumerate(("受理", "收到申请", "申请办结")):
            top = 60 + 30 * row
            box(c, 50, top, 200, top + 30)
            box(c, 200, top, 250, top + 30)
            write(c, top + 20, (80, word), (220, str(7 + row)))
            c.line(80, 378 - top, 80 + 10 * len(word), 378 - top)

    (grid,) = drawn(underlined).grids
    assert texts(grid) == [["受理", "7"], ["收到申请", "8"], ["申请办结", "9"]], "lines under words begin at one place"


def test_a_row_that_stands_alone_on_the_next_page_is_of_the_rows_before_it() -> None:
    def first(canvas: Canvas) -> None:
        for n, label in enumerate(("收到申请数", "办结数", "答复数")):
            write(canvas, 80 + 20 * n, (60, label), (300, "件"), (400, str(n)))
        write(canvas, 380, (290, "- 1 -"))

    def second(canvas: Canvas) -> None:
        write(canvas, 40, (300, "人"))
        write(canvas, 46, (60, "接受培训人员数"), (400, "9"))
        write(canvas, 52, (300, "次"))
        write(canvas, 100, (60, "五、存在的主要问题及改进情况"))

    document = drawn(first, second)
    assert [row for grid in document.grids for row in texts(grid)][-1] == ["接受培训人员数", "人次", "9"]
    assert [p.text for p in document.prose] == ["五、存在的主要问题及改进情况"]
    assert not drawn(second).grids  # by itself it is no table


def test_a_figure_below_those_of_rows_is_one_of_theirs_without_its_unit() -> None:
    def page(canvas: Canvas) -> None:
        for n, (label, unit) in enumerate(
            (("收到申请数", "件"), ("办结数", "件"), ("收取的费用", ""), ("答复数", "件"))
        ):
            write(canvas, 80 + 20 * n, (60, label), (300, unit), (400, str(n)))

    (grid,) = drawn(page).grids
    assert texts(grid)[2] == ["收取的费用", "2"]


def test_text_below_a_table_without_a_last_rule_is_no_part_of_it() -> None:
    def page(canvas: Canvas) -> None:
        rows_of_boxes(canvas, ("申请情况", "4"))
        for x in (50, 150, 250):
            canvas.line(x, 400 - 90, x, 400 - 110)
        write(canvas, 104, (53, "结转"), (153, "5"))
        write(canvas, 120, (53, "五、存在的问题"))
        write(canvas, 140, (53, "公开的内容还不够全面，公开的时间还不够及时，需要改进。"))

    document = drawn(page)
    assert texts(document.grids[0])[-1] == ["结转", "5"]
    assert [p.text[:4] for p in document.prose] == ["五、存在", "公开的内"]

"""Huai'an 2024: PDF with ruled tables over page breaks. No other report.

What a reader must bear: the caption of an item on one page and its header on the next, table three over two pages, the group
label （四）无法提供 cut in two by a page number, upright and wrapped labels, 1、 for 1. in the last group, 96171.6.
"""

from __future__ import annotations

import io
import re

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

from extractors.forms.catalogue import default
from tests.samples_builder import figures, layout
from tests.samples_builder.layout import Box, Rows, placed

SOURCE = "huaian-2024"
NAME = f"{SOURCE}.pdf"
FONT, SIZE, LEADING = "STSong-Light", 10.5, 15
LEFT, TOP, BOTTOM = 72, A4[1] - 72, 60
WIDTH = A4[0] - 2 * LEFT

PAGE_ONE = (
    "淮安市人民政府",
    "2024年政府信息公开工作年度报告",
    "",
    "本报告由淮安市人民政府办公室编制，覆盖全市，统计期限自2024年1月1日至2024年12月31日。",
    "一、总体情况",
    "全市各级机关受理政府信息公开申请3119件，连同上一年转来的34件，一年内答复3050件，留到下一年的有103件。",
    "行政复议351件：结果维持72件，结果纠正64件，其他结果178件，尚未审结37件。",
    "行政诉讼46件：结果维持25件，结果纠正5件，其他结果9件，尚未审结7件。",
    "二、主动公开政府信息情况",
)
LAST = (
    "五、存在的主要问题及改进情况",
    "基层经办人员多为兼职，轮换也快；解读的形式偏少。今后先定专人，再编一本办理手册。",
    "六、其他需要报告的事项",
    "信息处理费一项，市政府一年共收3940元。",
)
TWO_SPLITS_AFTER = "第二十条第（六）项"
THREE_SPLITS_AFTER = "1.本机关不掌握相关政府信息"
CUT = "（四）无法提供"
CUT_AFTER = len("（四）无")


def build() -> bytes:
    """The file, four pages. Uncompressed and without dates, so that the same content gives the same bytes."""
    known = figures.load(SOURCE)

    def show(table: str):
        return lambda line, column: known[table, line, column]

    two, three, four = (default().table("national_2021", t) for t in ("two", "three", "four"))
    spans = {3: (1, 1, 1, 1), 1: (1, 3)}
    rows_two = layout.two(two, show("two"), spans, spans)
    rows_three = _with_ideographic_commas(layout.three(three, show("three")))
    cut_two = 1 + next(i for i, row in enumerate(rows_two) if row[0].text == TWO_SPLITS_AFTER)
    cut_three = 1 + next(i for i, row in enumerate(rows_three) if any(b.text == THREE_SPLITS_AFTER for b in row))

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    page = _Pages(Canvas(buffer, pagesize=A4, invariant=1, pageCompression=0))
    page.write(*PAGE_ONE)
    page.rule(rows_two[:cut_two], (130, 100, 100, 100))
    page.turn()
    page.rule(rows_two[cut_two:], (130, 100, 100, 100))
    page.write("三、收到和处理政府信息公开申请情况")
    first, second = _split(rows_three, cut_three)
    widths = (22, 62, 130, 34, 34, 34, 34, 34, 30, 37)
    page.rule(first, widths)
    page.turn()
    page.rule(second, widths)
    page.turn()
    page.write("四、政府信息公开行政复议、行政诉讼情况")
    page.rule(layout.four(four, show("four")), (30,) * 15)
    page.write(*LAST)
    page.close()
    return buffer.getvalue()


class _Pages:
    """A canvas that is filled from top to bottom."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.y, self.number = canvas, TOP, 1

    def write(self, *paragraphs: str) -> None:
        self.canvas.setFont(FONT, SIZE)
        per_line = int(WIDTH // SIZE)
        for text in paragraphs:
            for line in _wrapped(text, per_line) or [""]:
                self._room(LEADING)
                self.canvas.drawString(LEFT, self.y - SIZE, line)
                self.y -= LEADING
        self.y -= LEADING / 2

    def rule(self, rows: Rows, widths: tuple[int, ...]) -> None:
        """A ruled table. Raises ValueError where it does not fit on the rest of the page."""
        matrix = [["" for _ in widths] for _ in rows]
        style: list[tuple[object, ...]] = [
            ("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0)),
            ("FONT", (0, 0), (-1, -1), FONT, 9, 11),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        for r, c, box in placed(rows):
            room = sum(widths[c : c + box.columns]) - 4
            per_line = max(1, int(room // 9))
            matrix[r][c] = box.text if box.figure else "\n".join(_wrapped(box.text, per_line))
            if box.rows > 1 or box.columns > 1:
                style.append(("SPAN", (c, r), (c + box.columns - 1, r + box.rows - 1)))
        table = Table(matrix, colWidths=list(widths), style=TableStyle(style))
        _, height = table.wrapOn(self.canvas, WIDTH, TOP)
        self._room(height)
        table.drawOn(self.canvas, LEFT, self.y - height)
        self.y -= height + LEADING

    def turn(self) -> None:
        self._number()
        self.canvas.showPage()
        self.y, self.number = TOP, self.number + 1

    def close(self) -> None:
        self._number()
        self.canvas.save()

    def _number(self) -> None:
        self.canvas.setFont(FONT, 9)
        self.canvas.drawCentredString(A4[0] / 2, BOTTOM - 20, f"- {self.number} -")

    def _room(self, height: float) -> None:
        if self.y - height < BOTTOM:
            raise ValueError(f"page {self.number} is full")


def _wrapped(text: str, per_line: int) -> list[str]:
    """Lines of at most `per_line` characters, breaking no number and setting no punctuation first."""
    lines: list[str] = []
    for token in re.findall(r"(?:\d[\d.]*|.)[，。；：、）]*", text):
        if lines and len(lines[-1]) + len(token) <= per_line:
            lines[-1] += token
        else:
            lines.append(token)
    return lines


def _with_ideographic_commas(rows: Rows) -> Rows:
    """The last group prints 1、2、3、 where the others print 1. 2. 3."""
    start = next(i for i, row in enumerate(rows) if any(b.text.startswith("（六）") for b in row))
    return rows[:start] + [
        [Box(re.sub(r"^(\d)\.", r"\1、", b.text) if not b.figure else b.text, b.rows, b.columns, b.figure) for b in row]
        for row in rows[start:]
    ]


def _split(rows: Rows, at: int) -> tuple[Rows, Rows]:
    """Break a table before row `at`. A cell over the break is continued: its label where CUT says so, else empty."""
    first: Rows = [[] for _ in rows[:at]]
    second: Rows = [[] for _ in rows[at:]]
    carried: list[tuple[int, Box]] = []
    for r, c, box in placed(rows):
        if r >= at:
            second[r - at].append(box)
        elif r + box.rows <= at:
            first[r].append(box)
        else:
            here, there = (box.text[:CUT_AFTER], box.text[CUT_AFTER:]) if box.text == CUT else (box.text, "")
            first[r].append(Box(here, at - r, box.columns, box.figure))
            carried.append((c, Box(there, r + box.rows - at, box.columns, box.figure)))
    second[0] = [box for _, box in sorted(carried, key=lambda p: p[0])] + second[0]
    return first, second

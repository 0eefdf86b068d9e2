"""Shanghai (general office) 2019: a fragment of HTML as cut out of a script. No other report.

What a reader must bear: no html or body, cells left blank (&nbsp;) where zero is meant, totals in four rows only, other
column spans in data rows than in header rows, an amount with its unit, both kinds of comma.
"""

from __future__ import annotations

from html import escape

from extractors.forms.catalogue import default
from tests.samples_builder import figures, html, layout
from tests.samples_builder.layout import Box

SOURCE = "shanghai-office-2019"
NAME = f"{SOURCE}.html"
TITLE = "2019年上海市人民政府办公厅政府信息公开工作年度报告"
BEFORE = (
    "发布日期：2020-01-31",
    "统计时段：2019年1月1日到12月31日。",
    "一、总体情况",
    "这一年公布规章13件，行政规范性文件60件。",
    "办公厅代表市政府受理政府信息公开申请859件,答复805件；上一年转来的18件包括在内,转入下一年的有72件。",
    "按结果分：予以公开及部分公开258件，占33.9%；不予公开35件；无法提供265件；不予处理158件；其他处理0件。",
    "与信息公开有关的行政复议7件，诉讼9件。",
)
AFTER = (
    "五、政府信息公开工作存在的主要问题及改进情况",
    "解读的形式还不够多样,专栏的编排也不统一。明年先统一专栏，再增加图解与问答。",
    "六、其他需要报告的事项",
    "无。",
)
HEADER = {3: (1, 1, 2, 1), 2: (1, 2, 2)}


def build() -> bytes:
    """The fragment, UTF-8."""
    known = figures.load(SOURCE)

    def show(table: str):
        def cell(line: str, column: str) -> str:
            unit = "元" if (line, column) == ("procurement", "amount") else ""
            return known[table, line, column] + unit

        return cell

    two, three, four = (default().table("national_2019", t) for t in ("two", "three", "four"))
    # Only the first item repeats the spans of its header; the others shift the wide cell, as the published page does.
    head = layout.two(two, show("two"), HEADER, HEADER)[:4]
    rest = layout.two(two, show("two"), HEADER, {3: (1, 2, 1, 1), 2: (1, 2, 2)})[4:]
    fragment = "".join(
        (
            html.paragraphs(TITLE, *BEFORE, "二、主动公开政府信息情况"),
            html.table(head + rest, _inside, ' align="center" border="1" cellspacing="1"'),
            html.paragraphs("三、收到和处理政府信息公开申请情况"),
            html.table(layout.three(three, show("three")), _inside, ' align="center" border="1" cellspacing="1"'),
            "<p><br />四、政府信息公开行政复议、行政诉讼情况</p>\n",
            html.table(layout.four(four, show("four")), _bare, ' align="center" border="1" cellspacing="1"'),
            html.paragraphs(*AFTER),
        )
    )
    return fragment.encode()


def _inside(box: Box) -> str:
    text = box.text.replace("本年新", "本年新\n") if box.text in ("本年新制作数量", "本年新公开数量") else box.text
    body = escape(text, quote=False).replace("\n", "<br />") or "&nbsp;"
    return f"<p style='text-align: center;'>{body}</p>"


def _bare(box: Box) -> str:
    """Table four leaves its blank cells without a paragraph."""
    return f"<p>{escape(box.text, quote=False)}</p>" if box.text else "&nbsp;"

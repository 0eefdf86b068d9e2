"""Neijiang 2020: a portal page that holds the report twice (screen and print), with merged headers. No other report.

What a reader must bear: the second copy, 减12, an amount with its unit, en spaces before zeros, words broken into several
paragraphs, headers with one character a paragraph, and navigation that names the statutory words.
"""

from __future__ import annotations

from html import escape

from extractors.forms.catalogue import default
from tests.samples_builder import figures, html, layout
from tests.samples_builder.layout import Box

SOURCE = "neijiang-2020"
NAME = f"{SOURCE}.html"
TITLE = "2020年内江市政府信息公开工作年度报告"
MENU = (
    "机关简介",
    "行政许可/服务事项",
    "行政处罚/行政强制",
    "预算/决算",
    "收费项目",
    "政府采购",
    "规章",
    "行政规范性文件",
)
BROKEN = {
    "本年新制作数量": "本年新|制作数量",
    "本年新公开数量": "本年新|公开数量",
    "商业企业": "商业|企业",
    "科研机构": "科研|机构",
    "社会公益组织": "社会公|益组织",
    "法律服务机构": "法律服|务机构",
}
UPRIGHT = ("结果维持", "结果纠正", "其他结果", "尚未审结")
BEFORE = (
    "数据由各级行政机关填报，统计期限为2020年1月1日至2020年12月31日。",
    "一、总体情况",
    "政府网站、政务新媒体等载体上，全市2020年发布信息14万9000余条。",
    "全市政府系统2020年受理并办结政府信息公开申请234件；这一年因答复而起的行政复议有7件，行政诉讼1件。",
)
AFTER = (
    "五、存在的主要问题及改进情况",
    "个别文件发布时没有配上解读，少数答复写得过于简略。来年打算先补培训，再逐季抽查答复文书。",
    "六、其他需要报告的事项",
    "无。",
)


def build() -> bytes:
    """The page, UTF-8."""
    page = f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{TITLE}</title>
<style>.print {{ display: none }} @media print {{ .print {{ display: block }} .screen {{ display: none }} }}</style>
<script>var channel = "政府信息公开年报"; var pages = [2022, 2021, 2020];</script></head>
<body>
<ul class="menu">{"".join(f"<li>{m}</li>" for m in MENU)}</ul>
<div class="screen">
<h1>{TITLE}</h1>
<p>发布时间：2021-03-30&nbsp;&nbsp;&nbsp;信息来源：市政府办公室&nbsp;&nbsp;&nbsp;【字体：大中小 】</p>
{_report()}</div>
<div class="print"><ul><li>
<h2>{TITLE}</h2>
<p>2021年03月30日 00时00分</p><p>来源： 市政府办公室</p>
{_report()}</li></ul></div>
<div class="foot"><p>主办：内江市人民政府办公室</p><p>网站标识码：5110000003</p></div>
</body></html>
"""
    return page.encode()


def _report() -> str:
    known = figures.load(SOURCE)

    def show(table: str):
        def cell(line: str, column: str) -> str:
            value = known[table, line, column]
            if column == "item_change" and value.startswith("-"):
                return "减" + value[1:]
            if (line, column) == ("procurement", "amount"):
                return value + "万元"
            return "\u2002" + value if table == "three" and value == "0" else value

        return cell

    two, three, four = (default().table("national_2019", t) for t in ("two", "three", "four"))
    spans = {3: (1, 2, 2, 2), 2: (1, 3, 3)}
    return "".join(
        (
            html.paragraphs(*BEFORE, "二、主动公开政府信息情况", attributes=' class="text"'),
            html.table(layout.two(two, show("two"), spans, spans), _inside),
            "<p>三、收到和处理政府信息公开申请情况&nbsp;&nbsp;</p>\n",
            html.table(layout.three(three, show("three")), _inside),
            "<p>四、政府信息公开行政复议、行政诉讼情况&nbsp;&nbsp;</p>\n",
            html.table(layout.four(four, show("four")), _inside),
            html.paragraphs(*AFTER, attributes=' class="text"'),
        )
    )


def _inside(box: Box) -> str:
    if box.text in UPRIGHT:
        parts = list(box.text)
    elif box.text in BROKEN:
        parts = BROKEN[box.text].split("|")
    else:
        parts = [box.text]
    return "".join(f"<p>{escape(p, quote=False)}</p>" for p in parts)

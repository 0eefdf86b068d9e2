"""Haizhou 2015: plain text in traditional characters, one cell a line. No other report.

What a reader must bear: label, unit and value on three lines that end in " |", section lines with two empty cells, item
numbers written 1﹒ 2. and 1、, the misprint 具有 for 具体, no title and no agency in the text.
"""

from __future__ import annotations

from extractors.forms.catalogue import default
from tests.samples_builder import figures

SOURCE = "haizhou-2015"
NAME = f"{SOURCE}.txt"
SIMPLIFIED = "动开数计条规发总报网务应众关热点舆参举办闻会负责线访谈读请当传络结时复属围国业个隐经济稳机补过径议维体为纠错诉讼驳费专门构设阅从员职项编辑护题类训况统标万单"
TRADITIONAL = "動開數計條規發總報網務應眾關熱點輿參舉辦聞會負責線訪談讀請當傳絡結時復屬圍國業個隱經濟穩機補過徑議維體為糾錯訴訟駁費專門構設閱從員職項編輯護題類訓況統標萬單"
CONVERT = str.maketrans(SIMPLIFIED, TRADITIONAL)
"""As the published text converts: 于, 里 and 范 stay."""

HEADINGS = {
    "disclosed.total": "一、主动公开情况",
    "channel.gazette": "(二)通过不同渠道和方式公开政府信息的情况",
    "response.events": "二、回应解读情况",
    "response.press_conferences": "(二)通过不同渠道和方式回应解读的情况",
    "requests.received": "三、依申请公开情况",
    "resources.offices": "八、机构建设和保障经费情况",
    "training.meetings": "九、政府信息公开会议和培训情况",
}
"""Lines of the form that carry no figure, before the line named."""

PROSE = (
    "本報告匯集海州區區級部門與各鎮街一年的情況。",
    "一、總體情況",
    "我區全年主動公開政府信息8547條。行政復議和行政訴訟均未發生。",
    "二、權力清單",
    "32個部門公布了清單,列出行政權力2879項。",
    "三、申請辦理",
    "全年我區共受理依申請公開5件,4件延期后辦結。",
    "政府信息公開情況統計表",
    "(2015年度)",
)


def build() -> bytes:
    """The text, UTF-8."""
    known = figures.load(SOURCE)
    table = default().table("national_2014", "2014")
    cells = ["统 计 指 标", "单位", "统计数"]
    marks = 0
    for line in table.lines:
        if line.code in HEADINGS:
            cells += [HEADINGS[line.code], "", ""]
        label = line.label.replace("具体", "具有") if line.code == "litigation.upheld" else line.label
        label = label.replace("(不同", " (不同")
        if label[0].isdigit():
            label = label.replace(".", "﹒.、"[(0, 1, 0, 0, 2)[marks % 5]], 1)
            marks += 1
        cells += [label, line.unit, known["2014", line.code, "value"]]
    text = [*PROSE, *(f"{c.translate(CONVERT)} |" if c else "|" for c in cells)]
    return ("\n".join(text) + "\n").encode()

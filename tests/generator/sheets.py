"""A truth as the form prints it: paragraphs and sheets of boxes with spans, in reading order. No file format and no quirk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from random import Random
from typing import Literal

from extractors.forms.catalogue import Line, Table, default
from tests.generator.truth import Key, ReportTruth

Role = Literal["header", "heading", "label", "unit", "value", "note"]
_FULL_WIDTH = str.maketrans("():,", "（）：，")

RELATION = "(本列数据的勾稽关系为:第一项加第二项之和,等于第三项加第四项之和)"
SECTIONS = {
    "two": "二、主动公开政府信息情况",
    "three": "三、收到和处理政府信息公开申请情况",
    "four": "四、政府信息公开行政复议、行政诉讼情况",
    "2014": "政府信息公开情况统计表",
    "fujian": "附表",
}


@dataclass(slots=True)
class Box:
    """A cell of a sheet. `tokens` are the figures printed in it; `key` is the cell of the form that it is, if any."""

    text: str
    role: Role
    down: int = 1
    across: int = 1
    key: Key | None = None
    line: str = ""
    column: str = ""
    tokens: tuple[Decimal, ...] = ()
    touched: bool = False
    """A quirk has changed the cell; the others leave it alone."""


@dataclass(slots=True)
class Sheet:
    """A table as printed. `copy` says that it stands in the report a second time."""

    code: str
    form: str
    rows: list[list[Box]]
    width: int
    copy: bool = False

    def boxes(self) -> Iterator[Box]:
        for row in self.rows:
            yield from row

    def values(self) -> Iterator[Box]:
        return (b for b in self.boxes() if b.role == "value")

    def grid(self) -> list[list[Box | None]]:
        """Boxes at the top left corner of the positions they cover; None elsewhere."""
        out: list[list[Box | None]] = [[None] * self.width for _ in self.rows]
        for y, x, box in self.placed():
            out[y][x] = box
        return out

    def placed(self) -> Iterator[tuple[int, int, Box]]:
        """(row, column, box), as a browser places them."""
        free = [0] * (self.width + 1)
        for y, row in enumerate(self.rows):
            x = 0
            for box in row:
                while x < self.width and free[x] > y:
                    x += 1
                yield y, x, box
                for covered in range(x, min(x + box.across, self.width)):
                    free[covered] = y + box.down
                x += box.across


@dataclass(slots=True)
class Paragraph:
    """A sentence, heading or title."""

    text: str
    role: Literal["title", "heading", "sentence", "date"] = "sentence"


@dataclass(slots=True)
class Draft:
    """A report on its way to bytes: quirks change it and the truth together."""

    truth: ReportTruth
    blocks: list[Paragraph | Sheet]
    required: Counter[Decimal] = field(default_factory=Counter)
    """Figures printed in statutory tables, a multiset: each must come out as fact or residue."""
    allowed: Counter[Decimal] = field(default_factory=Counter)
    """As above, and what may come out besides: the second copy of a table."""
    must_differ: list[Decimal] = field(default_factory=list)
    cut_rows: bool = False
    """Page breaks fall inside rows."""

    def sheets(self) -> Iterator[Sheet]:
        return (b for b in self.blocks if isinstance(b, Sheet))

    def count(self, copies: int) -> None:
        """Count the figures on the page once nothing changes any more; `copies` is how often the page prints all."""
        self.required = Counter(t for s in self.sheets() if not s.copy for b in s.boxes() for t in b.tokens)
        every = Counter(t for s in self.sheets() for b in s.boxes() for t in b.tokens)
        self.allowed = self.required
        if any(s.copy for s in self.sheets()):
            self.required = self.required + Counter(self.must_differ)
            self.allowed = Counter({t: n * copies for t, n in every.items()})


def number(value: Decimal) -> str:
    """A figure as an office types it: no exponent, no trailing zeros."""
    return format(value.normalize(), "f") if value else "0"


def draft(rng: Random, truth: ReportTruth, *, spans: str = "even", full_width: bool = True) -> Draft:
    """Blocks of a whole report. `spans`: how table two is ruled (`even`, `uneven`, `split`, `plain`)."""
    blocks: list[Paragraph | Sheet] = list(_opening(rng, truth))
    for form, code in truth.tables:
        blocks.append(Paragraph(SECTIONS[code], "heading"))
        if code == "2014":
            blocks.append(Paragraph(f"({truth.year}年度)", "heading"))
        table = default().table(form, code)
        blocks.extend(_SHEETS[code](table, truth, spans) if code == "two" else [_SHEETS[code](table, truth)])
    blocks.extend(_closing(rng, truth))
    out = Draft(truth, blocks)
    if full_width:
        widen(out)
    return out


def widen(what: Draft) -> None:
    """Brackets and colons of words in full width, as the forms print them."""
    for block in what.blocks:
        if isinstance(block, Paragraph):
            block.text = block.text.translate(_FULL_WIDTH)
        else:
            for box in block.boxes():
                if box.role != "value":
                    box.text = box.text.translate(_FULL_WIDTH)


def _value(truth: ReportTruth, table: str, line: str, column: str, across: int = 1) -> Box:
    key = (table, line, column)
    figure = truth.figures[key]
    return Box(number(figure), "value", 1, across, key, line, column, (figure,))


def _width(table: Table) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for line in table.lines:
        groups.setdefault(line.group_label, []).append(line)
    return groups


# How many grid columns each value column takes, header row and value rows apart, by number of value columns.
_SPANS = {
    "even": {3: ((2, 2, 2), (2, 2, 2)), 2: ((3, 3), (3, 3)), 1: ((6,), (6,))},
    "uneven": {3: ((1, 2, 3), (2, 1, 3)), 2: ((3, 3), (3, 3)), 1: ((6,), (6,))},
    "plain": {3: ((1, 1, 1), (1, 1, 1)), 2: ((1, 1), (1, 1)), 1: ((1,), (1,))},
}


def _two(table: Table, truth: ReportTruth, spans: str) -> list[Sheet]:
    apart = spans == "split"
    ruling = _SPANS["plain" if apart else spans]
    width = 4 if spans in ("plain", "split") else 7
    sheets: list[Sheet] = []
    rows: list[list[Box]] = []
    for group, lines in _width(table).items():
        columns = list(dict.fromkeys(c for x in lines for c in x.columns))
        over, under = ruling[len(columns)]
        if apart:
            width, rows = len(columns) + 1, []
        rows.append([Box(group, "heading", across=width)])
        rows.append(
            [Box("信息内容", "header")]
            + [Box(table.column(c).label, "header", across=a, column=c) for c, a in zip(columns, over, strict=True)]
        )
        rows += [
            [Box(x.label, "label", line=x.code)]
            + [_value(truth, "two", x.code, c, a) for c, a in zip(x.columns, under, strict=True)]
            for x in lines
        ]
        if apart or not sheets:
            sheets.append(Sheet("two", table.form, rows, width))
    return sheets


def _three(table: Table, truth: ReportTruth) -> Sheet:
    grouped = [c for c in table.columns if c.group_label]
    rows = [[Box(RELATION, "note", 3, 3), Box("申请人情况", "header", 1, len(table.columns))]]
    second: list[Box] = []
    for column in table.columns:
        if column is grouped[0]:
            second.append(Box(column.group_label, "header", 1, len(grouped)))
        if column not in grouped:
            second.append(Box(column.label, "header", 2, column=column.code))
    rows.append(second)
    rows.append([Box(c.label, "header", column=c.code) for c in grouped])
    results = [x for x in table.lines if x.group_label]
    sizes: dict[str, int] = {}
    for line in results:
        sizes[line.group_label] = sizes.get(line.group_label, 0) + 1
    opened: set[str] = set()
    outer = next(x.group_label for x in results if not x.group_label.startswith("("))
    for line in table.lines:
        row: list[Box] = []
        if line.group_label and not opened:
            row.append(Box(outer, "heading", len(results)))
            opened.add(outer)
        if line.group_label in ("", outer):
            row.append(Box(line.label, "label", across=2 if line.group_label else 3, line=line.code))
        else:
            if line.group_label not in opened:
                opened.add(line.group_label)
                row.append(Box(line.group_label, "heading", sizes[line.group_label]))
            row.append(Box(line.label, "label", line=line.code))
        rows.append(row + [_value(truth, "three", line.code, c) for c in line.columns])
    return Sheet("three", table.form, rows, 3 + len(table.columns))


def _four(table: Table, truth: ReportTruth) -> Sheet:
    size = len(table.columns)
    alone = [x for x in table.lines if not x.group_label]
    paired = [x for x in table.lines if x.group_label]
    first = [Box(x.label, "header", 1, size, line=x.code) for x in alone]
    first.append(Box(paired[0].group_label, "header", 1, size * len(paired)))
    second = [Box(c.label, "header", 2, column=c.code) for _ in alone for c in table.columns]
    second += [Box(x.label, "header", 1, size, line=x.code) for x in paired]
    third = [Box(c.label, "header", column=c.code) for _ in paired for c in table.columns]
    figures = [_value(truth, "four", x.code, c) for x in table.lines for c in x.columns]
    return Sheet("four", table.form, [first, second, third, figures], size * len(table.lines))


# Headings that the form prints above lines and that carry no figure; the catalogue does not need them.
_HEADINGS_2014 = {
    "channel.gazette": "(二)通过不同渠道和方式公开政府信息的情况",
    "response.press_conferences": "(二)通过不同渠道和方式回应解读的情况",
}


def _national_2014(table: Table, truth: ReportTruth) -> Sheet:
    rows = [[Box(t, "header") for t in ("统计指标", "单位", "统计数")]]
    labels = {x.label for x in table.lines}
    last = ""
    for line in table.lines:
        heading = line.group_label if line.group_label != last and line.group_label not in labels else ""
        for text in (heading, _HEADINGS_2014.get(line.code, "")):
            if text:
                rows.append([Box(text, "heading"), Box("", "unit"), Box("", "unit")])
        last = line.group_label if line.group_label and line.group_label not in labels else last
        rows.append(
            [
                Box(line.label, "label", line=line.code),
                Box(line.unit, "unit"),
                _value(truth, "2014", line.code, "value"),
            ]
        )
    return Sheet("2014", table.form, rows, 3)


def _fujian(table: Table, truth: ReportTruth) -> Sheet:
    header = ("指标名称", "计量单位", f"{truth.year}年度", "历年累计")
    rows = [[Box(t, "header") for t in header]]
    for line in table.lines:
        rows.append(
            [Box(line.label, "label", line=line.code), Box(line.unit, "unit")]
            + [_value(truth, "fujian", line.code, c) for c in line.columns]
        )
    return Sheet("fujian", table.form, rows, 4)


_SHEETS = {"two": _two, "three": _three, "four": _four, "2014": _national_2014, "fujian": _fujian}


def copied(sheet: Sheet) -> Sheet:
    """The sheet once more, its boxes its own."""
    return Sheet(sheet.code, sheet.form, [[replace(b) for b in row] for row in sheet.rows], sheet.width, True)


# --- sentences: invented, with figures that belong to no table ------------------------------------------------------

_SCOPE = {
    "organ": "以下数据为本机关数据。",
    "office": "我办代表市政府答复的申请计入本表。",
    "level": "以下数据为市本级数据。",
    "territory": "以下数据涵盖全市政府系统。",
}
_FILLERS = (
    "全年组织业务学习{a}场,{b}人次参加。",
    "平台留言均已回复,共{b}条,平均用时{a}个工作日。",
    "专栏改版后页面浏览量较上年提高{a}.5%。",
    "热线接听来电{c}个,满意率9{d}.{d}%。",
    "有{a}个单位按新的目录重新整理了栏目。",
    "编印公报{a}期,发放{b}册。",
)


def _filler(rng: Random) -> str:
    text = rng.choice(_FILLERS)
    return text.format(
        a=rng.randint(2, 19), b=rng.randint(20, 900), c=f"{rng.randint(1000, 9999):,}", d=rng.randint(1, 9)
    )


@cache
def _closing_words() -> tuple[str, ...]:
    return ("栏目更新不够及时,个别答复说理不足。", "下一步将补齐目录,定期抽查。", "培训覆盖面还要扩大。")


def _opening(rng: Random, truth: ReportTruth) -> Iterator[Paragraph]:
    year, agency = truth.year, truth.agency
    titles = (
        (f"{agency}{year}年政府信息公开工作年度报告",),
        (f"{year}年{agency}政府信息公开工作年度报告",),
        (agency, f"{year}年政府信息公开工作年度报告"),
        (f"{agency}{year}年度政府信息公开工作报告",),
    )
    for title in rng.choice(titles):
        yield Paragraph(title, "title")
    if rng.random() < 0.5:
        yield Paragraph(f"发布日期:{year + 1}-01-{rng.randint(10, 31)}", "date")
    yield Paragraph(f"本报告由{agency}编制,统计期限自{year}年1月1日至{year}年12月31日。")
    yield Paragraph("一、总体情况", "heading")
    sentences = [_SCOPE[truth.scope], _filler(rng)]
    said = {
        "disclosed.total": "全年主动公开政府信息{}条。",
        "requests.received": "共收到政府信息公开申请{}件{}。",
        "review.total": "因政府信息公开引起行政复议{}件{}。",
    }
    sentences += [
        said[code].format(number(value), truth.growth.get(code, ""))
        for code, value in truth.prose.items()
        if code in said
    ]
    sentences.append(_filler(rng))
    if rng.random() < 0.5:
        yield Paragraph("".join(sentences))
    else:
        yield from (Paragraph(s) for s in sentences)


def _closing(rng: Random, truth: ReportTruth) -> Iterator[Paragraph]:
    yield Paragraph("五、存在的主要问题及改进情况", "heading")
    yield Paragraph(rng.choice(_closing_words()))
    yield Paragraph(_filler(rng))
    yield Paragraph("六、其他需要报告的事项", "heading")
    yield Paragraph("没有其他需要报告的事项。")
    if rng.random() < 0.5:
        yield Paragraph(truth.agency, "date")
        yield Paragraph(f"{truth.year + 1}年1月{rng.randint(10, 31)}日", "date")

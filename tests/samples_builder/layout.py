"""The official layout of the statutory tables, as rows of cells with spans. Knows no file format and no figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from extractors.forms.catalogue import Line, Table

FULL_WIDTH = str.maketrans("(),:", "（），：")
NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
OUTCOMES = "三、本年度办理结果"

Show = Callable[[str, str], str]
"""(line, column) -> what the cell prints."""


@dataclass(frozen=True, slots=True)
class Box:
    """A cell as printed. `figure` tells a figure from a label or header."""

    text: str
    rows: int = 1
    columns: int = 1
    figure: bool = False


Rows = list[list[Box]]


def printed(label: str) -> str:
    """A label with the punctuation of a printed report (the forms keep half width)."""
    return label.translate(FULL_WIDTH)


def items(table: Table) -> Iterator[tuple[str, list[Line]]]:
    """Blocks of table two: (caption, lines)."""
    for caption, lines in groupby(table.lines, key=lambda line: line.group_label):
        yield printed(caption), list(lines)


def two(table: Table, show: Show, header: dict[int, tuple[int, ...]], data: dict[int, tuple[int, ...]]) -> Rows:
    """Table two: caption, header and data rows of each item. `header` and `data` give, for an item of n figures,
    the spans of its n + 1 cells; a caption spans them all."""
    rows: Rows = []
    for caption, lines in items(table):
        columns = [table.column(c) for c in lines[0].columns]
        n = len(columns)
        rows.append([Box(caption, columns=sum(header[n]))])
        texts = ["信息内容", *(printed(c.label) for c in columns)]
        rows.append([Box(t, columns=s) for t, s in zip(texts, header[n], strict=True)])
        for line in lines:
            first, *spans = data[n]
            cells = zip(columns, spans, strict=True)
            rows.append(
                [Box(printed(line.label), columns=first)]
                + [Box(show(line.code, c.code), columns=s, figure=True) for c, s in cells]
            )
    return rows


def three_header(table: Table) -> Rows:
    """Header of table three: three columns of labels, then the applicants."""
    groups = [(g, list(cs)) for g, cs in groupby(table.columns, key=lambda c: c.group_label)]
    middle, last = [], []
    for group, columns in groups:
        if group:
            middle.append(Box(group, columns=len(columns)))
            last += [Box(printed(c.label)) for c in columns]
        else:
            middle += [Box(printed(c.label), rows=2) for c in columns]
    return [[Box(NOTE, rows=3, columns=3), Box("申请人情况", columns=len(table.columns))], middle, last]


def three(table: Table, show: Show) -> Rows:
    """Table three: header, the two lines of requests, the outcomes under their group labels, what is carried out."""
    rows = three_header(table)
    outcomes = [x for x in table.lines if x.parent == "processed.total" or x.code == "processed.total"]
    groups: dict[str, int] = {}
    for line in outcomes:
        groups[line.group_label] = groups.get(line.group_label, 0) + 1
    seen: set[str] = set()
    for line in table.lines:
        row: list[Box] = []
        if line not in outcomes:
            row.append(Box(printed(line.label), columns=3))
        else:
            if line is outcomes[0]:
                row.append(Box(OUTCOMES, rows=len(outcomes)))
            if line.group_label == OUTCOMES:
                row.append(Box(printed(line.label), columns=2))
            else:
                if line.group_label not in seen:
                    row.append(Box(printed(line.group_label), rows=groups[line.group_label]))
                    seen.add(line.group_label)
                row.append(Box(printed(line.label)))
        rows.append(row + [Box(show(line.code, c.code), figure=True) for c in table.columns])
    return rows


def four(table: Table, show: Show) -> Rows:
    """Table four: three groups of columns over one row of figures."""
    review, *suits = table.lines
    n = len(table.columns)
    labels = [printed(c.label) for c in table.columns]
    return [
        [Box(review.label, columns=n), Box(suits[0].group_label, columns=n * len(suits))],
        [Box(t, rows=2) for t in labels] + [Box(s.label, columns=n) for s in suits],
        [Box(t) for _ in suits for t in labels],
        [Box(show(line.code, c.code), figure=True) for line in table.lines for c in table.columns],
    ]


def placed(rows: Rows) -> list[tuple[int, int, Box]]:
    """(row, column, cell) of every cell. Raises ValueError where the spans leave a hole or a row is of another width."""
    taken: set[tuple[int, int]] = set()
    out: list[tuple[int, int, Box]] = []
    for r, row in enumerate(rows):
        c = 0
        for box in row:
            while (r, c) in taken:
                c += 1
            out.append((r, c, box))
            area = {(r + i, c + j) for i in range(box.rows) for j in range(box.columns)}
            if area & taken:
                raise ValueError(f"cell {box.text!r} lies over another")
            taken |= area
    width = 1 + max(c for _, c in taken)
    if taken != {(r, c) for r in range(len(rows)) for c in range(width)}:
        raise ValueError("the cells do not fill a rectangle")
    return out

"""Cells of a recognised grid to lines and columns of its form, by words and direction. What finds no place is residue."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby, pairwise, takewhile

from rapidfuzz.distance import Levenshtein

from extractors.forms.catalogue import Line, Table
from extractors.model import Cell, Fact, Grid, Missing, Residue
from extractors.reading import numbers
from extractors.reading.labels import EXACT, ORDINAL, LabelIndex, Match, columns_of, fold, han, lines_of, simplify
from extractors.units import UNITS

Key = tuple[str, str]
_SURE = 0.5  # of 279 cells of a recognised scan the one read wrong was the one below this confidence
_MOST_IN_A_NOTE = 2  # figures in the brackets of one label; more of them: the bracket was never closed
_OF_MONEY = re.compile(r"(?:^|[(:,]|单位|人民币|以|为)([百千万亿]{0,2}元)|([百千万亿]{1,2}元)")
_A_YEAR = re.compile(r"[（(]?(20\d\d)年度?(?:统计)?数?[）)]?")
_AN_ORDINAL = re.compile(r"[（(]?\d{1,2}[.．、)）]")
# Before such a label:
_NUMBERED = re.compile(r"(?<=[^\s第])\s*(?=[（(][一二三四五六七八九十]+[)）]|\d{1,2}[.．﹒、](?!\d))")
_LONGEST_UNIT = 4  # characters: 人民币元
_UNIT_WORDS = frozenset(han(u) for u in UNITS)


@cache
def units(table: Table) -> dict[Key, str]:
    """The unit of every cell that the form prints, in the form's order."""
    return {(line.code, column.code): table.unit(line, column) for line, column in table.cells()}


@cache
def _money(table: Table) -> tuple[Key, ...]:
    return tuple((line.code, column.code) for line, column in table.cells() if table.kind(line, column) == "money")


@dataclass(slots=True)
class Bound:
    """What one grid says of one statutory table. `facts` holds the cells that the grid has.

    `placed` are the cells of the document that became facts (or copies of facts), `unplaced` those left as residue,
    `numbering` those that number the lines.
    """

    table: Table
    grid: Grid
    score: int = 0
    evidence: str = ""
    facts: dict[Key, Fact] = field(default_factory=dict)
    placed: set[Cell] = field(default_factory=set)
    unplaced: dict[Cell, list[Residue]] = field(default_factory=dict)
    numbering: set[Cell] = field(default_factory=set)
    copies: int = 1
    figures: int = 0
    repeated: int = 0
    certain: bool = False
    """The table is there by its labels, whether or not a figure is."""

    @property
    def residue(self) -> list[Residue]:
        return [r for left in self.unplaced.values() for r in left]

    def put(self, line: Line, column: str, cell: Cell, note: str = "") -> None:
        """One cell of the document becomes one cell of the form."""
        figure = numbers.parse(cell.text)
        self.placed.add(cell)
        if cell.confidence is not None:
            note = f"recognised from a picture, confidence {cell.confidence:.2f}"
            if cell.confidence < _SURE and figure.kind != "missing":
                self.facts[line.code, column] = self._fact(line, column, cell, None, "illegible", "", note)
                self.leave([cell], "recognised from a picture with too little confidence")
                return
        if figure.kind == "number":
            self.facts[line.code, column] = self._fact(
                line, column, cell, figure.value, None, figure.unit,
                f"{figure.note}; {note}" if figure.note and note else figure.note or note,
            )  # fmt: skip
            return
        reason: Missing = figure.missing if figure.kind == "missing" and figure.missing else "illegible"
        self.facts[line.code, column] = self._fact(line, column, cell, None, reason, "", note)
        if figure.kind == "text":
            self.leave([cell], "a figure among words", among_words=True)
        elif len(figure.numbers) > 1:
            self.leave([cell], "several figures ran together in one cell")
        else:
            self.leave([cell], "a figure that cannot be trusted")

    def ambiguous(self, line: Line, columns: Iterable[str], cells: Sequence[Cell], reason: str) -> None:
        """Figures that could stand in more than one of `columns`: none is chosen."""
        for column in columns:
            self.facts[line.code, column] = self._fact(
                line, column, cells[0] if cells else None, None, "ambiguous", "", reason
            )
        self.leave(cells, reason, among_words=True)

    def leave(self, cells: Iterable[Cell], reason: str, *, among_words: bool = False) -> None:
        """Figures without a place, each kept with the reason; those `among_words` too, where no label can be."""
        for cell in cells:
            figure = numbers.parse(cell.text)
            found = [cell.text] if figure.kind == "number" else list(figure.numbers)
            if found and (among_words or figure.kind != "text") and cell not in self.unplaced:
                where = self.grid.address(cell)
                self.unplaced[cell] = [
                    Residue(self.table.code, text.strip(), where, reason, self.grid.number, cell.row, cell.column)
                    for text in found
                ]

    def _fact(
        self, line: Line, column: str, cell: Cell | None, value: object, missing: Missing | None, unit: str, note: str
    ) -> Fact:
        return Fact(
            self.table.form, self.table.code, line.code, column, value, missing,  # type: ignore[arg-type]
            cell.text if cell else "", unit or units(self.table)[line.code, column],
            self.grid.address(cell) if cell else self.grid.where, self.grid.number if cell else None,
            cell.row if cell else None, cell.column if cell else None, note,
        )  # fmt: skip


def tokens(cell: Cell, *, among_words: bool = False) -> int:
    """Figures that a cell holds; those `among_words` too, where no label can be."""
    figure = numbers.parse(cell.text)
    return 1 if figure.kind == "number" else len(figure.numbers) if among_words or figure.kind == "several" else 0


def bind(table: Table, grid: Grid, year: int | None = None) -> Bound:
    """Bind one grid to one table of a form, by the way both are laid out. `year`: that of the report."""
    bound = Bound(table, grid)
    if table.layout == "across":
        _across_aligned(bound, year) if grid.aligned else _across_flowing(bound)
        if grid.aligned and (bound.unplaced or not bound.facts):
            # some print it with a row for each line, as other tables
            _lines_aligned(turned := Bound(table, grid))
            bound = max(bound, turned, key=lambda b: len(b.placed))
        if not (bound.placed or bound.unplaced):
            bound.leave(grid.cells, "neither lines nor columns of the table lead to it")
    else:
        _lines_aligned(bound, year) if grid.aligned else _lines_flowing(bound)
        _take_units(bound)
    return bound


def _take_units(bound: Bound) -> None:
    """Amounts without a unit of their own have that of their row, of the words before them, or of the label above them."""
    cells = bound.grid.cells
    for key in _money(bound.table):
        fact = bound.facts.get(key)
        if fact is None or fact.value is None or numbers.parse(fact.raw).unit:
            continue
        at = next(i for i, c in enumerate(cells) if (c.row, c.column) == (fact.row, fact.column_no))
        cell = cells[at]
        before = list(takewhile(lambda c: not tokens(c), reversed(cells[:at])))
        if bound.grid.aligned:
            over = [c for c in cells[:at] if c.row < cell.row and c.column <= cell.column < c.column + c.column_span]
            row = [c for c in cells if c.row == cell.row and c is not cell]
            near = [*filter(_is_unit, row), *(c for c in row if c in before), *(c for c in over[-1:] if not tokens(c))]
        else:
            near = [*filter(_is_unit, cells[at + 1 : at + 2]), *before]
        places = (simplify(text) for text in (fact.note, *(c.text for c in near)))
        said = (_OF_MONEY.search("".join(numbers.fold(text).split()).replace("仟", "千")) for text in places)
        if found := next(filter(None, said), None):
            fact.unit = found[1] or found[2]


def _is_unit(cell: Cell) -> bool:
    return han(cell.text).endswith("元") and len(han(cell.text)) <= _LONGEST_UNIT


# --- aligned grids: a column of the document means something -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Header:
    """A column label of the form, where it stands."""

    code: str
    bottom: int
    left: int
    right: int
    rank: int
    is_own: bool = False
    """In the words of the form, and not in another wording of them."""


def _lines_aligned(bound: Bound, year: int | None = None) -> None:
    table, grid = bound.table, bound.grid
    rows: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    headers = _year_header(grid, table, year) or _headers(grid, table)
    left = min((h.left for h in headers), default=None)
    codes = {han(w) for w in table.code_columns}
    numbering = {c.column: c.row for c in grid.cells if codes and han(c.text) in codes}
    labelled, again = _labelled_rows(bound, rows, left)
    bottoms = sorted({h.bottom for h in headers})
    known: dict[tuple[int, tuple[str, ...]], _Above] = {}  # the same for most rows
    bound_rows: list[tuple[Line, list[Cell], bool]] = []
    for y, cells in rows.items():
        if numbering:  # A figure under 代码 numbers the line: it is part of the label.
            numbers_it = [c for c in cells if c.row > numbering.get(c.column, y)]
            bound.numbering.update(numbers_it)
            cells = [c for c in cells if c not in numbers_it]
        label_at = max(
            (c.column for c in cells if left is not None and c.column < left and _is_label(c, left)), default=-1
        )
        ordinals = [c for c in cells if c.column < label_at and _AN_ORDINAL.fullmatch(c.text.strip())]
        if ordinals:  # the number of a label in a cell of its own
            bound.numbering.update(ordinals)
            cells = [c for c in cells if c not in ordinals]
        line = labelled.get(y)
        if y in again:
            _bind_again(bound, labelled[again[y]], rows[again[y]], cells)
            continue
        if line is None:
            values = [c for c in cells if numbers.parse(c.text).kind in ("number", "several")]
            if values:
                label = " ".join(c.text for c in cells if numbers.parse(c.text).kind == "text")
                bound.leave(values, f"unknown line: {label.strip() or 'no label'}")
            continue
        at = bisect_left(bottoms, y), line.columns
        if at not in known:
            known[at] = _columns_above(bound, line, y, headers)
        found = [c for c in cells if not _is_label(c, left)]
        _bind_row(bound, line, found, headers, known[at], label_at)
        if len(line.columns) > 1:
            bound_rows.append((line, found, any(c.column >= known[at].end and tokens(c) for c in found)))
    if sum(is_longer for _, _, is_longer in bound_rows) * 2 > len(bound_rows):  # then the others have lost a cell
        for line, found, is_longer in bound_rows:
            if not is_longer:
                bound.placed.difference_update(found)
                bound.ambiguous(line, line.columns, found, "most rows have more cells than column labels")
    _spread_illegible(bound)


def _is_label(cell: Cell, left: int | None) -> bool:
    figure = numbers.parse(cell.text)
    if figure.kind != "text":
        return False
    return left is None or cell.column < left or (han(cell.text) in _UNIT_WORDS and not figure.numbers)


def _headers(grid: Grid, table: Table) -> list[_Header]:
    """Column labels by their words: in one cell, or spread over cells set one under another. Never beside a figure."""
    index, wanted = columns_of(table), {c.code for c in table.columns}
    kinds = [numbers.parse(c.text).kind for c in grid.cells]
    figured = {c.row for c, kind in zip(grid.cells, kinds, strict=True) if kind in ("number", "several")}
    words = (c for c, kind in zip(grid.cells, kinds, strict=True) if kind == "text")
    texts = [c for c in words if c.row not in figured and not fold(c.text).ordinal]
    own = {c.code: fold(c.label).core for c in table.columns}
    found = []
    for cell in texts:
        match = index.find(cell.text)
        if match and len(match.codes) == 1:
            bottom, right = cell.row + cell.row_span - 1, cell.column + cell.column_span - 1
            is_own = fold(cell.text).core == own[match.codes[0]]
            found.append(_Header(match.codes[0], bottom, cell.column, right, match.rank, is_own))
    own_at = {(h.code, h.bottom) for h in found if h.is_own}
    found = [h for h in found if h.is_own or (h.code, h.bottom) not in own_at]  # 合计 beside 总计 is another column
    if {h.code for h in found if h.rank == EXACT} >= wanted:
        return found
    by_column: dict[int, list[Cell]] = {}
    for cell in texts:
        by_column.setdefault(cell.column, []).append(cell)
    for column, stack in by_column.items():
        for i, first in enumerate(stack):
            joined, bottom = first.text, first.row + first.row_span
            for below in stack[i + 1 : i + 8]:
                if below.row != bottom:
                    break
                joined, bottom = joined + below.text, below.row + below.row_span
                if match := index.exact(joined):
                    found.append(_Header(match.codes[0], bottom - 1, column, column, EXACT))
    return found


def _year_header(grid: Grid, table: Table, year: int | None) -> list[_Header]:
    """The column of the report's year, where a table with one column of figures is printed for several years."""
    if len(table.columns) > 1:
        return []
    years = [(int(named[1]), c) for c in grid.cells if (named := _A_YEAR.fullmatch(c.text.strip()))]
    own = [c for said, c in years if said == year]
    if len(own) != 1 or {said for said, c in years if c.row == own[0].row} == {year}:
        return []
    (cell,) = own
    bottom, right = cell.row + cell.row_span - 1, cell.column + cell.column_span - 1
    return [_Header(table.columns[0].code, bottom, cell.column, right, EXACT)]


def _labelled_rows(
    bound: Bound, rows: dict[int, list[Cell]], left: int | None
) -> tuple[dict[int, Line], dict[int, int]]:
    """(row → line of the form, which is taken once, by the row that matches best; row that matches as well → that row).

    The words of the form match better than another wording of them, and its number than another: 总计 and 合计 may both stand
    there, 3.其他 and 9.其他.
    """
    index = lines_of(bound.table)
    seen: list[str] = []
    taken: dict[str, tuple[_How, int]] = {}  # line code -> (how well it matches, row)
    again: dict[int, int] = {}
    labels = {
        y: [c for c in cells if _is_label(c, left) and han(c.text) not in _UNIT_WORDS] for y, cells in rows.items()
    }
    cut = _cut_labels(index, rows, labels)
    for y, cells in rows.items():
        texts = labels[y]
        match = cut[y] if y in cut else _match_label(index, [c.text for c in texts])
        code = _in_context(bound.table, match, seen) if match else None
        seen.extend(han(c.text) for c in texts)
        if code is None or match is None or len(texts) == len(cells):
            continue
        how = _how(bound.table.line(code), match, texts[-1].text)
        if code not in taken or how < taken[code][0]:
            taken[code] = (how, y)
        elif how == taken[code][0]:
            again[y] = taken[code][1]
    labelled = {y: bound.table.line(code) for code, (_, y) in taken.items()}
    return labelled, {y: first for y, first in again.items() if first in labelled}


_How = tuple[int, bool, bool]
_UNNAMED = ORDINAL + 1, True, True


def _how(line: Line, match: Match, text: str) -> _How:
    """How well a label names a line: the less, the better."""
    said, own = fold(text), fold(line.label)
    return match.rank, said.core != own.core, bool(said.ordinal) and said.ordinal != own.ordinal


def _cut_labels(
    index: LabelIndex, rows: dict[int, list[Cell]], labels: dict[int, list[Cell]]
) -> dict[int, Match | None]:
    """Rows that a page cuts in two, figures in one of them: it is the line that both say together, the other one none."""
    cut: dict[int, Match | None] = {}
    for upper, lower in pairwise(rows):
        figured = [y for y in (upper, lower) if any(map(tokens, rows[y]))]
        if len(figured) != 1 or upper in cut or not (labels[upper] and labels[lower]):
            continue
        whole = index.exact(labels[upper][-1].text + labels[lower][-1].text)
        if whole and not index.exact(labels[figured[0]][-1].text):
            cut |= {upper: None, lower: None, figured[0]: whole}
    return cut


def _bind_again(bound: Bound, line: Line, first: Sequence[Cell], cells: Sequence[Cell]) -> None:
    """A second row of one line: a copy, or neither is certain."""
    before, now = ([c for c in row if tokens(c)] for row in (first, cells))
    if not now:  # the rest of a label that a page cut
        return
    if [numbers.parse(c.text) for c in before] == [numbers.parse(c.text) for c in now]:
        bound.placed.update(now)
        bound.repeated += sum(map(tokens, now))
        return
    bound.placed.difference_update(first)
    bound.ambiguous(line, line.columns, [*before, *now], f"the line stands twice with different figures: {line.label}")


def _match_label(index: LabelIndex, texts: Sequence[str]) -> Match | None:
    """The label at the end of `texts`: the last cell, or the last cells joined where a label is split over them. The longest
    one that is a label word for word: `4.不` before `同意公开答复数` is no number. A cell may hold its headings, too."""
    joined = ["".join(texts[-count:]) for count in range(1, min(len(texts), 5) + 1)]
    whole = next(filter(None, map(index.exact, reversed(joined))), None)
    return (
        whole
        or _under_headings(index, texts)
        or min(filter(None, map(index.find, joined)), key=lambda match: match.rank, default=None)
    )


def _under_headings(index: LabelIndex, texts: Sequence[str]) -> Match | None:
    """The label behind its headings in one cell, `三、本年度办理结果（三）不予公开1.属于国家秘密`. Lines of the form are no headings."""
    pieces = _NUMBERED.split(texts[-1]) if texts else []
    if len(pieces) < 2 or any(map(index.exact, pieces[:-1])):
        return None
    joined = ("".join(pieces[at:]) for at in range(len(pieces)))
    return next(filter(None, map(index.exact, joined)), None) or index.find(pieces[-1])


def _in_context(table: Table, match: Match, seen: Sequence[str]) -> str | None:
    """The one code meant, where several lines share a label: that of the heading read last. None if no heading says."""
    if len(match.codes) == 1:
        return match.codes[0]
    last: dict[str, int] = {}
    said = "".join(seen)
    for code in match.codes:
        heading = han(table.line(code).group_label)
        last[code] = said.rfind(heading) if heading else -1
        place = 0
        for text in seen:  # a heading with one character wrong
            if heading and Levenshtein.distance(text, heading, score_cutoff=1) <= 1:
                last[code] = max(last[code], place)
            place += len(text)
    best = max(last.values())
    meant = [code for code, at in last.items() if at == best]
    return meant[0] if best >= 0 and len(meant) == 1 else None


@dataclass(frozen=True, slots=True)
class _Above:
    """Column labels above a row: by their place, from left to right, and whether that order can be that of the figures."""

    at: dict[int, str]
    codes: tuple[str, ...]
    in_order: bool
    top: int
    """The first row that one of them ends in."""
    end: int
    """Grid column behind the last word of the rows that they stand in."""


def _bind_row(
    bound: Bound, line: Line, cells: Sequence[Cell], headers: Sequence[_Header], labels: _Above, label_at: int
) -> None:
    """Figures of one row to the columns whose labels stand above them. `label_at`: where the row's own label stands."""
    above = labels.at
    under: list[tuple[Cell, list[str]]] = []
    strays: list[Cell] = []
    for cell in cells:
        first = cell.column
        if cell.column_span == 1:
            codes = [above[first]] if first in above else []
        else:
            codes = list(dict.fromkeys(above[x] for x in range(first, first + cell.column_span) if x in above))
        if not codes and not headers and len(line.columns) == 1:
            codes = [line.columns[0]]
        if codes:
            under.append((cell, codes))
        elif tokens(cell, among_words=True):
            strays.append(cell)
    plain = {codes[0]: cell for cell, codes in under if len(codes) == 1}
    one_each = len(plain) == len(under) and not strays
    reached = len(plain) if one_each else len({code for _, codes in under for code in codes})
    if len(line.columns) > 1 and not (labels.in_order and reached == len(labels.codes)):
        _bind_in_order(bound, line, cells, labels)
        return
    if (
        one_each
        and under
        and under[-1][0].column + under[-1][0].column_span < labels.end
        and any(numbers.parse(cell.text).kind == "text" for cell, _ in under)
    ):
        bound.ambiguous(line, line.columns, cells, "words among the figures of a row that is shorter than the headers")
        return
    if one_each and under and not under[-1][0].text and any(_ran_along(bound.grid, c) for c, _ in under):
        bound.ambiguous(line, line.columns, cells, "figures ran together, and the last cell of their row is blank")
        return
    if one_each:  # most rows
        for code, cell in plain.items():
            bound.put(line, code, cell)
        return
    is_beyond = bool(strays) and strays[-1].column > min(above, default=0)
    has_figure = is_beyond and tokens(strays[-1]) and not _label_over(bound.grid, strays[-1], labels.top)
    if has_figure or any(c.column + c.column_span > labels.end and tokens(c) for c, _ in under):
        figures = [c for c in cells if tokens(c, among_words=True)]  # a cell too many, which may be any of them
        bound.ambiguous(line, line.columns, figures, "more cells than column labels")
        return
    options = dict(under)
    chosen = _forced(options)
    if strays and (shifted := _shifted(line, cells, chosen, strays)):
        for column, cell in shifted:
            bound.put(line, column, cell, "row set one cell to the left of its columns; as many figures as columns")
        return
    before = [c for c in strays if above and label_at < c.column < min(above) and tokens(c)]
    if len(line.columns) > 1 and not all(_names_its_own(bound.grid, c, labels.top) for c in before):
        figures = [c for c in cells if tokens(c, among_words=True)]
        bound.ambiguous(line, line.columns, figures, "a figure before the first column label")
        return
    undecided = [c for c in options if c not in chosen and numbers.parse(c.text).kind in ("number", "several")]
    if undecided and len(under) < len(labels.codes):  # a cell is lost, and others may have moved into its place
        figures = [c for c in cells if tokens(c, among_words=True)]
        bound.ambiguous(
            line, line.columns, figures, "a cell under more than one column label, and fewer cells than labels"
        )
        return
    by_column: dict[str, list[Cell]] = {}
    for cell, code in chosen.items():
        by_column.setdefault(code, []).append(cell)
    for code, claimants in by_column.items():
        filled = [c for c in claimants if numbers.parse(c.text).missing != "blank"] or claimants[:1]
        if len(filled) == 1:
            bound.put(line, code, filled[0])
        elif _is_one_cell(filled, code, headers):
            bound.put(line, code, filled[0])
            bound.placed.update(filled)
            bound.repeated += sum(map(tokens, filled[1:]))
        else:
            bound.ambiguous(line, [code], filled, "several cells under one column label")
    if undecided:
        open_columns = {code for c in undecided for code in options[c]} - set(by_column)
        bound.ambiguous(line, sorted(open_columns), undecided, "a cell under more than one column label")
    for stray in strays:
        bound.leave([stray], _unknown_column(bound.grid, stray, labels.top), among_words=True)


def _ran_along(grid: Grid, cell: Cell) -> bool:
    """Whether the figures that ran together in a cell are not those of the blank cells below it."""
    return tokens(cell) > 1 and any(c.text for c in grid.cells if (c.row, c.column) == (cell.row + 1, cell.column))


def _is_one_cell(cells: Sequence[Cell], code: str, headers: Sequence[_Header]) -> bool:
    """Whether cells side by side are one that a program has taken apart: all say the same, each below the same label."""
    over = [h for h in headers if h.code == code and h.rank == EXACT]
    return len({c.text for c in cells}) == 1 and all(
        any(h.bottom < c.row and (h.left, h.right) == (c.column, c.column + c.column_span - 1) for h in over)
        for c in cells
    )


def _bind_in_order(bound: Bound, line: Line, cells: Sequence[Cell], labels: _Above) -> None:
    """A row that does not stand under its labels (spans are often wrong): one cell a label, side by side, or none is certain.

    Nor is any where a column of the form is not known by its label, or another column stands among them.
    """
    cells = [
        c for c in cells if c.text or c.column >= min(labels.at, default=0)
    ]  # blank ones before them are of the label
    unbroken = all(b.column == a.column + a.column_span for a, b in pairwise(cells))
    known = {*labels.codes} == {*line.columns} and max(labels.at) - min(labels.at) < len(labels.at)
    if labels.in_order and known and unbroken and len(cells) == len(labels.codes):
        for column, cell in zip(labels.codes, cells, strict=True):
            bound.put(line, column, cell, "row beside its column labels; as many cells as labels")
        return
    figures = [c for c in cells if tokens(c, among_words=True)]
    if figures:
        bound.ambiguous(line, line.columns, figures, "the row does not stand under the column labels")


def _unknown_column(grid: Grid, cell: Cell, top: int) -> str:
    """Why a figure has no column: the words that stand above it are no label of the form, or there are none."""
    label = _label_over(grid, cell, top)
    return f"unknown column: {label}" if label else "no column label above"


def _label_over(grid: Grid, cell: Cell, top: int) -> str:
    """The words that stand above a cell, beside the column labels of its row or below them; empty: none."""
    above = [
        c.text
        for c in grid.cells
        if c.row < cell.row
        and c.row + c.row_span > top
        and c.column <= cell.column < c.column + c.column_span
        and numbers.parse(c.text).kind == "text"
    ]
    return " ".join(above[-1].split()) if above else ""


def _names_its_own(grid: Grid, cell: Cell, top: int) -> bool:
    """Whether the words above a cell are those of its column alone: 年份, and not the corner of the table."""
    return any(
        c.column == cell.column and c.column_span == 1 and c.row <= top < c.row + c.row_span
        for c in grid.cells
        if numbers.parse(c.text).kind == "text"
    )


def _columns_above(bound: Bound, line: Line, y: int, headers: Sequence[_Header]) -> _Above:
    """Grid column → the column of `line` whose label stands nearest above row `y`."""
    table, grid = bound.table, bound.grid
    nearest: dict[int, _Header] = {}
    labels = [h for h in headers if h.bottom < y and h.code in line.columns]
    for header in labels:
        for x in range(header.left, header.right + 1):
            held = nearest.get(x)
            if held is None or (header.bottom, -header.rank) > (held.bottom, -held.rank):
                nearest[x] = header
    runs = [code for code, _ in groupby(nearest[x].code for x in sorted(nearest))]
    codes = tuple(dict.fromkeys(runs))
    # One label under another hides it. A label that stands twice, what stands between the members of a group, and a total
    # among what it adds up have left their places.
    whole = {h.code for h in labels} == set(codes) and len(runs) == len(codes)
    groups = [group for group, _ in groupby(table.column(code).group_label for code in codes) if group]
    in_order = whole and len(groups) == len(set(groups)) and not any(table.column(c).is_total for c in codes[1:-1])
    rows = {h.bottom for h in nearest.values()}
    end = max((c.column + c.column_span for c in grid.cells if c.row + c.row_span - 1 in rows), default=0)
    return _Above({x: h.code for x, h in nearest.items()}, codes, in_order, min(rows, default=-1), end)


def _forced(options: dict[Cell, list[str]]) -> dict[Cell, str]:
    """Cell → column where the words leave one choice, after what is certain has been taken out for the others."""
    chosen = {cell: codes[0] for cell, codes in options.items() if len(codes) == 1}
    changed = len(chosen) < len(options)
    while changed:
        changed = False
        for cell, codes in options.items():
            if cell in chosen:
                continue
            left = [c for c in codes if c not in chosen.values()]
            if len(left) == 1:
                chosen[cell] = left[0]
                changed = True
    return chosen


def _shifted(
    line: Line, cells: Sequence[Cell], chosen: dict[Cell, str], strays: Sequence[Cell]
) -> list[tuple[str, Cell]] | None:
    """(column, cell) for a row that stands one cell to the left: complete, unbroken, its last column empty."""
    figures = [c for c in cells if numbers.parse(c.text).kind == "number"]
    order = [chosen[c] for c in cells if c in chosen]
    if (
        len(strays) != 1
        or figures[:1] != list(strays)
        or len(figures) != len(line.columns)
        or len(order) != len(line.columns)
        or set(order) != set(line.columns)
        or any(b.column != a.column + a.column_span for a, b in pairwise(figures))
    ):
        return None
    last = next(c for c in cells if chosen.get(c) == order[-1])
    return list(zip(order, figures, strict=True)) if numbers.parse(last.text).missing == "blank" else None


def _spread_illegible(bound: Bound) -> None:
    """Where n figures ran into one cell, the n - 1 empty cells beneath lost theirs: illegible, not blank."""
    order = [x.code for x in bound.table.lines]
    for (code, column), fact in list(bound.facts.items()):
        if fact.missing != "illegible":
            continue
        figure = numbers.parse(fact.raw)
        run = len(figure.numbers) if figure.kind == "several" else 0
        position = order.index(code)
        for below in order[position + 1 : position + run]:
            under = bound.facts.get((below, column))
            if under is None or under.missing != "blank":
                break
            bound.facts[below, column] = replace(
                under, missing="illegible", note=f"its figure may stand in {fact.where}"
            )


def _across_aligned(bound: Bound, year: int | None = None) -> None:
    """One row of figures under headers that name the line (a group of columns) and the column."""
    grid = bound.grid
    rows: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    end = _end_of_headers(bound.table, grid)
    below = [y for y in sorted(rows) if y > end]
    filled = [y for y in below if any(tokens(c) for c in rows[y])] or below[:1]
    if len(filled) > 1 and _is_numbering(rows[filled[0]]):
        bound.numbering.update(rows[filled.pop(0)])
    if not filled:
        return
    index, opening = columns_of(bound.table), bound.table.columns[0].code
    starts = (c.row for c in grid.cells if (match := index.exact(c.text)) and match.codes == (opening,))
    start = min(starts, default=end)  # other tables may stand above in the same grid
    stacked = [y for y in sorted(rows) if start < y <= end and any(tokens(c) for c in rows[y])]
    if stacked:
        _bind_stacked(bound, rows, start, [*stacked, *filled])
        return
    named = {y: [said[1] for c in rows[y] if (said := _A_YEAR.fullmatch(c.text.strip()))] for y in filled}
    own = [y for y in filled if named[y] == [str(year)]]
    if all(named.values()) and len(own) == 1:  # the figures of other years stand there, too
        for row in named.keys() - own:
            bound.leave(rows[row], "the figures of another year")
        filled = own
    at = filled[0]
    if len(filled) > 1 and any(numbers.parse(c.text).kind == "text" for c in rows[at]):
        for row in filled:  # each has a name: years, or an office and the whole
            bound.leave(rows[row], "several rows of figures under the headers")
        return
    values = [c for c in rows[at] if numbers.parse(c.text).kind != "text"]
    header = [c for c in grid.cells if c.row < at and c not in bound.numbering]
    _bind_blocks(bound, values, _paths(bound, values, header), "".join(han(c.text) for c in header))
    for row in filled[1:]:
        bound.leave(rows[row], "a second row of figures under the headers")


def _bind_stacked(bound: Bound, rows: dict[int, list[Cell]], start: int, filled: Sequence[int]) -> None:
    """The same where the headers come in several parts, each with its figures below; column labels begin in row `start`."""
    values: list[Cell] = []
    paths: list[str] = []
    heard = ""
    top = max((y for y in rows if y < start and any(tokens(c) for c in rows[y])), default=-1)
    for above, at in pairwise([top, *filled]):
        header = [c for y in range(above + 1, at) for c in rows.get(y, ()) if numbers.parse(c.text).kind == "text"]
        if not header:
            bound.leave(rows[at], "a second row of figures under the headers")
            continue
        heard += "".join(han(c.text) for c in header)
        found = [c for c in rows[at] if numbers.parse(c.text).kind != "text"]
        values += found
        paths += _paths(bound, found, header)
    _bind_blocks(bound, values, paths, heard)


def _paths(bound: Bound, values: Sequence[Cell], header: Sequence[Cell]) -> list[str]:
    """The words of the headers over each figure, from above; none over any where the row does not fit the headers.

    One figure beyond the column labels, with no word of its own above it, and it is not known which of them has moved, unless
    as many stand side by side as there are labels. Nor is it where figures ran together, and another cell is blank.
    """
    over: dict[int, str] = {}
    for cell in sorted(header, key=lambda c: c.row):
        for x in range(cell.column, cell.column + cell.column_span):
            over[x] = over.get(x, "") + han(cell.text)
    index = columns_of(bound.table)
    labelled = [(x, over[x]) for x in sorted(over) if _ending(over[x], index)]
    named = {c.column for c in header if c.text and c.column_span == 1}
    end = max((x for x, _ in labelled), default=-1) + 1
    if any(value.column >= end and value.column not in named and tokens(value) for value in values):
        unbroken = all(b.column == a.column + a.column_span for a, b in pairwise(values))
        fits = unbroken and len(labelled) == len(values)
        return [path for _, path in labelled] if fits else [""] * len(values)
    if any(tokens(v) > 1 for v in values) and not all(v.text for v in values):
        return [""] * len(values)
    return [over.get(value.column, "") for value in values]


def _end_of_headers(table: Table, grid: Grid) -> int:
    """The last row of the headers: the one where most column labels end, else that of the last words. -1: none."""
    words = [c for c in grid.cells if numbers.parse(c.text).kind == "text"]
    index = columns_of(table)
    labels: dict[int, set[str]] = {}
    for cell in words:
        if match := index.find(cell.text):
            labels.setdefault(cell.row + cell.row_span - 1, set()).add(match.codes[0])
    complete = [row for row, codes in labels.items() if len(codes) == len(table.columns)]
    return max(complete or (c.row + c.row_span - 1 for c in words), default=-1)


def _is_numbering(cells: Sequence[Cell]) -> bool:
    """Whether a row counts its columns: 1, 2, 3 …, or 栏次, 2, 3 …"""
    said = [c.text.strip() for c in cells]
    said[:1] = ["1"] if said and numbers.parse(said[0]).kind == "text" else said[:1]
    return len(said) > 2 and said == [str(i) for i in range(1, len(said) + 1)]


def _bind_blocks(bound: Bound, values: Sequence[Cell], paths: Sequence[str], header: str) -> None:
    """Blocks end where the words for the total stand; a block is a line by the words above it, else in reading order."""
    table = bound.table
    blocks: list[list[tuple[Cell, str, str]]] = [[]]
    for cell, path in zip(values, paths, strict=True):
        code = _ending(path, columns_of(table))
        if code is None:
            bound.leave([cell], "no column label above")
            continue
        blocks[-1].append((cell, path, code))
        if table.column(code).is_total:
            blocks.append([])
    blocks = [b for b in blocks if b]
    wanted = sorted(c.code for c in table.columns)
    assigned = _lines_of_blocks(table, blocks, header)
    # else a cell is lost, and others moved
    is_whole = all(sorted(code for _, _, code in block) == wanted for block in blocks)
    for block, line in zip(blocks, assigned, strict=True):
        cells = [cell for cell, _, _ in block]
        if line is None or not is_whole:
            bound.leave(cells, "a group of columns whose label is not certain")
            continue
        for cell, _, code in block:
            bound.put(line, code, cell)


def _ending(path: str, index: LabelIndex) -> str | None:
    """The column whose label ends `path`; with one character wrong if no other comes as close."""
    for code, label in index.entries:
        if path.endswith(label.core):
            return code
    near = {
        match.codes[0]
        for code, label in index.entries
        for length in (len(label.core), len(label.core) + 1)
        if len(label.core) >= 4 and (match := index.find(path[-length:])) and match.codes == (code,)
    }
    return near.pop() if len(near) == 1 else None


def _lines_of_blocks(table: Table, blocks: Sequence[Sequence[tuple[Cell, str, str]]], header: str) -> list[Line | None]:
    named: list[Line | None] = []
    for block in blocks:
        over = [x for x in table.lines if all(_found_in(path, x, table) >= 0 for _, path, _ in block)]
        named.append(over[0] if len(over) == 1 else None)
    codes = [x.code for x in named if x]
    if len(set(codes)) == len(codes) and len(codes) in (len(named), len(table.lines)):
        return named  # another group may stand beside all of them: both kinds of litigation together
    # The headers are not above their columns any more: their order of reading still is.
    starts = sorted((_found_in(header, x, table), x.position, x) for x in table.lines)
    if starts[0][0] < 0 or len(blocks) != len(starts):
        return [None] * len(blocks)
    return [line for _, _, line in starts]


def _found_in(words: str, line: Line, table: Table) -> int:
    """Where the label of a line, or another wording of it, begins in folded words; -1: nowhere."""
    return min((at for w in _wordings(table)[line.code] if (at := words.find(w)) >= 0), default=-1)


@cache
def _wordings(table: Table) -> dict[str, tuple[str, ...]]:
    return {
        x.code: (han(x.label), *(han(v.label) for v in table.variants if v.axis == "line" and v.code == x.code))
        for x in table.lines
    }


# --- running text: only the order of words and figures is known ----------------------------------------------------


@dataclass(slots=True)
class _Record:
    """The words since the last figures, and the figures that follow them."""

    texts: list[str] = field(default_factory=list)
    values: list[Cell] = field(default_factory=list)


def _records(grid: Grid) -> list[_Record]:
    records = [_Record()]
    noted = _in_notes(grid.cells)
    texts = [cell in noted or numbers.parse(cell.text).kind == "text" for cell in grid.cells]
    following = [*grid.cells[1:], None]
    for cell, text, after, goes_on in zip(grid.cells, texts, following, (*texts[1:], False), strict=True):
        is_unit = han(cell.text) in _UNIT_WORDS and not goes_on  # 人 may be the end of 自然人
        is_between = (
            bool(records[-1].values) and after is not None and records[-1].values[-1].row == cell.row == after.row
        )
        if text and records[-1].texts and is_unit and (is_between or not records[-1].values):
            continue
        if text and records[-1].values:
            records.append(_Record())
        (records[-1].texts.append(cell.text) if text else records[-1].values.append(cell))
    return records


def _in_notes(cells: Sequence[Cell]) -> set[Cell]:
    """Figures that belong to a label because they stand in its brackets: (不同渠道和方式公开相同信息计 1 条)."""
    noted: set[Cell] = set()
    held: list[Cell] | None = None  # figures since a bracket was opened
    for cell in cells:
        opened, closed = (max(cell.text.rfind(c) for c in pair) for pair in ("(（", ")）"))
        if held is not None and closed >= 0:
            noted.update(held)
            held = None
        elif held is not None and numbers.parse(cell.text).kind != "text":
            held = [*held, cell] if len(held) < _MOST_IN_A_NOTE else None
        if opened > closed:
            held = []
    return noted


def _lines_flowing(bound: Bound) -> None:
    table = bound.table
    index = lines_of(table)
    order: list[str] = [table.columns[0].code] if len(table.columns) == 1 else []
    seen: list[str] = []
    records = _records(bound.grid)
    matches = [_match_label(index, record.texts) for record in records]
    found = [match.rank for match, record in zip(matches, records, strict=True) if match and record.values]
    # Where most labels are torn, the piece that stands beside a figure may resemble the label of another line.
    worst = ORDINAL if found.count(EXACT) * 2 >= len(found) else EXACT
    named: list[tuple[_Record, Line | None, _How]] = []
    for record, match in zip(records, matches, strict=True):
        seen.extend(han(t) for t in record.texts)
        code = _in_context(table, match, seen[:-1]) if match and match.rank <= worst else None
        if match and code and not _names_a_column(table, code, record.texts):
            named.append((record, table.line(code), _how(table.line(code), match, record.texts[-1])))
        else:
            named.append((record, None, _UNNAMED))
    best: dict[str, _How] = {}
    for record, line, how in named:
        if line and record.values:
            best[line.code] = min(how, best.get(line.code, how))
    kinds = list({tuple(x.columns): x for x in table.lines}.values())
    for record, line, how in named:
        heard = "".join(han(t) for t in record.texts)
        if line is None:  # the first row under a header may be one that the form does not have
            order = next(filter(None, (_spoken_order(table, kind, heard) for kind in kinds)), order)
            continue
        order = _spoken_order(table, line, heard) or (order if set(order) == set(line.columns) else [])
        if how > best.get(line.code, how):
            continue
        values = record.values
        if table.unit_column and len(values) == len(line.columns) + 1 and not values[0].text:
            values = values[1:]
        if len(line.columns) == 1:  # blank cells beside the only figure are those of its row's other columns
            values = [v for v in values if v.text.strip()] or values[:1]
        values = _as_many(len(line.columns), values)
        if len(values) != len(line.columns) and (line.code, line.columns[0]) in bound.facts:
            bound.leave(values, f"the line stands again, with {len(values)} figures for {len(line.columns)} columns")
            continue
        if len(values) != len(line.columns) or not order:
            reason = f"{len(values)} figures for {len(line.columns)} columns" if order else "no column labels above"
            bound.ambiguous(line, line.columns, values, reason)
            continue
        _put_once(bound, line, list(zip(order, values, strict=True)))


def _as_many(wanted: int, values: list[Cell]) -> list[Cell]:
    """The cells of a row; where they are not as many as `wanted`, without the hard spaces of a text: they may part its rows."""
    return values if len(values) == wanted else [v for v in values if v.line is None or not v.text.isspace()]


def _names_a_column(table: Table, code: str, texts: Sequence[str]) -> bool:
    """Whether a word as short as 总计 lacks the number that makes it the line (七)总计 and not the column."""
    label, word = fold(table.line(code).label), fold(texts[-1])
    cores = {folded.core for named, folded in lines_of(table).entries if named == code}
    is_short = len(word.core) <= 2 and word.core in cores and bool(label.ordinal)
    return is_short and not word.ordinal and fold("".join(texts[-2:])).ordinal != label.ordinal


def _put_once(bound: Bound, line: Line, pairs: Sequence[tuple[str, Cell]]) -> None:
    """Bind a record; the same record again is a copy of the table, another one is residue."""
    held = [bound.facts.get((line.code, column)) for column, _ in pairs]
    if not any(held):
        for column, cell in pairs:
            bound.put(line, column, cell)
    elif all(f is not None and f.value == numbers.parse(c.text).value for f, (_, c) in zip(held, pairs, strict=True)):
        bound.placed.update(c for _, c in pairs)
        bound.repeated += sum(tokens(c, among_words=True) for _, c in pairs)
        bound.copies = max(bound.copies, 2)
    else:
        reason = f"the line stands twice with different figures: {line.label}"
        now = [c for _, c in pairs]
        if now[0].line is not None:  # of a text with its tables one after another, the first counts
            bound.leave(now, reason)
            return
        places = {(f.row, f.column_no) for f in held if f}
        before = [c for c in bound.grid.cells if (c.row, c.column) in places]
        bound.placed.difference_update(before)
        bound.ambiguous(line, [column for column, _ in pairs], [*before, *now], reason)


def _spoken_order(table: Table, line: Line, heard: str) -> list[str]:
    """Order of the columns from the words heard since the last figures: a group stands where its members belong."""
    words = {han(c.label): c.code for c in table.columns}
    words |= {han(v.label): v.code for v in table.variants if v.axis == "column"}
    groups = {han(c.group_label) for c in table.columns if c.group_label}
    spoken: list[str] = []
    position = 0
    while position < len(heard):
        word = max((w for w in (*words, *groups) if heard.startswith(w, position)), key=len, default=None)
        if word is None:
            position += 1
            continue
        spoken.append(words.get(word, word))
        position += len(word)
    if [c for c in spoken if c in line.columns] == list(line.columns):
        return list(line.columns)
    members = {g: {c.code for c in table.columns if han(c.group_label) == g} for g in groups}
    out: list[str] = []
    for item in spoken:
        group = next((g for g in groups if g in spoken and item in members[g]), None)
        if item in groups:
            out.extend(dict.fromkeys(c for c in spoken if c in members[item]))
        elif group is None and item not in out:
            out.append(item)
    # A label of a line may hold a word of a column (总计): only a complete header counts.
    out = [c for c in out if c in line.columns]
    if set(out) != set(line.columns):
        return []
    # Words of one row of a header and of the next run into each other: an order that is neither the form's nor spoken
    # without a break is not known, nor is one with a total among what it adds up.
    if any(table.column(c).is_total for c in out[1:-1]):
        return []
    return out if out == list(line.columns) or [c for c in spoken if c in out] == out else []


def _across_flowing(bound: Bound) -> None:
    table = bound.table
    heard: list[str] = []
    for record in _records(bound.grid):
        heard = [*heard, *record.texts] if not record.values else record.texts
        header = "".join(han(t) for t in heard)
        starts = [_found_in(header, x, table) for x in table.lines]
        if len(record.values) >= len(bound.placed) > 0 > min(starts):  # another row below the one that was read
            before = sorted(bound.placed)
            if record.texts:  # each has a name: years, or an office and the whole
                bound.placed.clear()
                bound.facts.clear()
                bound.leave(before, "several rows of figures under the headers")
            bound.leave(record.values, "a second row of figures under the headers")
        if not record.values or min(starts) < 0:
            continue
        header = header[min(starts) :]
        codes = _torn_columns(bound, record.values) or _spoken_columns(header, columns_of(table))
        size = len(table.columns)
        complete = all(set(codes[i : i + size]) == set(codes[:size]) for i in range(0, len(codes), size))
        lines = sorted(table.lines, key=lambda x: _found_in(header, x, table))
        values = _as_many(len(codes), record.values)
        if len(codes) != size * len(lines) or not complete or len(values) != len(codes):
            reason = f"{len(values)} figures under {len(codes)} column labels"
            for line in lines if not bound.facts else ():
                bound.ambiguous(line, line.columns, (), reason)
            bound.leave(values, reason)
            continue
        for i, (cell, code) in enumerate(zip(values, codes, strict=True)):
            _put_once(bound, lines[i // size], [(code, cell)])


def _torn_columns(bound: Bound, values: Sequence[Cell]) -> list[str]:
    """Column labels torn over the lines right above the figures, a piece a column in each; none where they are not."""
    rows: dict[int, list[str]] = {}
    for cell in bound.grid.cells:
        if cell.row < values[0].row:
            rows.setdefault(cell.row, []).append(cell.text)
    torn = list(takewhile(lambda row: len(row) == len(values), reversed(rows.values())))[::-1]
    if len(torn) < 2:
        return []
    index = columns_of(bound.table)
    matches = [index.exact("".join(pieces)) for pieces in zip(*torn, strict=True)]
    return [match.codes[0] for match in matches if match] if all(matches) else []


def _spoken_columns(header: str, index: LabelIndex) -> list[str]:
    codes: list[str] = []
    position = 0
    while position < len(header):
        for code, label in index.entries:
            if header.startswith(label.core, position):
                codes.append(code)
                position += len(label.core)
                break
        else:
            position += 1
    return codes

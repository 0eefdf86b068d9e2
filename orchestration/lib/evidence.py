"""Rows of a report → its evidence page: the tables as they were read, each cell with its state, the identities with both sides.

Pure functions from rows (site_rows) to text. Opens no file and no database, corrects nothing and decides no verdict.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from orchestration.lib.site_rows import VERDICTS, Details, Record, Reference, Row

STATES = {
    "read": ("✓", "read", "读出"),
    "blank": ("∅", "blank, or a sign for none", "空缺"),
    "ambiguous": ("?", "ambiguous or illegible", "不能确定"),
    "unplaced": ("⚑", "a figure without a place", "无处可放"),
    "violated": ("≠", "part of a violated identity", "勾稽不符"),
    "suggested": ("→", "a suggestion exists; nothing was changed", "建议值"),
}
"""State of a cell: its sign, and its words in both languages. Colour only repeats them."""

VERDICT_WORDS = {
    "violated": "violated 不符",
    "undecidable": "undecidable 不能判定",
    "holds_if_blank_is_zero": "holds if blank is zero 空缺视为零则相符",
    "holds": "holds 相符",
}
_UNCERTAIN = ("ambiguous", "illegible")

# Characters that would act on the page instead of showing: controls, direction marks, what HTML does not allow.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_SPAN = re.compile(r"characters (\d+)-(\d+)$")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


def visible(text: str) -> str:
    """`text` with every character that would act instead of show named, e.g. ⟦U+202E⟧."""
    return _HIDDEN.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", text) if _HIDDEN.search(text) else text


def _finalize(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def environment() -> jinja2.Environment:
    """The one template set of the sites. Everything that is printed is escaped, and acts in no way."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,  # texts of documents and catalogues are other people's
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(states=STATES, verdict_words=VERDICT_WORDS, web_address=web_address)
    return made


def web_address(location: str) -> bool:
    """Whether a source's location may become a link: a path is not one, and neither is any other scheme."""
    return location.lower().startswith(("http://", "https://"))


def evidence_link(report_id: str, cell: tuple[int, int, int] | None = None, identity: Row | None = None) -> str:
    """Address of a report's page relative to the site, at a cell (grid, row, column) or an identity (table, id, member)."""
    page = f"reports/{report_id}.html"
    if cell is not None:
        return f"{page}#{cell_id(*cell)}"
    return f"{page}#{identity_anchor(*identity)}" if identity is not None else page


def cell_id(grid: int, row: int, column: int) -> str:
    """Anchor of a cell, as marts.fct_report_lines.evidence_url has it."""
    return f"c-{grid}-{row}-{column}"


def identity_anchor(table: str, identity: str, member: str) -> str:
    """Anchor of an identity on the page of a report."""
    return re.sub(r"[^\w.:-]", "_", f"i-{table}-{identity}-{member}")


def form_anchor(table: str, line: str, column: str | None = None) -> str:
    """Anchor of a line, or of a cell, on the page of a form."""
    return ".".join(("f", table, line) if column is None else ("f", table, line, "x", column))


class Labels:
    """What the cells of the forms are called, and where the page of the form explains them."""

    def __init__(self, reference: Reference) -> None:
        lines = {(r["form_id"], r["form_table"], r["line_code"]): r for r in reference.lines}
        columns = {(r["form_id"], r["form_table"], r["column_code"]): r for r in reference.columns}
        self.words: dict[Row, str] = {}
        self.link: dict[Row, Markup] = {}
        for key in reference.form_cells:
            form, table, line_code, column_code = key
            line, column = lines[form, table, line_code], columns[form, table, column_code]
            zh = f"{line['label_zh']} × {column['label_zh']}"
            self.words[key] = f"{line['label_en']} × {column['label_en']} ({zh})"
            self.link[key] = Markup('href="../forms/{}.html#{}" title="{}"').format(
                form, form_anchor(table, line_code, column_code), visible(self.words[key])
            )
        self.lines = {key: (r["label_en"], r["label_zh"]) for key, r in lines.items()}
        self.terms = reference.terms


@dataclass(slots=True)
class ShownCell:
    """A cell of the document. `link` are the attributes of its link to the form; `marks` are (sign, words, address)."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    tag: str = "td"
    scope: str = ""
    state: str = ""
    link: Markup | None = None
    marks: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class ShownGrid:
    """A table of the document, row by row, with what HTML wants to know: its width, and spans that end inside it."""

    number: int
    where: str
    statutory: bool
    width: int
    rows: list[list[ShownCell]] = field(default_factory=list)


def shown_grids(details: Details, labels: Labels) -> list[ShownGrid]:
    """The grids of a report, as they were read, with the state of every cell."""
    marking = _Marking(details, labels)
    grids = []
    for number, group in groupby(details.cells, key=lambda cell: cell[0]):
        cells = list(group)
        where = re.sub(r",? ?(row|item) .*$", "", cells[0][6] or "")
        grids.append(_grid(number, where, cells, marking))
    return grids


class _Marking:
    """State, link and marks by place. A cell that several facts share shows the worst of their states."""

    def __init__(self, details: Details, labels: Labels) -> None:
        self.labels = labels
        self.facts: dict[Row, list[Row]] = defaultdict(list)
        for fact in details.facts:
            if fact[7] is not None:
                self.facts[fact[7], fact[8], fact[9]].append(fact)
        self.residue: dict[Row, list[str]] = defaultdict(list)
        for _, text, _, reason, *place in details.residue:
            self.residue[tuple(place)].append(f"{text}: {reason}")
        self.violated: dict[Row, str] = {}
        for identity, form, table, member, *_, verdict, _, _ in details.results:
            if verdict == "violated":
                for _, _, line, column in labels.terms.get((form, table, identity, member), ()):
                    self.violated.setdefault((form, table, line, column), identity_anchor(table, identity, member))
        self.suggested: dict[Row, list[str]] = defaultdict(list)
        for form, table, line, column, value, cause, *_ in details.suggestions:
            self.suggested[form, table, line, column].append(f"{value} ({cause})")
        self.plain = not (self.residue or self.violated or self.suggested)

    def mark(self, cell: ShownCell, place: Row) -> bool:
        """Write state, link and marks into `cell`; return whether a fact was read there."""
        facts = self.facts.get(place)
        marks: list[tuple[str, str, str]] = []
        if facts is not None:
            self._facts(cell, facts, marks)
        if not self.plain and place in self.residue:
            cell.state = cell.state if cell.state in ("violated", "suggested") else "unplaced"
            marks.append(("⚑", "without a place: " + "; ".join(self.residue[place]), "#residue"))
        cell.marks = tuple(marks)
        return facts is not None

    def _facts(self, cell: ShownCell, facts: Sequence[Row], marks: list[tuple[str, str, str]]) -> None:
        for fact in facts:
            form, table, line, column, value, missing = fact[:6]
            key = (form, table, line, column)
            cell.link = cell.link or self.labels.link.get(key)
            if value is not None:
                cell.state = cell.state or "read"
                if value != cell.text:
                    marks.append(("=", f"read as {value}", ""))
            elif missing in _UNCERTAIN:
                cell.state = "ambiguous"
                marks.append(("?", f"no value: {missing}", ""))
            else:
                cell.state = cell.state or "blank"
                marks.append(("∅", f"no value: {missing}", ""))
            if self.plain:
                continue
            if key in self.suggested:
                cell.state = "suggested"
                marks.append(("→", "suggestion: " + " or ".join(dict.fromkeys(self.suggested[key])), "#suggestions"))
            if key in self.violated:
                cell.state = "violated"
                marks.append(("≠", "part of a violated identity", "#" + self.violated[key]))


def _grid(number: int, where: str, cells: Sequence[Row], marking: _Marking) -> ShownGrid:
    """Rows and columns in which no cell begins are folded away, and spans with them: HTML allows neither."""
    starts = sorted({cell[2] for cell in cells})
    by_row = [list(group) for _, group in groupby(cells, key=lambda cell: cell[1])]
    row_starts = [group[0][1] for group in by_row]
    grid = ShownGrid(number, where, False, len(starts))
    for group in by_row:
        row, read = [], False
        for _, row_no, column_no, row_span, column_span, text, _ in group:
            if row_span > 1:
                row_span = bisect_left(row_starts, row_no + row_span) - bisect_left(row_starts, row_no)
            if column_span > 1:
                column_span = bisect_left(starts, column_no + column_span) - bisect_left(starts, column_no)
            cell = ShownCell(row_no, column_no, row_span, column_span, text)
            if marking.mark(cell, (number, row_no, column_no)):
                read = True
            row.append(cell)
        _head(row, read, grid.statutory)
        grid.statutory = grid.statutory or read
        grid.rows.append(row)
    if not grid.statutory:  # heads of what was not read as a table of figures would be a guess
        for row in grid.rows:
            for cell in row:
                cell.tag, cell.scope = "td", ""
    return grid


def _head(row: Sequence[ShownCell], read: bool, below: bool) -> None:
    """Labels above the first figures head columns; labels before the figures of a row head the row."""
    if below and not read:
        return
    for cell in row:
        if read and (cell.state or cell.link):
            return
        if cell.text and not cell.state:
            cell.tag, cell.scope = "th", "row" if read else "col"


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand as it stands in an equation: a sign before it (none for the first plus), its figure, its place."""

    sign: str
    text: str
    words: str
    cell: str


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """An identity over one member, with both sides as figures that lead to their cells."""

    anchor: str
    identity: str
    table: str
    member: str
    statement: str
    operator: str
    lhs: str | None
    rhs: str | None
    difference: str | None
    verdict: str
    left: tuple[Operand, ...]
    right: tuple[Operand, ...]


def shown_identities(details: Details, labels: Labels) -> dict[str, list[ShownIdentity]]:
    """Identities by verdict, worst first; a verdict without identities has an empty list."""
    facts = {tuple(fact[:4]): fact for fact in details.facts}
    found: dict[str, list[ShownIdentity]] = {verdict: [] for verdict in VERDICTS}
    for identity, form, table, member, operator, lhs, rhs, difference, verdict, statement, _ in details.results:
        sides: dict[str, list[Operand]] = {"lhs": [], "rhs": []}
        for side, weight, line, column in labels.terms.get((form, table, identity, member), ()):
            sides[side].append(_operand(facts, labels, (form, table, line, column), weight, not sides[side]))
        anchor = identity_anchor(table, identity, member)
        left, right = tuple(sides["lhs"]), tuple(sides["rhs"])
        found[verdict].append(
            ShownIdentity(
                anchor, identity, table, member, statement, operator, lhs, rhs, difference, verdict, left, right
            )
        )
    return found


def _operand(facts: dict[Row, Row], labels: Labels, key: Row, weight: int, first: bool) -> Operand:
    fact = facts.get(key)
    value, place = (None, "") if fact is None else (fact[4], "" if fact[7] is None else cell_id(*fact[7:10]))
    sign = "−" if weight < 0 else "" if first else "+"
    times = f"{abs(weight)}×" if abs(weight) != 1 else ""
    return Operand(sign, times + ("∅" if value is None else value), labels.words.get(key, ""), place)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of the report with the figures that were read from it marked, and what they were read as."""

    sentence: Markup
    where: str
    figures: tuple[tuple[str, str, str, str], ...]
    """(label in English, label in Chinese, value, note)."""


def quotations(details: Details, labels: Labels) -> list[Quoted]:
    """The sentences of the prose from which figures were read, in the order of the text as far as it is known."""
    by_sentence: dict[str, list[Row]] = {}
    for fact in details.facts:
        if fact[1] == "prose":
            by_sentence.setdefault(fact[6] or "", []).append(fact)
    found = []
    for sentence, facts in by_sentence.items():
        figures = []
        for form, table, line, _, value, missing, *_, note in facts:
            en, zh = labels.lines.get((form, table, line), (line, ""))
            figures.append((en, zh, value if value is not None else f"no value: {missing}", note or ""))
        where = "; ".join(dict.fromkeys(re.sub(r", characters.*$", "", fact[10]) for fact in facts))
        found.append(Quoted(_highlighted(sentence, facts), where, tuple(figures)))
    return found


def _highlighted(sentence: str, facts: Sequence[Row]) -> Markup:
    """Mark the words that state the figures. Their offsets count from the paragraph, so the sentence is laid where all of
    them fit; where none does, nothing is marked: the figures stand below it."""
    spans = sorted({(int(m[1]) - 1, int(m[2])) for fact in facts if (m := _SPAN.search(fact[10]))})
    values = {(int(m[1]) - 1, int(m[2])): fact[4] for fact in facts if (m := _SPAN.search(fact[10]))}
    if not spans:
        return escape(visible(sentence))
    for start in range(len(sentence)):
        opening = spans[0][0] - start
        if all(
            b - opening <= len(sentence) and _states(sentence[a - opening : b - opening], values[a, b])
            for a, b in spans
        ):
            return _marked(sentence, [(a - opening, b - opening) for a, b in spans])
    return escape(visible(sentence))


def _states(words: str, value: str | None) -> bool:
    digits = re.sub(r"[\s,]", "", words.translate(_FULL_WIDTH))
    if value is None:
        return any(c.isdigit() for c in digits)
    short = value.rstrip("0") or "0"
    return (
        value in digits
        or (any(c in digits for c in "万亿") and short[:3] in digits)
        or ("未" in digits and value == "0")
    )


def _marked(sentence: str, spans: Iterable[tuple[int, int]]) -> Markup:
    parts, done = [], 0
    for start, end in spans:
        if start >= done:  # of two that overlap the first is marked
            parts += [
                escape(visible(sentence[done:start])),
                Markup("<mark>"),
                escape(visible(sentence[start:end])),
                Markup("</mark>"),
            ]
            done = end
    return Markup("").join([*parts, escape(visible(sentence[done:]))])


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another report that a reader of this one wants: what it is to this one, and its address words."""

    relation: str
    report: Record


def report_page(
    pages: jinja2.Environment,
    labels: Labels,
    report: Record,
    details: Details,
    neighbours: Sequence[Neighbour],
    archived: str | None,
) -> str:
    """The evidence page of one report version. `archived` says where the copy is; None shows that it is missing."""
    grids = shown_grids(details, labels)
    absent = [fact for fact in details.facts if fact[5] == "absent"]
    return pages.get_template("report.html.j2").render(
        root="../",
        report=report,
        neighbours=neighbours,
        archived=archived,
        tables=details.tables,
        grids=[grid for grid in grids if grid.statutory],
        other_grids=[grid for grid in grids if not grid.statutory],
        identities=shown_identities(details, labels),
        suggestions=details.suggestions,
        residue=details.residue,
        quotations=quotations(details, labels),
        absent=[(labels.link.get(tuple(f[:4]), ""), labels.words.get(tuple(f[:4]), "")) for f in absent],
        words=labels.words,
        place={tuple(f[:4]): cell_id(*f[7:10]) for f in details.facts if f[7] is not None}
        if details.suggestions
        else {},
    )

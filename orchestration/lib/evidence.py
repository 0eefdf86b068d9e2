"""Rows of a report → its evidence page: the tables as they were read, each cell with its state, the identities with both sides.

Pure functions from rows (site_rows) to text. Opens no file and no database, corrects nothing and decides no verdict.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
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
_NOT_PLAIN = re.compile(_HIDDEN.pattern[:-1] + "<>&\"']")
_SPAN = re.compile(r"characters (\d+)-(\d+)$")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


def visible(text: str) -> str:
    """`text` with every character that would act instead of show named, e.g. ⟦U+202E⟧."""
    return _HIDDEN.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", text) if _HIDDEN.search(text) else text


@lru_cache(maxsize=1 << 16)
def printed(text: str) -> str:
    """`text` as HTML, between tags or in quotes: escaped, and visible. Most texts are figures and labels, met again and again."""
    return str(escape(visible(text))) if _NOT_PLAIN.search(text) else text


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


@lru_cache(maxsize=4096)
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
class ShownGrid:
    """A table of the document, the cells of its rows as HTML. `statutory` says whether figures were read from it."""

    number: int
    where: str
    statutory: bool
    rows: list[str] = field(default_factory=list)

    @property
    def body(self) -> Markup:
        return Markup("\n".join(f"<tr>{row}</tr>" for row in self.rows))


def shown_grids(details: Details, labels: Labels) -> list[ShownGrid]:
    """The grids of a report, as they were read, with the state of every cell.

    Cells are three quarters of all that is printed, so they are put together here and not by the template, which took
    three times as long. Whatever is not ours goes through `printed`.
    """
    marking = _Marking(details, labels)
    where = {number: re.sub(r",? ?(row|item) .*$", "", address or "") for number, address in details.grids}
    return [
        _grid(number, where.get(number, ""), list(cells), marking)
        for number, cells in groupby(details.cells, key=itemgetter(0))
    ]


def residue_place(place: Sequence[int | None], details: Details) -> Row:
    """The cell that shows a figure without a place: its own, or the first of its row where only the row is known."""
    grid, row, column = place
    if column is None and row is not None:
        column = next((cell[2] for cell in details.cells if cell[:2] == (grid, row)), None)
    return grid, row, column


class _Marking:
    """State, link and marks by place. A cell that several facts share shows the worst of their states."""

    def __init__(self, details: Details, labels: Labels) -> None:
        self.link = labels.link
        self.facts: dict[Row, list[Row]] = {}
        for fact in details.facts:
            if fact[8] is not None:
                self.facts.setdefault(fact[6:9], []).append(fact)
        self.residue: dict[Row, list[str]] = defaultdict(list)
        for _, text, _, reason, *place in details.residue:
            self.residue[residue_place(place, details)].append(f"{text}: {reason}")
        self.violated: dict[Row, str] = {}
        for identity, form, table, member, *_, verdict, _ in details.results:
            if verdict == "violated":
                for _, _, line, column in labels.terms.get((form, table, identity, member), ()):
                    self.violated.setdefault((form, table, line, column), identity_anchor(table, identity, member))
        self.suggested: dict[Row, list[str]] = defaultdict(list)
        for form, table, line, column, value, cause, *_ in details.suggestions:
            self.suggested[form, table, line, column].append(f"{value} ({cause})")
        self.plain = not (self.residue or self.violated or self.suggested)

    def mark(self, place: Row, text: str) -> tuple[str, str, str] | None:
        """(state, attributes of the link to the form, marks) of a cell; None for a cell from which nothing was read."""
        facts = self.facts.get(place)
        if facts is None:
            if place not in self.residue:
                return None
            return "unplaced", "", self._residue(place)
        state, marks = "", ""
        for fact in facts:
            state, added = self._fact(fact, text, state)
            marks += added
        if not self.plain and place in self.residue:
            state = state if state in ("violated", "suggested") else "unplaced"
            marks += self._residue(place)
        return state, self.link.get(facts[0][:4], ""), marks

    def _residue(self, place: Row) -> str:
        return _mark("⚑", "without a place: " + "; ".join(self.residue[place]), "#residue")

    def _fact(self, fact: Row, text: str, state: str) -> tuple[str, str]:
        key, value, missing = fact[:4], fact[4], fact[5]
        if value is not None:
            state, marks = state or "read", "" if value == text else _mark("=", f"read as {value}")
        elif missing in _UNCERTAIN:
            state, marks = "ambiguous", _mark("?", f"no value: {missing}")
        else:
            state, marks = state or "blank", _mark("∅", f"no value: {missing}")
        if self.plain:
            return state, marks
        if key in self.suggested:
            state = "suggested"
            said = " or ".join(dict.fromkeys(self.suggested[key]))
            marks += _mark("→", f"suggestion: {said}", "#suggestions")
        if key in self.violated:
            state = "violated"
            marks += _mark("≠", "part of a violated identity", "#" + self.violated[key])
        return state, marks


@lru_cache(maxsize=4096)
def _mark(sign: str, words: str, address: str = "") -> str:
    """A sign with its words, which are read aloud and shown on pointing; a link where there is an address."""
    words, opening = printed(words), f'a href="{address}"' if address else "span"
    return f' <{opening} class="mark" title="{words}">{sign}<span class="unseen" lang="en"> {words}</span></{opening[:4].split()[0]}>'


def _grid(number: int, where: str, cells: Sequence[Row], marking: _Marking) -> ShownGrid:
    """Rows and columns in which no cell begins are folded away, and spans with them; gaps are filled: HTML allows neither.

    Labels above the first figures head columns, labels before the figures of a row head the row. A table without any
    figure that was read has no heads: they would be a guess.
    """
    starts = sorted({cell[2] for cell in cells})
    by_row = [list(group) for _, group in groupby(cells, key=itemgetter(1))]
    row_starts = [group[0][1] for group in by_row]
    marked = [[marking.mark(cell[:3], cell[5]) for cell in group] for group in by_row]
    below = not any(read is not None for group in marked for read in group)
    grid = ShownGrid(number, where, not below)
    taken: dict[int, set[int]] = defaultdict(set)  # columns of a row that cells of the rows above reach into
    for line, (group, states) in enumerate(zip(by_row, marked, strict=True)):
        heads = "row" if any(state is not None for state in states) else "" if below else "col"
        below, parts, free = below or heads == "row", [], 0
        for (_, row, column, row_span, column_span, text), found in zip(group, states, strict=True):
            at, spans, shown, wide = bisect_left(starts, column), "", printed(text), 1
            if column_span > 1:
                wide = bisect_left(starts, column + column_span) - at
                spans = f' colspan="{wide}"'
            if row_span > 1:
                last = bisect_left(row_starts, row + row_span)
                spans += f' rowspan="{last - line}"'
                for other in range(line + 1, last):
                    taken[other].update(range(at, at + wide))
            if at > free:
                parts.append(_gap(set(range(free, at)) - taken[line]))
            free = at + wide
            if found is None:
                tag, scope = ("th", f' scope="{heads}"') if heads and text else ("td", "")
                parts.append(f'<{tag} id="c-{number}-{row}-{column}"{spans}{scope}>{shown}</{tag}>')
            else:
                heads = "" if heads == "row" else heads
                state, link, marks = found
                inner = f"<a {link}>{shown or '▢'}</a>" if link else shown
                parts.append(f'<td id="c-{number}-{row}-{column}"{spans} class="{state}">{inner}{marks}</td>')
        if free < len(starts):
            parts.append(_gap(set(range(free, len(starts))) - taken[line]))
        grid.rows.append("".join(parts))
    return grid


def _gap(columns: set[int]) -> str:
    """Where the document has no cell: running text has as many in a row as it has, and HTML wants rows of one width."""
    if not columns:
        return ""
    return '<td class="gap"></td>' if len(columns) == 1 else f'<td class="gap" colspan="{len(columns)}"></td>'


def shown_identities(details: Details, labels: Labels) -> dict[str, list[str]]:
    """Rows of HTML by verdict, an identity over one member each, both sides with figures that lead to their cells.

    Worst verdict first; a verdict without identities has an empty list. Put together here for the reason that cells are.
    """
    facts = {fact[:4]: fact for fact in details.facts}
    found: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    for identity, form, table, member, operator, lhs, rhs, difference, verdict, statement in details.results:
        sides: dict[str, list[str]] = {"lhs": [], "rhs": []}
        for side, weight, line, column in labels.terms.get((form, table, identity, member), ()):
            sides[side].append(_operand(facts.get((form, table, line, column)), weight, not sides[side]))
        found[verdict].append(
            f'<tr id="{printed(identity_anchor(table, identity, member))}">{_identity(statement, identity, table, member)}'
            f'<td class="n">{_side(sides["lhs"], lhs)}</td><td>{printed("integer" if operator == "natural" else operator)}</td>'
            f'<td class="n">{_side(sides["rhs"], rhs)}</td><td class="n">{"∅" if difference is None else printed(difference)}</td>'
            f'<td class="verdict-{verdict}">{VERDICT_WORDS[verdict]}</td></tr>'
        )
    return found


@lru_cache(maxsize=4096)
def _identity(statement: str, identity: str, table: str, member: str) -> str:
    said = f"{printed(statement)}<br><small>{printed(identity)}, table {printed(table)}</small>"
    return f'<th scope="row">{said}</th><td>{printed(member)}</td>'


def _operand(fact: Row | None, weight: int, first: bool) -> str:
    """One operand as it stands in an equation. Figures are the warehouse's decimals, so there is nothing to escape."""
    sign = " − " if weight < 0 else "" if first else " + "
    times = "" if weight in (1, -1) else f"{abs(weight)}×"
    figure = "∅" if fact is None or fact[4] is None else fact[4]
    if fact is None or fact[8] is None:
        return f"{sign}{times}{figure}"
    return f'{sign}{times}<a href="#c-{fact[6]}-{fact[7]}-{fact[8]}">{figure}</a>'


def _side(operands: Sequence[str], total: str | None) -> str:
    if not operands:  # a measure of the whole report, or nothing: the side is its total
        return "∅" if total is None else printed(total)
    text = "".join(operands)
    return f'{text} <span class="quiet">[{total}]</span>' if len(operands) > 1 and total is not None else text


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
            by_sentence.setdefault(fact[9] or "", []).append(fact)
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
    for begun, end in spans:
        start = max(begun, done)  # of two that overlap the second is marked from where the first ends
        if start < end:
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
        attachments=details.attachments,
        grids=[grid for grid in grids if grid.statutory],
        other_grids=[grid for grid in grids if not grid.statutory],
        identities={
            verdict: (len(rows), Markup("\n".join(rows)))
            for verdict, rows in shown_identities(details, labels).items()
            if rows
        },
        suggestions=details.suggestions,
        residue=[(*r[:4], residue_place(r[4:], details)) for r in details.residue],
        quotations=quotations(details, labels),
        absent=[(labels.link.get(f[:4], ""), labels.words.get(f[:4], "")) for f in absent],
        words=labels.words,
        place={tuple(f[:4]): cell_id(*f[6:9]) for f in details.facts if f[8] is not None}
        if details.suggestions
        else {},
    )

"""Identities that look beyond one table: across years, levels and the prose, and plausibility. Loads them and evaluates them.

Not here: identities within a table (forms/ and evaluate.py). A comparison stands on a table of a report (its anchor), or
on the report as such; each operand names the report that it is taken from. The SQL models must agree with `compare`.

How a row reads: the identity is asked where the sum of its `when` operands is above zero (always, without such operands),
and then lhs (operator) rhs must be true. A constant is an operand of value 1. With alternatives (operator `one_of`) one of
them must be equal; the first that is, is what the report meant. With operands `of`, the right side is divided by their sum,
rounded half up to four decimals, as the warehouse keeps figures; with operands `within`, their sum is the tolerance, and the identity applies only where the report states it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from extractors import rows
from extractors.errors import FormsError
from extractors.forms.catalogue import Catalogue, Identity
from extractors.forms.catalogue import default as forms
from extractors.model import Fact, Verdict

RULES_FOLDER = Path(__file__).parent / "rules"
OPERATORS = ("=", "<=", ">=", "<>", "one_of")
REFERENCES = ("own", "stated", "previous", "before_previous", "children", "children_known", "constant")
"""Where an operand is taken from: the report itself; the same, and only what its prose states (two or more); the report of
one and of two years before by the same agency in the same scope; every declared child; the children that are known."""

REPORT = "report"
"""Form and table of what is said of a report as such."""

TABLE_MEASURES = (
    "measure.cells_without_number", "measure.cells_not_zero", "measure.cells_changed", "measure.cells_digit_short",
    "measure.equal_tables", "measure.form_first_year", "measure.form_last_year",
)  # fmt: skip
REPORT_MEASURES = (
    "measure.stated_year", "measure.published_on", "measure.deadline", "measure.period_start", "measure.period_end",
    "measure.year_start", "measure.year_end", "measure.lacks_enforcement_power", "measure.lacks_rule_making_power",
    "measure.section_five_characters", "measure.prose_characters", "measure.prose_repeated",
)  # fmt: skip

Measure = tuple[str, str]
"""Table (REPORT for the report as such) and name of what is measured."""

Side = Literal["lhs", "rhs", "when", "of", "within"]
SIDES: dict[str, Side] = {"lhs": "lhs", "rhs": "rhs", "when": "when", "of": "of", "within": "within"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One operand of a comparison for one anchor and member: weight x cell of the report that `reference` names.

    `form` and `table` are the anchor; from `first_year` on, where it is not None. `operand_table`, `line` and `column` are
    the cell, whatever the form of the other report; empty for a constant.
    """

    identity: str
    form: str
    table: str
    first_year: int | None
    member: str
    alternative: str
    alternative_no: int
    side: Side
    reference: str
    operand_table: str
    line: str
    column: str
    weight: int


@dataclass(frozen=True, slots=True, eq=False)  # one object: compared and hashed by identity
class Comparisons:
    """The identities that look beyond a table, and their operands: one row an anchor, member, alternative, side and cell."""

    identities: tuple[Identity, ...]
    terms: tuple[Comparison, ...]


class Operand(NamedTuple):
    """A value, or why there is none: a reason of `Missing`, `no_report`, or `not_stated`."""

    value: Decimal | None
    missing: str | None


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """One comparison over one member. `asked` is False where its condition is not met: then it holds.

    `alternative` is the quantity that was meant, of an identity with alternatives. Sides are None where undecidable.
    """

    identity: str
    form: str
    table: str
    over: str
    alternative: str
    asked: bool
    lhs: Decimal | None
    rhs: Decimal | None
    difference: Decimal | None
    verdict: Verdict


Lookup = Callable[[Comparison], Sequence[Operand]]


def load(folder: Path = RULES_FOLDER, catalogue: Catalogue | None = None) -> Comparisons:
    """Read identities.csv and terms.csv.

    Raises FormsError naming file and line: an unknown form, table, line, column, measure, side, reference or operator, a
    term without weight or of an identity that does not exist, a duplicate identity, one without terms.
    """
    catalogue = catalogue or forms()
    raw: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for at, row in rows.read(folder / "terms.csv", _TERM_COLUMNS, FormsError):
        _known(at, "side", row["side"], SIDES)
        _known(at, "reference", row["reference"], REFERENCES)
        raw.setdefault(row["identity_id"], []).append((at, row))
    identities: dict[str, Identity] = {}
    terms: list[Comparison] = []
    taken = {i.code for i in catalogue.identities}
    declared = list(rows.read(folder / "identities.csv", _IDENTITY_COLUMNS, FormsError))
    for at, row in declared:
        if row["identity_id"] in taken:
            raise FormsError(f"{at}: duplicate identity: {row['identity_id']!r}")
        taken.add(row["identity_id"])
    for code, found in raw.items():
        if code not in taken:
            raise FormsError(f"{found[0][0]}: term of an identity that does not exist: {code}")
    for at, row in declared:
        code = row["identity_id"]
        if code not in raw:
            raise FormsError(f"{at}: identity {code} has no terms")
        _known(at, "operator", row["operator"], OPERATORS)
        _known(at, "severity", row["severity"], ("H", "S"))
        anchors = list(_anchors(at, row["anchors"], catalogue))
        identities[code] = _identity(at, row, tuple(dict.fromkeys(form for form, _, _ in anchors)))
        members = list(_members(at, row["members"]))
        for term_at, term in raw[code]:
            _known(term_at, "member", term["member"], ("*", *(m for m, _, _ in members)))
            _known(term_at, "anchor", term["anchor"], ("*", *(f"{form}/{table}" for form, table, _ in anchors)))
        for form, table, first_year in anchors:
            for member, line, column in members:
                terms.extend(_expanded(at, raw[code], catalogue, (form, table, first_year), member, line, column))
    return Comparisons(tuple(identities.values()), tuple(terms))


@cache
def default() -> Comparisons:
    """The comparisons that ship with the library, loaded once."""
    return load()


_IDENTITY_COLUMNS = (
    "identity_id", "family", "operator", "anchors", "members", "severity", "tolerance_absolute", "tolerance_relative",
    "statement_zh", "statement_en", "source",
)  # fmt: skip
_TERM_COLUMNS = (
    "identity_id", "anchor", "member", "alternative", "side", "reference", "form_table", "line_code", "column_code",
    "weight",
)  # fmt: skip


def _known(at: str, what: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise FormsError(f"{at}: unknown {what}: {value!r}")


def _identity(at: str, row: Mapping[str, str], used_by: tuple[str, ...]) -> Identity:
    try:
        tolerance = Decimal(row["tolerance_absolute"]), Decimal(row["tolerance_relative"])
    except InvalidOperation as error:
        raise FormsError(f"{at}: tolerance is not a number") from error
    return Identity(
        row["identity_id"], row["family"], row["operator"], "H" if row["severity"] == "H" else "S", *tolerance,
        row["statement_zh"], row["statement_en"], row["source"], used_by,
    )  # fmt: skip


def _anchors(at: str, text: str, catalogue: Catalogue) -> Iterator[tuple[str, str, int | None]]:
    """(form, table, first year) of `form/table` or `form/table:2020`, separated by spaces."""
    tables = {(t.form, t.code) for t in catalogue.tables()} | {(REPORT, REPORT)}
    for word in text.split():
        place, _, year = word.partition(":")
        form, _, table = place.partition("/")
        if (form, table) not in tables:
            raise FormsError(f"{at}: unknown anchor: {place!r} (expected form/table)")
        if year and not year.isdigit():
            raise FormsError(f"{at}: first year of {place} is not a year: {year!r}")
        yield form, table, int(year) if year else None


def _members(at: str, text: str) -> Iterator[tuple[str, str, str]]:
    """(member, what `*` means for a line, what it means for a column)."""
    kind, _, listed = text.partition(":")
    if kind not in ("lines", "columns", "named"):
        raise FormsError(f"{at}: members must start with lines:, columns: or named:, found {text!r}")
    for member in listed.split():
        yield member, member if kind == "lines" else "*", member if kind == "columns" else "*"


def _expanded(
    at: str, raw: Sequence[tuple[str, dict[str, str]]], catalogue: Catalogue, anchor: tuple[str, str, int | None],
    member: str, line: str, column: str,
) -> Iterator[Comparison]:  # fmt: skip
    form, table, first_year = anchor
    sides: dict[str, set[str]] = {}
    alternatives = list(dict.fromkeys(row["alternative"] for _, row in raw))
    for term_at, row in raw:
        if row["member"] not in ("*", member) or row["anchor"] not in ("*", f"{form}/{table}"):
            continue
        operand_table = row["form_table"].replace("*", table)
        cell = row["line_code"].replace("*", line), row["column_code"].replace("*", column)
        _check_cell(term_at, catalogue, row["reference"], operand_table, cell)
        try:
            weight = int(row["weight"])
        except ValueError as error:
            raise FormsError(f"{term_at}: weight must be a whole number, found {row['weight']!r}") from error
        if not weight:
            raise FormsError(f"{term_at}: a term of weight 0 is none")
        sides.setdefault(row["alternative"], set()).add(row["side"])
        yield Comparison(
            row["identity_id"], form, table, first_year, member, row["alternative"],
            alternatives.index(row["alternative"]), SIDES[row["side"]], row["reference"], operand_table, *cell, weight,
        )  # fmt: skip
    if not sides or any("lhs" not in found for found in sides.values()):
        raise FormsError(f"{at}: member {member} has no term on the left side on {form}/{table}")


def _check_cell(at: str, catalogue: Catalogue, reference: str, table: str, cell: tuple[str, str]) -> None:
    if reference == "constant":
        if table or any(cell):
            raise FormsError(f"{at}: a constant has no cell, found {table} {cell[0]} x {cell[1]}")
        return
    if cell[0].startswith("measure."):
        _known(at, "measure", cell[0], REPORT_MEASURES if table == REPORT else TABLE_MEASURES)
        _known(at, "column of a measure", cell[1], ("value",))
        return
    if not any(cell == (x.code, c.code) for form in catalogue.forms if (t := form.table(table)) for x, c in t.cells()):
        raise FormsError(f"{at}: no form has a cell {cell[0]} x {cell[1]} in a table {table}")


def compare(
    comparisons: Comparisons, anchors: Iterable[tuple[str, str]], report_year: int, lookup: Lookup
) -> tuple[ComparisonResult, ...]:
    """One result for every comparison that stands on one of `anchors` (form, table) in `report_year` and every member.

    `lookup` gives the operands of a term: one, or one a child. A term without any operand is as missing as an absent one.
    """
    identities = {i.code: i for i in comparisons.identities}
    wanted = set(anchors)
    grouped: dict[tuple[str, str, str, str], dict[int, list[Comparison]]] = {}
    for term in comparisons.terms:
        if (term.form, term.table) in wanted and (term.first_year or report_year) <= report_year:
            key = (term.identity, term.form, term.table, term.member)
            grouped.setdefault(key, {}).setdefault(term.alternative_no, []).append(term)
    out = []
    for key, alternatives in grouped.items():
        if not all(_is_stated(term, lookup) for terms in alternatives.values() for term in terms):
            continue
        tried = [_tried(identities[key[0]], key, terms, lookup) for _, terms in sorted(alternatives.items())]
        out.append(min(tried, key=lambda r: _ORDER[r.verdict]) if len(tried) > 1 else tried[0])
    return tuple(out)


def _is_stated(term: Comparison, lookup: Lookup) -> bool:
    """Whether a comparison applies: one within a tolerance that the report states does only where it is stated."""
    if term.side != "within":
        return True
    return any(o.value is not None or o.missing != "absent" for o in lookup(term))


_FOUR_DECIMALS = Decimal("0.0001")

# Of several alternatives the one that is met is the answer; one that cannot be decided might have been.
_ORDER: dict[Verdict, int] = {"holds": 0, "holds_if_blank_is_zero": 1, "undecidable": 2, "violated": 3}


def _tried(
    identity: Identity, key: tuple[str, str, str, str], terms: Sequence[Comparison], lookup: Lookup
) -> ComparisonResult:
    sums = dict.fromkeys(SIDES.values(), Decimal(0))
    missing: list[str | None] = []
    has = {t.side for t in terms}
    stated: list[bool] = []
    for term in terms:
        for operand in lookup(term) or (Operand(None, "absent"),):
            if operand.value is not None:
                sums[term.side] += term.weight * operand.value
            if term.reference == "stated":
                stated.append(operand.value is not None)
            elif operand.value is None:
                missing.append(operand.missing)
    if stated and sum(stated) < 2:
        missing.append("not_stated")
    if "of" in has and not missing:
        if sums["of"]:
            sums["rhs"] = (sums["rhs"] / sums["of"] + _FOUR_DECIMALS / 2).quantize(_FOUR_DECIMALS, ROUND_FLOOR)
        else:
            missing.append("no_whole")
    asked = "when" not in has or sums["when"] > 0
    slack = sums["within"] if "within" in has else None
    verdict: Verdict = "undecidable"
    if all(m == "blank" for m in missing):
        met = not asked or _is_met(identity, sums["lhs"], sums["rhs"], slack)
        if not missing:
            verdict = "holds" if met else "violated"
        elif met:
            verdict = "holds_if_blank_is_zero"
    name = terms[0].alternative
    if verdict == "undecidable":
        return ComparisonResult(*key, "", asked, None, None, None, verdict)
    meant = name if verdict != "violated" else ""
    return ComparisonResult(*key, meant, asked, sums["lhs"], sums["rhs"], sums["lhs"] - sums["rhs"], verdict)


def _is_met(identity: Identity, lhs: Decimal, rhs: Decimal, stated: Decimal | None) -> bool:
    """Within the tolerance that the operands state, else that of the identity."""
    tolerance = max(identity.tolerance_absolute, identity.tolerance_relative * abs(rhs))
    slack = tolerance if stated is None else stated
    if identity.operator == "<=":
        return lhs - rhs <= slack
    if identity.operator == ">=":
        return rhs - lhs <= slack
    return (abs(lhs - rhs) > slack) if identity.operator == "<>" else abs(lhs - rhs) <= slack


_IN_YUAN = {"万元": 10_000, "亿元": 100_000_000}


def amount(fact: Fact) -> Decimal | None:
    """The value for comparison with another report: money in 元, whatever unit was printed."""
    return None if fact.value is None else fact.value * _IN_YUAN.get(fact.unit, 1)


def lookup_facts(
    reports: Mapping[str, Sequence[Fact] | None], measures: Mapping[Measure, Decimal] | None = None
) -> Lookup:
    """Operands from facts: `reports` says which report is `own`, `previous`, `before_previous` (None: there is none).

    `measures` are what is measured of `own`, by table and name. Any other measure is missing here, as `not_stated`, and so
    are children, as `no_report`.
    """
    held = {
        reference: None if facts is None else {(f.table, f.line, f.column): f for f in facts}
        for reference, facts in reports.items()
    }
    measured = measures or {}

    def operands(term: Comparison) -> Sequence[Operand]:
        if term.reference == "constant":
            return (Operand(Decimal(1), None),)
        if term.line.startswith("measure."):
            value = measured.get((term.operand_table, term.line))
            return (Operand(value, "not_stated" if value is None else None),)
        cells = held.get("own" if term.reference == "stated" else term.reference)
        if cells is None:
            return (Operand(None, "no_report"),)
        fact = cells.get((term.operand_table, term.line, term.column))
        return (Operand(amount(fact), fact.missing) if fact else Operand(None, "absent"),)

    return operands


def compare_facts(
    facts: Sequence[Fact],
    report_year: int,
    previous: Sequence[Fact] | None = None,
    comparisons: Comparisons | None = None,
    measures: Mapping[Measure, Decimal] | None = None,
    measurable: Collection[str] = (),
) -> tuple[ComparisonResult, ...]:
    """What the facts of one report, and of the year before where there are some, say of the comparisons that need no more.

    Comparisons with children, two years before or a measure that is not among the `measurable` are left out; one that is, and
    not in `measures`, cannot be known. Without `previous`, comparisons across years are left out.
    """
    comparisons = comparisons or default()
    usable = {"own", "stated", "constant"} | ({"previous"} if previous is not None else set())
    out_of_reach = {
        t.identity
        for t in comparisons.terms
        if t.reference not in usable or (t.line.startswith("measure.") and t.line not in measurable)
    }
    chosen = Comparisons(
        tuple(i for i in comparisons.identities if i.code not in out_of_reach),
        tuple(t for t in comparisons.terms if t.identity not in out_of_reach),
    )
    anchors = dict.fromkeys([*((f.form, f.table) for f in facts), (REPORT, REPORT)])
    return compare(chosen, anchors, report_year, lookup_facts({"own": facts, "previous": previous}, measures))

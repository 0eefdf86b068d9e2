"""A reading against the truth of a generated report: what is wrong, what was not found, what was lost. Judges nobody's layout."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.model import Fact, Reading
from tests.generator import Generated, Key

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LESS = re.compile(r"^\s*(?:减少|減少|减|減|[-－−–—])")
STATUTORY = frozenset(("two", "three", "four", "2014", "fujian"))


@dataclass(slots=True)
class Comparison:
    """Findings on one report; every list is empty where the reading is right."""

    wrong: list[str] = field(default_factory=list)
    """Values that the document does not give, or gives for another cell; values with another unit."""
    unfound: list[str] = field(default_factory=list)
    """Readable cells without a value."""
    misnamed: list[str] = field(default_factory=list)
    """Cells without a value, rightly, but with a reason that is not true."""
    lost: Counter[Decimal] = field(default_factory=Counter)
    """Figures of statutory tables that are neither fact nor residue."""
    invented: Counter[Decimal] = field(default_factory=Counter)
    """Figures that come out and are not printed, or more often than printed."""
    sparse: list[str] = field(default_factory=list)
    """Recognised tables whose facts are not one a cell of the form."""
    prose: list[str] = field(default_factory=list)
    """Quantities that no sentence states, or states otherwise."""
    identity: list[str] = field(default_factory=list)
    """Agency or year that the text says otherwise."""
    readable: int = 0
    found: int = 0

    @property
    def right(self) -> bool:
        return not (
            self.wrong or self.unfound or self.misnamed or self.lost or self.invented or self.sparse or self.prose
            or self.identity
        )  # fmt: skip


def figure(text: str) -> Decimal | None:
    """The first figure in a text, signed; None where there is none. Written apart from the reader's on purpose."""
    simple = unicodedata.normalize("NFKC", text)
    match = _FIGURE.search(simple)
    if match is None:
        return None
    value = Decimal(match.group().replace(",", ""))
    return -value if _LESS.search(simple) else value


def compare(made: Generated, reading: Reading) -> Comparison:
    """Facts, residue and identification of `reading` against what `made` says that a right reader finds."""
    out = Comparison()
    truth = made.truth
    facts = [f for f in reading.facts if f.table in STATUTORY]
    by_key: dict[Key, object] = {}
    for fact in facts:
        key = (fact.table, fact.line, fact.column)
        name = "/".join((fact.form, *key))
        if key in by_key:
            out.sparse.append(f"{name}: twice")
        by_key[key] = fact
        if fact.value is None:
            continue
        expected = truth.expected.get(key)
        if expected is None or fact.form not in truth.forms.get(fact.table, ()):
            out.wrong.append(f"{name} = {fact.value}: the report has no such cell")
        elif fact.value not in expected.values:
            out.wrong.append(
                f"{name} = {fact.value} ({fact.raw!r}): is {sorted(expected.values) or sorted(expected.missing)}"
            )
        elif expected.unit and fact.unit != expected.unit:
            out.wrong.append(f"{name} = {fact.value} {fact.unit}: the unit is {expected.unit}")
    for key, expected in truth.expected.items():
        found = by_key.get(key)
        value = getattr(found, "value", None)
        missing = getattr(found, "missing", "no fact")
        if expected.readable:
            out.readable += 1
            if value in expected.values:
                out.found += 1
            elif value is None:
                out.unfound.append(f"{'/'.join(key)} is {next(iter(expected.values))}: {missing}")
        elif found is not None and value is None and missing not in expected.missing:
            out.misnamed.append(f"{'/'.join(key)}: {missing}, expected {sorted(expected.missing)}")
    got: Counter[Decimal] = Counter(f.value for f in facts if f.value is not None)
    got.update(v for r in reading.residue if r.table in STATUTORY and (v := figure(r.text)) is not None)
    out.lost, out.invented = made.required - got, got - made.allowed
    _dense(made, reading, out)
    _prose(made, reading, out)
    said = reading.identification
    for what, right, read in (("agency", truth.agency, said.agency_name), ("year", truth.year, said.report_year)):
        if right != read:
            out.identity.append(f"{what}: {read}, is {right}")
    return out


def _dense(made: Generated, reading: Reading, out: Comparison) -> None:
    wanted = Counter(key[0] for key in made.truth.expected)
    held = Counter(f.table for f in reading.facts if f.table in STATUTORY)
    recognised = Counter(t.table for t in reading.tables if t.table in STATUTORY)
    for table, count in recognised.items():
        if count > 1:
            out.sparse.append(f"table {table} recognised {count} times")
        for found in (t for t in reading.tables if t.table == table):
            came = sum(f.value is not None for f in reading.facts if f.table == table)
            left = sum(r.table == table for r in reading.residue)
            if found.figures != came + left + found.repeated:
                out.sparse.append(
                    f"table {table}: {found.figures} tokens, {came} facts, {left} left, {found.repeated} again"
                )
        if table in wanted and held[table] != wanted[table]:
            out.sparse.append(f"table {table}: {held[table]} facts, the form has {wanted[table]} cells")
    out.sparse.extend(f"table {table} not recognised" for table in wanted if table not in recognised)


COUNTED = "section_five.characters"  # the reader counts it, no sentence states it: tests/unit/test_read.py


def _quantity(fact: Fact) -> str:
    """Line of the prose; with the column where it is not the figure itself."""
    return fact.line if fact.column == "value" else f"{fact.line} {fact.column}"


def _prose(made: Generated, reading: Reading, out: Comparison) -> None:
    for fact in reading.facts:
        if fact.line == COUNTED:
            continue
        name = _quantity(fact)
        if fact.table == "prose" and fact.value is not None and made.truth.prose.get(name) != fact.value:
            out.prose.append(f"{name} = {fact.value} ({fact.raw!r}): is {made.truth.prose.get(name)}")
    stated = {_quantity(f) for f in reading.facts if f.table == "prose"}
    out.prose.extend(f"{line} is not found" for line in made.truth.prose if line not in stated)

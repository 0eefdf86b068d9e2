"""Loads the forms from their folders and refuses what is inconsistent, naming file and line. No recognition, no evaluation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Literal

from extractors import rows
from extractors.errors import FormsError

FORMS_FOLDER = Path(__file__).parent

Side = Literal["lhs", "rhs"]
OPERATORS = ("=", "<=", ">=", "natural")
LAYOUTS: tuple[Literal["lines", "across", "prose"], ...] = ("lines", "across", "prose")
MARTS = ("none", "requests", "request_flow", "reviews", "disclosure")


@dataclass(frozen=True, slots=True)
class Line:
    """A line (row) of a form. `columns` are the columns that the form prints for it; `mart` is the fact table it feeds."""

    form: str
    table: str
    code: str
    label: str
    label_en: str
    unit: str
    kind: str
    parent: str
    group_label: str
    columns: tuple[str, ...]
    is_total: bool
    mart: str
    measure: str
    route: str
    outcome: str
    position: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form. `kind` and `unit`, where given, stand before those of the line."""

    form: str
    table: str
    code: str
    label: str
    label_en: str
    group_label: str
    is_total: bool
    is_stock: bool
    applicant: str
    outcome: str
    kind: str
    unit: str
    position: int


@dataclass(frozen=True, slots=True)
class Variant:
    """Another wording of a label that was seen in a report."""

    axis: Literal["line", "column"]
    code: str
    label: str
    seen: str


@dataclass(frozen=True, slots=True, eq=False)  # one object each: compared and hashed by identity
class Table:
    """One statutory table of one form."""

    form: str
    code: str
    title_zh: str
    title_en: str
    layout: Literal["lines", "across", "prose"]
    decided_by: tuple[str, ...]
    needs: tuple[str, ...]
    unit_column: bool
    code_columns: tuple[str, ...]
    """Headers of columns whose figures number the lines: they look like values and are none."""
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    variants: tuple[Variant, ...]

    def line(self, code: str) -> Line:
        return next(x for x in self.lines if x.code == code)

    def column(self, code: str) -> Column:
        return next(x for x in self.columns if x.code == code)

    def cells(self) -> Iterator[tuple[Line, Column]]:
        """Every cell that the form prints, in its order."""
        by_code = {c.code: c for c in self.columns}
        for line in self.lines:
            for code in line.columns:
                yield line, by_code[code]

    def kind(self, line: Line, column: Column) -> str:
        """`count` (whole, zero or more), `signed` (whole), `money` (decimal) or `share` (a ratio, or how far one is rounded)."""
        return column.kind or line.kind

    def unit(self, line: Line, column: Column) -> str:
        """The unit that the form prints; empty for amounts of money whose form prints none."""
        return column.unit or ("" if column.kind == "money" else line.unit)


@dataclass(frozen=True, slots=True)
class Term:
    """One operand of an identity for one member: weight x cell, on a side."""

    identity: str
    form: str
    table: str
    member: str
    side: Side
    line: str
    column: str
    weight: int


@dataclass(frozen=True, slots=True)
class Identity:
    """An accounting identity (勾稽关系). `severity` H must hold, S is plausibility. Tolerance is the larger of the two."""

    code: str
    family: str
    operator: str
    severity: Literal["H", "S"]
    tolerance_absolute: Decimal
    tolerance_relative: Decimal
    statement_zh: str
    statement_en: str
    source: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)  # one object each: compared and hashed by identity
class Form:
    """A statutory form: its tables, and the years for which it was made (a prior, never a proof)."""

    code: str
    title_zh: str
    title_en: str
    basis: str
    first_year: int
    last_year: int
    tables: tuple[Table, ...]

    def table(self, code: str) -> Table | None:
        return next((t for t in self.tables if t.code == code), None)


@dataclass(frozen=True, slots=True, eq=False)  # one object each: compared and hashed by identity
class Catalogue:
    """All forms and identities. `terms` are expanded: one row a member, side and cell."""

    forms: tuple[Form, ...]
    identities: tuple[Identity, ...]
    terms: tuple[Term, ...]

    def form(self, code: str) -> Form:
        return next(f for f in self.forms if f.code == code)

    def tables(self) -> Iterator[Table]:
        for form in self.forms:
            yield from form.tables

    def table(self, form: str, code: str) -> Table:
        found = self.form(form).table(code)
        if found is None:
            raise KeyError(f"{form} has no table {code}")
        return found


def load(folder: Path = FORMS_FOLDER) -> Catalogue:
    """Read every form below `folder`.

    Raises FormsError naming file and line: an unknown line or column, a duplicate code or identity, a term without
    weight, an operator, severity or mart that does not exist, two forms that define one identity differently.
    """
    folders = sorted(p.parent for p in folder.glob("*/form.toml"))
    if not folders:
        raise FormsError(f"{folder}: no form found (a form is a folder with form.toml)")
    own = {p.name: _load_form(p) for p in folders}
    forms = {code: _with_borrowed_tables(form, own, folder) for code, form in own.items()}
    identities: dict[str, Identity] = {}
    terms: list[Term] = []
    for path in folders:
        _load_identities(path, forms, own, identities, terms)
    return Catalogue(tuple(forms.values()), tuple(identities.values()), tuple(terms))


@cache
def default() -> Catalogue:
    """The forms that ship with the library, loaded once."""
    return load()


@dataclass(frozen=True, slots=True)
class _Own:
    form: Form
    borrowed: tuple[tuple[str, str], ...]  # (table, form that owns it)


def _rows(path: Path, required: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a file of a form; none where the form has no such file."""
    if not path.exists():
        return
    yield from rows.read(path, required, FormsError)


def _words(declared: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(w) for w in declared.get(key, ()))


def _layout(path: Path, text: object) -> Literal["lines", "across", "prose"]:
    for known in LAYOUTS:
        if text == known:
            return known
    raise FormsError(f"{path}: unknown layout: {text!r} (expected one of {', '.join(LAYOUTS)})")


def _flag(at: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise FormsError(f"{at}: expected true or false, found {text!r}")
    return text == "true"


def _load_form(folder: Path) -> _Own:
    path = folder / "form.toml"
    try:
        head = tomllib.loads(path.read_text(encoding="utf-8"))
        first, last = head["report_years"]
        declared: dict[str, dict[str, Any]] = head["tables"]
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise FormsError(f"{path}: {error!r}") from error
    if head["form_id"] != folder.name:
        raise FormsError(f"{path}: form_id {head['form_id']!r} differs from its folder {folder.name!r}")
    lines: dict[str, list[Line]] = {}
    columns: dict[str, list[Column]] = {}
    variants: dict[str, list[Variant]] = {}
    owned = [t for t, d in declared.items() if "same_as" not in d]
    for at, r in _rows(folder / "columns.csv", ("form_table", "column_code", "label")):
        _known(at, "table", r["form_table"], owned)
        _fresh(at, "column", r["column_code"], [c.code for c in columns.get(r["form_table"], [])])
        group = columns.setdefault(r["form_table"], [])
        group.append(
            Column(
                folder.name, r["form_table"], r["column_code"], r["label"], r["label_en"], r["group_label"],
                _flag(at, r["is_total"]), _flag(at, r["is_stock"]), r["applicant"], r["outcome"], r["kind"], r["unit"],
                len(group) + 1,
            )
        )  # fmt: skip
    for at, r in _rows(folder / "lines.csv", ("form_table", "line_code", "label", "columns")):
        _known(at, "table", r["form_table"], owned)
        group_lines = lines.setdefault(r["form_table"], [])
        _fresh(at, "line", r["line_code"], [x.code for x in group_lines])
        _known(at, "mart", r["mart"], MARTS)
        printed = tuple(r["columns"].split())
        for code in printed:
            _known(at, "column", code, [c.code for c in columns.get(r["form_table"], [])])
        group_lines.append(
            Line(
                folder.name, r["form_table"], r["line_code"], r["label"], r["label_en"], r["unit"], r["kind"], r["parent"],
                r["group_label"], printed, _flag(at, r["is_total"]), r["mart"], r["measure"], r["route"], r["outcome"],
                len(group_lines) + 1,
            )
        )  # fmt: skip
    for at, r in _rows(folder / "lines.csv", ("parent",)):
        if r["parent"]:
            _known(at, "parent line", r["parent"], [x.code for x in lines[r["form_table"]]])
    for at, r in _rows(folder / "labels.csv", ("axis", "form_table", "code", "label", "seen")):
        axis = r["axis"]
        if axis == "line":
            _known(at, "line", r["code"], [x.code for x in lines.get(r["form_table"], [])])
            variants.setdefault(r["form_table"], []).append(Variant("line", r["code"], r["label"], r["seen"]))
        elif axis == "column":
            _known(at, "column", r["code"], [c.code for c in columns.get(r["form_table"], [])])
            variants.setdefault(r["form_table"], []).append(Variant("column", r["code"], r["label"], r["seen"]))
        else:
            raise FormsError(f"{at}: axis must be line or column, found {axis!r}")
    tables = tuple(
        Table(
            folder.name, code, str(d["title_zh"]), str(d["title_en"]), _layout(path, d["layout"]),
            _words(d, "decided_by"), _words(d, "needs"), bool(d.get("unit_column", False)), _words(d, "code_columns"),
            tuple(lines.get(code, ())), tuple(columns.get(code, ())), tuple(variants.get(code, ())),
        )
        for code, d in declared.items()
        if "same_as" not in d
    )  # fmt: skip
    for table in tables:
        if not table.lines or not table.columns:
            raise FormsError(f"{path}: table {table.code} has no lines or no columns")
    form = Form(head["form_id"], head["title_zh"], head["title_en"], head["basis"], first, last, tables)
    return _Own(form, tuple((t, str(d["same_as"])) for t, d in declared.items() if "same_as" in d))


def _with_borrowed_tables(own: _Own, all_forms: dict[str, _Own], folder: Path) -> Form:
    form, extra = own.form, []
    for code, owner in own.borrowed:
        source = all_forms[owner].form.table(code) if owner in all_forms else None
        if source is None:
            raise FormsError(f"{folder / form.code / 'form.toml'}: table {code} is the same as {owner}, which has none")
        extra.append(_relabel(source, form.code))
    return Form(
        form.code, form.title_zh, form.title_en, form.basis, form.first_year, form.last_year, form.tables + tuple(extra)
    )


def _relabel(table: Table, form: str) -> Table:
    from dataclasses import replace

    return replace(
        table,
        form=form,
        lines=tuple(replace(x, form=form) for x in table.lines),
        columns=tuple(replace(c, form=form) for c in table.columns),
    )


def _load_identities(
    folder: Path, forms: dict[str, Form], own: dict[str, _Own], identities: dict[str, Identity], terms: list[Term]
) -> None:
    raw_terms: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for at, r in _rows(folder / "terms.csv", ("identity_id", "member", "side", "line_code", "column_code", "weight")):
        _known(at, "side", r["side"], ("lhs", "rhs"))
        raw_terms.setdefault(r["identity_id"], []).append((at, r))
    seen: list[str] = []
    for at, r in _rows(folder / "identities.csv", ("identity_id", "form_table", "operator", "members", "severity")):
        code = r["identity_id"]
        _fresh(at, "identity", code, seen)
        seen.append(code)
        _known(at, "operator", r["operator"], OPERATORS)
        _known(at, "severity", r["severity"], ("H", "S"))
        if code not in raw_terms:
            raise FormsError(f"{at}: identity {code} has no terms")
        users = [f for f in forms.values() if _uses(f.code, folder.name, r["form_table"], own)]
        try:
            tolerance = Decimal(r["tolerance_absolute"]), Decimal(r["tolerance_relative"])
        except InvalidOperation as error:
            raise FormsError(f"{at}: tolerance is not a number") from error
        made = Identity(
            code, r["family"], r["operator"], "H" if r["severity"] == "H" else "S", *tolerance,
            r["statement_zh"], r["statement_en"], r["source"], tuple(f.code for f in users),
        )  # fmt: skip
        identities[code] = _merged(at, identities.get(code), made)
        for form in users:
            for table in form.tables:
                if r["form_table"] in ("*", table.code) and _uses(form.code, folder.name, table.code, own):
                    terms.extend(_expanded(at, r, table, raw_terms[code]))
    unused = set(raw_terms) - set(seen)
    if unused:
        at = raw_terms[min(unused)][0][0]
        raise FormsError(f"{at}: term of an identity that does not exist: {min(unused)}")


def _uses(form: str, folder: str, table: str, own: dict[str, _Own]) -> bool:
    """Whether `form` takes the identities that `folder` declares for `table` (its own, or a borrowed table's)."""
    return form == folder or (table != "*" and (table, folder) in own[form].borrowed)


def _merged(at: str, old: Identity | None, new: Identity) -> Identity:
    from dataclasses import replace

    if old is None:
        return new
    if replace(old, forms=(), source="") != replace(new, forms=(), source=""):
        raise FormsError(f"{at}: identity {new.code} is defined differently in {', '.join(old.forms)}")
    sources = old.source if new.source in old.source else f"{old.source}; {new.source}"
    return replace(old, forms=old.forms + new.forms, source=sources)


def _expanded(at: str, row: dict[str, str], table: Table, raw: list[tuple[str, dict[str, str]]]) -> Iterator[Term]:
    """One Term a member and operand: `*` in a term stands for the member (or its line and column)."""
    kind, _, listed = row["members"].partition(":")
    if kind == "cells":
        wanted = listed.strip()
        members = [(f"{x.code}/{c.code}", x.code, c.code) for x, c in table.cells() if table.kind(x, c) == wanted]
    elif kind == "lines":
        members = [(m, m, "*") for m in listed.split()]
    elif kind == "columns":
        members = [(m, "*", m) for m in listed.split()]
    elif kind == "named":
        members = [(m, "*", "*") for m in listed.split()]
    else:
        raise FormsError(f"{at}: members must start with cells:, lines:, columns: or named:, found {row['members']!r}")
    printed = {(x.code, c.code) for x, c in table.cells()}
    for member, line, column in members:
        count = 0
        for term_at, t in raw:
            if t["member"] not in ("*", member):
                continue
            cell = (t["line_code"].replace("*", line), t["column_code"].replace("*", column))
            if cell not in printed:
                raise FormsError(f"{term_at}: {table.form} table {table.code} has no cell {cell[0]} x {cell[1]}")
            try:
                weight = int(t["weight"])
            except ValueError as error:
                raise FormsError(f"{term_at}: weight must be a whole number, found {t['weight']!r}") from error
            count += 1
            side: Side = "lhs" if t["side"] == "lhs" else "rhs"
            yield Term(row["identity_id"], table.form, table.code, member, side, *cell, weight)
        if not count:
            raise FormsError(f"{at}: member {member} of {row['identity_id']} has no terms")


def _known(at: str, what: str, value: str, known: object) -> None:
    if value not in known:  # type: ignore[operator]
        raise FormsError(f"{at}: unknown {what}: {value!r}")


def _fresh(at: str, what: str, value: str, taken: list[str]) -> None:
    if value in taken:
        raise FormsError(f"{at}: duplicate {what}: {value!r}")

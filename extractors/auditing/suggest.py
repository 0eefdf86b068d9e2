"""Error localisation: the fewest cells whose change satisfies every identity, and the likely cause. Repairs nothing.

Fellegi and Holt (1976): the smallest weighted set of fields to change so that every rule holds, found by integer
programming (HiGHS through SciPy). Reported values are never touched: a suggestion is a row of its own.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from extractors.auditing.evaluate import evaluate
from extractors.auditing.suggestion import Suggestion
from extractors.forms.catalogue import Catalogue, Identity, Line, Table, Term
from extractors.model import Fact

Key = tuple[str, str]
_EASY = 0.9  # a cell that is missing or doubtful is likelier to be wrong than one that was read
_TOTAL = 0.95  # a total is likelier to be miscopied than a part to be miscounted
_OPTIMAL, _LIMIT_REACHED = 0, 1  # SciPy's words for a solution that is proved, and for a search that was ended
_LIMIT_NODES = 60
"""Of the search tree, not of time: the same report has the same answer on any machine. One to four wrong cells need fewer than
ten; where more are wrong than can be searched, no set is named that might not be the smallest."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """lower <= sum of weight x cell <= upper, for one identity over one member."""

    name: str
    weights: dict[Key, int]
    lower: float
    upper: float


def suggest(facts: Iterable[Fact], catalogue: Catalogue) -> tuple[Suggestion, ...]:
    """Suggestions for every statutory table of one report in which a hard identity is violated or undecidable."""
    held = list(facts)
    open_tables = {(r.form, r.table) for r in evaluate(held, catalogue) if r.verdict in ("violated", "undecidable")}
    out: list[Suggestion] = []
    for form, code in sorted(open_tables):
        table = catalogue.table(form, code)
        if table.layout != "prose":
            out.extend(_of_table(table, [f for f in held if (f.form, f.table) == (form, code)], catalogue))
    return tuple(out)


class _NotProved(Exception):
    """The search ended at its limit: there may be a smaller set, or another."""


def _of_table(table: Table, facts: Sequence[Fact], catalogue: Catalogue) -> list[Suggestion]:
    by_key = {(f.line, f.column): f for f in facts}
    if not any(f.value is not None for f in facts):
        return []
    rules = _rules(table, by_key, catalogue)
    moves = _shifted(table, by_key, rules)
    moved = {cell for move in moves for cell in move.items()}
    sets, proved = _smallest(table, by_key, rules)
    sets += [s for s in (*_swapped(table, by_key, rules), *moves) if s not in sets]
    unique = proved and len(sets) == 1
    return [
        s for number, one in enumerate(sets, 1) for s in _described(table, by_key, rules, one, moved, unique, number)
    ]


def _smallest(table: Table, by_key: dict[Key, Fact], rules: Sequence[_Rule]) -> tuple[list[dict[Key, Decimal]], bool]:
    """The smallest set of changes, and a second one where it is as small; and whether it is proved that there is no other."""
    try:
        first = _solve(table, by_key, rules, ())
    except _NotProved:
        return [], False
    if first is None:
        return [], False
    support = frozenset(k for k in first if by_key[k].value is not None)
    if not support:
        return [first], True
    try:
        second = _solve(table, by_key, rules, (support,))
    except _NotProved:
        return [first], False
    other = {k for k in second or () if by_key[k].value is not None}
    if second is None or _cost(table, by_key, other) > _cost(table, by_key, support) + 1e-6:
        return [first], True
    return [first, second], False


def _rules(table: Table, by_key: dict[Key, Fact], catalogue: Catalogue) -> list[_Rule]:
    """The hard linear identities of the table, one rule a member."""
    identities: dict[str, Identity] = {i.code: i for i in catalogue.identities}
    grouped: dict[tuple[str, str], list[Term]] = {}
    for term in catalogue.terms:
        if (term.form, term.table) == (table.form, table.code) and identities[term.identity].severity == "H":
            grouped.setdefault((term.identity, term.member), []).append(term)
    rules = []
    for (code, member), terms in grouped.items():
        operator = identities[code].operator
        if operator == "natural":
            continue  # held by the bounds of the variables
        weights: dict[Key, int] = {}
        for term in terms:
            key = (term.line, term.column)
            weights[key] = weights.get(key, 0) + (term.weight if term.side == "lhs" else -term.weight)
        # A cell that the document lacks altogether, in a row that it lacks, cannot be inferred: leave the rule out.
        if all(by_key[k].missing == "absent" for k in weights):
            continue
        lower = 0.0 if operator in ("=", ">=") else -np.inf
        upper = 0.0 if operator in ("=", "<=") else np.inf
        rules.append(_Rule(f"{code}[{member}]", weights, lower, upper))
    return rules


def _weight(table: Table, fact: Fact) -> float:
    if fact.value is None:
        return 1e-3  # a missing cell costs nothing to fill, but is not filled with more than it must
    if fact.note:
        return _EASY
    return _TOTAL if table.column(fact.column).is_total or table.line(fact.line).is_total else 1.0


def _cost(table: Table, by_key: dict[Key, Fact], support: Iterable[Key]) -> float:
    return sum(_weight(table, by_key[k]) for k in support)


def _solve(
    table: Table, by_key: dict[Key, Fact], rules: Sequence[_Rule], excluded: Sequence[frozenset[Key]]
) -> dict[Key, Decimal] | None:
    """Cell → new value for the cheapest set of changes that is none of `excluded`; None if there is none. Raises _NotProved.

    A missing cell appears only where the rules leave it one value.
    """
    keys = sorted({k for rule in rules for k in rule.weights})
    if not keys:
        return None
    n = len(keys)
    index = {k: i for i, k in enumerate(keys)}
    known = np.array([float(v) if (v := by_key[k].value) is not None else 0.0 for k in keys])
    missing = np.array([by_key[k].value is None for k in keys])
    top = 10.0 * max(float(np.abs(known).max()), 10.0)
    # Variables: the n values, then n switches that say "changed".
    rows, lower, upper = [], [], []
    for rule in rules:
        row = np.zeros(2 * n)
        for key, weight in rule.weights.items():
            row[index[key]] = weight
        rows.append(row)
        lower.append(rule.lower)
        upper.append(rule.upper)
    for i in range(n):
        if missing[i]:
            continue
        for sign in (1.0, -1.0):  # |value - known| <= top x changed
            row = np.zeros(2 * n)
            row[i], row[n + i] = sign, -2 * top
            rows.append(row)
            lower.append(-np.inf)
            upper.append(sign * known[i])
    for support in excluded:
        row = np.zeros(2 * n)
        for key in support:
            row[n + index[key]] = 1.0
        rows.append(row)
        lower.append(-np.inf)
        upper.append(len(support) - 1.0)
    signed = np.array([table.kind(table.line(x), table.column(c)) == "signed" for x, c in keys])
    whole = np.array([table.kind(table.line(x), table.column(c)) != "money" for x, c in keys])
    cost = np.concatenate([np.zeros(n), [_weight(table, by_key[k]) for k in keys]])
    bounds = Bounds(
        np.concatenate([np.where(signed, -top, 0.0), np.zeros(n)]),
        np.concatenate([np.full(n, top), np.where(missing, 0.0, 1.0)]),
    )
    constraint = LinearConstraint(np.array(rows), lower, upper)
    with _silent():
        solved: Any = milp(
            cost, integrality=np.concatenate([whole.astype(int), np.ones(n)]), bounds=bounds, constraints=constraint,
            options={"node_limit": _LIMIT_NODES},
        )  # fmt: skip
    if solved.status == _LIMIT_REACHED:
        raise _NotProved
    if solved.status != _OPTIMAL:
        return None
    changed = {k for i, k in enumerate(keys) if not missing[i] and solved.x[n + i] > 0.5}
    values = {k: Decimal(str(round(float(solved.x[index[k]]), 4))).normalize() for k in changed}
    reported = {k: v for k in keys if (v := by_key[k].value) is not None}
    return values | _determined(reported | values, rules)


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing on standard output inside: HiGHS writes to it now and then, whatever it is told, and others read JSON from it."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # what C still holds
        os.dup2(kept, 1)
        os.close(kept)


def _determined(known: dict[Key, Decimal], rules: Sequence[_Rule]) -> dict[Key, Decimal]:
    """Cells beside the known ones that the equalities leave one value, by substitution from rule to rule."""
    values = dict(known)
    found: dict[Key, Decimal] = {}
    progress = True
    while progress:
        progress = False
        for rule in rules:
            unknown = [k for k in rule.weights if k not in values]
            if rule.lower != rule.upper or len(unknown) != 1:
                continue
            (key,) = unknown
            rest = sum((weight * values[k] for k, weight in rule.weights.items() if k != key), Decimal(0))
            values[key] = found[key] = Decimal(0) - rest / rule.weights[key]
            progress = True
    return {k: v for k, v in found.items() if v >= 0}


def _described(
    table: Table, by_key: dict[Key, Fact], rules: Sequence[_Rule], values: dict[Key, Decimal],
    moved: Set[tuple[Key, Decimal]], unique: bool, number: int,
) -> list[Suggestion]:  # fmt: skip
    """One suggestion a cell of a set; `moved` are the cells of shifted rows with their values."""
    after = {k: f.value for k, f in by_key.items()} | values
    out = []
    for key, value in sorted(values.items()):
        fact = by_key[key]
        closing = tuple(r.name for r in rules if key in r.weights and _closed(r, after))
        out.append(
            Suggestion(
                table.form, table.code, *key, fact.value, value, "implied" if fact.value is None else "correction",
                "shifted column" if (key, value) in moved else _cause(table, by_key, values, key), closing, unique, number,
            )
        )  # fmt: skip
    return out


def _closed(rule: _Rule, values: Mapping[Key, Decimal | None]) -> bool:
    known = [values[k] for k in rule.weights]
    if any(v is None for v in known):
        return False
    total = float(sum(w * v for w, v in zip(rule.weights.values(), known, strict=True) if v is not None))
    return rule.lower <= total <= rule.upper


def _swapped(table: Table, by_key: dict[Key, Fact], rules: Sequence[_Rule]) -> list[dict[Key, Decimal]]:
    """Two neighbouring cells of a line exchanged, where that alone closes every violated rule that can be decided."""
    values = {k: f.value for k, f in by_key.items()}
    broken = [r for r in rules if all(values[k] is not None for k in r.weights) and not _closed(r, values)]
    out = []
    for line in table.lines if broken else ():
        for left, right in zip(line.columns, line.columns[1:], strict=False):
            a, b = (line.code, left), (line.code, right)
            first, second = values[a], values[b]
            if first is None or second is None or first == second:
                continue
            after = values | {a: second, b: first}
            touched = [r for r in rules if a in r.weights or b in r.weights]
            decidable = [r for r in touched if all(after[k] is not None for k in r.weights)]
            if all(r in touched for r in broken) and all(_closed(r, after) for r in decidable):
                out.append({a: second, b: first})
    return out


def _shifted(table: Table, by_key: dict[Key, Fact], rules: Sequence[_Rule]) -> list[dict[Key, Decimal]]:
    """Lines whose figures stand one column to the left or to the right: what their cells say when moved back.

    All columns may have moved, or those beside the total. The cell that falls off the end says nothing (0 or no value), the
    one that comes in is implied by the rules, and afterwards every rule that the lines touch holds, with every violated one
    among them. One violated rule alone is too little to move a line for it.
    """
    values = {k: f.value for k, f in by_key.items() if f.value is not None}
    broken = [r for r in rules if all(k in values for k in r.weights) and not _closed(r, values)]
    if len(broken) < 2:
        return []
    found: dict[frozenset[tuple[Key, Decimal]], dict[Key, Decimal]] = {}
    for step in (1, -1):
        for whole in (True, False):
            moves = [_moved(table, line, values, step, whole) for line in table.lines]
            for chosen in _runs(moves):
                move = _closing(chosen, values, rules, broken)
                if move is not None:
                    found.setdefault(frozenset(move.items()), move)
    fewest = min(map(len, found.values()), default=0)
    return [move for move in found.values() if len(move) == fewest]


def _moved(
    table: Table, line: Line, values: dict[Key, Decimal], step: int, whole: bool
) -> dict[Key, Decimal | None] | None:
    """The cells of a line moved by one column: None for the one that comes in; no move where a figure would be lost."""
    columns = [c for c in line.columns if whole or not table.column(c).is_total]
    old = [values.get((line.code, c)) for c in columns]
    kept, lost = (old[:-1], old[-1]) if step > 0 else (old[1:], old[0])
    if len(columns) < 2 or lost or any(v is None for v in kept):
        return None
    new = [None, *kept] if step > 0 else [*kept, None]
    return {(line.code, c): v for c, v in zip(columns, new, strict=True)}


def _runs(moves: Sequence[dict[Key, Decimal | None] | None]) -> Iterator[dict[Key, Decimal | None]]:
    """One line, or several that follow each other."""
    for start in range(len(moves)):
        run: dict[Key, Decimal | None] = {}
        for move in moves[start:]:
            if move is None:
                break
            run = run | move
            yield run


def _closing(
    run: dict[Key, Decimal | None], values: dict[Key, Decimal], rules: Sequence[_Rule], broken: Sequence[_Rule]
) -> dict[Key, Decimal] | None:
    """What changes with a move, if it closes every broken rule and leaves none of those it touches open."""
    if any(run.keys().isdisjoint(r.weights) for r in broken):
        return None
    held = {k: v for k, v in values.items() if k not in run} | {k: v for k, v in run.items() if v is not None}
    entered = {k: v for k, v in _determined(held, rules).items() if k in run}
    if any(k not in entered for k, v in run.items() if v is None):
        return None
    after = held | entered
    touched = [r for r in rules if not run.keys().isdisjoint(r.weights)]
    if not all(_closed(r, after) for r in touched if all(k in after for k in r.weights)):
        return None
    return {k: after[k] for k in run if after[k] != values.get(k)}


def _cause(table: Table, by_key: dict[Key, Fact], values: dict[Key, Decimal], key: Key) -> str:
    """The likely cause by name, from the two figures and their neighbours; `unknown` where nothing speaks for one."""
    reported, suggested = by_key[key].value, values[key]
    if reported is None:
        left_out = by_key[key].missing in ("blank", "absent")
        row = [fact.value for (line, _), fact in by_key.items() if line == key[0]]
        if left_out and table.line(key[0]).is_total and not any(v is not None for v in row):
            return "total left out"
        return "cell left out" if left_out else "cell illegible"
    if any(by_key[k].value == suggested and v == reported for k, v in values.items() if k != key):
        return "neighbour's cell"
    old, new = f"{abs(reported):f}", f"{abs(suggested):f}"
    if abs(reported) == abs(suggested):
        return "sign lost"
    if len(old) == len(new) and sorted(old) == sorted(new):
        return "digits transposed"
    if len(old) + 1 == len(new) and any(new[:i] + new[i + 1 :] == old for i in range(len(new))):
        return "digit lost"
    if len(new) + 1 == len(old) and any(old[:i] + old[i + 1 :] == new for i in range(len(old))):
        return "digit doubled"
    if 10_000 * suggested == reported or 10_000 * reported == suggested:
        return "unit slip"
    total = table.column(key[1]).is_total or table.line(key[0]).is_total
    if total and reported == 0:
        return "total left out"
    beside = [by_key[k].value for k in by_key if k[0] == key[0] and k != key]
    return "neighbour's cell" if reported != 0 and reported in beside else "unknown"

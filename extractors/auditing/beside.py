"""How a report stands beside that of the year before: cells that changed, figures a digit short, sentences repeated.

Here are the measures of comparisons that two readings can tell, and no rule: what they mean is in rules/. The model
int_report_measures must measure the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from extractors.auditing.comparisons import REPORT, Measure
from extractors.model import Fact, Sentence
from extractors.reading.prose import TABLE

MEASURES = (
    "measure.cells_changed", "measure.cells_not_zero", "measure.cells_digit_short", "measure.prose_characters",
    "measure.prose_repeated",
)  # fmt: skip
_LONGEST = 7  # digits of a figure that is looked for without its first one; longer ones are money


def of_tables(own: Sequence[Fact], previous: Sequence[Fact]) -> dict[Measure, Decimal]:
    """For each statutory table of `own`: figures that are not zero; and where `previous` has it in the same form, cells that
    differ (a figure against none, too) and cells with last year's figure without its first or its last digit."""
    held, earlier = _by_table(own), _by_table(previous)
    out: dict[Measure, Decimal] = {}
    for (form, table), cells in held.items():
        out[table, "measure.cells_not_zero"] = Decimal(sum(bool(value) for value in cells.values()))
        before = earlier.get((form, table), {})
        pairs = [(value, before[cell]) for cell, value in cells.items() if cell in before]
        if pairs:
            out[table, "measure.cells_changed"] = Decimal(sum(now != then for now, then in pairs))
            out[table, "measure.cells_digit_short"] = Decimal(sum(_is_digit_short(*pair) for pair in pairs))
    return out


def of_prose(own: Sequence[Sentence], previous: Sequence[Sentence]) -> dict[Measure, Decimal]:
    """Letters and digits of the sentences of `own`, and of those that stand verbatim in `previous`. Not known: the first
    where there are none, the second where one of the two has none."""
    return dict(_of_prose(own, {s.key for s in previous}))


def _of_prose(own: Sequence[Sentence], before: set[str]) -> Iterator[tuple[Measure, Decimal]]:
    if own:
        yield (REPORT, "measure.prose_characters"), Decimal(sum(s.characters for s in own))
    if own and before:
        yield (REPORT, "measure.prose_repeated"), Decimal(sum(s.characters for s in own if s.key in before))


def _by_table(facts: Sequence[Fact]) -> Mapping[tuple[str, str], dict[tuple[str, str], Decimal | None]]:
    out: dict[tuple[str, str], dict[tuple[str, str], Decimal | None]] = {}
    for fact in facts:
        if fact.table != TABLE:
            out.setdefault((fact.form, fact.table), {})[fact.line, fact.column] = fact.value
    return out


def _is_digit_short(now: Decimal | None, then: Decimal | None) -> bool:
    if now is None or then is None or then < 100 or now <= 0:
        return False
    if now == then // 10:
        return True
    digits = len(str(int(then)))
    first = Decimal(10) ** (digits - 1)
    return digits <= _LONGEST and first / 10 <= now < first and then % first == now

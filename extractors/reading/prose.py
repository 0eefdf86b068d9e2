"""Quantities stated in sentences, by the patterns of forms/narrative. Approximations stay words; conflicts are ambiguous."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from extractors.errors import FormsError
from extractors.forms.catalogue import FORMS_FOLDER, Table
from extractors.model import Fact, Prose
from extractors.reading.labels import simplify
from extractors.reading.numbers import fold

FORM, TABLE, COLUMN, SHARE, HALF = "narrative", "prose", "value", "share", "share_half"
GROWTH, GROWTH_HALF, CHANGE, CHANGE_HALF = "growth", "growth_half", "change", "change_half"
SECTION_FIVE = "section_five.characters"
_NUMBER = r"(?P<approx>约|近|超过|共约)?(?P<n>\d+(?:,\d{3})*(?:\.\d+)?)(?P<wan>万)?(?P<more>[多余]|(?=[多余]))?"
_FIGURE = re.compile(r"\d|未收取")
_WINDOW = 2_000  # characters before a figure in which its topic and its period are named
_SHARE = re.compile(r"[,(]?占[^,。;、\d]{0,12}?(?P<n>\d+(?:\.\d+)?)%")
# What is said of last year right behind a figure; a number of cases and a percentage may follow each other.
_THAN = r"(?:同比(?:去年|上年)?|[比较](?:去年|上一?年度?)(?:同期)?|与?(?:去年|上一?年度?)(?:同期)?相比,?)"
_CHANGE = (
    r"(?:(?P<more>增长|增加|上升|提高|多)|下降|减少|降低|少)了?(?P<n>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?P<unit>[%件条份起宗])(?!以|左右|上下|多|余|[和与及、]\d)"
)
_GROWTH = re.compile(rf"[,(]?{_THAN}{_CHANGE}")
_AND_GROWTH = re.compile(rf"[,、(]?(?:{_THAN})?{_CHANGE}")
_SENTENCE_END = re.compile(r"[。;；!！?？\n]")
# A figure belongs to the period named last before it in its sentence; without a name, to the report's.
# A comparison (同比) reaches to the next comma.
_PERIOD = re.compile(
    r"(?P<other>累计|同比(?=[^,;]*$)|去年|上一?年(?!度?结转)|前年|往年|历年|近[一二三四五两\d]{1,2}年|十[一二三四五]五|至今|以来"
    r"|[上下]半年|季度|\d{1,2}月(?:底|末)|\d{1,2}[-至]\d{1,2}月|20\d\d年?[-至到]20\d\d年)"
    r"|(?P<year>20\d\d)年(?!\d|修|版)|20\d\d年|本年|今年|全年"
)


@dataclass(frozen=True, slots=True)
class _Pattern:
    line: str
    after: str
    expression: re.Pattern[str]
    value: Decimal | None
    anchor: str
    """Characters without which the pattern cannot match: most patterns are ruled out by them at once."""


@cache
def _patterns() -> tuple[_Pattern, ...]:
    path = FORMS_FOLDER / FORM / "patterns.csv"
    out = []
    with path.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            try:
                expression = re.compile(row["pattern"].replace("{n}", _NUMBER))
            except re.error as error:
                raise FormsError(f"{path}:{number}: pattern does not compile: {error}") from error
            value = Decimal(row["value"]) if row["value"] else None
            if (value is None) != ("{n}" in row["pattern"]):
                raise FormsError(f"{path}:{number}: a pattern has either {{n}} or a value stated in words")
            out.append(_Pattern(row["line_code"], row["after"], expression, value, _anchor(row["pattern"])))
    return tuple(out)


def _anchor(pattern: str) -> str:
    """The longest run of Han characters outside every group of `pattern` and not made optional."""
    runs, depth = [""], 0
    for position, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        optional = pattern[position + 1 : position + 2] in ("?", "*")
        if depth == 0 and "\u4e00" <= character <= "\u9fff" and not optional:
            runs[-1] += character
        else:
            runs.append("")
    return max(runs, key=len)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A figure in folded text, from `start` to `end`."""

    value: Decimal | None
    start: int
    end: int
    note: str


@dataclass(frozen=True, slots=True)
class _Found:
    """The same with the sentence, verbatim, and the offsets of the words that state the figure."""

    value: Decimal | None
    sentence: str
    where: str
    note: str


def facts(prose: Sequence[Prose], table: Table, year: int | None = None) -> tuple[Fact, ...]:
    """One Fact a line that the text states, and two for the share or the growth printed beside it: that, and half of its last
    digit.

    Different figures for one line make it `ambiguous`, as do approximations. What is said of another year than `year`, where that
    is known, is not said of the report's.
    """
    patterns = _patterns()
    topics = tuple({p.after for p in patterns if p.after})
    found: dict[tuple[str, str], list[_Found]] = {}
    for paragraph in prose:
        text = "".join(fold(simplify(paragraph.text)).split(" "))
        if not _FIGURE.search(text):
            continue
        places: list[int] = []
        for pattern in patterns:
            if pattern.anchor not in text:
                continue
            for hit in _hits(pattern, text, topics, year):
                places = places or _places(paragraph.text)
                found.setdefault((pattern.line, COLUMN), []).append(_quoted(hit, paragraph, places))
                for column, beside in _beside(text, hit.end):
                    if column in table.line(pattern.line).columns:
                        found.setdefault((pattern.line, column), []).append(_quoted(beside, paragraph, places))
    return tuple(_fact(table, *key, hits) for key, hits in found.items())


# The heading of the section on problems and improvements (the fifth of the forms since 2019), alone or before its text.
_PROBLEMS = re.compile(
    r"第?[一二三四五六七八九]+(?:部分)?[、.]?[^。;:,]{0,16}?存在的?(?:主要)?问题[^。;:,]{0,16}(?:[。:](?P<text>.*))?$",
    re.S,
)
_HEADING = re.compile(r"第?[一二三四五六七八九十]+(?:部分)?[、.]")


def section_five(prose: Sequence[Prose], table: Table) -> tuple[Fact, ...]:
    """How many letters and digits the section on problems and improvements has: none where it is empty, one where it says 无.

    No Fact where no heading speaks of it. Where several do (a table of contents, a second copy) the longest section counts.
    """
    longest: tuple[int, Prose] | None = None
    for number, paragraph in enumerate(prose):
        heading = _PROBLEMS.match(_folded(paragraph))
        if heading is None:
            continue
        texts = [heading["text"] or ""]
        for below in map(_folded, prose[number + 1 :]):
            if _HEADING.match(below):
                break
            texts.append(below)
        characters = sum(c.isalnum() for text in texts for c in text)
        if longest is None or characters > longest[0]:
            longest = characters, paragraph
    if longest is None:
        return ()
    characters, opening = longest
    unit = table.unit(table.line(SECTION_FIVE), table.column(COLUMN))
    raw, where = opening.text.strip(), f"{opening.where}, characters 1-{len(opening.text)}"
    return (Fact(FORM, TABLE, SECTION_FIVE, COLUMN, Decimal(characters), None, raw, unit, where, note="counted"),)


def _folded(paragraph: Prose) -> str:
    return "".join(fold(simplify(paragraph.text)).split())


def _half_of_the_last_digit(printed: str) -> Decimal:
    """0.05 of 67.5, 0.5 of 67: a share that was rounded to its last digit is no further from the ratio."""
    return Decimal(5).scaleb(-len(printed.partition(".")[2]) - 1)


def _hits(pattern: _Pattern, text: str, topics: Sequence[str], year: int | None) -> Iterator[_Hit]:
    for match in pattern.expression.finditer(text):
        end = match.start("n") if pattern.value is None else match.start()
        before = text[max(0, end - _WINDOW) : end]
        if pattern.after and (pattern.after not in before or max(topics, key=before.rfind) != pattern.after):
            continue
        named = text[max(0, match.start() - _WINDOW) : match.start()]
        periods = list(_PERIOD.finditer(_SENTENCE_END.split(named)[-1]))
        last = periods[-1] if periods else None
        if last and (last["other"] or (year and last["year"] and int(last["year"]) != year)):
            continue
        if pattern.value is not None:
            yield _Hit(pattern.value, *match.span(), "stated in words")
            continue
        approximate = bool(match["approx"] or match["more"])
        value = Decimal(match["n"].replace(",", "")) * (10_000 if match["wan"] else 1)
        yield _Hit(None if approximate else value, *match.span(), "approximate" if approximate else "")


def _beside(text: str, end: int) -> Iterator[tuple[str, _Hit]]:
    """What is said of a figure right behind it: its share of a whole, its growth in percent and in cases against last year,
    each with the half of its last digit."""
    if match := _SHARE.match(text, end):
        yield from _rounded(SHARE, HALF, match, 1)
    expression = _GROWTH
    while match := expression.match(text, end):
        columns = (GROWTH, GROWTH_HALF) if match["unit"] == "%" else (CHANGE, CHANGE_HALF)
        yield from _rounded(*columns, match, 1 if match["more"] else -1)
        expression, end = _AND_GROWTH, match.end()


def _rounded(column: str, half: str, match: re.Match[str], sign: int) -> Iterator[tuple[str, _Hit]]:
    printed = match["n"].replace(",", "")
    yield column, _Hit(sign * Decimal(printed), *match.span(), "")
    yield half, _Hit(_half_of_the_last_digit(printed), *match.span(), f"from the digits of the {column}")


def _places(text: str) -> list[int]:
    """For each character of the folded text, its offset in `text`; folding drops white space and may widen a character."""
    return [i for i, c in enumerate(text) for _ in "".join(fold(simplify(c)).split(" "))]


def _quoted(hit: _Hit, paragraph: Prose, places: Sequence[int]) -> _Found:
    start, end = places[hit.start], places[min(hit.end, len(places)) - 1] + 1
    opening = max((m.end() for m in _SENTENCE_END.finditer(paragraph.text, 0, start)), default=0)
    closing = _SENTENCE_END.search(paragraph.text, end)
    sentence = paragraph.text[opening : closing.end() if closing else len(paragraph.text)].strip()
    return _Found(hit.value, sentence, f"{paragraph.where}, characters {start + 1}-{end}", hit.note)


def _fact(table: Table, code: str, column: str, hits: Sequence[_Found]) -> Fact:
    line = table.line(code)
    exact = list(dict.fromkeys(h.value for h in hits if h.value is not None))
    unit = table.unit(line, table.column(column))
    if len(exact) == 1:
        hit = next(h for h in hits if h.value is not None)
        return Fact(FORM, TABLE, code, column, exact[0], None, hit.sentence, unit, hit.where, note=hit.note)
    note = "approximate" if not exact else "the text states different figures"
    raw = " | ".join(dict.fromkeys(h.sentence for h in hits))
    return Fact(FORM, TABLE, code, column, None, "ambiguous", raw, unit, hits[0].where, note=note)

"""Quantities stated in sentences, by the patterns and refusals of forms/narrative. Approximations stay words; conflicts are ambiguous."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice, pairwise

from extractors.errors import FormsError
from extractors.forms.catalogue import FORMS_FOLDER, Table
from extractors.model import Fact, Prose
from extractors.reading.labels import simplify
from extractors.reading.numbers import fold, of_numerals

FORM, TABLE, COLUMN, SHARE, HALF = "narrative", "prose", "value", "share", "share_half"
GROWTH, GROWTH_HALF, CHANGE, CHANGE_HALF = "growth", "growth_half", "change", "change_half"
SECTION_FIVE = "section_five.characters"
_NUMBER = (
    r"(?P<approx>约|近|超过|共约|大约|将近|逾|至少|不少于|不低于|上)?(?:(?P<n>\d+(?:,\d{3})*(?:\.\d+)?)(?P<wan>万(?P<rest>\d{4})?)?"
    r"|(?P<han>[〇零一二两三四五六七八九十百千万]+))(?P<more>[多余]|(?=[多余]))?"
)
_ABOUT = "(?:政府信息公开|信息公开|政府信息|依申请公开|公开|信息)*+"
_UNIT = "(?:件|条|份|宗|起)"
_WORDS = {
    "{request}": f"{_ABOUT}(?:的)?申请",
    "{about}": _ABOUT,
    "{cases}": f"(?:共计|总计|合计|总量为|总数为|共|为|有|:)?{{n}}{_UNIT}",
    "{items}": "(?:类|信息|数|的|有|为|共|\\([^)]{1,20}\\))*{n}条",
    "{unit}": _UNIT,
}
"""What patterns have in common, by the name that stands for it in patterns.csv. `{n}` is a number."""
_AWAY = {"last": -1, "next": 1}
"""Groups of patterns that name a year, by how far it is from the report's."""
_FIGURE = re.compile(r"\d|[〇零一二两三四五六七八九十百千万][件条份宗起次场人元]|未|没有|无|零|分文|[免不]收")
_QUOTES = dict.fromkeys(map(ord, "“”‘’\"'「」『』"), "")
_OF_OTHERS = ("disclosed.departments", "disclosed.lower_levels", "resources.")  # lines that other bodies stand in
_OF_CASES = ("review.", "litigation.")
_SUBJECT = re.compile(
    r"(?:^|[,;:、。!?和与()])(?:其中|由|经|向|对|在|通过|今年|全年|年内|一年来)*"
    r"(?P<name>[\u4e00-\u9fff]{1,12}?(?:局|委|厅|办公室|[县区镇乡村]|街道|社区|[医法]院|检察院|学校|中心|公司|集团|[大支]队|派出所|监测站|宣传部|总工会|管委会|高校|一中|部门))"
    r"(?:机关)?(?:20\d\d年|共|全年|累计|已|还|本年度?|未|没有|无|均)*$"
)
# Suits in other words; the review that came before one is not what is spoken of.
_SUIT = re.compile(
    r"(?:未?经过?(?:行政)?复议(?:程序)?[后而直接再又]*)?(?:起诉|应诉|被诉|提起诉讼|(?<!行政)诉讼(?=案|\d|共|$))"
)
# Reviews, where the word before it is left out; `经复议` names no review of its own.
_REVIEW = re.compile(r"(?<!行政)(?<!经)(?<!经过)复议(?=案|申请|\d|[一二三四五六七八九十两]|共|$)")
_NEAR = 24  # characters before a figure in which its subject is named
_ABOVE = 120  # characters at the end of the paragraph above, in which it may be, too
_LONGEST_HEADING = 40
_LONGEST_SENTENCE = 500
_MOST_HITS = 500  # of a pattern in a paragraph: a text that says it so often says nothing
_WINDOW = 2_000  # characters before a figure in which its topic and its period are named
_SHARE = re.compile(
    r"[,(]?占(?:(?![比约近由较超同])[^,。;、\d]|比(?!上|去)){0,12}?(?P<n>\d+(?:\.\d+)?)%(?!左右|以|上下|多|余)"
)
# What is said of last year right behind a figure; a number of cases and a percentage may follow each other.
_THAN = r"(?:同比(?:去年|上年)?|[比较](?:去年|上一?年度?)(?:同期)?|与?(?:去年|上一?年度?)(?:同期)?相比,?)"
_CHANGE = (
    r"(?:(?P<more>增长|增加|上升|提高|多)|下降|减少|降低|少)了?(?P<n>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?:(?P<unit>%)|[件条份起宗](?!\w))(?!以|左右|上下|多|余|[和与及、]\d)"
)
_GROWTH = re.compile(rf"[,(]?{_THAN}{_CHANGE}")
_AND_GROWTH = re.compile(rf"[,、(]?(?:{_THAN})?{_CHANGE}")
_FULL_STOP = re.compile(r"[。!！?？\n]")
_SENTENCE_END = re.compile(r"[。!！?？\n]|[;；](?!其中)")
# A figure belongs to the period named last before it in its sentence; without a name, to the report's.
# A comparison (同比) reaches to the next comma.
_PERIOD = re.compile(
    r"(?P<whole>20\d\d)年1月1日起?[-至到](?:(?P=whole)年)?12月31日"
    r"|(?:全年|本年度?|今年(?:以来)?|一年来|年内|报告期内),?[^,。;]{0,8}累计"
    r"|(?P<other>累计|同比(?=[^,;]*$)|(?:去年|上一?年)(?!度?结转)|前一?年|往年|历年|近[一二三四五两\d]{1,2}年|十[一二三四五]五|至今|以来"
    r"|(?!一年来)[一二三四五六七八九十\d]+年[来间内]|任期内|历史上|目前(?!,?(?:已|均|全部|都))|现有|[上下]半年|季度|(?<!\d)(?!12)\d{1,2}月(?:底|末)"
    r"|截[至止](?=[^。;]{0,24}已)(?:20\d\d年)?(?:\d{1,2}月)?(?:\d{1,2}日|底|末)?"
    r"|20\d\d年\d{1,2}月(?!\d|1日至|底|末)(?:份)?|期间|当[天月日]|以前|同期|自[^,。;]{2,20}(?:实施|开通|施行)|至20\d\d年(?:底|末|\d{1,2}月(?!31))|\d{1,2}月?[-至到]\d{1,2}月|月(?:\d{1,2}日)?(?:以[前后]|之[前后]|[前后起])|日起?[-至到]20\d\d年|20\d\d年?[-至到]20\d\d年)"
    r"|(?P<year>20\d\d)年(?!\d|修|版|度?结转)|20\d\d年|本年|今年|全年"
)

# A comparison that has ended names no period for what follows: (2012年300件), 较2012年增长3%,
_ASIDE = re.compile(
    r"\([^()]*(?:\d(?:[件条份宗起次]|%)|去年|上年)[^()]*\)|[,(](?:与|较|比|同)(?:20\d\d|上|去)一?年[^,。;]*(?=[,;])"
)

_COUNTED = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?万?[件条份宗起次人个场]")
_RESPECTIVELY = re.compile(
    rf"(?:分别[为是有达]?|各有?)(?P<figures>{_COUNTED.pattern}(?:(?:[、,和与及]|以及){_COUNTED.pattern})+)"
)
_COLON = re.compile(rf"(?<=[\u4e00-\u9fff)]):(?={_COUNTED.pattern}(?:[,。;、(]|$))")  # between a label and its figure
_WORDS_BEFORE = re.compile(r"[\u4e00-\u9fff、]+$")


@dataclass(frozen=True, slots=True)
class _Pattern:
    line: str
    after: str
    expression: re.Pattern[str]
    value: Decimal | None
    anchors: tuple[str, ...]
    """Words without one of which the pattern cannot match: most patterns are ruled out by them at once."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Words around a figure by which it is not what a pattern says, unless its sentence says something else."""

    region: str
    expression: re.Pattern[str]
    unless: re.Pattern[str] | None


REGIONS = frozenset(("left", "words", "behind", "sentence", "paragraph", "near", "around"))
"""Where the words of a refusal stand: before the pattern in its sentence; the same and what the pattern matched; behind it; the
whole sentence; the paragraph; the heading, the sentence before and this one up to the figure; the same with the end of the paragraph
above, where no sentence stands between."""


@cache
def _patterns() -> tuple[_Pattern, ...]:
    out = []
    for place, row in _rows("patterns.csv"):
        value = Decimal(row["value"]) if row["value"] else None
        for line, written in _of_lines(place, row):
            for name, words in _WORDS.items():
                written = written.replace(name, words)
            if (value is None) != ("{n}" in written):
                raise FormsError(f"{place}: a pattern has either {{n}} or a value stated in words")
            expression = _compiled(written.replace("{n}", _NUMBER), place)
            out.append(_Pattern(line, row["after"], expression, value, _anchors(written)))
    return tuple(out)


def _of_lines(place: str, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(line, pattern) of a row: where the pattern has `{words}`, of every line of words.csv that the row's expression names."""
    if "{words}" not in row["pattern"]:
        yield row["line_code"], row["pattern"]
        return
    named = _compiled(row["line_code"], place)
    of = [(said["line_code"], said["words"]) for _, said in _rows("words.csv") if named.fullmatch(said["line_code"])]
    if not of:
        raise FormsError(f"{place}: no line of words.csv is {row['line_code']!r}")
    for line, words in of:
        yield line, row["pattern"].replace("{words}", f"(?:{words})")


@cache
def _by_word() -> dict[str, tuple[int, ...]]:
    """Anchor → numbers of the patterns that have it."""
    found: dict[str, list[int]] = {}
    for number, pattern in enumerate(_patterns()):
        for word in pattern.anchors:
            found.setdefault(word, []).append(number)
    return {word: tuple(numbers) for word, numbers in found.items()}


@cache
def _refusals(line: str) -> tuple[_Refusal, ...]:
    out = []
    for place, row in _rows("refusals.csv"):
        if row["region"] not in REGIONS:
            raise FormsError(f"{place}: region {row['region']!r} is none of {', '.join(sorted(REGIONS))}")
        if _compiled(row["lines"], place).fullmatch(line):
            unless = _compiled(row["unless"], place) if row["unless"] else None
            out.append(_Refusal(row["region"], _compiled(row["pattern"], place), unless))
    return tuple(out)


def _rows(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    path = FORMS_FOLDER / FORM / name
    with path.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            yield f"{path}:{number}", row


def _compiled(expression: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise FormsError(f"{place}: pattern does not compile: {error}") from error


def _anchors(pattern: str) -> tuple[str, ...]:
    """Words one of which stands wherever `pattern` matches: its longest run of Han characters, or the choices of a group.

    Neither may be optional, nor stand in another group or in a class of characters.
    """
    found = [("",)]
    for group, run in _PIECE.findall(_NESTED.sub(" ", pattern)):
        words = tuple(group.split("|")) if group else (run,)
        found.append(words)
    return max(found, key=lambda words: min(map(len, words)))


_NESTED = re.compile(
    r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[?*]\+?|\((?!\?:[\u4e00-\u9fff|]+\))(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\+?|\[[^\]]*\]|[\u4e00-\u9fff][?*]"
)
"""Parts of a pattern that need not stand in a match, or are no plain choice of words: up to three groups deep."""
_PIECE = re.compile(r"\(\?:([\u4e00-\u9fff|]+)\)|([\u4e00-\u9fff]+)")


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
    paragraph: str
    span: tuple[int, int]
    note: str

    @property
    def where(self) -> str:
        return f"{self.paragraph}, characters {self.span[0] + 1}-{self.span[1]}"


def facts(prose: Sequence[Prose], table: Table, year: int | None = None, agency: str | None = None) -> tuple[Fact, ...]:
    """One Fact a line that the text states, and two for the share or the growth printed beside it: that, and half of its last
    digit.

    Different figures for one line make it `ambiguous`, as do approximations. What is said of another year than `year`, or of
    another agency than `agency`, where those are known, is not said of the report's.
    """
    patterns = _patterns()
    by_word = _by_word()
    topics = tuple({p.after for p in patterns if p.after})
    found: dict[tuple[str, str], list[_Found]] = {}
    chapter = heading = above = text = ""
    for paragraph in prose:
        above = text[-_ABOVE:] or above
        text, moved = _one_by_one(_unquoted(paragraph.text))
        if topic := _TOPIC.match(text):
            chapter, section = (topic.group(), "") if topic["chapter"] else (chapter, topic.group())
            heading = chapter + section
        if not _FIGURE.search(text):
            continue
        places: list[int] = []
        for number in sorted({i for word, those in by_word.items() if word in text for i in those}):
            pattern = patterns[number]
            for hit in islice(_hits(pattern, text, topics, year), _MOST_HITS):
                if _is_refused(pattern.line, hit, text, heading, above) or _is_of_another(
                    agency, pattern.line, hit, text
                ):
                    continue
                if hit.value is not None and hit.value % 1 and table.line(pattern.line).kind == "count":
                    continue
                if not places:
                    places = _places(paragraph.text)
                    places = [places[i] for i in moved] if moved else places
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
# The heading of a chapter or of a section, alone or before its text.
_TOPIC = re.compile(
    rf"(?:(?P<chapter>{_HEADING.pattern})|\([一二三四五六七八九十]+\))[^。;:]{{2,{_LONGEST_HEADING}}}(?:[。:]|$)"
)


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


def _one_by_one(text: str) -> tuple[str, list[int]]:
    """Text with `网络、信函分别为9件、3件` as `网络9件、信函3件` and `行政复议:4件;` as `行政复议4件;`, and where each character stood;
    none where all do.

    Only where there are as many words as figures.
    """
    colons = {m.start() for m in _COLON.finditer(text)}
    order: list[int] = []
    done = 0
    for found in _RESPECTIVELY.finditer(text):
        run = _WORDS_BEFORE.search(text, max(done, found.start() - _LONGEST_HEADING), found.start())
        figures = [m.span() for m in _COUNTED.finditer(text, found.start("figures"), found.end())]
        words = next(
            (w for w in (_split(run, "、"), _split(run, "、和与及")) if len(w) == len(figures)), []
        ) if run else []  # fmt: skip
        if not words:
            continue
        order += range(done, words[0][0])
        for (start, end), figure in zip(words, figures, strict=True):
            order += (*range(start, end), *range(*figure), *([end] if (start, end) != words[-1] else ()))
        done = found.end()
    if not done and not colons:
        return text, []
    order += range(done, len(text))
    order = [i for i in order if i not in colons]
    return "".join(text[i] for i in order), order


def _split(run: re.Match[str], separators: str) -> list[tuple[int, int]]:
    """Where the words of a run between separators begin and end."""
    return [m.span() for m in re.compile(f"[^{separators}]+").finditer(run.string, *run.span())]


def _is_refused(line: str, hit: _Hit, text: str, heading: str, above: str) -> bool:
    """Whether the words around a hit say that it is another matter than the line: forms/narrative/refusals.csv."""
    opening, closing = _sentence(text, hit.start, hit.end)
    first, last = max(0, hit.start - _WINDOW), hit.end + _WINDOW
    nearby = _two_sentences(text, hit.start)
    regions = {
        "left": text[opening : hit.start],
        "words": text[opening : hit.end],
        "behind": text[hit.end : closing],
        "sentence": text[opening:closing],
        "paragraph": text[first:last],
        "near": f"{heading}\n{text[nearby : hit.end]}",
        "around": f"{heading}\n{'' if nearby else above}\n{text[nearby : hit.end]}",
    }
    return any(
        refusal.expression.search(regions[refusal.region])
        and not (refusal.unless and refusal.unless.search(regions["sentence"]))
        for refusal in _refusals(line)
    )


def _is_of_another(agency: str | None, line: str, hit: _Hit, text: str) -> bool:
    """Whether the words right before a figure name an office or a place that is not the report's."""
    if agency is None or line.startswith(_OF_OTHERS):
        return False
    subject = _SUBJECT.search(text, max(0, hit.start - _NEAR), hit.start)
    if subject is None:
        return False
    name, ours = subject["name"], agency.replace("人民政府", "政府")
    return (
        len(name) > len("总局")
        and not name.startswith(("我", "本", "全", "各级"))
        and name[-2] not in "我本"
        and "及各" not in name
        and name not in ours
        and name not in agency
    )


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a place begins and ends, its mark included; or what is nearer of it, in a text without any."""
    first, last = max(0, start - _LONGEST_SENTENCE), min(len(text), end + _LONGEST_SENTENCE)
    opening = max((m.end() for m in _SENTENCE_END.finditer(text, first, start)), default=first)
    mark = _SENTENCE_END.search(text, end, last)
    return opening, mark.end() if mark else last


def _two_sentences(text: str, start: int) -> int:
    """Where the sentence before the one at a place begins. A semicolon ends none here: lists go on behind it."""
    first = max(0, start - 2 * _LONGEST_SENTENCE)
    ends = [m.end() for m in _FULL_STOP.finditer(text, first, start)]
    return ends[-2] if len(ends) > 1 else first


def _unquoted(text: str) -> str:
    return "".join(fold(simplify(text)).translate(_QUOTES).split(" "))


def _folded(paragraph: Prose) -> str:
    return "".join(fold(simplify(paragraph.text)).split())


def _half_of_the_last_digit(printed: str) -> Decimal:
    """0.05 of 67.5, 0.5 of 67: a share that was rounded to its last digit is no further from the ratio."""
    return Decimal(5).scaleb(-len(printed.partition(".")[2]) - 1)


def _hits(pattern: _Pattern, text: str, topics: Sequence[str], year: int | None) -> Iterator[_Hit]:
    for match in pattern.expression.finditer(text):
        end = max(match.start("n"), match.start("han")) if pattern.value is None else match.start()
        if pattern.after:
            before = _REVIEW.sub("行政复议", _SUIT.sub("行政诉讼", text[max(0, end - _WINDOW) : end]))
            if pattern.after not in before or max(topics, key=before.rfind) != pattern.after:
                continue
        opening, _ = _sentence(text, match.start(), match.end())
        periods = list(_PERIOD.finditer(_ASIDE.sub("", text[opening : match.start()])))
        last = periods[-1] if periods else None
        of = last and (last["year"] or last["whole"])
        if last and (last["other"] or (year and of and int(of) != year)):
            continue
        if year and any(
            int(said) - year != _AWAY[name] for name, said in match.groupdict().items() if said and name in _AWAY
        ):
            continue
        if pattern.value is not None:
            yield _Hit(pattern.value, *match.span(), "stated in words")
            continue
        value = _value(match)
        if match["approx"] or match["more"]:
            yield _Hit(None, *match.span(), "approximate")
        elif value is not None:
            yield _Hit(value, *match.span(), "")


def _value(match: re.Match[str]) -> Decimal | None:
    """The number of a match of _NUMBER: 1,234 or 11.7万 or 14万9000 or 二百零三; None where Chinese numerals make no number."""
    if match["han"]:
        return of_numerals(match["han"])
    return Decimal(match["n"].replace(",", "")) * (10_000 if match["wan"] else 1) + Decimal(match["rest"] or 0)


def _beside(text: str, end: int) -> Iterator[tuple[str, _Hit]]:
    """What is said of a figure right behind it: its share of a whole, its growth in percent and in cases against last year,
    each with the half of its last digit."""
    if match := _SHARE.match(text, end):
        yield from _rounded(SHARE, HALF, match, 1)
    expression = _GROWTH
    while match := expression.match(text, end):
        columns = (GROWTH, GROWTH_HALF) if match["unit"] else (CHANGE, CHANGE_HALF)
        yield from _rounded(*columns, match, 1 if match["more"] else -1)
        expression, end = _AND_GROWTH, match.end()


def _rounded(column: str, half: str, match: re.Match[str], sign: int) -> Iterator[tuple[str, _Hit]]:
    printed = match["n"].replace(",", "")
    yield column, _Hit(sign * Decimal(printed), *match.span(), "")
    yield half, _Hit(_half_of_the_last_digit(printed), *match.span(), f"from the digits of the {column}")


def _places(text: str) -> list[int]:
    """For each character of the folded text, its offset in `text`; folding drops white space and quotes and may widen a character."""
    return [i for i, c in enumerate(text) for _ in _unquoted(c)]


def _quoted(hit: _Hit, paragraph: Prose, places: Sequence[int]) -> _Found:
    start, last = sorted((places[hit.start], places[min(hit.end, len(places)) - 1]))
    end = last + 1
    opening, closing = _sentence(paragraph.text, start, end)
    sentence = paragraph.text[opening:closing].strip()
    return _Found(hit.value, sentence, paragraph.where, (start, end), hit.note)


def _fact(table: Table, code: str, column: str, hits: Sequence[_Found]) -> Fact:
    line = table.line(code)
    exact = list(dict.fromkeys(h.value for h in hits if h.value is not None))
    unit = table.unit(line, table.column(column))
    several = column == COLUMN and code.startswith(_OF_CASES) and _is_of_several(hits)
    if len(exact) == 1 and not several:
        hit = next(h for h in hits if h.value is not None)
        return Fact(FORM, TABLE, code, column, exact[0], None, hit.sentence, unit, hit.where, note=hit.note)
    note = (
        "the text states different figures" if len(exact) > 1 else "one figure of several" if exact else "approximate"
    )
    raw = " | ".join(dict.fromkeys(h.sentence for h in hits))
    return Fact(FORM, TABLE, code, column, None, "ambiguous", raw, unit, hits[0].where, note=note)


def _is_of_several(hits: Sequence[_Found]) -> bool:
    """Whether a paragraph states a figure twice: of two routes, bodies or instances, of which the line is the sum."""
    said = sorted({(h.paragraph, *h.span) for h in hits if h.value})
    return any(a[0] == b[0] and a[2] <= b[1] for a, b in pairwise(said))

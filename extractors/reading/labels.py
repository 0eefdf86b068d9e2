"""Which line or column of a form a label means: folding, and a bounded tolerance that says how it matched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC
from rapidfuzz.distance import LCSseq, Levenshtein

from extractors.forms.catalogue import Table

_TO_SIMPLIFIED = OpenCC("t2s")
_ORDINAL = re.compile(
    r"^\s*(?:其中\s*:?\s*)?(?:\(\s*([一二三四五六七八九十]+)\s*\)|([一二三四五六七八九十]+)\s*[、.]|\(?\s*(\d{1,2})\s*[.、)](?!\d))\s*"
)
_OF_WHICH = re.compile(r"^\s*其中\s*:?\s*")
_NOTE = re.compile(r"\([^()]*(?:\)|$)|单位:[万亿]?元$")
# Printing from a browser puts these radicals for the characters that look like them, and NFKC knows only the Kangxi ones.
# (Unicode, EquivalentUnifiedIdeograph.txt: those that are characters of their own.)
_RADICALS = str.maketrans(
    "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰", "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙"
)
_NOT_HAN = re.compile(r"[^\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A label without its typography. `core` has no notes in brackets, `full` has them; both are Han characters only."""

    ordinal: str
    core: str
    full: str


@lru_cache(maxsize=65536)
def simplify(text: str) -> str:
    """NFKC, radicals → characters, traditional → simplified."""
    normal = unicodedata.normalize("NFKC", text).translate(_RADICALS)
    return normal if normal.isascii() else str(_TO_SIMPLIFIED.convert(normal))


@lru_cache(maxsize=65536)
def han(text: str) -> str:
    """Only the Han characters, simplified: what words are compared by."""
    return _NOT_HAN.sub("", simplify(text))


@lru_cache(maxsize=65536)
def fold(text: str) -> Folded:
    """Split a label into ordinal (`1`, `(一)`, `一`), core and full."""
    simple = "".join(simplify(text).split())
    match = _ORDINAL.match(simple)
    ordinal = ""
    if match:
        ordinal = f"({match[1]})" if match[1] else (match[2] or match[3])
        simple = simple[match.end() :]
    simple = _OF_WHICH.sub("", simple)
    core = _NOT_HAN.sub("", _NOTE.sub("", simple))
    return Folded(ordinal, core, _NOT_HAN.sub("", simple))


EXACT, CUT, MISPRINT, ORDINAL = 0, 1, 2, 3
HOW = {EXACT: "exact", CUT: "cut short", MISPRINT: "misprint", ORDINAL: "ordinal and first characters"}


@dataclass(frozen=True, slots=True)
class Match:
    """The codes that a label may mean (more than one where only the context decides) and how it matched."""

    codes: tuple[str, ...]
    rank: int

    @property
    def how(self) -> str:
        return HOW[self.rank]


@dataclass(frozen=True, slots=True, eq=False)
class LabelIndex:
    """All wordings of one axis of one table, folded."""

    entries: tuple[tuple[str, Folded], ...]
    by_core: dict[str, tuple[str, ...]]
    by_full: dict[str, tuple[str, ...]]

    def exact(self, text: str) -> Match | None:
        folded = fold(text)
        codes = self.by_full.get(folded.full) or (self.by_core.get(folded.core) if folded.core else None)
        if not codes:
            return None
        if len(codes) > 1 and folded.ordinal:
            agreeing = tuple(c for c in codes if any(e == c and f.ordinal == folded.ordinal for e, f in self.entries))
            codes = agreeing or codes
        return Match(codes, EXACT)

    def find(self, text: str) -> Match | None:
        """The best match of `text`, exact before cut before misprint; None where nothing is close or two are equally close.

        - cut: every character of the text appears in order in the label and makes up half of it or more, and clearly more
          than of any other label
        - misprint: edit distance at most a quarter of the label and at most 3, and closer than to any other label
        - ordinal: the label's own ordinal, and its first characters, where no other label fits
        """
        return _find(self, text)

    def _near(self, folded: Folded) -> Match | None:
        cut: dict[str, float] = {}
        for code, entry in self.entries:
            if (
                len(folded.full) >= 3
                and len(folded.full) * 2 >= len(entry.full)
                and LCSseq.similarity(folded.full, entry.full) == len(folded.full)
                and (not folded.ordinal or not entry.ordinal or folded.ordinal == entry.ordinal)
            ):
                cut[code] = max(cut.get(code, 0.0), len(folded.full) / len(entry.full))
        if cut:
            best = max(cut, key=lambda code: cut[code])
            alone = all(share <= cut[best] - 0.2 for code, share in cut.items() if code != best)
            return Match((best,), CUT) if alone else None
        if len(folded.core) >= 4:
            near = sorted(
                (Levenshtein.distance(folded.core, entry.core, score_cutoff=3), code)
                for code, entry in self.entries
                if len(entry.core) >= 4
            )
            distance, nearest = near[0] if near else (4, "")
            rivals = [d for d, code in near if code != nearest]
            if distance <= min(3, max(1, len(folded.core) // 4)) and (not rivals or rivals[0] > distance):
                return Match((nearest,), MISPRINT)
            # Conversion may replace a run of characters by another of different length.
            shared = sorted(
                (
                    (LCSseq.similarity(folded.core, e.core), code)
                    for code, e in self.entries
                    if len(e.core) <= 2 * len(folded.core)
                ),
                reverse=True,
            )
            if shared and shared[0][0] * 4 >= 3 * len(folded.core):
                top, closest = shared[0]
                if all(s < top - 1 for s, code in shared if code != closest):
                    return Match((closest,), MISPRINT)
        if folded.ordinal and folded.full:
            first = {c for c, e in self.entries if e.ordinal == folded.ordinal and e.full.startswith(folded.full)}
            if len(first) == 1:
                return Match(tuple(first), ORDINAL)
        return None


@lru_cache(maxsize=65536)
def _find(index: LabelIndex, text: str) -> Match | None:
    return index.exact(text) or index._near(fold(text))


def _index(wordings: Iterable[tuple[str, str]], headed: Iterable[tuple[str, str]] = ()) -> LabelIndex:
    """Index over labels; those `headed` by the words of their heading are known word for word only."""
    entries = tuple((code, fold(label)) for code, label in wordings)
    by_core: dict[str, list[str]] = {}
    by_full: dict[str, list[str]] = {}
    for code, folded in (*entries, *((code, fold(label)) for code, label in headed)):
        for key, index in ((folded.core, by_core), (folded.full, by_full)):
            if key and code not in index.setdefault(key, []):
                index[key].append(code)
    return LabelIndex(entries, {k: tuple(v) for k, v in by_core.items()}, {k: tuple(v) for k, v in by_full.items()})


@cache
def lines_of(table: Table) -> LabelIndex:
    """Index over the labels of the lines of `table`, with the variants seen."""
    variants = [(v.code, v.label) for v in table.variants if v.axis == "line"]
    headed = [(x.code, x.group_label + x.label) for x in table.lines if x.group_label]
    return _index([(x.code, x.label) for x in table.lines] + variants, headed)


@cache
def columns_of(table: Table) -> LabelIndex:
    """Index over the labels of the columns of `table`, with the variants seen."""
    variants = [(v.code, v.label) for v in table.variants if v.axis == "column"]
    return _index([(c.code, c.label) for c in table.columns] + variants)

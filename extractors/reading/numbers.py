"""One cell's text to one number, a reason why there is none, or the finding that it is neither. Knows no form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from extractors import units
from extractors.model import Missing

_WORDS = {"萬": "万", "條": "条", "個": "个", "項": "项", "場": "场", "減": "减", "無": "无"}
_NUMBER = re.compile(
    rf"(?P<sign>[增减+\-↑↓]|增加|减少)?\s*(?:[¥￥]|人民币)?\s*(?P<digits>\d{{1,3}}(?:,\d{{3}})+|\d+)(?P<fraction>\.\d+)?\s*(?P<unit>{units.ANY})?"
    r"\s*(?P<note>\(.*\)|\[.*\]|【.*】|[*※])?。?",
    re.DOTALL,
)
_TORN_SIGN = re.compile(r"\D*\n")  # a line of its own: what looks like a sign may be a piece of something else
_ANY_NUMBER = re.compile(r"(?<![\d.])\d[\d,]*(?:\.\d+)?")
_MINUS = dict.fromkeys(map(ord, "−–—―－﹣‐‑"), "-")
_RAISED = re.compile(r"[¹²³⁰⁴-⁹₀-₉①-⑳]+")
"""Marks of footnotes: NFKC would make digits of them."""
_NOTED = re.compile(r"(?<=.)\s*(?:\(.*\)|\[.*\]|【.*】|[*※])$")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"))


_DIGITS = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "零": 0, "两": 2}
_SOME = re.compile("[一二两三四五六七八九]{2}")
_TENS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}


@dataclass(frozen=True, slots=True)
class Figure:
    """What a cell says.

    `kind`: `number` (value, unit, note), `missing` (reason), `several` (numbers that ran together, or one that
    cannot be trusted: all in `numbers`) or `text`.
    """

    kind: Literal["number", "missing", "several", "text"]
    value: Decimal | None = None
    unit: str = ""
    note: str = ""
    missing: Missing | None = None
    numbers: tuple[str, ...] = ()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Full width to half width, every dash to `-`, invisible characters out, white space to one space."""
    folded = unicodedata.normalize("NFKC", _RAISED.sub(r"[\g<0>]", text.translate(_INVISIBLE))).translate(_MINUS)
    return " ".join("".join(_WORDS.get(c, c) for c in folded).split())


@lru_cache(maxsize=65536)
def parse(text: str) -> Figure:
    """The figure in a cell. Never guesses: `0?` and `0 0 3` are `several`, `-` is a missing value and not zero."""
    folded = fold(text)
    if not folded:
        return Figure("missing", missing="blank")
    bare = _NOTED.sub("", folded)
    if not bare.strip("- "):
        return Figure("missing", missing="dash")
    if not bare.strip("/\\ "):
        return Figure("missing", missing="slash")
    if bare == "无":
        return Figure("missing", missing="none_word")
    match = _NUMBER.fullmatch(folded)
    if match and match["sign"] in ("+", "-") and _TORN_SIGN.match(text.strip()):
        return Figure("several", numbers=tuple(_ANY_NUMBER.findall(folded)))
    if match:
        value = Decimal(match["digits"].replace(",", "") + (match["fraction"] or ""))
        negative = match["sign"] in ("-", "减", "减少", "↓")
        note = (match["note"] or "").strip("()[]【】")
        return Figure("number", -value if negative else value, match["unit"] or "", note)
    found = tuple(_ANY_NUMBER.findall(folded))
    if found and not _ANY_NUMBER.sub("", folded).strip(" ?.,;+-|Oo"):
        return Figure("several", numbers=found)
    return Figure("text", numbers=found)


def of_numerals(words: str) -> Decimal | None:
    """一百零五 → 105, 两万三千 → 23000, 二〇一 → 201; None for what is no number, or not written out (三百二)."""
    if words[0] in "百千万" or (_SOME.search(words) and not set(words) & set("零〇")):  # some hundreds, three or four
        return None
    if not set(words) & set(_TENS):
        return Decimal("".join(str(_DIGITS[c]) for c in words)) if len(words) > 1 or words in _DIGITS else None
    total = section = digit = 0
    lowest = 10**9
    for word in words:
        if word in _DIGITS:
            digit = _DIGITS[word]
        elif word == "万":
            total, section, digit, lowest = (section + digit) * 10_000, 0, 0, 10_000
        else:
            section += (digit or 1) * _TENS[word]
            digit, lowest = 0, _TENS[word]
    is_short = digit and lowest > 10 and words[-2:-1] not in "零〇"
    return None if is_short else Decimal(total + section + digit)

"""Identifiers of organisations and sites: their check digits, and what an index number (索引号) starts with. No register here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I O S V Z (GB 32100-2015)
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SITE = re.compile(r"(?:[1-9]\d{9}|bm\d{8})")
_AREA_SERIAL = re.compile(r"(?P<area>[1-9]\d{5})-(?:19|20)\d\d-\d+")
_LETTERS = re.compile(r"[a-z]{2,12}", re.I)
_SEPARATOR = re.compile(r"[/\-_〔〕\[\]()]")

Kind = Literal["credit_code", "organisation_code", "site_code", "area_serial", "letters", "unknown"]


@dataclass(frozen=True, slots=True)
class IndexNumber:
    """What an index number starts with. `value` is the identifier in full form; for `area_serial` the area."""

    kind: Kind
    value: str


def credit_check_digit(body: str) -> str:
    """Check character of a 统一社会信用代码 from its first 17 (GB 32100-2015: weights 3^i mod 31, complement to 31).

    Raises ValueError for another length or a character outside the alphabet.
    """
    if len(body) != 17:
        raise ValueError(f"17 characters expected, found {len(body)}")
    weighted = sum(_place(CREDIT_ALPHABET, c) * pow(3, i, 31) for i, c in enumerate(body))
    return CREDIT_ALPHABET[-weighted % 31]


def is_credit_code(text: str) -> bool:
    """Whether the text is 18 characters with the right check character. Upper case only, as the standard prints it."""
    return len(text) == 18 and set(text) <= set(CREDIT_ALPHABET) and credit_check_digit(text[:17]) == text[17]


def organisation_check_digit(body: str) -> str:
    """Check character of a 组织机构代码 from its first 8 (GB 11714). Raises ValueError as credit_check_digit does."""
    if len(body) != 8:
        raise ValueError(f"8 characters expected, found {len(body)}")
    weighted = sum(_place(ORGANISATION_ALPHABET, c) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - weighted % 11]


def is_organisation_code(text: str) -> bool:
    """Whether the text is 8 + 1 characters, without a hyphen, with the right check character."""
    return len(text) == 9 and set(text) <= set(ORGANISATION_ALPHABET) and organisation_check_digit(text[:8]) == text[8]


def organisation_code(text: str) -> str | None:
    """The nine characters of an organisation code, its hyphen dropped and a lost leading zero put back where the check
    character proves it; None where the text is no such code."""
    plain = text.replace("-", "").upper()
    return next((code for code in (plain, "0" + plain) if is_organisation_code(code)), None)


def organisation_in_credit_code(code: str) -> str:
    """The organisation code inside a credit code (characters 9 to 17). Raises ValueError where it is no credit code.

    Characters 3 to 8 are the registrar's area of the day of registration: never derive the agency's area from them.
    """
    if not is_credit_code(code):
        raise ValueError(f"no credit code: {code!r}")
    return code[8:17]


def is_site_code(text: str) -> bool:
    """Whether the text has the form of a 网站标识码. It names a site, which several agencies may share."""
    return _SITE.fullmatch(text) is not None


def site_area(code: str) -> str | None:
    """Division code in a local site code; None for a site of the State Council's departments."""
    return code[:6] if is_site_code(code) and code[0] != "b" else None


def classify_index_number(text: str) -> IndexNumber:
    """What an index number starts with, proved by check characters where there are any. Never fails: `unknown` is an answer."""
    text = text.strip()
    if match := _AREA_SERIAL.match(text):
        return IndexNumber("area_serial", match["area"])
    head = _SEPARATOR.split(text, maxsplit=1)[0]
    if is_credit_code(text[:18].upper()):
        return IndexNumber("credit_code", text[:18].upper())
    if _SITE.fullmatch(head):
        return IndexNumber("site_code", head)
    if _LETTERS.fullmatch(head):
        return IndexNumber("letters", head.lower())
    for candidate in (head, text[:10]):
        if (code := organisation_code(candidate)) is not None:
            return IndexNumber("organisation_code", code)
    return IndexNumber("unknown", head)


def _place(alphabet: str, character: str) -> int:
    place = alphabet.find(character)
    if place < 0 or not character:
        raise ValueError(f"{character!r} is not in the alphabet")
    return place

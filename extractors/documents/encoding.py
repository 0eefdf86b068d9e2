"""Bytes to text, by evidence: BOM, valid UTF-8, the declared charset, GB18030, then BeautifulSoup's detection."""

from __future__ import annotations

import re

from bs4 import UnicodeDammit

from extractors.errors import Undecodable

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff00-\uffef]+")
_ASCII = bytes(range(128))
_BAD_SEQUENCES = 3
_HOLE = "\ufffd"


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding). A declared charset that does not fit the bytes is passed over.

    A few broken sequences (content systems cut summaries inside a character) are kept as U+FFFD and named in the
    encoding; a file that ends inside a character is cut off and refused. Raises Undecodable where no encoding gives
    text that a Chinese report could be.
    """
    for bom, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(bom):
            return _strict(data, name) or _give_up(data), name
    if (text := _strict(data, "utf-8")) is not None:
        return text, "utf-8"
    declared = _DECLARED.search(data[:4096])
    names = [declared.group(1).decode("ascii").lower()] if declared else []
    for name in [*("gb18030" if n in ("gb2312", "gbk") else n for n in names), "gb18030", "big5"]:
        text = _strict(data, name)
        if text is not None and _is_chinese(text):
            return text, name
    for name in ("utf-8", "gb18030"):
        text = data.decode(name, "replace")
        if text.count(_HOLE) <= _BAD_SEQUENCES and not text.endswith(_HOLE) and _is_chinese(text):
            return text, f"{name}, {text.count(_HOLE)} sequences unreadable"
    guess = UnicodeDammit(data)
    if guess.unicode_markup and guess.original_encoding and not guess.contains_replacement_characters:
        text = guess.unicode_markup
        if _is_chinese(text):
            return text, guess.original_encoding
    return _give_up(data), ""


def _is_chinese(text: str) -> bool:
    """Whether most of what is neither ASCII nor full-width punctuation is Han."""
    foreign = text.encode("utf-8", "replace").translate(None, _ASCII).decode("utf-8")  # most of a page is ASCII
    foreign = _FULL_WIDTH.sub("", foreign)
    return len("".join(_HAN.findall(foreign))) * 2 >= max(len(foreign), 1)


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _give_up(data: bytes) -> str:
    raise Undecodable(f"{len(data)} bytes are text in none of UTF-8, UTF-16, GB18030, Big5 or the declared charset")

"""Bytes to text, by evidence: BOM, valid UTF-8, the declared charset, GB18030, then BeautifulSoup's detection."""

from __future__ import annotations

import re

from bs4 import UnicodeDammit

from extractors.errors import Undecodable

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding). A declared charset that does not fit the bytes is passed over.

    Raises Undecodable where no encoding gives text that a Chinese report could be.
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
        if text is not None and len(_HAN.findall(text)) * 20 >= len(text) - text.count(" "):
            return text, name
    guess = UnicodeDammit(data, ["utf-8", "gb18030"])
    if guess.unicode_markup and guess.original_encoding and not guess.contains_replacement_characters:
        return guess.unicode_markup, guess.original_encoding
    return _give_up(data), ""


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _give_up(data: bytes) -> str:
    raise Undecodable(f"{len(data)} bytes are text in none of UTF-8, UTF-16, GB18030, Big5 or the declared charset")

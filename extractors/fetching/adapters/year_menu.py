"""Years as a menu below 政府信息公开年报: links that say nothing but 2020 or 2020年度, as on the site of Neijiang.

History
- 2026-11: written after the menu of a page of Neijiang's site of 2020 (a list of bare years below the words 政府信息公开年报).
  The words stand in the title of the page, in a heading, or in the list item that holds the years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lxml.html

from extractors.fetching.adapters import anchors
from extractors.fetching.adapters.page import Entry, Page, is_report

NAME = "year menu"
_BARE = re.compile(r"(20[0-3]\d)\s*(?:年|年度|年报|年度报告)?")
_ABOVE = re.compile(r"(政府|政务)?信息公开(工作)?(年报|年度报告)")


def recognises(page: Page) -> bool:
    years = {found.group(1) for _, words in page.anchors() if (found := _BARE.fullmatch(words))}
    return len(years) >= 2 and bool(_ABOVE.search("".join(page.tree.itertext())))


def entries(page: Page) -> Iterator[Entry]:
    """Years in the innermost element that speaks of annual reports before them, and reports with full titles."""
    seen = set()
    menus = [e for e in page.tree.iter("ul", "ol", "div", "dl", "nav", "table", "td", "li", "p") if _is_menu(page, e)]
    around = {id(a) for e in menus for a in e.iterancestors()}
    for element in menus:
        if id(element) in around:
            continue  # it holds a smaller one, and perhaps the years of something else
        for address, words in Page(page.address, _alone(page, element)).anchors():
            if address not in seen and (year := _BARE.fullmatch(words)):
                seen.add(address)
                yield Entry(address, f"{year.group(1)}年政府信息公开年报", int(year.group(1)))
    for entry in anchors.entries(page):
        if entry.address not in seen and is_report(entry.title):
            seen.add(entry.address)
            yield entry


more = anchors.more


def _is_menu(page: Page, element: Any) -> bool:
    inside = [a for a in element.iter("a") if _BARE.fullmatch(_plain(a))]
    return len(inside) >= 2 and (page.about_reports() or _near(element))


def _near(element: Any) -> bool:
    """Whether the element begins with the words, or they stand just before it."""
    before, parent = element.getprevious(), element.getparent()
    said = _plain(element)[:40]
    if before is not None:
        said += "|" + _plain(before)[-40:] + (before.tail or "")
    if parent is not None:
        said += "|" + (parent.text or "")
    return bool(_ABOVE.search("".join(said.split())))


def _plain(element: Any) -> str:
    return "".join("".join(element.itertext()).split())


def _alone(page: Page, element: Any) -> str:
    """The element as a page of its own, with the base that its links need."""
    base = "".join(lxml.html.tostring(b, encoding="unicode", with_tail=False) for b in page.tree.iter("base"))
    return base + str(lxml.html.tostring(element, encoding="unicode", with_tail=False))

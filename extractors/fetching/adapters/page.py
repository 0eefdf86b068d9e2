"""What the adapters share: a page, the reports that it lists, and when a title is that of a report. Knows no content system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import lxml.html

from extractors.documents.encoding import decode

_YEAR = re.compile(r"(?<!\d)(20[0-3]\d)(?!\d)\s*(?:年|年度)?")
_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {c: 0 for c in "〇○OＯ0"}
_HAN_FULL = re.compile(r"二([〇○零OＯ0])([〇○零0一二三四五六七八九])([〇○零0一二三四五六七八九])年")
_REPORT = re.compile(r"年度?报告?|年度工作报告|工作年报")
_OPEN = re.compile(r"公开")
_OTHER = re.compile(
    r"通知|解读|图解|一图|一张图|模板|样式|格式|说明|法治|预算|决算|财务|企业|统计年报|指南|目录|整改|自查|督查|新闻|召开|培训"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A report that a list names. `year` is the report's year as the title gives it, None where it does not."""

    address: str
    title: str
    year: int | None


@dataclass(frozen=True)
class Page:
    """A page of a list: its address and its text."""

    address: str
    text: str

    @classmethod
    def of(cls, address: str, data: bytes) -> Page:
        """Raises Undecodable."""
        return cls(address, decode(data)[0])

    @cached_property
    def tree(self) -> Any:
        """The parsed page; an empty one for what is no page."""
        text = self.text if self.text.strip() else "<html/>"
        return lxml.html.document_fromstring(text.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))

    @cached_property
    def title(self) -> str:
        return _plain("".join(self.tree.xpath("string(//title)")))

    def anchors(self) -> Iterator[tuple[str, str]]:
        """(address, words) of every link. The `title` of a link is what a list cuts off, so it wins where it is longer."""
        base = next((b.get("href") for b in self.tree.iter("base") if b.get("href")), "")
        for element in self.tree.iter("a"):
            href = (element.get("href") or "").strip()
            if not href or href.startswith(("#", "javascript:", "mailto:")):
                continue
            shown, full = _plain("".join(element.itertext())), _plain(element.get("title") or "")
            try:
                target = urljoin(urljoin(self.address, base), href)
            except ValueError:
                continue
            yield target, full if len(full) > len(shown) or "…" in shown or "..." in shown else shown

    def about_reports(self) -> bool:
        """Whether the page itself says that it lists annual reports, so that its links need not repeat it."""
        return bool(_OPEN.search(self.title) and _REPORT.search(self.title))


def year_of(title: str) -> int | None:
    """The year that a title names first, in digits or in Chinese."""
    found = _YEAR.search(title)
    if found:
        return int(found.group(1))
    if found := _HAN_FULL.search(title):
        return 2000 + 100 * _HAN[found.group(1)] + 10 * _HAN[found.group(2)] + _HAN[found.group(3)]
    return None


def is_report(title: str, listed: bool = False) -> bool:
    """Whether a title is that of an annual report on open information. `listed`: its page lists such reports."""
    if _OTHER.search(title) or not _REPORT.search(title):
        return False
    return bool(_OPEN.search(title)) or (listed and year_of(title) is not None)


def report(page: Page, address: str, title: str) -> Entry | None:
    """An entry, if the title is that of a report."""
    if not is_report(title, page.about_reports()):
        return None
    year = year_of(title)
    # 政府信息公开年报 alone is the name of the list, in every menu of the site
    return Entry(address, title, year) if year is not None or len(title) > 12 else None


def _plain(text: str) -> str:
    return " ".join(text.split())

"""拓尔思 TRS WCM: articles `t20210129_1234567.html`, lists `index.html`, `index_1.html`, … counted by createPageHTML.

History
- 2026-11: written from the markup that this system is known to write; not yet tried on a live site. The count in
  `createPageHTML(count, current, "index", "html")` includes the first page, which has no number. Links are relative (`./202101/…`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.fetching.adapters import anchors
from extractors.fetching.adapters.page import Entry, Page, is_report, report, year_of

NAME = "TRS WCM"
_ARTICLE = re.compile(r"/t20\d{6}_\d+\.s?html?$")


def recognises(page: Page) -> bool:
    return "createPageHTML" in page.text or any(_ARTICLE.search(address) for address, _ in page.anchors())


def entries(page: Page) -> Iterator[Entry]:
    for address, words in page.anchors():
        if entry := report(page, address, words):
            yield entry
        elif _ARTICLE.search(address) and page.about_reports() and is_report(words, listed=True):
            yield Entry(address, words, year_of(words))


more = anchors.more

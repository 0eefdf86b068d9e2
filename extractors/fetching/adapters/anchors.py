"""Any page: links whose words are the title of a report, and 下一页.

History
- 2026-11: written. Titles are judged by their words alone; a list that shows cut titles is read by the `title` of its links.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractors.fetching import links
from extractors.fetching.adapters.page import Entry, Page, report

NAME = "any page"


def recognises(page: Page) -> bool:
    return True


def entries(page: Page) -> Iterator[Entry]:
    for address, words in page.anchors():
        if entry := report(page, address, words):
            yield entry


def more(page: Page) -> Iterator[str]:
    yield from links.linked(page.address, page.text.encode("utf-8"), max_attachments=0).next_pages

"""博达 Visual SiteBuilder: articles `info/1023/4567.htm`; a list `nb.htm` goes on at `nb/2.htm`, `nb/1.htm`: it counts downwards.

History
- 2026-11: written from the markup that this system is known to write; not yet tried on a live site. The later pages are linked
  by number and by 下页; the numbers fall, so that they are taken from the links and never computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.fetching.adapters import anchors
from extractors.fetching.adapters.page import Entry, Page

NAME = "Visual SiteBuilder"
_ARTICLE = re.compile(r"/info/\d+/\d+\.html?$")


def recognises(page: Page) -> bool:
    return any(_ARTICLE.search(address) for address, _ in page.anchors())


def entries(page: Page) -> Iterator[Entry]:
    seen = set()
    for entry in anchors.entries(page):
        if _ARTICLE.search(entry.address) and entry.address not in seen:
            seen.add(entry.address)
            yield entry


def more(page: Page) -> Iterator[str]:
    stem = re.escape(re.sub(r"(/\d+)?\.html?$", "", page.address))
    further = re.compile(stem + r"/\d+\.html?$")
    yield from dict.fromkeys(address for address, _ in page.anchors() if further.match(address))

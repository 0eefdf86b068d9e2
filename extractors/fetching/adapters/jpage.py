"""大汉 jcms: lists inside a script, `<datastore><record><![CDATA[<li>…]]></record>`, gone on with by `dataproxy.jsp`.

History
- 2026-11: written from the markup that this system is known to write; not yet tried on a live site. The links are not in the
  tree of the page. The script names the proxy, its parameters, totalrecord and perpage; one answer brings up to three pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from extractors.fetching.adapters.page import Entry, Page, report

NAME = "jcms jpage"
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
_TOTAL = re.compile(r"<totalrecord>(\d+)</totalrecord>|totalRecord\s*:\s*(\d+)", re.IGNORECASE)
_PROXY = re.compile(r"proxyUrl\s*:\s*['\"]([^'\"]+)['\"]")
_PARAMETERS = re.compile(r"(\w+)\s*:\s*['\"]?([\w%./-]+)['\"]?")
_PER_PAGE = re.compile(r"perPage\s*:\s*(\d+)", re.IGNORECASE)
_WANTED = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")
_AT_ONCE = 3


def recognises(page: Page) -> bool:
    return "<datastore>" in page.text


def entries(page: Page) -> Iterator[Entry]:
    for record in _RECORD.findall(page.text):
        inner = Page(page.address, f"<html><head><title>{page.title}</title></head><body>{record}</body></html>")
        for address, words in inner.anchors():
            if entry := report(inner, address, words):
                yield entry


def more(page: Page) -> Iterator[str]:
    """The rest of the list, from the first page only: the proxy's answers do not say where they came from."""
    proxy, total, per_page = _PROXY.search(page.text), _TOTAL.search(page.text), _PER_PAGE.search(page.text)
    if not proxy or not total or not per_page:
        return
    count, step = int(total.group(1) or total.group(2)), int(per_page.group(1)) * _AT_ONCE
    here = urljoin(page.address, proxy.group(1))
    given = {k: v[0] for k, v in parse_qs(urlsplit(here).query).items()}
    given |= {k: v for k, v in _PARAMETERS.findall(page.text) if k in _WANTED}
    had = len(_RECORD.findall(page.text))
    for start in range(had + 1, min(count, 2000) + 1, max(1, step)):
        query = {"startrecord": start, "endrecord": min(start + step - 1, count), "perpage": per_page.group(1), **given}
        yield f"{here.partition('?')[0]}?{urlencode(query)}"

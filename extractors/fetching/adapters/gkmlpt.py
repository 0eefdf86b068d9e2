"""广东省政府信息公开目录平台 (gkmlpt): the page holds no list; an interface answers it as JSON, page by page.

History
- 2026-11: written from the answers that this platform is known to give; not yet tried on a live site. The page carries
  `_CONFIG` with SITE_ID and COLUMN_ID; the interface is `/gkmlpt/api/all/<column>?page=N&sid=<site>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from extractors.fetching.adapters.page import Entry, Page, report

NAME = "gkmlpt"
_SITE = re.compile(r"SITE_ID\s*[:=]\s*['\"]?(\d+)")
_COLUMN = re.compile(r"COLUMN_ID\s*[:=]\s*['\"]?(\d+)")
_MAX_PAGES = 100


def recognises(page: Page) -> bool:
    return "/gkmlpt/" in urlsplit(page.address).path + "/" or "/gkmlpt/api/" in page.text


def entries(page: Page) -> Iterator[Entry]:
    for article in _answer(page).get("articles", []):
        title, address = str(article.get("title", "")), str(article.get("url") or article.get("post_url") or "")
        if address and (entry := report(page, urljoin(page.address, address), title)):
            yield entry


def more(page: Page) -> Iterator[str]:
    answer = _answer(page)
    if not answer:
        site, column = _SITE.search(page.text), _COLUMN.search(page.text)
        if site and column:
            query = urlencode({"page": 1, "sid": site.group(1)})
            yield urljoin(page.address, f"/gkmlpt/api/all/{column.group(1)}?{query}")
        return
    parts = urlsplit(page.address)
    given = {k: v[0] for k, v in parse_qs(parts.query).items()}
    here = int(given["page"]) if given.get("page", "").isdigit() else 1
    if answer.get("articles") and here < _MAX_PAGES:
        yield parts._replace(query=urlencode({**given, "page": here + 1})).geturl()


def _answer(page: Page) -> dict[str, Any]:
    if not page.text.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(page.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("articles"), list) else {}

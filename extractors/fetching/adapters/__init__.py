"""One small module for each content system whose lists of reports are read. Here only: which there are, in which order asked.

A module has NAME, `recognises(page)`, `entries(page)` and `more(page)`: whether a page is of its system, the reports that it lists,
the addresses of further pages of the list. Its docstring is its history, dated: what was known when, and from what.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from extractors.fetching.adapters import anchors, gkmlpt, jpage, trs, visual_sitebuilder, year_menu
from extractors.fetching.adapters.page import Entry, Page


class Adapter(Protocol):
    NAME: str

    def recognises(self, page: Page) -> bool: ...

    def entries(self, page: Page) -> Iterator[Entry]: ...

    def more(self, page: Page) -> Iterator[str]: ...


ADAPTERS: tuple[Adapter, ...] = (gkmlpt, jpage, year_menu, trs, visual_sitebuilder, anchors)
"""The first that recognises a page and finds something in it has it; `anchors` recognises every page."""

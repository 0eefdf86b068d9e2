"""What the page of a source brings (attachments, next pages): numbered in the order of the page, and named. Fetches nothing.

`SOURCE#N` names the thing in raw.attachments and in raw.outcomes. N is what the places of figures in it begin with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extractors.sources import Source

if TYPE_CHECKING:  # loading the definitions must not wait for the parsers
    from extractors.fetching.links import Links

ATTACHMENT, NEXT_PAGE = "attachment", "next_page"


@dataclass(frozen=True, slots=True)
class Thing:
    """An attachment or a next page. `source` has its name and address, and the priors of the source whose page brings it."""

    number: int
    kind: str
    source: Source


def things(source: Source, links: Links, of_page: Callable[[str], Links]) -> list[Thing]:
    """What the page of `source` brings, each address once; next pages bring more, as `of_page` says of their addresses.

    The order is that in which they are fetched.
    """
    found: dict[str, str] = {}
    waiting = deque([links])
    while waiting:
        here = waiting.popleft()
        for address in here.attachments:
            found.setdefault(address, ATTACHMENT)
        for address in here.next_pages:
            if address != source.location and address not in found:
                found[address] = NEXT_PAGE
                waiting.append(of_page(address))
    return [
        Thing(number, kind, replace(source, source_id=f"{source.source_id}#{number}", location=address))
        for number, (address, kind) in enumerate(found.items(), 1)
    ]


def owner(name: str, sources: Collection[str]) -> str:
    """The source whose page brings the thing of this name; the name itself where it is a source's."""
    return name if name in sources else name.rpartition("#")[0]

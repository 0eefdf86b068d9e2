"""HTML to tree with BeautifulSoup on html.parser, for pages whose markup lxml cannot bind. Equal Documents, fifty times slower.

html.parser closes nothing by itself, so the elements that HTML ends without an end tag (cells, rows, the head) are
ended here; what the tree means stands in markup.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString, PreformattedString

from extractors.documents import markup
from extractors.documents.limits import MAX_DEPTH, MAX_SOUP
from extractors.errors import Damaged, TooLarge
from extractors.model import Document

_ROWS = frozenset(("tr",))
_GROUPS = frozenset(("tbody", "thead", "tfoot", "caption"))
_HEAD = frozenset(("title", "meta", "link", "base", "script", "style", "noscript", "template"))

_DRAWN = "drawn as"  # no attribute of a page has such a name
_NO_MARKS = dict.fromkeys(range(markup.FIRST_MARK, markup.FIRST_MARK + 32), "\ufffd")


def from_text(text: str, encoding: str | None, media_type: str = "text/html") -> Document:
    """Document of HTML that is text already. Raises Damaged, EmptyDocument, TooLarge."""
    if len(text) > MAX_SOUP:
        raise TooLarge(f"a broken page of {len(text)} characters, more than {MAX_SOUP}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        try:
            soup = BeautifulSoup(markup.with_lines(text), "html.parser")
        except (AssertionError, ValueError) as error:  # ParserRejectedMarkup is a ValueError
            raise Damaged(f"BeautifulSoup cannot read the page: {error}") from error
    root = _tree(soup)
    head = root.find(".//head")
    said = markup.in_the_head(() if head is None else head.findall("meta"))
    return markup.document("".join(_marked(root)), root.findtext(".//title"), encoding, media_type, said)


def _marked(root: Element) -> Iterator[str]:
    """The tree as text with marks. With a stack: trees are deeper than Python recurses."""
    stack: list[Element | str] = [root]
    while stack:
        element = stack.pop()
        if isinstance(element, str):
            yield element
            continue
        if element is not root:
            stack.append(_text(element.tail))
        tag = element.get(_DRAWN, element.tag)
        if tag in markup.SKIPPED:
            continue
        before, behind = ("", "") if tag in markup.INLINE else markup.MARKS.get(tag, markup.OTHER)
        stack.append(behind)
        stack.extend(reversed(element))
        yield before
        if element.tag in markup.CELLS:
            yield from (
                f"{mark}{_text(element.get(name))}{markup.SPAN_END}"
                for name, mark in markup.SPANS.items()
                if name in element.attrib
            )
        yield _text(element.text)
        if tag == "input":
            yield markup.in_the_field(element.attrib)


def _text(text: str | None) -> str:
    return (text or "").translate(_NO_MARKS)


def _tree(soup: BeautifulSoup) -> Element:
    """The soup as plain elements, with the missing end tags put where HTML has them."""
    root = Element("html")
    open_elements = [root]
    moved: dict[Element, Element] = {}  # an element that ended early -> where what follows in it belongs
    stack: list[object] = [*reversed(soup.contents)]
    end = object()
    while stack:
        node = stack.pop()
        if node is end:
            open_elements.pop()
        elif isinstance(node, Tag):
            if len(open_elements) > MAX_DEPTH:
                raise TooLarge(f"elements nested deeper than {MAX_DEPTH}")
            parent = _parent(node.name, open_elements, moved)
            attributes = {k: v for k, v in node.attrs.items() if isinstance(v, str)}
            drawn = markup.drawn_as(node.name, attributes)
            is_in_cell = drawn and (node.name in markup.IN_TABLES or any(e.tag in markup.CELLS for e in open_elements))
            if drawn and is_in_cell and node.find("table") is None:
                attributes[_DRAWN] = drawn
            open_elements.append(SubElement(parent, node.name, attributes))
            stack += [end, *reversed(node.contents)]
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            parent = _now(open_elements[-1], moved)
            if len(parent):
                parent[-1].tail = (parent[-1].tail or "") + node
            else:
                parent.text = (parent.text or "") + node
    return root


def _parent(tag: str, open_elements: list[Element], moved: dict[Element, Element]) -> Element:
    """Where an element of this tag belongs, ending those before it that may not hold it."""
    if open_elements[-1].tag == "head" and tag not in _HEAD:
        return _end(open_elements, len(open_elements) - 1, moved)
    if tag in markup.CELLS:
        ends = markup.CELLS
    elif tag in _ROWS:
        ends = markup.CELLS | _ROWS
    elif tag in _GROUPS:
        ends = markup.CELLS | _ROWS | _GROUPS
    else:
        return _now(open_elements[-1], moved)
    first = None
    for index in range(len(open_elements) - 1, 0, -1):
        if open_elements[index].tag == "table":
            break
        if open_elements[index].tag in ends:
            first = index
    return _now(open_elements[-1], moved) if first is None else _end(open_elements, first, moved)


def _end(open_elements: list[Element], first: int, moved: dict[Element, Element]) -> Element:
    parent = _now(open_elements[first - 1], moved)
    for element in open_elements[first:]:
        moved[element] = parent
    return parent


def _now(element: Element, moved: dict[Element, Element]) -> Element:
    while element in moved:
        element = moved[element]
    return element

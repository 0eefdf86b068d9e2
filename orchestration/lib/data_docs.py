"""The Data Docs of Great Expectations as pages that need no other host, with the violated cases and their evidence. Asks nothing.

Great Expectations' own pages take styles and scripts from a dozen hosts and carry a tracking pixel: what it says of a suite
is kept, everything that would load something is taken out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
from lxml import html

from extractors.forms.catalogue import Identity

VERDICTS = ("holds", "holds_if_blank_is_zero", "violated", "undecidable")
HIDDEN = ("severity", "identity", "statement")
NUMBERS = ("lhs", "rhs", "difference")
_LOADING = ("script", "link", "img", "style", "iframe", "meta", "nav", "button", "form", "svg", "input")
_KEPT = ("id", "class", "colspan", "rowspan", "title")


@dataclass(frozen=True, slots=True)
class Rows:
    """Violated cases of one identity."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def records(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


@dataclass(frozen=True, slots=True)
class Entry:
    """One identity on the page of its family."""

    identity: Identity
    counts: dict[str, int]
    rows: Rows | None


def write(folder: Path, family: str, suite: str, entries: Sequence[Entry]) -> Path:
    """Write `<family>.html` below `folder`, and the index of all families that are there; return the page's path.

    `suite` is the page that Great Expectations made. Texts of documents are escaped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = [
        {
            "code": e.identity.code, "statement_en": e.identity.statement_en, "statement_zh": e.identity.statement_zh,
            "severity": e.identity.severity, "counts": e.counts,
        }
        for e in entries
    ]  # fmt: skip
    _replace(folder / f"{family}.json", json.dumps(said, ensure_ascii=False))
    page = folder / f"{family}.html"
    _replace(
        page,
        _render(
            "checks_family.html.j2", title=family, family=family, entries=entries, suite=offline(suite),
            verdicts=VERDICTS, hidden=HIDDEN, numbers=NUMBERS,
        ),
    )  # fmt: skip
    families = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"))}
    _replace(
        folder / "index.html", _render("checks_index.html.j2", title="Checks", families=families, verdicts=VERDICTS)
    )
    return page


def offline(page: str) -> str:
    """The content of a page without anything that is loaded, runs, or leads to another host."""
    tree = html.fromstring(page)
    body = tree.find("body") if tree.tag == "html" else tree
    if body is None:
        return ""
    for element in list(body.iter(*_LOADING)):
        element.drop_tree()
    for element in list(body.iter(html.etree.Comment)):
        element.drop_tree()
    for link in list(body.iter("a")):
        link.drop_tag()
    for element in body.iter():
        for name in list(element.attrib):
            if name not in _KEPT:
                del element.attrib[name]
    return "".join(html.tostring(child, encoding="unicode") for child in body)


def figure(value: Any) -> Any:
    """A figure as a person writes it, without the zeros of the storage type. Anything else as it is."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: object) -> str:
    """Null is said, not shown as zero."""
    return "none" if value is None else str(figure(value))


_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,  # texts of documents and catalogues are other people's
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["number"] = _number


def _render(template: str, **values: Any) -> str:
    return _PAGES.get_template(template).render(**values)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)

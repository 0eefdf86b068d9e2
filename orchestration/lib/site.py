"""The start page of the sites, from the tables: one file, no script, nothing fetched from elsewhere. Judges nothing."""

from __future__ import annotations

from pathlib import Path

import jinja2

from orchestration.lib import summary
from orchestration.lib.warehouse import Connection

PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,  # texts of documents and catalogues are other people's
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def number(value: object) -> str:
    """A figure as a person writes it, without the zeros of the storage type; null is said, not shown as zero."""
    text = "none" if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


PAGES.filters["number"] = number


def write(connection: Connection, site: Path) -> Path:
    """Write `index.html` below `site`, in one step; return its path."""
    page = site / "index.html"
    fresh = page.with_suffix(".new")
    site.mkdir(parents=True, exist_ok=True)
    html = PAGES.get_template("index.html.j2").render(found=summary.of(connection), verdicts=summary.VERDICTS)
    fresh.write_text(html, encoding="utf-8")
    fresh.replace(page)
    return page

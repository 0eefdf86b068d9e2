"""Realistic reports whose truth is known: seeded, deterministic, sharing nothing with the reader but the forms' labels.

`generate(seed)` makes one report, `iterate(count, seed)` many. Imports extractors.forms.catalogue and nothing else of extractors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.generator import quirks as _quirks
from tests.generator import sheets, truth
from tests.generator.layouts import html, pdf, text, word
from tests.generator.truth import FORMS, Expected, Key, ReportTruth

LAYOUTS: tuple[str, ...] = (*html.PAGES, "docx", "pdf", *text.PAGES)
QUIRKS = _quirks.QUIRKS

__all__ = ["FORMS", "LAYOUTS", "QUIRKS", "Expected", "Generated", "Key", "ReportTruth", "generate", "iterate"]


@dataclass(frozen=True, slots=True, repr=False)
class Generated:
    """A document and what a right reader finds in it.

    `quirks` are those that found something to change. `required` ≤ figures of facts and residue ≤ `allowed`, as
    multisets: what is printed in the statutory tables, once, and what a second copy of a table may add. `ruling` is how
    table two is ruled (`split`: a table of its own for each of its parts).
    """

    data: bytes
    name: str
    truth: ReportTruth
    layout: str
    quirks: tuple[str, ...]
    encoding: str
    ruling: str
    seed: int
    required: Counter[Decimal]
    allowed: Counter[Decimal]

    def __repr__(self) -> str:
        """The call that makes it again."""
        return f"generate({self.seed}, form={self.truth.form!r}, layout={self.layout!r}, quirks={list(self.quirks)!r})"


def generate(
    seed: int, *, form: str | None = None, layout: str | None = None, quirks: Sequence[str] | None = None
) -> Generated:
    """One report. What is not given is drawn from the seed; a quirk that the layout cannot show is left out.

    Raises KeyError for a form, layout or quirk that does not exist.
    """
    rng = Random(f"{seed} what")
    drawn_form, drawn_layout = rng.choice(tuple(FORMS)), rng.choice(LAYOUTS)
    form, layout = form or drawn_form, layout or drawn_layout
    if form not in FORMS or layout not in LAYOUTS:
        raise KeyError(f"no form {form!r} or no layout {layout!r}")
    wanted = _quirks.choose(rng, layout) if quirks is None else tuple(quirks)
    if unknown := [q for q in wanted if q not in QUIRKS]:
        raise KeyError(f"no quirk {unknown[0]!r}")
    # A stream of chance for each step: leaving one quirk out changes nothing else, so that a failure can be made small.
    report = truth.make(Random(f"{seed} {form}"), form)
    rng = Random(f"{seed} {layout}")
    ruling = _ruling(rng, layout)
    draft = sheets.draft(rng, report, spans=ruling, full_width=rng.random() < 0.7)
    applied = [
        q for q in QUIRKS if q in wanted and QUIRKS[q].fits(layout) and QUIRKS[q].change(Random(f"{seed} {q}"), draft)
    ]
    data, suffix, encoding = _render(rng, layout, draft)
    draft.count(copies=2 if layout == "html_twice" else 1)
    name = f"{report.agency}{report.year}-{seed}.{suffix}"
    return Generated(data, name, report, layout, tuple(applied), encoding, ruling, seed, draft.required, draft.allowed)


def iterate(count: int, seed: int = 0) -> Iterator[Generated]:
    """`count` reports of all forms, layouts and quirks; report n of one seed is the same whatever the count."""
    for number in range(count):
        yield generate(seed * 1_000_003 + number)


def _ruling(rng: Random, layout: str) -> str:
    """How table two is ruled: flattened text has no spans of figures."""
    return (
        rng.choice(("even", "even", "split", "plain", "uneven")) if layout in (*html.PAGES, "docx", "pdf") else "plain"
    )


def _render(rng: Random, layout: str, draft: sheets.Draft) -> tuple[bytes, str, str]:
    if layout in html.PAGES:
        encoding = rng.choice(html.ENCODINGS)
        return html.encode(html.PAGES[layout](rng, draft), encoding), "html", encoding
    if layout in text.PAGES:
        encoding = rng.choice(text.ENCODINGS)
        return text.PAGES[layout](rng, draft).encode(encoding), "md" if layout == "md_pipes" else "txt", encoding
    if layout == "docx":
        return word.docx(rng, draft), "docx", ""
    return pdf.pdf(rng, draft), "pdf", ""

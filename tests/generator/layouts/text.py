"""Reports flattened to text, five ways: Markdown pipes, tabs by grid, tabs by cell, spaces, a cell a line. No quirk of content."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.generator.sheets import Box, Draft, Paragraph, Sheet

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")


def pipes(rng: Random, draft: Draft) -> str:
    """Markdown: a row a line on the grid, the rule after the first row; merged cells leave empty ones behind."""

    def table(sheet: Sheet) -> str:
        rows = [f"| {' | '.join(_flat(b) for b in row)} |" for row in sheet.grid()]
        return "\n".join([rows[0], "|" + " --- |" * sheet.width, *rows[1:]])

    return _joined(
        draft,
        table,
        lambda p: f"# {p.text}" if p.role == "title" else f"## {p.text}" if p.role == "heading" else p.text,
    )


def tabs(rng: Random, draft: Draft) -> str:
    """Pasted from a spreadsheet: a row a line on the grid, tabs between."""
    return _joined(draft, lambda s: "\n".join("\t".join(_flat(b) for b in row) for row in s.grid()))


def tabs_by_cell(rng: Random, draft: Draft) -> str:
    """Copied from a browser: tabs between the cells of a row; positions under merged cells are not there."""
    return _joined(draft, lambda s: "\n".join("\t".join(_flat(b) for b in row) for row in s.rows))


def spaces(rng: Random, draft: Draft) -> str:
    """Extracted text: a row a line, one space between cells, nothing where a cell is empty.

    A row with an empty cell does not say which of its columns is empty: the truth of its cells becomes `ambiguous`.
    """
    for sheet in draft.sheets():
        if not sheet.copy:
            for row in sheet.rows:
                _settle(draft, [b for b in row if b.role == "value" and b.key])
    return _joined(
        draft,
        lambda s: "\n".join(" ".join(x for b in row if (x := _flat(b))) for row in s.rows if any(b.text for b in row)),
    )


def _settle(draft: Draft, values: list[Box]) -> None:
    if all(b.text for b in values):
        return
    for box in values:
        assert box.key
        expected = draft.truth.expected[box.key]
        expected.lost("ambiguous", "blank", "absent", *expected.missing)


def cells(rng: Random, draft: Draft) -> str:
    """A cell a line, each ending in ` |`; empty cells are lines of their own."""
    return _joined(draft, lambda s: "\n".join(f"{_flat(b)} |".strip() for b in s.boxes()))


def _flat(box: Box | None) -> str:
    return box.text.replace("\n", " ") if box else ""


def _joined(
    draft: Draft, table: Callable[[Sheet], str], paragraph: Callable[[Paragraph], str] = lambda p: p.text
) -> str:
    return "\n\n".join(paragraph(b) if isinstance(b, Paragraph) else table(b) for b in draft.blocks) + "\n"


PAGES: dict[str, Callable[[Random, Draft], str]] = {
    "md_pipes": pipes, "text_tabs": tabs, "text_tabs_by_cell": tabs_by_cell, "text_spaces": spaces, "text_cells": cells,
}  # fmt: skip

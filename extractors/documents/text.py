"""Plain text, flattened tables and Markdown to Document. Tells rows from sentences by shape alone; knows no form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from extractors.documents.encoding import decode
from extractors.documents.limits import MAX_CELLS, MAX_LINES, MAX_TEXT
from extractors.errors import EmptyDocument, TooLarge
from extractors.model import Block, Cell, Document, Grid, Prose

_SENTENCE = re.compile(r"[。;；!！]|(?<!\d)[?？]")
_NUMBER = r"[增减減+\-−－]?\d[\d,，]*(?:\.\d+)?(?:万元|萬元|元)?[?？]?"
_ENDS_IN_NUMBER = re.compile(rf"(?:^|\s)(?:{_NUMBER}|[/／—－-])\s*$")
_ITEM = re.compile(r"((?:^|\s)\d{1,2}[.、．﹒])\s+(?=[^\d\s])")
_RULE = re.compile(r"^[\s|:：+=\-–—]+$")
_LONGEST_ROW = 120

Line = tuple[int, str]


def read(data: bytes) -> Document:
    """Document of a text file. Raises Undecodable, EmptyDocument, TooLarge."""
    if len(data) > MAX_TEXT:
        raise TooLarge(f"a text of {len(data)} bytes, more than {MAX_TEXT}")
    text, encoding = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise TooLarge(f"{len(lines)} lines")
    blocks = list(_blocks([(n, line) for n, line in enumerate(lines, 1)]))
    if not blocks:
        raise EmptyDocument("no line holds text")
    return Document("text/plain", tuple(blocks), encoding)


def reflow(document: Document) -> Document:
    """The same document with its paragraphs read as lines of text: tables that a page draws without table markup."""
    prose = document.prose
    blocks = list(_blocks(list(enumerate((p.text for p in prose), 1))))
    grids = len(document.grids)
    kept: list[Block] = list(document.blocks)
    for block in blocks:
        if isinstance(block, Grid):
            first, last = block.cells[0].line, block.cells[-1].line
            where = f"{prose[first - 1].where} to {prose[last - 1].where}" if first and last else block.where
            cells = tuple(c._replace(line=None) for c in block.cells)
            kept.append(Grid(grids + block.number, where, cells, block.aligned))
    return replace(document, blocks=tuple(kept))


def _shape(line: str) -> str:
    """`blank`, `tabs`, `pipes`, `sentence` or `short` (a heading, a header, or a row of running text)."""
    if not line.strip():
        return "blank"
    if "\t" in line.lstrip() and (line.count("\t") > 1 or _ENDS_IN_NUMBER.search(line) or not _SENTENCE.search(line)):
        return "tabs"
    if line.rstrip().endswith("|") or line.count("|") > 1:
        return "pipes"
    if _SENTENCE.search(line) or len(line.strip()) > _LONGEST_ROW:
        return "sentence"
    return "short"


def _blocks(lines: list[Line]) -> Iterator[Block]:
    shaped: list[tuple[str, Line]] = []
    last = "sentence"
    for line in lines:
        shape = _shape(line[1])
        # A blank line does not end a table: page breaks leave them inside.
        last = last if shape == "blank" else shape
        shaped.append((last, line))
    number = 0
    for shape, group in groupby(shaped, key=lambda s: s[0]):
        run = [line for _, line in group if line[1].strip()]
        if not run:
            continue
        where = f"lines {run[0][0]}-{run[-1][0]}"
        cells: list[Cell] = []
        if shape == "tabs":
            cells = _split(run, "\t")
        elif shape == "pipes":
            cells = _pipes(run)
        elif shape == "short" and any(_ENDS_IN_NUMBER.search(t) for _, t in run):
            cells = [Cell(y, x, token, line=n) for y, (n, t) in enumerate(run) for x, token in enumerate(_tokens(t))]
        if len(cells) > MAX_CELLS:
            raise TooLarge(f"a table of more than {MAX_CELLS} cells")
        if cells:
            number += 1
            yield Grid(number, where, tuple(cells), aligned=_is_aligned(run, shape))
        if not cells or shape == "short":
            # Headings and captions among the rows are prose as well: they name agency, year and section.
            for n, t in run:
                if not (cells and _ENDS_IN_NUMBER.search(t)):
                    yield Prose(t.strip(), f"line {n}")


def _tokens(line: str) -> list[str]:
    """Words and figures of a line; the number of an item stays with the words that follow it."""
    return _ITEM.sub(r"\1", line).split()


def _is_aligned(run: list[Line], shape: str) -> bool:
    """Whether the columns of a run mean anything. Tabs copied from a browser leave out the places under merged cells."""
    if shape != "tabs":
        return _is_rows(run, shape)
    return len({t.count("\t") for _, t in run}) == 1 or any(t.startswith("\t") for _, t in run)


def _is_rows(run: list[Line], shape: str) -> bool:
    """Whether a run of lines with pipes holds a row a line (Markdown) rather than a cell a line."""
    return shape == "pipes" and sum(t.strip().strip("|").count("|") > 0 for _, t in run) * 2 > len(run)


def _split(run: list[Line], separator: str) -> list[Cell]:
    return [
        Cell(y, x, t.strip(), line=n) for y, (n, line) in enumerate(run) for x, t in enumerate(line.split(separator))
    ]


def _pipes(run: list[Line]) -> list[Cell]:
    if _is_rows(run, "pipes"):
        rows = [(n, t.strip().removeprefix("|").removesuffix("|")) for n, t in run if not _RULE.match(t)]
        return _split(rows, "|")
    return [Cell(y, 0, t.strip().removesuffix("|").strip(), line=n) for y, (n, t) in enumerate(run)]

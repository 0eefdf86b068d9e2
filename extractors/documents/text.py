"""Plain text, flattened tables and Markdown to Document. Tells rows from sentences by shape alone; knows no form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from extractors import units
from extractors.documents.encoding import decode
from extractors.documents.limits import MAX_CELLS, MAX_LINES, MAX_TEXT
from extractors.errors import EmptyDocument, TooLarge
from extractors.model import Block, Cell, Document, Grid, Prose

_SENTENCE = re.compile(r"[。;；!！]|(?<!\d)[?？]")
_NUMBER = r"[增减減+\-−－]?\d[\d,，]*(?:[.．]\d+)?(?:万元|萬元|元)?[?？]?"
_SAID = re.compile(
    rf"(?P<label>.*[^\d\s.．,，:：])\s*(?:[:：]\s*(?P<figure>{_NUMBER}\s*(?:{units.ANY})?)\s*[;；。,，]?"
    rf"|(?P<counted>\d[\d,，]*(?:[.．]\d+)?\s*(?:{units.ANY}))\s*[;；,，]?)\s*"
)
_ENDS_IN_NUMBER = re.compile(rf"(?:^|\s)(?:{_NUMBER}|[/／—－-])\s*$")
_BAR_BEFORE_NUMBER = re.compile(rf"\|\s*{_NUMBER}\s*$")
_ITEM = re.compile(r"((?:^|\s)\d{1,2}[.、．﹒])\s+(?=[^\d\s])")
_RULE = re.compile(r"^[\s|:：+=\-–—]+$")
PAGE_NUMBER = re.compile(r"[-—–－]\s*\d{1,3}\s*[-—–－]|第\s*\d{1,3}\s*页(?:[,，/]?\s*共\s*\d{1,3}\s*页)?")
_BARS = str.maketrans("｜│┃¦", "||||")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_MARKDOWN_HEADING = re.compile(r"^ {0,3}#{1,6}\s+")
_PIECE = re.compile(r"\s*[\u4e00-\u9fff]{1,4}\s*")
_FIGURE = re.compile(r"\d")
_HARD_SPACES = re.compile("[\xa0\u3000]+")  # tabs part those of several cells
_FEWEST_IN_A_ROW = 3  # blank cells
_LONGEST_ROW = 120
_NARROWEST, _WIDEST = 40, 160  # half-width characters of the longest line of a text that is wrapped
_FULL, _SEVERAL = 0.65, 3  # of the longest line's width, where a sentence goes on below; such lines
_ENDED = re.compile(r"[。;；:：!！?？…]\s*$")
_GAP = re.compile(r"\t|[ \u3000\xa0]{2}")
_BEGINS = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．﹒]")

Line = tuple[int, str]


def read(data: bytes) -> Document:
    """Document of a text file. Raises Undecodable, EmptyDocument, TooLarge."""
    if len(data) > MAX_TEXT:
        raise TooLarge(f"a text of {len(data)} bytes, more than {MAX_TEXT}")
    text, encoding = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise TooLarge(f"{len(lines)} lines")
    blocks = list(_blocks(_unwrapped([(n, _plain(line)) for n, line in enumerate(lines, 1)])))
    if not blocks:
        raise EmptyDocument("no line holds text")
    return Document("text/plain", tuple(blocks), encoding)


def _unwrapped(lines: list[Line]) -> list[Line]:
    """Lines with those put together that a text of one width breaks a sentence into, under the number of the first.

    A text is of one width where several lines reach it and their sentence goes on.
    """
    widths = [_width(line.rstrip()) if _is_running(line) else 0 for _, line in lines]
    widest = max(widths)
    full = [width >= _FULL * widest for width in widths]
    is_open = [whole and not _ENDED.search(line) for whole, (_, line) in zip(full, lines, strict=True)]
    if not _NARROWEST <= widest <= _WIDEST or sum(is_open) < max(_SEVERAL, sum(map(bool, widths)) / 4):
        return lines
    out: list[Line] = []
    for i, (number, line) in enumerate(lines):
        if i and is_open[i - 1] and line.strip() and not line[0].isspace() and not _BEGINS.match(line):
            first, said = out[-1]
            out[-1] = first, said.rstrip() + line
        else:
            out.append((number, line))
    return out


def _is_running(line: str) -> bool:
    """Whether a line may be one of a paragraph, not a row of a table."""
    return "|" not in line and not _GAP.search(line.strip()) and not _ENDS_IN_NUMBER.search(line)


def _width(text: str) -> int:
    """In half-width characters."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _plain(line: str) -> str:
    """A line without the marks of Markdown, with one kind of bar between cells."""
    if "**" in line or "__" in line:
        line = _EMPHASIS.sub(r"\2", line)
    return _MARKDOWN_HEADING.sub("", line.translate(_BARS))


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


def _said(line: str) -> re.Match[str] | None:
    """Label and figure of a line that holds nothing else; of one as long as a row may be, for the pattern looks back."""
    line = line.strip()
    return _SAID.fullmatch(line) if len(line) <= _LONGEST_ROW else None


def _shape(line: str) -> str:
    """`blank`, `tabs`, `pipes`, `sentence` or `short` (a heading, a header, or a row of running text)."""
    if not line.strip():
        return "blank"
    if "\t" in line.lstrip() and (line.count("\t") > 1 or _ENDS_IN_NUMBER.search(line) or not _SENTENCE.search(line)):
        return "tabs"
    if line.rstrip().endswith("|") or line.count("|") > 1 or _BAR_BEFORE_NUMBER.search(line):
        return "pipes"
    said = _said(line)
    if _SENTENCE.search(said["label"] if said else line) or len(line.strip()) > _LONGEST_ROW:
        return "sentence"
    return "short"


def _shapes(lines: list[str]) -> list[str]:
    """The shape of each line. One bar, or a tab before a figure, makes a row of cells only beside other such rows."""
    shapes = [_shape(line) for line in lines]
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        beside = ""
        for i in order:
            if beside == "pipes" and shapes[i] == "short" and "|" in lines[i]:
                shapes[i] = "pipes"
            elif beside == "tabs" and shapes[i] == "short" and "\t" in lines[i] and _ENDS_IN_NUMBER.search(lines[i]):
                shapes[i] = "tabs"
            beside = beside if shapes[i] == "blank" else shapes[i]
    return _without_torn(lines, shapes)


def _without_torn(lines: list[str], shapes: list[str]) -> list[str]:
    """Rows between tabs, the labels of which are torn over lines, are words in a row: a line is no row of theirs."""
    out = shapes[:]
    heads = [shape == "tabs" and not _FIGURE.search(line) for line, shape in zip(lines, shapes, strict=True)]
    pieces = [
        shape == "short" and _PIECE.fullmatch(line) is not None for line, shape in zip(lines, shapes, strict=True)
    ]
    found = groupby(range(len(lines)), key=lambda i: pieces[i] or shapes[i] in ("tabs", "blank"))
    for rows in (list(group) for is_table, group in found if is_table):
        if sum(pieces[i] and (heads[max(i - 1, 0)] or any(heads[i + 1 : i + 2])) for i in rows) > 1:
            out[rows[0] : rows[-1] + 1] = ["short" if shapes[i] == "tabs" else shapes[i] for i in rows]
    return out


def _is_page_number(lines: list[Line], at: int) -> bool:
    """`- 3 -` between blank lines: no row of a table, which it looks like, and no end of one."""
    if not PAGE_NUMBER.fullmatch(lines[at][1].strip()):
        return False
    return all(not text.strip() for _, text in (*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2]))


def _blocks(lines: list[Line]) -> Iterator[Block]:
    shaped: list[tuple[str, Line]] = []
    last = "sentence"
    lines = [(n, "" if _is_page_number(lines, i) else text) for i, (n, text) in enumerate(lines)]
    for line, shape in zip(lines, _shapes([text for _, text in lines]), strict=True):
        # A blank line does not end a table: page breaks leave them inside.
        last = last if shape == "blank" else shape
        shaped.append((last, line))
    number = 0
    for shape, group in groupby(shaped, key=lambda s: s[0]):
        every = [line for _, line in group]
        run = [line for line in every if line[1].strip()]
        if not run:
            continue
        where = f"lines {run[0][0]}-{run[-1][0]}"
        cells: list[Cell] = []
        if shape == "tabs":
            cells = _split(run, "\t")
        elif shape == "pipes":
            cells = _pipes(run)
        elif shape == "short" and any(_ENDS_IN_NUMBER.search(t) or _said(t) for _, t in run):
            cells = [
                Cell(y, x, token, line=n)
                for y, (n, t) in enumerate(_with_blank_cells(every))
                for x, token in enumerate(_tokens(t) or _HARD_SPACES.findall(t))
            ]
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


def _is_cell(text: str) -> bool:
    return not text or _ENDS_IN_NUMBER.fullmatch(text) is not None


def _with_blank_cells(lines: list[Line]) -> list[Line]:
    """Lines with text, and among figures those that hold nothing but a hard space: blank cells are copied so."""
    out: list[Line] = []
    lines = [line for line in lines if line[1].strip() or _HARD_SPACES.search(line[1])]
    for are_cells, group in groupby(lines, key=lambda line: _is_cell(line[1].strip())):
        found = list(group)
        blank = sum(not t.strip() for _, t in found)
        is_row = are_cells and (blank < len(found) or blank >= _FEWEST_IN_A_ROW)  # else they only part lines of words
        out += found if is_row else [line for line in found if line[1].strip()]
    return out


def _tokens(line: str) -> list[str]:
    """Words and figures of a line; the number of an item stays with the words that follow it. `收到申请数：12件` is two."""
    said = _said(line)
    words = _ITEM.sub(r"\1", said["label"] if said else line).split()
    return [*words, said["figure"] or said["counted"]] if said else words


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

"""The records that pass between the steps of reading: frozen, plain, comparable. No parsing and no rules here."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

Missing = Literal["blank", "dash", "slash", "none_word", "absent", "illegible", "ambiguous"]
"""Why a cell of the form has no value. None of these is zero."""

Verdict = Literal["holds", "holds_if_blank_is_zero", "violated", "undecidable"]


class Cell(NamedTuple):
    """One cell of a grid. `row` and `column` count from 0; `text` is verbatim.

    A tuple, because a page has hundreds: they are made and hashed twice as fast as frozen dataclasses.
    """

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    line: int | None = None
    """Line of the source text, from 1, where the format has lines."""
    confidence: float | None = None
    """From 0 to 1, where the text was recognised in a picture; None where the document holds it as text."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as the document lays it out.

    `aligned` says whether columns mean anything: true for ruled tables, HTML and tabs; false for running text,
    where only the order within a row is known.
    """

    number: int
    where: str
    cells: tuple[Cell, ...]
    aligned: bool = True

    def address(self, cell: Cell) -> str:
        """Place of a cell in words a person can follow, e.g. `page 3, table 1, row 2, column 4`."""
        if cell.line is not None:
            return f"{self.where.rpartition('lines ')[0]}line {cell.line}, item {cell.column + 1}"
        return f"{self.where}, row {cell.row + 1}, column {cell.column + 1}"


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, verbatim, with its place in the document."""

    text: str
    where: str


Block = Prose | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text: paragraphs and grids in reading order. Knows no form; no text has become a number."""

    media_type: str
    blocks: tuple[Block, ...]
    encoding: str | None = None
    title: str | None = None
    unread: tuple[str, ...] = ()
    """What of the file could not be read, in words: a reading of the rest is not one of the whole."""
    article: str | None = None
    """Title of the article by the metadata of a page, without the site's name."""
    published: str | None = None
    """When it was published, by the same."""
    site: str | None = None
    """Code of the site (网站标识码), by the same."""

    @property
    def grids(self) -> tuple[Grid, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Grid))

    @property
    def prose(self) -> tuple[Prose, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Prose))


@dataclass(slots=True)
class Fact:
    """One cell of a statutory table (or one quantity of the prose) with what the report says there.

    `value` is None exactly when `missing` says why. `unit` is the unit as printed, else the form's.
    `grid`, `row`, `column_no` lead to the cell (None for prose and for cells that the document does not have).
    Never changed once made; not frozen, because making a frozen one takes three times as long, and a page has hundreds.
    """

    form: str
    table: str
    line: str
    column: str
    value: Decimal | None
    missing: Missing | None
    raw: str
    unit: str
    where: str
    grid: int | None = None
    row: int | None = None
    column_no: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) != (self.missing is not None):
            raise ValueError(f"value and missing contradict each other: {self}")


@dataclass(frozen=True, slots=True)
class Residue:
    """A number of a statutory table that found no place, with the reason. Never thrown away, never guessed."""

    table: str
    text: str
    where: str
    reason: str
    grid: int | None = None
    row: int | None = None
    column_no: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the prose by the hash of its text, with its letters and digits, and its place."""

    key: str
    characters: int
    where: str


@dataclass(frozen=True, slots=True)
class RecognisedTable:
    """A statutory table found in the document: which form, by which words, and how many equal copies there were."""

    form: str
    table: str
    evidence: str
    where: str
    copies: int = 1
    figures: int = 0
    """Numeric tokens in its grids, counted apart from the binding. Each is a fact, residue, or one of `repeated`."""
    repeated: int = 0
    """Figures of equal copies: the facts already say them."""


@dataclass(frozen=True, slots=True)
class Identification:
    """What the text says about itself. None where it does not say. `*_cue` quotes the words that decided."""

    agency_name: str | None = None
    report_year: int | None = None
    scope: str | None = None
    scope_cue: str = ""
    title: str | None = None
    published_on: str | None = None
    period_start: str | None = None
    period_end: str | None = None
    index_number: str | None = None
    site_code: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one document. Blind to the identities."""

    document: Document
    identification: Identification
    tables: tuple[RecognisedTable, ...] = ()
    facts: tuple[Fact, ...] = ()
    residue: tuple[Residue, ...] = ()
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """One identity over one member of one report. `difference` = lhs - rhs; None where undecidable."""

    identity: str
    form: str
    table: str
    over: str
    lhs: Decimal | None
    rhs: Decimal | None
    difference: Decimal | None
    verdict: Verdict

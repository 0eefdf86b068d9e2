"""A report in several files: a page, its next pages and its attachments, bytes in, one Reading out. Fetches nothing.

The pages of an article are one document before anything is recognised in them. An attachment that holds the report, or its
tables, is read beside the page: places in it begin with `attachment N`. Equal copies of a table count once, unequal ones are
reported, as everywhere (read.py). The prose is read from one document, the page if it states figures: two formats of one text
break its paragraphs differently, and nothing may count twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extractors.documents import sniff, together
from extractors.documents.opening import open_document
from extractors.errors import BlankForm, DocumentError, EmptyDocument, NotAReport, OtherReport
from extractors.forms.catalogue import Catalogue, default
from extractors.model import Document, Identification, Reading
from extractors.reading import prose
from extractors.reading.identify import identify
from extractors.reading.read import of_document, read

Kind = Literal["next_page", "attachment"]
_SILENT = (NotAReport, BlankForm, EmptyDocument)  # what a page that only links to its report ends as


@dataclass(frozen=True, slots=True)
class Part:
    """What the page of a report brings: a next page, or an attachment (a picture of a page is one).

    `number` names it in the places of what is read from it. `data` is None where it could not be had, and `fault` says why.
    """

    number: int
    kind: Kind
    data: bytes | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """Exactly one of `reading` and `error` is set. `refused` says why a part that was had is no part of the reading."""

    reading: Reading | None
    error: DocumentError | None
    refused: dict[int, DocumentError]


@dataclass(frozen=True, slots=True)
class _Attached:
    numbers: tuple[int, ...]
    document: Document
    reading: Reading


def read_with(data: bytes, parts: Sequence[Part] = (), *, catalogue: Catalogue | None = None) -> Whole:
    """Read the page `data` with what it brings, parts in the order of their numbers.

    Raises nothing of the documents: what could not be read is in the result. A next page that is missing is a warning of the
    reading: what it holds was not read.
    """
    forms = catalogue or default()
    if not parts:
        try:
            return Whole(read(data, catalogue=forms), None, {})
        except DocumentError as failed:
            return Whole(None, failed, {})
    refused: dict[int, DocumentError] = {}
    page, own, error = _page(data, [p for p in parts if p.kind == "next_page"], refused, forms)
    wanted = _wanted(page, own)
    attached = list(_reports(parts, refused, forms))
    kept = [a for a in attached if _agrees(wanted, a.reading.identification)]
    strangers = [a for a in attached if a not in kept]
    if wanted is None and not _one_report(kept):
        strangers, kept = kept, []
    for stranger in strangers:
        said = stranger.reading.identification
        what = f"a report of {said.agency_name or 'an agency not named'}, {said.report_year or 'year not named'}"
        refused.update((number, OtherReport(what)) for number in stranger.numbers)
    if not kept:
        return _alone(own, error, parts, refused)
    try:
        return Whole(of_document(_together(page, own, kept), forms), None, refused)
    except DocumentError as failed:
        return Whole(None, failed, refused)


def _page(
    data: bytes, following: Sequence[Part], refused: dict[int, DocumentError], forms: Catalogue
) -> tuple[Document | None, Reading | None, DocumentError | None]:
    """The article with its pages joined, and what reading it alone gives."""
    pages: list[tuple[int, Document]] = []
    lost: list[str] = []
    broken: DocumentError | None = None
    try:
        pages.append((1, open_document(data)))
    except DocumentError as error:
        broken = error
    for count, part in enumerate(following, 2):
        fault = part.fault
        if part.data is not None:
            try:
                pages.append((count, open_document(part.data)))
                continue
            except DocumentError as error:
                refused[part.number] = error
                fault = str(error)
        lost.append(f"web page {count} was not read: {fault}")
    if not pages:
        return None, None, broken
    document = together.with_unread(together.of_pages(pages), lost)
    try:
        return document, of_document(document, forms), None
    except DocumentError as error:
        return document, None, broken or error


def _reports(parts: Iterable[Part], refused: dict[int, DocumentError], forms: Catalogue) -> Iterator[_Attached]:
    """The attachments that are reports, or tables of one, by themselves. Pictures are the pages of one scan."""
    opened: list[tuple[tuple[int, ...], Document]] = []
    scans: list[tuple[int, Document]] = []
    for part in parts:
        if part.kind != "attachment" or part.data is None:
            continue
        try:
            is_scan = sniff.media_type(part.data) == sniff.IMAGE
            document = together.labelled(open_document(part.data), f"attachment {part.number}")
        except DocumentError as error:
            refused[part.number] = error
            continue
        if is_scan:
            scans.append((part.number, document))
        else:
            opened.append(((part.number,), document))
    if scans:
        (_, first), *others = scans
        pages = together.combined(first, [(document, False) for _, document in others])
        opened.append((tuple(number for number, _ in scans), pages))
    for numbers, document in opened:
        try:
            yield _Attached(numbers, document, of_document(document, forms))
        except DocumentError as error:
            refused.update((number, error) for number in numbers)


def _wanted(page: Document | None, own: Reading | None) -> Identification | None:
    """What the page says whose report it is: by its own figures or by a title; None where it has neither."""
    said = own.identification if own is not None else identify(page) if page is not None else None
    return said if own is not None or (said is not None and said.title) else None


def _agrees(wanted: Identification | None, found: Identification) -> bool:
    """Whether two documents may speak of the same report: neither names another year, nor their titles another agency."""
    if wanted is None:
        return True
    if wanted.report_year and found.report_year and wanted.report_year != found.report_year:
        return False
    ours, theirs = _named(wanted), _named(found)
    return not ours or not theirs or ours in theirs or theirs in ours


def _named(said: Identification) -> str:
    """The agency if the title names it, without the office that speaks for a government; a name elsewhere may be the site's."""
    name = (said.agency_name or "").removesuffix("办公室").removesuffix("办公厅")
    return name if name.removesuffix("人民政府") in (said.title or "") else ""


def _one_report(attached: Sequence[_Attached]) -> bool:
    return all(_agrees(attached[0].reading.identification, a.reading.identification) for a in attached[1:])


def _together(page: Document | None, own: Reading | None, attached: Sequence[_Attached]) -> Document:
    """One document of the page and its attachments, with the prose of the first that states figures in it."""
    told = own is not None and _tells(own)
    others: list[tuple[Document, bool]] = []
    for one in attached:
        others.append((one.document, told))
        told = told or _tells(one.reading)
    if page is not None:
        return together.combined(page, others)
    (first, _), *rest = others
    return together.combined(first, rest)


def _tells(reading: Reading) -> bool:
    return any(f.form == prose.FORM for f in reading.facts)


def _alone(
    own: Reading | None, error: DocumentError | None, parts: Sequence[Part], refused: dict[int, DocumentError]
) -> Whole:
    """What the page says without an attachment: its figures, or why there are none, which an attachment may know better."""
    attachments = [p for p in parts if p.kind == "attachment"]
    failed = {p.number: e for p in attachments if (e := refused.get(p.number)) and not isinstance(e, _SILENT)}
    missing = [f"attachment {p.number} was not had: {p.fault}" for p in attachments if p.data is None]
    unread = [f"attachment {number} was not read: {e}" for number, e in failed.items()] + missing
    if own is not None and (any(f.value is not None for f in own.facts) or not unread):
        has_tables = any(t.form != prose.FORM for t in own.tables)
        warnings = own.warnings if has_tables else (*own.warnings, *unread)
        return Whole(replace(own, warnings=warnings), None, refused)
    error = error or NotAReport("a title, but no figure in the page")
    if isinstance(error, _SILENT) and failed:
        number, found = next(iter(failed.items()))
        return Whole(None, type(found)(f"attachment {number}: {found.detail}"), refused)
    return Whole(None, type(error)("; ".join([error.detail, *missing])) if missing else error, refused)

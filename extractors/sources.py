"""The catalogue of sources: reads and checks the CSV that names what to collect. Fetches nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from extractors.errors import CatalogueError

COLUMNS = ("source_id", "agency_name", "agency_kind", "region_code", "scope", "report_year", "location")
SCOPES = ("organ", "office", "level", "territory", "system", "headquarters")
FIRST_YEAR, LAST_YEAR = 2008, 2100


@dataclass(frozen=True, slots=True)
class Source:
    """One row of the catalogue. Everything but `source_id` and `location` is a prior: compared with the text, never
    trusted over it; empty where the catalogue does not say."""

    source_id: str
    agency_name: str
    agency_kind: str
    region_code: str
    scope: str
    report_year: int | None
    location: str
    line: int


def load(path: Path) -> tuple[Source, ...]:
    """Read a catalogue.

    Raises CatalogueError naming file and line: file missing, not UTF-8, a column missing, an empty or duplicate
    source_id, one that names an attachment of another, an empty location, a year or region code that is none, an unknown scope, or no row at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CatalogueError(f"{path}: no such catalogue") from None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise CatalogueError(f"{path}: not a UTF-8 CSV file ({error})") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        return _checked(path, reader)
    except csv.Error as error:
        # `reader.line_num` is that of the last good row
        raise CatalogueError(f"{path}:{reader.reader.line_num}: {error}") from error


def _checked(path: Path, reader: csv.DictReader[str]) -> tuple[Source, ...]:
    lacking = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
    if lacking:
        raise CatalogueError(f"{path}:1: column missing: {', '.join(lacking)} (expected {','.join(COLUMNS)})")
    sources: list[Source] = []
    taken: dict[str, int] = {}
    for row in reader:
        at = f"{path}:{reader.line_num}"
        if None in row or None in row.values():
            raise CatalogueError(f"{at}: number of cells differs from the header")
        cell = {k: v.strip() for k, v in row.items()}
        key = cell["source_id"]
        if not key:
            raise CatalogueError(f"{at}: source_id is empty")
        if key in taken:
            raise CatalogueError(f"{at}: duplicate source_id {key!r} (first on line {taken[key]})")
        taken[key] = reader.line_num
        if not cell["location"]:
            raise CatalogueError(f"{at}: location is empty")
        if cell["scope"] and cell["scope"] not in SCOPES:
            raise CatalogueError(f"{at}: unknown scope {cell['scope']!r} (expected one of {', '.join(SCOPES)})")
        if cell["region_code"] and not (cell["region_code"].isascii() and cell["region_code"].isdigit()
                                        and len(cell["region_code"]) in (6, 9, 12)):  # fmt: skip
            raise CatalogueError(f"{at}: region_code must be 6, 9 or 12 digits, found {cell['region_code']!r}")
        sources.append(
            Source(
                key, cell["agency_name"], cell["agency_kind"], cell["region_code"], cell["scope"],
                _year(at, cell["report_year"]), cell["location"], reader.line_num,
            )
        )  # fmt: skip
    for key, line in taken.items():
        owner, _, number = key.rpartition("#")
        if number.isdigit() and owner in taken:  # so the outcomes name what the page of a source brings
            raise CatalogueError(f"{path}:{line}: source_id {key!r} is kept for what the page of {owner!r} brings")
    if not sources:
        raise CatalogueError(f"{path}: no source in the catalogue")
    return tuple(sources)


def _year(at: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise CatalogueError(f"{at}: bad report_year {text!r} (expected {FIRST_YEAR} or later, or empty)")
    return int(text)

"""XLSX and XLS to Document: a grid a sheet, merged ranges as spans. Hidden sheets are not read; no formula is computed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TypedDict, cast

from extractors.documents import container, limits
from extractors.documents.sniff import XLSX
from extractors.errors import Damaged, DocumentError, EmptyDocument, Encrypted, TooLarge
from extractors.model import Block, Cell, Document, Grid, Prose

_NO_VALUE = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_CHILD = Path(__file__).with_name("sheet_child.py")
_ERRORS: dict[str, type[DocumentError]] = {"too_large": TooLarge, "encrypted": Encrypted, "damaged": Damaged}


class _Sheet(TypedDict):
    name: str
    rows: list[list[str]]
    merged: list[tuple[int, int, int, int]]  # first row, first column, last row, last column


def read(data: bytes, media_type: str) -> Document:
    """Document of a spreadsheet. Raises Damaged, Encrypted, EmptyDocument, TooLarge."""
    if media_type == XLSX:
        container.check(data)
    blocks: list[Block] = []
    for number, sheet in enumerate(_opened(data), 1):
        where = f"sheet {sheet['name']}"
        cells = _cells(sheet)
        filled: dict[int, list[Cell]] = {}
        for cell in cells:
            if cell.text.strip():
                filled.setdefault(cell.row, []).append(cell)
        if any(len(row) > 1 for row in filled.values()):
            blocks.append(Grid(number, where, cells))
        # Titles, headings and notes stand alone in their row: they name agency, year and section.
        blocks.extend(Prose(row[0].text, f"{where}, row {y + 1}") for y, row in filled.items() if len(row) == 1)
    if not blocks:
        raise EmptyDocument("a spreadsheet without text")
    return Document(media_type, tuple(blocks), unread=_uncalculated(data) if media_type == XLSX else ())


def _uncalculated(data: bytes) -> tuple[str, ...]:
    """Sheets with formulas whose value is not in the file (a program wrote it, no Excel opened it): those cells read as blank."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        counts = {
            part: len(_NO_VALUE.findall(archive.read(part)))
            for part in archive.namelist()
            if part.startswith("xl/worksheets/") and part.endswith(".xml")
        }
    return tuple(f"{part}: {n} formulas without a value; their cells read as blank" for part, n in counts.items() if n)


def _opened(data: bytes) -> list[_Sheet]:
    """The sheets, from a child process that may die of what it reads."""
    bounds = [str(n) for n in (limits.SHEET_SECONDS, limits.SHEET_MEMORY, limits.MAX_CELLS)]
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD), *bounds],
            input=data, capture_output=True, timeout=2 * limits.SHEET_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise TooLarge(f"a spreadsheet that takes more than {error.timeout:.0f} seconds to open") from error
    if done.returncode:
        if b"No module named" in done.stderr:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Damaged(f"calamine gave up on it ({done.returncode}): {said[-1] if said else 'no word'}")
    found = json.loads(done.stdout)
    if "error" in found:
        raise _ERRORS[found["error"]](found["detail"])
    return cast(list[_Sheet], found["sheets"])


def _cells(sheet: _Sheet) -> tuple[Cell, ...]:
    rows = sheet["rows"]
    width = max(len(row) for row in rows)
    first: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    slots = 0
    for top, left, bottom, right in sheet["merged"]:
        bottom, right = min(bottom, len(rows) - 1), min(right, width - 1)
        if top < 0 or left < 0 or top > bottom or left > right:
            continue  # a merged range that lies outside the cells in use holds no text
        slots += (bottom - top + 1) * (right - left + 1)
        if slots > limits.MAX_SLOTS:
            raise TooLarge(f"merged ranges over more than {limits.MAX_SLOTS} positions")
        first[top, left] = (bottom - top + 1, right - left + 1)
        covered.update((y, x) for y in range(top, bottom + 1) for x in range(left, right + 1) if (y, x) != (top, left))
    return tuple(
        Cell(y, x, text.strip(), *first.get((y, x), (1, 1)))
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
        if (y, x) not in covered
    )

"""Rows of a CSV of ours, each with its file and line, refused where a column or a cell is missing. Knows no meaning of a column."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from extractors.errors import OgiError


def read(
    path: Path, required: Sequence[str], error: type[OgiError], encoding: str = "utf-8"
) -> Iterator[tuple[str, dict[str, str]]]:
    """(file:line, row) for each row of a CSV that must have the columns `required`. Raises `error`, naming the place."""
    with path.open(encoding=encoding, newline="") as handle:
        reader = csv.DictReader(handle)
        lacking = [c for c in required if c not in (reader.fieldnames or ())]
        if lacking:
            raise error(f"{path}:1: column missing: {', '.join(lacking)}")
        for row in reader:
            at = f"{path}:{reader.line_num}"
            if None in row or None in row.values():
                raise error(f"{at}: number of cells differs from the header")
            yield at, row

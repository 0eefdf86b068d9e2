"""Writes DOCX with python-docx, the same bytes for the same content. Knows no report."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
from docx.document import Document

from tests.samples_builder.layout import Rows, placed

WHEN = datetime(2020, 1, 1)


def table(document: Document, rows: Rows) -> None:
    """Append a table with its merged cells (gridSpan and vMerge in the file)."""
    cells = placed(rows)
    width = max(c + box.columns for _, c, box in cells)
    made = document.add_table(len(rows), width, style="Table Grid")
    for r, c, box in cells:
        cell = made.cell(r, c)
        if box.rows > 1 or box.columns > 1:
            cell = cell.merge(made.cell(r + box.rows - 1, c + box.columns - 1))
        cell.text = box.text


def new() -> Document:
    """An empty document without the dates and names that the template brings."""
    document = docx.Document()
    core = document.core_properties
    core.author = core.last_modified_by = "ogi-warehouse"
    core.comments = core.title = ""
    core.created = core.modified = WHEN
    core.revision = 1
    return document


def to_bytes(document: Document) -> bytes:
    """The file, its members in order and dated alike. Another zlib may pack them otherwise: compare with `members`."""
    buffer = io.BytesIO()
    document.save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            info.create_system = 3
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return out.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """Name -> content of every member: what must be equal in two builds of a document."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}

"""A draft as DOCX: the three parts that a Word file needs, written directly (a hundred times faster than through a model)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from random import Random
from xml.sax.saxutils import escape

from tests.generator.sheets import Box, Draft, Paragraph, Sheet

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def docx(rng: Random, draft: Draft) -> bytes:
    """A Word file; the same draft gives the same bytes."""
    body = "".join(
        _paragraph(rng, b.text) if isinstance(b, Paragraph) else "".join(_table(rng, b)) for b in draft.blocks
    )
    document = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{_W}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _paragraph(rng: Random, text: str) -> str:
    """One paragraph, its text over one or two runs, line breaks inside kept."""
    at = rng.randrange(len(text)) if len(text) > 1 and rng.random() < 0.3 else 0
    runs = "".join(
        f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>'.replace(
            "\n", '</w:t><w:br/><w:t xml:space="preserve">'
        )
        for part in (text[:at], text[at:])
        if part
    )
    return f"<w:p>{runs}</w:p>"


def _table(rng: Random, sheet: Sheet) -> Iterator[str]:
    yield "<w:tbl><w:tblPr/><w:tblGrid>" + "<w:gridCol/>" * sheet.width + "</w:tblGrid>"
    cover: dict[tuple[int, int], Box] = {}
    for y, x, box in sheet.placed():
        for i in range(box.down):
            cover[y + i, x] = box
    for y in range(len(sheet.rows)):
        yield "<w:tr>"
        for x in sorted(column for row, column in cover if row == y):
            box = cover[y, x]
            first = cover.get((y - 1, x)) is not box
            span = f'<w:gridSpan w:val="{box.across}"/>' if box.across > 1 else ""
            merge = ('<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>") if box.down > 1 else ""
            yield f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{_paragraph(rng, box.text) if first else '<w:p/>'}</w:tc>"
        yield "</w:tr>"
    yield "</w:tbl>"

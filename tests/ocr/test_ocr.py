"""Scans and pictures: with the extra, every cell with its confidence; without it, a refusal that names it."""

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extractors.documents import ocr
from extractors.documents.opening import open_document
from extractors.errors import Damaged, NoText, TooLarge

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
ROWS = [["指标名称", "单位", "数量"], ["收到申请数", "件", "12"], ["申请办结数", "件", "9"], ["结转下年", "件", ""]]
needs_extra = pytest.mark.skipif(not ocr.is_installed(), reason=f"the extra is not installed: {ocr.EXTRA}")


def picture() -> Image.Image:
    """A page with a heading and a ruled table, as a scanner gives it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(420, 260), invariant=1)
    canvas.setFont("STSong-Light", 14)
    canvas.drawString(60, 225, "政府信息公开年度报告")
    for y, row in enumerate(ROWS):
        for x, text in enumerate(row):
            canvas.rect(40 + 110 * x, 170 - 40 * y, 110, 40)
            canvas.drawString(50 + 110 * x, 185 - 40 * y, text)
    canvas.save()
    page = pdfium.PdfDocument(out.getvalue())[0]
    return page.render(scale=ocr.DPI / 72).to_pil().convert("RGB")


def saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, resolution=ocr.DPI)
    return out.getvalue()


@needs_extra
@pytest.mark.parametrize("kind", ["PDF", "PNG"])
def test_every_recognised_cell_carries_its_confidence(kind: str) -> None:
    document = open_document(saved(picture(), kind))
    assert [p.text for p in document.prose] == ["政府信息公开年度报告"]
    (grid,) = document.grids
    texts: dict[int, list[str]] = {}
    for cell in grid.cells:
        texts.setdefault(cell.row, []).append(cell.text)
        assert (cell.confidence is None) == (cell.text == "")
        assert cell.confidence is None or 0.5 < cell.confidence <= 1
    assert list(texts.values()) == ROWS


@needs_extra
def test_ink_that_is_no_text_is_illegible_and_not_blank() -> None:
    image = picture()
    scale = ocr.DPI / 72
    image.paste("black", tuple(int(v * scale) for v in (300, 190, 305, 215)))  # type: ignore[arg-type]
    cell = next(c for c in open_document(saved(image, "PNG")).grids[0].cells if (c.row, c.column) == (3, 2))
    assert cell.text != ""
    assert cell.confidence is not None


@pytest.mark.parametrize("kind", ["PDF", "PNG"])
def test_without_the_extra_a_scan_is_refused_and_the_extra_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(NoText, match=r"ogi-warehouse\[ocr\]"):
        open_document(saved(picture(), kind))


def test_without_the_extra_a_report_with_a_scanned_page_says_what_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawString(50, 700, "text")
    canvas.showPage()
    canvas.drawInlineImage(picture(), 50, 50, 400, 250)
    canvas.save()
    document = open_document(out.getvalue())
    assert [p.text for p in document.prose] == ["text"]
    assert [u.partition(":")[0] for u in document.unread] == ["page 2"]


def test_a_picture_cut_off_or_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    with pytest.raises(Damaged):
        open_document(saved(picture(), "PNG")[:3000])
    with pytest.raises(TooLarge):
        open_document(saved(Image.new("1", (30_000, 30_000)), "PNG"))
    with pytest.raises(TooLarge):
        open_document(saved(Image.new("1", (8_000, 8_000)), "PNG"))

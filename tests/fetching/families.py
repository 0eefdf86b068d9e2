"""Reports in several files, made from the bundled samples: paged articles, pages that only link to the report, copies. No test here."""

from __future__ import annotations

import copy
import io
from typing import Any

import lxml.html
import openpyxl
from PIL import Image

from extractors import samples
from extractors.documents.opening import open_document
from tests.fetching.badweb import HTML, BadWeb, answer

TITLE = "2020年内江市政府信息公开工作年度报告"
FILE = "Content-Type: application/octet-stream"
PDF = (samples.FOLDER / "huaian-2024.pdf").read_bytes()
WORD = (samples.FOLDER / "deyang-2018.docx").read_bytes()
BLANK = (samples.FOLDER / "blank-form-2021.docx").read_bytes()
MENU = "<ul><li>网站首页</li><li>政务公开</li></ul><table><tr><td>索引号</td><td>5110000003/2021-1</td></tr></table>"
FOOT = "<p>打印本页 关闭窗口</p><p>浏览次数：{}</p>"


def article() -> Any:
    """The sample of Neijiang once (its page holds it twice): the element that holds the report."""
    page = lxml.html.fromstring((samples.FOLDER / "neijiang-2020.html").read_bytes())
    return page.xpath("//div[@class='screen']")[0]


def page(body: str, title: str = TITLE, visits: int = 1) -> bytes:
    """A page of a site: its menu, the box of the index number, its foot and what is between them."""
    head = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{MENU}<h1>{title}</h1>"
    return f"{head}{body}{FOOT.format(visits)}</body></html>".encode()


def whole(*links: str) -> bytes:
    """The report on one page, with links."""
    return page(_inside(article()) + _links(links))


def linking(*links: str, title: str = TITLE) -> bytes:
    """A page that says nothing but a title, and links to files."""
    return page(_links(links), title)


def paged(*, repeat_header: bool = False, open_cells: bool = False, pager: str = "") -> list[bytes]:
    """The report on three pages; the first cut goes through table three, the second stands before table four.

    `open_cells`: the page turn leaves the cells of several rows as they were, so that the rows behind it are shorter.
    """
    report = article()
    children = list(report)
    three = next(c for c in children if c.tag == "table" and "予以公开" in c.text_content())
    four = next(c for c in children if c.tag == "table" and "行政复议" in c.text_content())
    head, tail = (copy.deepcopy(three) for _ in range(2))
    rows = three.xpath(".//tr")
    cut = next(i for i, row in enumerate(rows) if "重复申请" in row.text_content())
    _keep(head, 0, cut)
    _keep(tail, cut, len(rows))
    if not open_cells:  # as an editor cuts: the rows behind the cut say again what they belong to
        first = tail.xpath(".//tr")[0]
        for place, label in enumerate(_covering(rows, cut)):
            cell = lxml.html.fragment_fromstring(f"<td rowspan='{label[1]}'>{label[0]}</td>")
            first.insert(place, cell)
    if repeat_header:
        body = tail.xpath(".//tr")[0].getparent()
        for place, row in enumerate(rows[:3]):
            body.insert(place, copy.deepcopy(row))
    at, end = children.index(three), children.index(four)
    last = max(i for i, c in enumerate(children[:end]) if c.tag != "table")  # the heading of table four goes with it
    parts = [[*children[:at], head], [tail, *children[at + 1 : last]], children[last:]]
    return [
        page("".join(lxml.html.tostring(c, encoding="unicode") for c in part) + pager, visits=7 * n)
        for n, part in enumerate(parts, 1)
    ]


def workbook(data: bytes, changed: dict[str, int] | None = None) -> bytes:
    """The tables of a document as sheets, with its merged cells. `changed`: other figures for the cells with these texts."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in open_document(data).grids:
        sheet = book.create_sheet()
        for cell in grid.cells:
            text = cell.text
            value = (changed or {}).get(text, int(text) if text.isdigit() else text)
            sheet.cell(cell.row + 1, cell.column + 1, value)
            if cell.row_span > 1 or cell.column_span > 1:
                sheet.merge_cells(
                    start_row=cell.row + 1, start_column=cell.column + 1, end_row=cell.row + cell.row_span,
                    end_column=cell.column + cell.column_span,
                )  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def serve(web: BadWeb) -> None:
    """Pages under /x/, each of another kind, and their files."""
    report = whole()
    files = {
        "huaian.pdf": PDF, "deyang.docx": WORD, "equal.xlsx": workbook(report),
        "unequal.xlsx": workbook(report, {"225": 226}), "blank.docx": BLANK, "torn.pdf": b"%PDF-1.4 torn",
        "W1.png": _empty_picture(800), "W2.png": _empty_picture(801),
    }  # fmt: skip
    pages = {
        "linked": linking("huaian.pdf", title="2024年淮安市政府信息公开工作年度报告"),
        "linked-docx": linking("deyang.docx", title="2018年德阳市政府信息公开工作年度报告"),
        "linked-xlsx": linking("equal.xlsx"),
        "notice": whole("blank.docx", "huaian.pdf"),
        "fails": whole("nowhere.pdf", "/error.doc"),
        "copies": whole("equal.xlsx"),
        "unequal": whole("unequal.xlsx"),
        "lost": linking("nowhere.pdf"),
        "torn": linking("torn.pdf"),
        "scan": page('<p><img src="W1.png" width="800"><img src="W2.png"></p><img src="/images/logo.png">'),
    }
    pager = '<script>createPageHTML(3, 0, "paged", "html");</script>'
    for number, part in enumerate(paged(pager=pager)):
        pages[f"paged_{number}" if number else "paged"] = part
    for name, data in pages.items():
        web.pages[f"/x/{name}.html"] = answer("200 OK", data, HTML)
    for name, data in files.items():
        web.pages[f"/x/{name}"] = answer("200 OK", data, FILE)
    web.pages["/error.doc"] = answer("200 OK", b"<html>error</html>", HTML)


def _empty_picture(width: int) -> bytes:
    """A picture of a page on which nothing stands: with recognition or without, it gives no text."""
    out = io.BytesIO()
    Image.new("RGB", (width, 1100), "white").save(out, "PNG")
    return out.getvalue()


def _inside(element: Any) -> str:
    return "".join(lxml.html.tostring(child, encoding="unicode") for child in element)


def _links(links: tuple[str, ...]) -> str:
    return "".join(f'<p><a href="{link}">附件</a></p>' for link in links)


def _keep(table: Any, start: int, end: int) -> None:
    for number, row in enumerate(table.xpath(".//tr")):
        if not start <= number < end:
            row.getparent().remove(row)


def _covering(rows: list[Any], cut: int) -> list[tuple[str, int]]:
    """(text, rows left) of the cells above row `cut` that reach into it, from the left."""
    found = []
    for number, row in enumerate(rows[:cut]):
        for cell in row.xpath("./td"):
            left = number + int(cell.get("rowspan") or 1) - cut
            if left > 0:
                found.append((cell.text_content(), left))
    return found

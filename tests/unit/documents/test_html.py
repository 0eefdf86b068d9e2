"""HTML: what a page gives, and that lxml and BeautifulSoup give the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.documents import html, markup, soup
from extractors.documents.encoding import decode
from extractors.errors import Damaged, EmptyDocument, Undecodable
from extractors.model import Document, Grid
from tests.unit.documents.pages import PAGES, PLAIN

ROOT = Path(__file__).parents[3]
FILES = sorted(
    p for folder in ("extractors/samples", "../shared/reports", "tests") for p in (ROOT / folder).rglob("*.html")
)


def of(page: str) -> Document:
    return html.from_text(PAGES[page], None)


def rows(grid: Grid) -> list[list[str]]:
    out: dict[int, list[str]] = {}
    for cell in grid.cells:
        out.setdefault(cell.row, []).append(cell.text)
    return list(out.values())


def prose(document: Document) -> list[str]:
    return [p.text for p in document.prose]


@pytest.mark.parametrize("name", PAGES)
def test_both_parsers_give_equal_documents(name: str) -> None:
    assert html.from_text(PAGES[name], None) == soup.from_text(PAGES[name], None)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT.parent)))
def test_both_parsers_give_equal_documents_of_files(path: Path) -> None:
    text, encoding = decode(path.read_bytes())
    assert _outcome(html.from_text, text, encoding) == _outcome(soup.from_text, text, encoding)


def _outcome(read: Callable[[str, str | None], Document], text: str, encoding: str) -> Document | str:
    """A Document, or the reason of the refusal: a page that only scripts fill is empty for both."""
    try:
        return read(text, encoding)
    except EmptyDocument as error:
        return str(error)


@pytest.mark.parametrize("name", [n for n in PAGES if n not in ("a page within a page", "entities")])
def test_lxml_binds_all_but_glued_pages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soup, "from_text", lambda *_: pytest.fail("fell back to BeautifulSoup"))
    of(name)


def test_a_page_within_a_page_falls_back_and_loses_nothing() -> None:
    document = of("a page within a page")
    assert prose(document) == ["一、概述"]
    assert rows(document.grids[0])[0] == ["收到申请数", "件", "12"]


def test_layout_tables_are_walked_through() -> None:
    assert of("layout tables around").grids == of("plain").grids
    assert prose(of("three layout tables deep")) == ["左", "右"]
    assert of("three layout tables deep").grids == of("plain").grids


def test_a_table_of_one_cell_is_the_text_of_its_cell() -> None:
    assert rows(of("table of one cell in a cell").grids[0]) == [["收到申请数", "12"], ["申请办结数", "3"]]


def test_missing_end_tags_leave_the_grid_as_it_was() -> None:
    assert of("end tags of cells and rows missing").grids == of("plain").grids
    assert rows(of("end tags of groups missing").grids[0]) == [["指标", "数"], ["收到申请数", "12"]]
    assert rows(of("row tags missing").grids[0]) == [["收到申请数", "12"]]


@pytest.mark.parametrize("name", ["end tag of a table missing", "end tag of a table in a cell missing"])
def test_a_table_ends_where_the_next_begins_outside_its_cells(name: str) -> None:
    document = of(name)
    assert [[cells[0] for cells in rows(grid)] for grid in document.grids] == [["收到申请数", "申请办结数"]] * 2


def test_text_outside_the_cells_is_kept_as_prose() -> None:
    assert prose(of("text in a table but in no cell")) == ["单位：件", "注", "尾"]
    assert prose(of("caption")) == ["表三"]
    assert prose(of("text after the table")) == ["共1件"]


def test_cells_are_verbatim() -> None:
    assert rows(of("blank cells of Word").grids[0]) == [["\xa0", "", "0"]]
    assert rows(of("label split over spans").grids[0]) == [["收到申 请数", "12"]]
    assert rows(of("label split over paragraphs").grids[0]) == [["收到\n申请数", "12"]]
    assert rows(of("line breaks in a cell").grids[0]) == [["自\n然\n人", "12"]]
    assert rows(of("comments").grids[0]) == [["收到申请数", "12"]]
    assert rows(of("script in a cell").grids[0]) == [["收到申请数", "12"]]


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("colspan of zero, of words, below zero", [(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 1, 2)]),
        ("colspan of millions", [(0, 1, 1000), (0, 1, 1), (1, 1, 1)]),
        ("rowspan past the end", [(0, 2, 1), (1, 1, 1), (1, 1, 1)]),
        ("rowspan to the end", [(0, 3, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)]),
    ],
)
def test_spans_are_those_of_browsers(name: str, spans: list[tuple[int, int, int]]) -> None:
    assert [(c.column, c.row_span, c.column_span) for c in of(name).grids[0].cells] == spans


def test_tables_that_are_none() -> None:
    assert of("empty table").grids == ()
    assert of("table of one column").grids == ()
    assert prose(of("table of one column")) == ["一、概述", "二、公开"]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PLAIN.encode("gb18030"), "gb18030"),
        (f"<meta charset=utf-8>{PLAIN}".encode("gb18030"), "gb18030"),
        (f"<meta charset=gb2312>{PLAIN}".encode(), "utf-8"),
        (f'<meta http-equiv=x content="text/html; charset=gb2312">{PLAIN}'.encode("gbk"), "gb18030"),
        (f"<meta charset=nonsense>{PLAIN}".encode("gb18030"), "gb18030"),
        (PLAIN.encode("utf-8-sig"), "utf-8-sig"),
        (PLAIN.encode("utf-16"), "utf-16"),
        ("\ufeff".encode("utf-16-be") + PLAIN.encode("utf-16-be"), "utf-16"),
    ],
    ids=["GBK undeclared", "GBK declared UTF-8", "UTF-8 declared GB2312", "GBK declared", "unknown charset", "BOM", "UTF-16", "UTF-16BE"],
)  # fmt: skip
def test_the_encoding_is_found_by_evidence(data: bytes, encoding: str) -> None:
    document = html.read(data)
    assert document.encoding == encoding
    assert document.blocks == of("plain").blocks


def test_what_is_no_page() -> None:
    with pytest.raises(Undecodable):
        html.read(b"<p>\xff\xfe\xfd\xfc\x80</p>" * 9)
    with pytest.raises((EmptyDocument, Damaged)):
        html.read(b"<html><head><title>x</title></head></html>")


def test_a_character_cut_in_the_summary_costs_only_itself() -> None:
    summary = "年度报告".encode("gb18030")[:-1]
    page = b'<meta name=description content="' + summary + b'"><title>x</title>' + PLAIN.encode("gb18030")
    document = html.read(page)
    assert document.grids == of("plain").grids
    assert document.encoding == "gb18030, 1 sequences unreadable"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_that_ends_inside_a_character_is_refused(encoding: str) -> None:
    with pytest.raises(Undecodable):
        html.read(PLAIN.removesuffix("</p>").encode(encoding)[:-1])


def test_two_encodings_in_one_page_are_refused() -> None:
    with pytest.raises(Undecodable):
        html.read(PLAIN.encode("gb18030") + PLAIN.encode() + "五六七八".encode("gb18030") * 9)


def test_text_that_holds_our_own_marks_is_not_taken_for_structure() -> None:
    marked = f"<p>甲{markup.TABLE}{markup.CELL}乙{markup.TABLE_END}</p><table><tr><td>收到</td><td>7&#xFDD2;8</td></tr></table>"
    document = html.from_text(marked, None)
    assert prose(document) == ["甲��乙�"]
    assert rows(document.grids[0]) == [["收到", "7�8"]]
    assert document == soup.from_text(marked, None)


@pytest.mark.parametrize(
    ("page", "unread"),
    [
        ("<html><body><p>甲</p></body></html>", ()),
        ("<html><body><p>甲</p>", (html.CUT_OFF,)),
        ("<p>甲</p>", ()),
        ("<table><tr><td>收到</td><td>7</td></tr></table>", ()),
        ("<table><tr><td>收到</td><td>7</td></tr>", (html.CUT_OFF,)),
        ("<HTML><p>甲</p></HTML>", ()),
    ],
)
def test_a_page_that_is_cut_off_says_so(page: str, unread: tuple[str, ...]) -> None:
    assert html.read(page.encode()).unread == unread


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("12<sup>1</sup>", "12[1]"), ("12<sub>1</sub>", "12[1]"), ("<s>13</s>12", "12"), ("<del>13</del><ins>12</ins>", "12"), ("<strike>9</strike>0", "0"),
        ('1<span style="Display: NONE">9</span>2', "12"), ('<font style="display:none">13</font>12', "12"),
        ('<span style="display:inline">1</span>2', "12"), ('<span hidden>1</span>5', "5"),
        ('<span style="visibility: hidden">1</span>5', "5"), ('<u style="text-decoration:line-through">3</u>5', "5"), ('<p style="display:none">1</p>2', "1\n2"),
        ('5<span style="vertical-align: super">1</span>', "5[1]"), ('5<i style="font-size:0">1</i>', "5"), ('<b style="font-size:0.9em">5</b>', "5"),
        ('5<b style="VERTICAL-ALIGN:SUPER;color:red">1</b>2', "5[1]2"),
    ],
)  # fmt: skip
def test_what_is_struck_out_or_hidden_in_a_cell_is_not_said(cell: str, text: str) -> None:
    page = f"<html><body><table><tr><td>数量</td><td>{cell}</td></tr></table></body></html>"
    assert [c.text for c in html.from_text(page, None).grids[0].cells] == ["数量", text]
    assert html.from_text(page, None) == soup.from_text(page, None)


@pytest.mark.parametrize("end", ["</tr>", ""])
def test_a_hidden_row_is_not_said(end: str) -> None:
    page = f"<table><tr><td>a<td>1{end}<tr style='height:0;display:none'><td>b<td>2{end}<tr><td>c<td>3{end}</table>"
    assert rows(html.from_text(page, None).grids[0]) == [["a", "1"], ["c", "3"]]
    assert not end or html.from_text(page, None) == soup.from_text(page, None)


@pytest.mark.parametrize("hidden", ["style='display: none;'", "hidden"])
def test_a_hidden_cell_leaves_no_place(hidden: str) -> None:
    covered = f"<td {hidden}></td>"
    page = f"<table><tr><td rowspan=2>a</td><td colspan=2>b</td>{covered}</tr><tr>{covered}<td>1</td><td>2</td></tr></table>"
    (grid,) = html.from_text(page, None).grids
    assert [(c.column, c.text) for c in grid.cells] == [(0, "a"), (1, "b"), (1, "1"), (2, "2")]
    assert html.from_text(page, None) == soup.from_text(page, None)


def test_a_hidden_element_with_a_table_in_it_is_kept() -> None:
    page = "<table><tr><td><span style='display:none'><table><tr><td>a</td><td>1</td></tr></table></span></td></tr></table>"
    assert rows(html.from_text(page, None).grids[0]) == [["a", "1"]]


def test_preformatted_text_keeps_its_lines() -> None:
    page = "<html><body><pre class=a>一、收到申请数\t件\t3\n<b\nid=x>二、办结数</b>\t件\t2</pre><p>三\n四</p></body></html>"
    document = html.from_text(page, None)
    assert prose(document) == ["一、收到申请数 件 3", "二、办结数 件 2", "三 四"]
    assert document == soup.from_text(page, None)


def test_a_figure_in_a_field_is_what_its_cell_says() -> None:
    fields = [
        "value=12",
        "type=text value='-3.5'",
        "type=hidden value=9",
        "value=请输入",
        "type=number value=0 readonly",
        "type=text",
        "value=1,234",
        "value='１２'",
        "type=TEXT value=5",
        "type=HIDDEN value=9",
        "type=tel value=' 6'",
    ]
    page = f"<table><tr><td>收到</td>{''.join(f'<td><input {field}></td>' for field in fields)}</tr></table>"
    document = html.from_text(f"<html><body>{page}</body></html>", None)
    assert rows(document.grids[0]) == [["收到", "12", "-3.5", "", "", "0", "", "1,234", "１２", "5", "", "6"]]
    assert document == soup.from_text(f"<html><body>{page}</body></html>", None)

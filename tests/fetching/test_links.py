"""What a page brings: by the ways in which sites link attachments, scans and next pages; never off the site, never too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.fetching.links import NONE, Links, clean, linked, moved_to, same_site, site

AT = "http://zwgk.example.gov.cn/nb/202101/t20210129_1.html"
BASE = "http://zwgk.example.gov.cn/nb/202101/"


def attachments(body: str, at: str = AT) -> list[str]:
    return [a.removeprefix(BASE) for a in linked(at, f"<html><body>{body}</body></html>".encode()).attachments]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<a href="./P0202.pdf">附件</a>', ["P0202.pdf"]),
        ('<a href="a.PDF#page=2">x</a><a href="a.PDF">x</a>', ["a.PDF"]),
        ('<a href="年报.docx">x</a>', ["%E5%B9%B4%E6%8A%A5.docx"]),
        ('<a href="%E5%B9%B4%E6%8A%A5.docx">x</a>', ["%E5%B9%B4%E6%8A%A5.docx"]),
        ('<a href=" a.xls ">x</a>', ["a.xls"]),
        ('<a href="a\\b.doc">x</a>', ["a/b.doc"]),
        ('<iframe src="view.html"></iframe><iframe src="a.pdf"></iframe>', ["a.pdf"]),
        ('<embed src="b.pdf"><object data="c.ofd"></object>', ["b.pdf", "c.ofd"]),
        ('<iframe src="/pdf/web/viewer.html?file=/nb/202101/z.pdf"></iframe>', ["z.pdf"]),
        ('<a href="download.jsp?file=a.docx">x</a>', ["download.jsp?file=a.docx"]),
        ('<a href="download.jsp?id=7">2020年报.docx</a>', ["download.jsp?id=7"]),
        ('<a href="http://files.example.gov.cn/a.pdf">x</a>', ["http://files.example.gov.cn/a.pdf"]),
        ('<a href="http://www.other.gov.cn/a.pdf">x</a>', []),
        ('<a href="http://10.0.0.1/a.pdf">x</a><a href="file:///a.pdf">x</a><a href="ftp://zwgk.example.gov.cn/a.pdf">x</a>', []),
        ('<a href="http://u:p@zwgk.example.gov.cn/a.pdf">x</a><a href="http://[/a.pdf">x</a>', []),
        ('<a href="javascript:open(\'a.pdf\')">x</a>', []),
        ('<a href="page.html">x</a>', []),
        ('<base href="http://zwgk.example.gov.cn/b/"><a href="a.pdf">x</a>', ["http://zwgk.example.gov.cn/b/a.pdf"]),
        ('<p>2020</p><img src="W01.jpg"><img src="W02.png" width="800">', ["W01.jpg", "W02.png"]),
        ('<img src="/images/logo.png"><img src="a.jpg" width=20><a href="/"><img src="ad.jpg"></a><img src="ewm.png"><img src="data:x.png">', []),
        ("<p>" + "公开" * 500 + '</p><img src="W01.jpg">', []),
        ('<img src="W01.jpg"><a href="a.pdf">x</a>', ["a.pdf"]),
    ],
)  # fmt: skip
def test_attachments(body, found):
    assert attachments(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<script>createPageHTML(3, 0, "t20210129_1", "html");</script>', ["t20210129_1_1.html", "t20210129_1_2.html"]),
        ('<script>createPageHTML(1, 0, "t20210129_1", "html");</script>', []),
        ("<script>createPageHTML('page_div',2, 1,'t20210129_1','shtml',30);</script>", ["t20210129_1_1.shtml"]),
        ('<a href="t20210129_1_1.html">下一页</a>', ["t20210129_1_1.html"]),
        ('<a href="p2.html">[下一页]</a><a href="p2.html">下一页 &gt;&gt;</a>', ["p2.html"]),
        ('<a href="other.html">下一篇:别的报告</a><a href="x.html">看下一页的说明</a>', []),
        ('<a href="http://www.other.gov.cn/2.html">下一页</a>', []),
        (f'<a href="{AT}">下一页</a><a href="#">下一页</a>', []),
        (
            '<a href="t20210129_1.html">1</a><a href="t20210129_1_1.html">2</a><a href="t20210129_1_2.html">[3]</a>',
            ["t20210129_1_1.html", "t20210129_1_2.html"],
        ),
        (
            '<span>1</span><a href="t20210129_2.html">2</a><a href="t20210129_3.html">第3页</a> 共3页',
            ["t20210129_2.html", "t20210129_3.html"],
        ),
        (
            '<a href="t20210129_1.html?page=2">2</a><a href="t20210129_1.html?id=4&page=3">3</a>',
            ["t20210129_1.html?page=2"],
        ),
        (
            '<a href="other_2.html">2</a><a href="t20210129_7.html">2</a><a href="list.html">2</a><a href="../2.html">2</a>',
            [],
        ),
        ('<a href="t20210129_2.html">2020年</a><a href="t20210129_2.htm">2</a><a href="t20210129_1_2.html">0</a>', []),
    ],
)
def test_next_pages(body, found):
    pages = linked(AT, f"<html><body>{body}</body></html>".encode("gb18030")).next_pages
    assert [p.removeprefix(BASE) for p in pages] == found


def test_limits_count_what_they_leave_out():
    body = (
        "".join(f'<a href="{i}.pdf">x</a>' for i in range(50)) + '<script>createPageHTML(999, 0, "a", "html")</script>'
    )
    found = linked(AT, f"<html>{body}</html>".encode(), max_attachments=3, max_pages=2)
    assert (len(found.attachments), len(found.next_pages), found.left_out) == (3, 2, 47 + 996)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4 <html> a.pdf", b"\xff\xfe\x00", b"<html>" + b"\x81\x00" * 99 + b"a.pdf"]
)
def test_what_is_no_page_brings_nothing(data):
    assert linked(AT, data) == NONE


@given(st.binary(max_size=300).map(lambda b: b"<html><a href=" + b + b">x.pdf</a>"))
def test_no_bytes_make_it_fail(data):
    for address in (found := linked(AT, data)).attachments + found.next_pages:
        assert same_site(address, AT)
        assert clean(address) == address
    moved_to(AT, data)


@pytest.mark.parametrize(
    ("page", "to"),
    [
        ('<meta http-equiv="Refresh" content="0; URL=\'/a.html\'">', "http://zwgk.example.gov.cn/a.html"),
        ('<script>location.replace("/b.html")</script>', "http://zwgk.example.gov.cn/b.html"),
        ('<script>window.location = "c.html";</script>', BASE + "c.html"),
        ('<script>document.cookie="x";location.href="/d.html"</script>', None),
        ('<meta http-equiv="refresh" content="0;url=http://www.other.com/">', None),
        ('<meta http-equiv="refresh" content="300">', None),
        ('<meta http-equiv="refresh" content="0;url=/a.html">' + "正文" * 100, None),
        ("<p>nothing</p>", None),
    ],
)
def test_signposts(page, to):
    assert moved_to(AT, f"<html><head></head><body>{page}</body></html>".encode()) == to


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.huaian.gov.cn", "huaian.gov.cn"), ("zwgk.huaian.gov.cn", "huaian.gov.cn"), ("huaian.gov.cn", "huaian.gov.cn"),
        ("www.example.com", "example.com"), ("a.b.example.com.cn", "example.com.cn"), ("10.0.0.1", "10.0.0.1"), ("WWW.GOV.CN", "www.gov.cn"),
    ],
)  # fmt: skip
def test_site(host, name):
    assert site(host) == name
    assert not same_site("http://10.0.0.1/", "http://11.0.0.1/")


@given(
    st.lists(st.sampled_from(["http://a/1", "http://a/2?x=%20"])), st.lists(st.just("http://a/3")), st.integers(0, 99)
)
def test_notes_of_links_come_back(attachments, pages, left):
    links = Links(tuple(attachments), tuple(pages), left)
    assert Links.unpacked(links.packed()) == links
    assert Links.unpacked(None) is Links.unpacked("0\n1") is None

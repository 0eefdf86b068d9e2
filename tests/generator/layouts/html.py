"""Five pages as real content systems make them, in markup of our own. Encodings included; no quirk of content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from random import Random

from tests.generator.sheets import Box, Draft, Paragraph, Sheet

ENCODINGS = ("utf8", "gbk_undeclared", "gb18030_as_gb2312", "utf8_as_gbk")
_CODEC = {"utf8": "utf-8", "gbk_undeclared": "gbk", "gb18030_as_gb2312": "gb18030", "utf8_as_gbk": "utf-8"}
_DECLARED = {"utf8": "utf-8", "gbk_undeclared": "", "gb18030_as_gb2312": "gb2312", "utf8_as_gbk": "gbk"}

Inside = Callable[[Box], str]


def encode(page: str, encoding: str) -> bytes:
    """Bytes in the codec behind `encoding`; what it lacks becomes a character reference."""
    declared = _DECLARED[encoding]
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    return page.replace("<head>", f"<head>{meta}", 1).encode(_CODEC[encoding], "xmlcharrefreplace")


def plain(rng: Random, draft: Draft) -> str:
    """One column of paragraphs and bordered tables."""
    return _page(draft, _blocks(draft, _br, cell="td", table='border="1"'))


def trs(rng: Random, draft: Draft) -> str:
    """Nested layout tables around the article, navigation before it, and a table of metadata (索引号, 发布日期)."""
    truth = draft.truth
    serial = f"{rng.randint(110000, 659000)}-{truth.year + 1}-{rng.randint(1, 99999):06}"
    meta = "".join(
        f"<tr><td class=xxgk_l>{k}：</td><td>{v}</td><td class=xxgk_l>{k2}：</td><td>{v2}</td></tr>"
        for k, v, k2, v2 in (
            ("索 引 号", serial, "发布机构", truth.agency),
            ("生成日期", f"{truth.year + 1}-01-{rng.randint(10, 31)}", "废止日期", ""),
            ("文　　号", "无", "主题分类", "政务公开"),
        )
    )
    body = _blocks(
        draft,
        lambda b: f'<p align="center">{_br(b) or "&nbsp;"}</p>',
        table='align="center" border="1" cellspacing="1"',
    )
    menu = "".join(f'<td><a href="/c{n}/">栏目{n}</a></td>' for n in range(1, 7))
    inside = (
        f'<table width="1000" align="center"><tbody><tr>{menu}</tr></tbody></table>'
        f'<table width="1000" align="center"><tr><td valign="top"><table class="xxgk_top" width="100%">{meta}</table></td></tr>'
        f'<tr><td><div class="TRS_Editor"><style type="text/css">.TRS_Editor P{{margin-top:1em}}</style>{body}</div></td></tr>'
        f'<tr><td align="center">浏览次数：<span id="hits">{rng.randint(10, 9000)}</span>　[打印] [关闭]</td></tr></table>'
    )
    return _page(draft, inside)


def word(rng: Random, draft: Draft) -> str:
    """Saved from Word: MsoNormal, widths in points, empty cells as <o:p>&nbsp;</o:p>, texts cut over spans."""

    def inside(box: Box) -> str:
        if not box.text:
            return "<p class=MsoNormal align=center style='text-align:center'><span lang=EN-US><o:p>&nbsp;</o:p></span></p>"
        return "".join(
            f"<p class=MsoNormal align=center\nstyle='text-align:center'>{_cut(rng, t)}</p>"
            for t in box.text.split("\n")
        )

    body = _blocks(
        draft, inside, table="class=MsoNormalTable border=1 cellspacing=0 cellpadding=0\n style='border-collapse:collapse'",
        extra=lambda b: f" width={40 + 20 * b.across} style='width:{30.0 + 15.2 * b.across}pt;border:solid windowtext 1.0pt;\n  padding:0cm 5.4pt 0cm 5.4pt'",
        paragraph=lambda p: f"<p class=MsoNormal>{_cut(rng, p.text)}<span lang=EN-US><o:p></o:p></span></p>",
    )  # fmt: skip
    return _page(
        draft,
        f"<div class=Section1 style='layout-grid:15.6pt'>{body}</div>",
        attributes=' xmlns:o="urn:schemas-microsoft-com:office:office"',
    )


def _cut(rng: Random, text: str) -> str:
    """A text over one to three spans, cut anywhere: inside labels and inside numbers."""
    places = (
        sorted(rng.sample(range(1, len(text)), min(len(text) - 1, rng.choice((0, 0, 1, 2))))) if len(text) > 1 else []
    )
    parts = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    return "".join(
        f"<span lang=EN-US>{escape(p)}</span>" if p.isascii() else f"<span style='font-family:宋体'>{escape(p)}</span>"
        for p in parts
    )


def twice(rng: Random, draft: Draft) -> str:
    """The article once for the screen and once, hidden, for the printer."""
    screen = _blocks(draft, _br)
    printed = _blocks(draft, lambda b: f"<p>{_br(b)}</p>", table='border="1" width="95%"')
    return _page(
        draft,
        f'<div id="zoom">{screen}</div><div class="tools"><a href="javascript:print()">打印</a></div>'
        f'<div id="printArea" style="display:none">{printed}</div>',
    )


def jpage(rng: Random, draft: Draft) -> str:
    """A visual editor's page: <div> inside cells, <br> inside headers, scripts with figures between the blocks."""

    def inside(box: Box) -> str:
        text = escape(box.text).replace("\n", "<br>")
        if box.role == "header" and "\n" not in box.text and len(box.text) > 3 and "&" not in text:
            at = rng.randrange(1, len(box.text))
            text = text[:at] + "<br/>" + text[at:]
        return f'<div style="text-align:center">{text or "<br>"}</div>'

    body = _blocks(draft, inside, paragraph=lambda p: f'<div class="p">{escape(p.text)}</div>')
    script = f"<script>var count={rng.randint(1, 99)};document.write('<td>99</td>')</script>"
    return _page(draft, f'<div class="bt-content"><!--content.begin-->{body}{script}<!--content.end--></div>')


def _br(box: Box) -> str:
    return escape(box.text).replace("\n", "<br>")


def _page(draft: Draft, body: str, attributes: str = "") -> str:
    title = next((b.text for b in draft.blocks if isinstance(b, Paragraph) and b.role == "title"), "")
    return f"<!DOCTYPE html>\n<html{attributes}>\n<head><title>{escape(title)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"


def _blocks(
    draft: Draft,
    inside: Inside,
    *,
    cell: str = "td",
    table: str = "",
    extra: Callable[[Box], str] = lambda _: "",
    paragraph: Callable[[Paragraph], str] = lambda p: f"<p>{escape(p.text)}</p>",
) -> str:
    return "\n".join(
        paragraph(b) if isinstance(b, Paragraph) else "".join(_table(b, inside, cell, table, extra))
        for b in draft.blocks
    )


def _table(sheet: Sheet, inside: Inside, cell: str, table: str, extra: Callable[[Box], str]) -> Iterator[str]:
    yield f"<table {table}><tbody>\n"
    for row in sheet.rows:
        yield "<tr>"
        for box in row:
            spans = (f' rowspan="{box.down}"' if box.down > 1 else "") + (
                f' colspan="{box.across}"' if box.across > 1 else ""
            )
            yield f"<{cell}{spans}{extra(box)}>{inside(box)}</{cell}>"
        yield "</tr>\n"
    yield "</tbody></table>"


PAGES: dict[str, Callable[[Random, Draft], str]] = {
    "html_plain": plain, "html_trs": trs, "html_word": word, "html_twice": twice, "html_jpage": jpage,
}  # fmt: skip

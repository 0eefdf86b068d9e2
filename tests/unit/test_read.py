"""The whole reader on small documents: identification, prose, copies, and documents that are no reports."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from extractors.documents import html, soup
from extractors.errors import BlankForm, NotAReport
from extractors.forms.catalogue import default
from extractors.model import Document, Identification, Prose
from extractors.reading.identify import identify, kind_and_level
from extractors.reading.prose import facts as prose_facts
from extractors.reading.read import read

TABLE_TWO = """<table><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>
<tr><td>规章</td><td>{0}</td><td>0</td><td>11</td></tr></table>"""
NARRATIVE = default().table("narrative", "prose")


def page(*bodies: str) -> bytes:
    title = "<p>某某市人民政府2022年政府信息公开工作年度报告</p>"
    return f"<html><body>{title}{''.join(bodies)}</body></html>".encode()


def stated(*sentences: str) -> dict[str, Decimal | None]:
    return {
        f.line if f.column == "value" else f"{f.line} {f.column}": f.value
        for f in prose_facts([Prose(s, f"paragraph {i}") for i, s in enumerate(sentences)], NARRATIVE)
    }


def test_equal_copies_are_one_table() -> None:
    reading = read(page(TABLE_TWO.format(1), TABLE_TWO.format(1)))
    assert [(t.form, t.table, t.copies) for t in reading.tables] == [("national_2021", "two", 2)]
    assert not reading.residue


def test_unequal_copies_are_reported_and_nothing_is_lost() -> None:
    reading = read(page(TABLE_TWO.format(1), TABLE_TWO.format(2)))
    assert "different figures" in reading.warnings[0]
    assert [r.text for r in reading.residue] == ["2", "0", "11"]


def test_of_unequal_copies_that_give_as_many_cells_the_first_counts_though_it_leaves_zeros_blank() -> None:
    blank = TABLE_TWO.format(1).replace("<td>0</td>", "<td></td>")
    reading = read(page(blank, "<p>附：某某市档案馆</p>", TABLE_TWO.format(2)))
    assert {f.column: f.value for f in reading.facts if f.line == "rules"} == {
        "issued": 1,
        "repealed": None,
        "in_force": 11,
    }
    assert [r.text for r in reading.residue] == ["2", "0", "11"]


def test_a_few_cells_of_another_table_do_not_count_before_the_table() -> None:
    few = "<table><tr><td>信息内容</td><td>现行有效件数</td></tr><tr><td>规章</td><td>7</td></tr></table>"
    reading = read(page(few, TABLE_TWO.format(2)))
    assert [f.value for f in reading.facts if f.line == "rules"] == [2, 0, 11]


def test_the_table_of_a_unit_that_says_more_does_not_count_before_the_agencys() -> None:
    more = TABLE_TWO.replace("</table>", "<tr><td>规范性文件</td><td>30</td><td>1</td><td>40</td></tr></table>")
    reading = read(page(TABLE_TWO.format(1), "<p>附：某某市档案馆</p>", more.format(2)))
    assert [f.value for f in reading.facts if f.line == "rules"] == [1, 0, 11]


def test_an_empty_copy_does_not_count_before_one_with_figures() -> None:
    empty = TABLE_TWO.format("").replace("<td>0</td><td>11</td>", "<td></td><td></td>")
    reading = read(page(empty, TABLE_TWO.format(2)))
    assert [f.value for f in reading.facts if f.line == "rules"] == [2, 0, 11]


def test_parts_of_one_table_are_one_copy_of_it() -> None:
    head, _, row = TABLE_TWO.partition("</tr>")
    second = row.replace("规章", "规范性文件")
    parts = [head + "</tr>" + r for r in (row, second)]
    unit = TABLE_TWO.replace("</table>", second.replace("{0}", "30")).format(20)
    own = [part.format(figure) for part, figure in zip(parts, (1, 2), strict=True)]
    reading = read(page(*own, "<p>附：某某市档案馆</p>", unit))
    assert [f.value for f in reading.facts if f.line in ("rules", "normative_documents")] == [1, 0, 11, 2, 0, 11]


def test_facts_are_dense() -> None:
    reading = read(page(TABLE_TWO.format(1)))
    assert len(reading.facts) == 10
    assert {f.missing for f in reading.facts if f.line == "licensing"} == {"absent"}


def test_a_blank_form_is_no_report() -> None:
    blank = TABLE_TWO.format("").replace("<td>0</td><td>11</td>", "<td></td><td>&nbsp;</td>")
    with pytest.raises(BlankForm, match="without a figure"):
        read(page(blank))


def test_a_page_about_something_else_is_no_report() -> None:
    with pytest.raises(NotAReport):
        read(
            b"<html><body><p>\xe5\xa4\xa9\xe6\xb0\x94\xe9\xa2\x84\xe6\x8a\xa5</p><table><tr><td>1</td><td>2</td></tr></table></body></html>"
        )


def test_what_the_text_says_about_itself() -> None:
    said = identify(
        Document(
            "text/html",
            (
                Prose("索 引 号：510600-2019-001003", ""), Prose("发布日期：2019-03-05", ""),
                Prose("某县财政局2018年政府信息公开工作年度报告", ""),
                Prose("所列数据的统计期限自2018年1月1日至12月31日止。网站标识码：5110000003", ""),
            ),
        )
    )  # fmt: skip
    assert (said.agency_name, said.report_year) == ("某县财政局", 2018)
    assert (said.published_on, said.period_start, said.period_end) == ("2019-03-05", "2018-01-01", "2018-12-31")
    assert (said.index_number, said.site_code) == ("510600-2019-001003", "5110000003")


@pytest.mark.parametrize(
    ("name", "region", "kind"),
    [
        ("某市人民政府", "511000", "prefecture_government"), ("某市人民政府办公室", "511000", "government_office"),
        ("某区人民政府", "320706", "county_government"), ("某镇人民政府", "320706", "township_government"),
        ("某县财政局", "320724", "county_department"), ("某经济开发区管理委员会", "320700", "development_zone"),
        ("某市人民政府", "", ""),
    ],
)  # fmt: skip
def test_kind_of_agency(name: str, region: str, kind: str) -> None:
    assert kind_and_level(name, region)[0] == kind


def test_prose_figures_and_their_topic() -> None:
    found = stated(
        "全年受理行政复议申请13件,其中维持具体行政行为2件、被依法纠错9件;行政诉讼3件,其中维持具体行政行为1件。"
    )
    assert found == {
        "review.total": 13, "review.upheld": 2, "review.corrected": 9, "litigation.total": 3, "litigation.upheld": 1,
    }  # fmt: skip


def test_figures_of_other_periods_are_not_this_report_s() -> None:
    assert stated("2008年以来,全区累计主动公开政府信息54977条,2018年主动公开政府信息2994条。") == {
        "disclosed.total": 2994
    }
    assert stated("历年累计受理政府信息公开申请3180件,当面申请3132件。") == {}


def test_figures_of_another_year_are_not_this_report_s() -> None:
    def received(text: str) -> list[Decimal | None]:
        found = prose_facts([Prose(text, "paragraph 1")], NARRATIVE, 2022)
        return [f.value for f in found if (f.line, f.column) == ("requests.received", "value")]

    assert received("2022年,我局共收到政府信息公开申请57件。2021年共收到政府信息公开申请31件。") == [57]
    assert received("2022年收到政府信息公开申请57件,2021年收到政府信息公开申请31件。") == [57]
    assert received("计划2023年收到政府信息公开申请50件。") == []
    assert received("根据2019年修订的《条例》,共收到政府信息公开申请57件。") == [57]
    assert received("截至2023年1月31日,收到政府信息公开申请57件。") == [57]


def test_a_comparison_reaches_to_the_next_comma() -> None:
    found = stated("收到政府信息公开申请57件,同比增长20%,上年结转5件,结转下年度继续办理9件。")
    assert (found["requests.received"], found["requests.carried_in"], found["requests.carried_out"]) == (57, 5, 9)
    assert "requests.carried_out" not in stated("同比去年结转下年度办理9件。")


@pytest.mark.parametrize(
    ("text", "line", "value"),
    [
        ("收到公民、法人和其他组织提出的政府信息公开申请40件", "requests.received", 40),
        ("全年收到依申请公开信息申请23宗", "requests.received", 23),
        ("2023年未收到政府信息公开申请", "requests.received", 0),
        ("上年结转1份", "requests.carried_in", 1),
        ("结转下年2份", "requests.carried_out", 2),
        ("行政复议案2件", "review.total", 2),
        ("行政诉讼案1件", "litigation.total", 1),
        ("主动公开各类信息5,012条", "disclosed.total", 5012),
        ("全年收到依申请公开23件", "requests.received", 23),
        ("收到12件政府信息公开申请", "requests.received", 12),
    ],
)
def test_wordings_of_quantities(text: str, line: str, value: int) -> None:
    assert stated(f"{text}。") == {line: value}


@pytest.mark.parametrize(
    "text",
    [
        "收到300份问卷", "受理350宗投诉举报", "12345热线共受理12000件", "2022年未收到政府信息公开申请引发的行政复议",
        "通过信函未收到政府信息公开申请,本年有咨询5次", "近三年收到政府信息公开申请60件", "“十三五”期间收到政府信息公开申请200件",
        "截至6月底收到政府信息公开申请6件", "1-6月收到政府信息公开申请6件", "2020年至2022年收到政府信息公开申请36件",
        "上一年度收到政府信息公开申请10件", "上半年收到政府信息公开申请3件",
    ],
)  # fmt: skip
def test_what_is_no_request_of_this_year(text: str) -> None:
    assert "requests.received" not in stated(f"{text}。")


def test_a_report_without_requests_may_collect_no_fee() -> None:
    assert "requests.received" not in stated("没有收到政府信息公开申请费用。")


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("1.本机关不掌握相关政府信息 0", None), ("本机关收到申请", "organ"), ("我镇认真落实", "organ"), ("本局没有", "organ"),
        ("我办法律顾问", None), ("全国海关共收到", "system"), ("本级机关收到申请", "headquarters"), ("市本级收到申请", "level"),
    ],
)  # fmt: skip
def test_words_of_the_scope(text: str, scope: str | None) -> None:
    assert identify(Document("text/plain", (Prose(text, "line 1"),))).scope == scope


@pytest.mark.parametrize(
    ("lines", "agency"),
    [
        (("2017年度某某区民政局政府信息公开", "工作年度报告"), "某某区民政局"),
        (("某某区民政局", "2017年政府信息公开工作", "年度报告"), "某某区民政局"),
        (("某某区民政局2017年", "政府信息公开工作", "年度报告"), "某某区民政局"),
        (("当前位置首页", "2017年政府信息公开工作", "年度报告"), None),
    ],
)
def test_a_title_set_in_several_lines_is_one(lines: tuple[str, ...], agency: str | None) -> None:
    said = said_of(*lines, "统计期限自2016年12月31日起,至2017年12月31日止。")
    assert (said.agency_name, said.report_year, said.period_end) == (agency, 2017, "2017-12-31")


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2015-03-18 来源:办公室", "2015-03-18"), ("日期：2013年3月25日", "2013-03-25"), ("成文日期：2013年3月25日", None),
        ("发布日期:2023.01.17", "2023-01-17"),
    ],
)  # fmt: skip
def test_dates_of_publication(line: str, date: str | None) -> None:
    assert identify(Document("text/html", (Prose(line, "paragraph 1"),))).published_on == date


def test_the_region_of_an_agency_on_a_line_of_its_own() -> None:
    lines = ("首页", "广西壮族自治区", "自然资源厅", "2022年政府信息公开工作年度报告")
    said = identify(Document("text/html", tuple(Prose(line, "") for line in lines)))
    assert said.agency_name == "广西壮族自治区自然资源厅"
    said = identify(Document("text/html", tuple(Prose(line, "") for line in lines[2:])))
    assert said.agency_name == "自然资源厅"


THREE_IN_TWO = [
    *(("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"),),
    ("一、本年新收政府信息公开申请数量", *"6123450"), ("二、上年结转政府信息公开申请数量", *"0000000"),
    ("（一）予以公开", *"6123450"), ("（二）部分公开", *"1000001"), ("4.保护第三方合法权益", *"0000000"),
    ("5.属于三类内部事务信息", *"0100001"),
]  # fmt: skip


def rows_of(*rows: tuple[str, ...]) -> str:
    width = max(map(len, rows))
    filled = [("",) * (width - len(row)) + row for row in rows]
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in filled) + "</table>"


def test_a_table_cut_in_two_in_one_page_is_one() -> None:
    whole = read(page(rows_of(*THREE_IN_TWO)))
    parts = read(page(rows_of(*THREE_IN_TWO[:5]), rows_of(*THREE_IN_TWO[5:])))
    assert [f.value for f in parts.facts] == [f.value for f in whole.facts]
    assert not parts.residue
    (fact,) = (f for f in parts.facts if (f.line, f.column) == ("denied.internal_affairs", "business"))
    assert fact.where == "table 1 and table 2, row 7, column 3"
    assert [
        c.text for g in parts.document.grids for c in g.cells if (c.row, c.column) == (fact.row, fact.column_no)
    ] == ["1"]


def test_a_part_of_a_table_that_cannot_be_joined_is_residue() -> None:
    parts = rows_of(*THREE_IN_TWO[:5]), rows_of(*((row[0], *row[2:]) for row in THREE_IN_TWO[5:]))
    reading = read(page(parts[0], "<p>续表</p>", parts[1]))
    assert [r.text for r in reading.residue] == [*"000000", *"100001"]
    (table,) = (t for t in reading.tables if t.table == "three")
    assert table.figures == len(reading.residue) + sum(f.value is not None for f in reading.facts if f.table == "three")


def test_a_table_whose_spans_are_lost_is_read_by_the_order_of_its_words() -> None:
    order = ("自然人", "法人或其他组织", "总计", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
    rows = "".join(
        f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in (order[:3], order[3:], *THREE_IN_TWO[1:])
    )
    bare = read(page(f"<table>{rows}</table>"))
    whole = read(page(rows_of(*THREE_IN_TWO)))
    assert [f.value for f in bare.facts] == [f.value for f in whole.facts]
    assert not bare.residue
    short = read(page(f"<table>{rows}<tr><td>6.属于四类过程性信息</td><td>1</td><td>2</td></tr></table>"))
    assert [r.text for r in short.residue if r.text == "2"]  # a row that does not fit: no order is certain


def test_the_form_of_2014_with_two_lines_a_row() -> None:
    lines = default().table("national_2014", "2014").lines
    head = "<tr>" + "<td>统计指标</td><td>单位</td><td>统计数</td>" * 2 + "</tr>"
    cells = [f"<td>{x.label}</td><td>{x.unit}</td><td>{figure}</td>" for figure, x in enumerate(lines)]
    half = len(cells) // 2
    rows = "".join(f"<tr>{left}{right}</tr>" for left, right in zip(cells[:half], cells[half:], strict=False))
    reading = read(page(f"<table>{head}{rows}</table>"))
    found = {f.line: f.value for f in reading.facts if f.value is not None}
    expected = {x.code: figure for figure, x in enumerate(lines[: 2 * half])}
    assert {code: value for code, value in found.items() if expected.get(code) != value} == {}
    assert len(found) > 50
    assert len(found) + len(reading.residue) == 2 * half


def test_another_table_below_is_not_its_rest() -> None:
    telephones = rows_of(("科室", *"abcdefg"), ("办公室", *"1234567"))
    reading = read(page(rows_of(*THREE_IN_TWO), telephones))
    assert len(reading.document.grids) == 2
    assert not reading.residue


def test_approximations_and_contradictions_stay_words() -> None:
    found = prose_facts([Prose("主动公开政府信息11.7万余条。", "p")], NARRATIVE)
    assert [(f.value, f.missing, f.note) for f in found] == [(None, "ambiguous", "approximate")]
    found = prose_facts([Prose("收到政府信息公开申请5件。", "p"), Prose("收到政府信息公开申请6件。", "q")], NARRATIVE)
    assert [(f.value, f.note) for f in found] == [(None, "the text states different figures")]


def test_zero_stated_in_words() -> None:
    assert stated("信息公开全部免费提供,未收取费用。") == {"request_fees": 0}


def test_a_prose_figure_comes_with_its_sentence_and_offsets() -> None:
    text = "　　前言。本年度全市共 收到政府信息公開申請２５件，均已辦結。后记。"
    (fact,) = (f for f in prose_facts([Prose(text, "paragraph 3")], NARRATIVE) if f.line == "requests.received")
    assert (fact.value, fact.raw) == (25, "本年度全市共 收到政府信息公開申請２５件，均已辦結。")
    start, end = (int(n) for n in fact.where.removeprefix("paragraph 3, characters ").split("-"))
    assert text[start - 1 : end] == "收到政府信息公開申請２５件"


@pytest.mark.parametrize(
    ("title", "agency", "year"),
    [
        ("某某县人民政府2020年政府信息公开工作年度报告", "某某县人民政府", 2020),
        ("2022年度某某市统计局政府信息公开工作年度报告", "某某市统计局", 2022),
        ("某某市财政局关于2019年度政府信息公开工作情况的报告", "某某市财政局", 2019),
        ("某某区二〇一六年政府信息公开年报", "某某区人民政府", 2016),
        ("某某市发改委二O一一年度政府信息公开工作年度报告", "某某市发改委", 2011),
        ("某某市人民政府办公室关于2010年度全市政府信息公开工作情况的报告", "某某市人民政府办公室", 2010),
        ("某某镇２０２１年政府信息公开工作年度报告", "某某镇人民政府", 2021),
    ],
)
def test_titles(title: str, agency: str, year: int) -> None:
    said = identify(
        Document("text/html", (Prose(title, ""), Prose("某某 2023年1月20日 发布", ""), Prose("2023年1月18日", "")))
    )
    assert (said.agency_name, said.report_year, said.published_on) == (agency, year, "2023-01-18")


TITLE = "朝阳市城乡规划局2013年政府信息公开工作年度报告"


def test_the_head_of_a_page_says_which_of_its_titles_is_the_article_s() -> None:
    page = (
        f'<html><head><title>年报_朝阳市</title><meta name="ArticleTitle" content="{TITLE}">'
        '<META NAME="PubDate" CONTENT="2014-03-05 10:21"><meta name="SiteIDCode" content="2113000001"></head><body><ul><li>2016年政府信息公开工作年度报告</li>'
        "<li>平阳县财政局2015年政府信息公开工作年度报告</li></ul><p>一、概述</p></body></html>"
    )
    document = html.from_text(page, "utf-8")
    assert document == soup.from_text(page, "utf-8")
    said = identify(document)
    assert (said.agency_name, said.report_year, said.published_on) == ("朝阳市城乡规划局", 2013, "2014-03-05")
    assert said.site_code == "2113000001"
    unfilled = html.from_text(page.replace("2113000001", "${siteid}"), "utf-8")
    assert identify(unfilled).site_code is None


def test_a_table_of_metadata_has_label_and_date_apart() -> None:
    rows = ("索引号", "K001"), ("文号", "无"), ("主题", "公开"), ("名称", TITLE), ("发布日期：", "2014-03-05 10:21")
    table = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows)
    said = identify(html.from_text(f"<table>{table}</table><p>{TITLE}</p>", "utf-8"))
    assert said.published_on == "2014-03-05"


def test_the_office_that_published_a_report_without_a_name_stands_in_a_table_of_metadata() -> None:
    row = "<tr><td>发布机构：</td><td>{}</td><td>成文日期：</td><td>2014-03-05</td></tr>"
    title = "2013年政府信息公开工作年度报告"
    for named, agency in (
        ("朝阳市人民政府办公室", "朝阳市人民政府办公室"),
        ("市政府办公室", None),
        ("朝阳市教育局、财政局", None),
    ):
        page = f"<table>{row.format(named)}</table><p>{title}</p><p>一、概述</p>"
        assert identify(html.from_text(page, "utf-8")).agency_name == agency


def said_of(*lines: str) -> Identification:
    return identify(Document("text/plain", tuple(Prose(line, f"line {n}") for n, line in enumerate(lines, 1))))


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("发布时间：2014-2-1 10:20:05", "2014-02-01"),
        ("发布时间：2014-1-2 09:15", "2014-01-02"),
        ("2014-3-3 16:05 朝阳市城乡规划局", "2014-03-03"),
        ("来源：市规划局 2014-03-05 09:00", "2014-03-05"),
        ("来源：市规划局　时间：2014-03-05", "2014-03-05"),
        ("[ 2014/3/5 ]　浏览次数：12", "2014-03-05"),
        ("【发布日期】2014-03-05", "2014-03-05"),
        ("发布于 2014-03-05", "2014-03-05"),
        ("公布日期：2014.03.05", "2014-03-05"),
        ("生成日期：2014-02-28　公开日期：2014-03-05", "2014-03-05"),
        ("（2014年3月5日）", "2014-03-05"),
        ("二〇一四年三月十五日", "2014-03-15"),
        ("会议时间：2013年5月6日9时30分召开动员会。", None),
        ("2013年5月6日9:30,召开了动员会。", None),
        ("2014年03月03日 15:20:11 星期二", None),
        ("今天是2014年03月03日 15:20", None),
    ],
)
def test_dates_among_hours_and_labels(line: str, date: str | None) -> None:
    assert said_of(TITLE, line).published_on == date


@pytest.mark.parametrize(
    ("lines", "agency", "year"),
    [
        (["朝阳市城乡规划局政府信息公开工作年度报告（2013年度）"], "朝阳市城乡规划局", 2013),
        (["朝阳市城乡规划局政府信息公开2013年度工作报告"], "朝阳市城乡规划局", 2013),
        (["2014年政府信息公开年报栏目", TITLE], "朝阳市城乡规划局", 2013),
        (["上一篇：2012年政府信息公开工作年度报告", TITLE], "朝阳市城乡规划局", 2013),
        (["朝阳市城乡规划局2013-2014年政府信息公开工作年度报告"], None, None),
        ([f"关于印发{TITLE}的通知"], "朝阳市城乡规划局", 2013),
        ([f"转发{TITLE}"], "朝阳市城乡规划局", 2013),
        (["朝阳经济技术开发区2013年政府信息公开工作年度报告"], "朝阳经济技术开发区", 2013),
        (["浦东新区2013年政府信息公开工作年度报告"], "浦东新区人民政府", 2013),
        (["2013年政府信息公开工作年度报告", "本报告由我局办公室根据《条例》编制。"], None, 2013),
        (["2010年江西省人民政府信息公开工作年度报告"], "江西省人民政府", 2010),
        (["江西省人民政府信息公开年度报告（2010年）"], "江西省人民政府", 2010),
        (["朝阳市人民政府办公室政府信息公开工作2013年度报告"], "朝阳市人民政府办公室", 2013),
        (["朝阳市城乡规划局政府信息公开工作年度报告", "（2013年度）"], "朝阳市城乡规划局", 2013),
        (["政府信息公开工作年度报告", "（2013年度）"], None, 2013),
        (["朝阳市文化和旅游局（市文物局）2013年政府信息公开工作年度报告"], "朝阳市文化和旅游局", 2013),
        (["朝阳市人民政府办公室关于印发2013年政府信息公开工作年度报告的通知"], "朝阳市人民政府办公室", 2013),
        (
            ["2013年政府信息公开工作年度报告", "现公布朝阳市财政局2013年政府信息公开工作年度报告。"],
            "朝阳市财政局",
            2013,
        ),
        (["朝阳市财政局认真履行职责,现将本局2013年度政府信息公开工作情况报告如下:"], None, 2013),
        (["根据条例规定,由朝阳市财政局编制并公布2013年度政府信息公开工作年度报告。"], "朝阳市财政局", 2013),
        (["按照条例要求,我们认真编制2013年度政府信息公开工作年度报告。"], None, 2013),
        (["与2012年度政府信息公开工作年度报告相比,申请增多。"], None, None),
        (["与2012年政府信息公开年报相比有所增加", TITLE], "朝阳市城乡规划局", 2013),
        (["朝阳市教育局", "朝阳市财政局", "2013年政府信息公开工作年度报告"], None, 2013),
        (["朝阳市财政局", "2013年政府信息公开工作年度报告"], "朝阳市财政局", 2013),
        (
            ["朝阳市教育局", "朝阳市财政局", "2013年政府信息公开工作年度报告", "根据条例,朝阳市审计局编制本报告。"],
            "朝阳市审计局",
            2013,
        ),
        (["2013年政府信息公开工作年度报告", "一、概述", "红旗路街道办事处", "2014年1月20日"], "红旗路街道办事处", 2013),
        (["2013年政府信息公开工作年度报告", "一、概述", "市人民政府办公室", "2014年1月20日"], None, 2013),
        (["中华人民共和国教育部", "2013年政府信息公开工作年度报告"], "中华人民共和国教育部", 2013),
        (["国家发展改革委", "2013年政府信息公开工作年度报告"], "国家发展改革委", 2013),
        (["2013年政府信息公开工作年度报告", "一、概述", "外交部", "2014年1月20日"], "外交部", 2013),
        (["综合规划部", "2013年政府信息公开工作年度报告"], None, 2013),
        (["中国人民银行朝阳市中心支行", "2013年政府信息公开工作年度报告"], "中国人民银行朝阳市中心支行", 2013),
        (["中国银行朝阳支行", "2013年政府信息公开工作年度报告"], None, 2013),
        (["中华人民共和国朝阳海关", "2013年政府信息公开工作年度报告"], "中华人民共和国朝阳海关", 2013),
        (["朝阳市消防救援支队", "2013年政府信息公开工作年度报告"], "朝阳市消防救援支队", 2013),
        (["朝阳市住房城乡建设委", "2013年政府信息公开工作年度报告"], "朝阳市住房城乡建设委", 2013),
        (["朝阳市政府办公室", "2013年政府信息公开工作年度报告"], "朝阳市政府办公室", 2013),
        (["朝阳市政务公开领导小组办公室", "2013年政府信息公开工作年度报告"], None, 2013),
        (["朝阳市龙城区委", "2013年政府信息公开工作年度报告"], None, 2013),
        (["中共朝阳市教育工委", "2013年政府信息公开工作年度报告"], None, 2013),
    ],
)
def test_titles_among_other_lines(lines: list[str], agency: str | None, year: int | None) -> None:
    said = said_of(*lines, "一、概述")
    assert (said.agency_name, said.report_year) == (agency, year)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("会同有关区县做好工作。", None),
        ("公开了相关区域的规划。", None),
        ("不属于本机关公开3件,非本机关掌握2件。", None),
        ("公开了市本级财政预算。", None),
        ("全市共收到规划许可申请300件。", None),
        ("参加全国税务系统视频会。", None),
        ("市本级机关各部门共公开信息12条。", "level"),
        ("全市共收到政府信息公开申请12件。", "territory"),
        ("全国税务系统公开信息12条。", "system"),
        ("本级机关公开信息12条。", "headquarters"),
        ("我局公开信息12条。", "organ"),
        ("由办公室根据各镇(街道)、各部门的年度报告汇总编制。", "territory"),
        ("由办公室根据各县(市、区)的年度报告综合编制而成。", "territory"),
        ("指导各市规划局汇总编制应急预案。", None),
    ],
)
def test_words_like_those_of_a_scope(text: str, scope: str | None) -> None:
    assert said_of(TITLE, text).scope == scope


def test_a_doubtful_cell_of_a_picture_is_illegible_and_kept() -> None:
    from extractors.model import Cell, Grid
    from extractors.reading.bind import bind

    rows = [["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", "1", "0", "11"]]
    sure = {(1, 1): 0.98, (1, 2): 0.31}
    cells = tuple(
        Cell(y, x, text, confidence=sure.get((y, x), 0.9)) for y, row in enumerate(rows) for x, text in enumerate(row)
    )
    bound = bind(default().table("national_2021", "two"), Grid(1, "page 1, table 1", cells))
    assert bound.facts["rules", "issued"].value == 1
    assert bound.facts["rules", "issued"].note == "recognised from a picture, confidence 0.98"
    assert (bound.facts["rules", "repealed"].missing, [r.text for r in bound.residue]) == ("illegible", ["0"])


def test_a_paragraph_without_end_is_read_in_bounded_time() -> None:
    endless = "收到" + "政府信息公开" * 5_000 + "申请3件," * 5_000
    assert stated(endless) == {"requests.received": 3}


def test_a_share_beside_a_figure_is_a_fact_of_its_own() -> None:
    found = stated(
        "当面申请7件,占总数的28﹪;主动公开政府信息641814条,其中网站公开政府信息327887条,占总信息发布量的51.1%。"
    )
    assert found == {
        "requests.in_person": 7, "requests.in_person share": 28, "requests.in_person share_half": Decimal("0.5"),
        "disclosed.total": 641814, "channel.website": 327887, "channel.website share": Decimal("51.1"),
        "channel.website share_half": Decimal("0.05"),
    }  # fmt: skip


def test_a_share_that_ends_in_zero_has_its_digits_too() -> None:
    found = stated("当面申请7件,占总数的28.00%。")
    assert found["requests.in_person share_half"] == Decimal("0.005")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (",同比增长12.3%。", {"growth": "12.3", "growth_half": "0.05"}),
        ("(同比下降 5％)。", {"growth": "-5", "growth_half": "0.5"}),
        (
            ",比上年减少1,045件,下降25.10%。",
            {"change": "-1045", "change_half": "0.5", "growth": "-25.10", "growth_half": "0.005"},
        ),
        (",较去年同期多3件。", {"change": "3", "change_half": "0.5"}),
        (",与上年相比,增加了3件。", {"change": "3", "change_half": "0.5"}),
        (",同比上升0%。", {"growth": "0", "growth_half": "0.5"}),
        (",同比增长约12%。", {}),
        (",同比增长12%左右。", {}),
        (",同比增长12%以上。", {}),
        (",同比增长12个百分点。", {}),
        (",同比增长2倍。", {}),
        (",同比增长12%和15%。", {}),
        ("。同比增长12%。", {}),
        (",其中网络申请同比增长12%。", {}),
        (",增长12%。", {}),
        (",比2020年增长12%。", {}),
    ],
)
def test_growth_is_that_of_the_figure_right_before_it(said: str, found: dict[str, str]) -> None:
    got = stated(f"2023年收到政府信息公开申请3件{said}")
    assert got == {"requests.received": 3} | {f"requests.received {k}": Decimal(v) for k, v in found.items()}


def test_growth_of_a_line_that_has_no_place_for_it_is_left_to_the_sentence() -> None:
    assert stated("网络申请8件,同比增长12%。") == {"requests.online": 8}


def test_growth_is_quoted_with_its_sentence_and_offsets() -> None:
    text = "本年度情况如下。收到信息公开申请3件,同比增长50%。其他情况。"
    (fact,) = [f for f in prose_facts([Prose(text, "paragraph 1")], NARRATIVE) if f.column == "growth"]
    assert (fact.raw, fact.unit, fact.note) == ("收到信息公开申请3件,同比增长50%。", "%", "")
    start, end = (int(n) for n in fact.where.rpartition(" ")[2].split("-"))
    assert text[start - 1 : end] == ",同比增长50%"


def test_different_growths_of_one_figure_are_ambiguous() -> None:
    found = stated("收到信息公开申请3件,同比增长50%。", "收到信息公开申请3件,同比增长60%。")
    assert found["requests.received"] == 3
    assert found["requests.received growth"] is None


FIVE = "<p>五、存在的主要问题及改进情况{}</p>{}<p>六、其他需要报告的事项</p><p>没有其他需要报告的事项。</p>"


@pytest.mark.parametrize(
    ("heading", "paragraphs", "characters"),
    [
        ("", "", 0),
        ("", "<p>无。</p>", 1),
        (":暂无。", "", 2),
        ("", "<p>一是公开不够及时。</p><p>二是解读不够多样:2条。</p>", 18),
        ("。一是公开不够及时。", "<p>二是解读不够多样:2条。</p>", 18),
    ],
    ids=["empty", "none", "none beside the heading", "two paragraphs", "text beside the heading"],
)
def test_the_length_of_section_five(heading: str, paragraphs: str, characters: int) -> None:
    contents = "<p>五、存在的主要问题及改进情况</p><p>六、其他需要报告的事项</p>"
    found = read(page("<p>收到政府信息公开申请3件。</p>", contents, FIVE.format(heading, paragraphs)))
    (fact,) = [f for f in found.facts if f.line == "section_five.characters"]
    assert (fact.value, fact.unit) == (characters, "字")
    assert fact.raw.startswith("五、存在的主要问题及改进情况")


def test_a_report_without_that_section_says_nothing_of_its_length() -> None:
    found = read(page("<p>收到政府信息公开申请3件。</p>", "<p>我们认识到存在的问题,并加以改进。</p>"))
    assert not [f for f in found.facts if f.line == "section_five.characters"]


def test_requests_carried_over_are_this_report_s_although_they_name_last_year() -> None:
    assert stated("全市共受理政府信息公开申请3119件，答复3050件（含上年度结转申请34件，另有103件顺延到下年度答复）。") == {
        "requests.received": 3119, "requests.answered": 3050, "requests.carried_in": 34, "requests.carried_out": 103,
    }  # fmt: skip


def test_a_table_that_is_no_table_is_missed_aloud() -> None:
    line = "<div><span>一、本年新收政府信息公开申请数量</span><span>3</span></div>"
    reading = read(page("<p>收到政府信息公开申请3件。</p>", line))
    assert reading.warnings == ("the words of table three stand in the text, but no table: its figures were not read",)


def test_a_table_drawn_without_table_markup_is_read_by_its_words() -> None:
    columns = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    labels = {"一、本年新收政府信息公开申请数量": "3020016", "二、上年结转政府信息公开申请数量": "1000001",
              "(一)予以公开": "2000002", "(七)总计": "2000002", "四、结转下年度继续办理": "2020015"}  # fmt: skip
    cells = [*columns, *(c for label, figures in labels.items() for c in (label, *figures))]
    reading = read(page("<p>收到政府信息公开申请6件。</p>", *(f"<div>{cell}</div>" for cell in cells)))
    found = {(f.line, f.column): f for f in reading.facts if f.table == "three" and f.value is not None}
    assert [f.value for f in found.values()] == [int(d) for figures in labels.values() for d in figures]
    assert found["requests.new", "natural"].where.startswith("paragraph 3 to paragraph ")
    assert not reading.residue
    assert not reading.warnings


def table_of(rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{cells}</table>"


def test_a_further_column_of_a_table_is_no_table_of_another_form() -> None:
    lines = default().table("national_2014", "2014").lines
    rows = [
        ("统计指标", "单位", "统计数", "历年累计"),
        *((line.label, line.unit, str(n), str(9 * n)) for n, line in enumerate(lines)),
    ]
    reading = read(page(table_of(rows)))
    assert {f.table for f in reading.facts if f.form != "narrative"} == {"2014"}
    assert {r.reason for r in reading.residue} == {"unknown column: 历年累计"}


@pytest.mark.parametrize("years", [(2021, 2022), (2022, 2021)])
def test_of_two_years_tables_the_one_of_the_report_s_year_counts(years: tuple[int, int]) -> None:
    lines = default().table("national_2014", "2014").lines
    bodies = []
    for year in years:
        rows = [("统计指标", "单位", "统计数"), *((line.label, line.unit, str(year - 2000)) for line in lines)]
        bodies.append(f"<p>{year}年度政府信息公开情况统计表</p>{table_of(rows)}")
    reading = read(page(*bodies))
    assert {f.value for f in reading.facts if f.form == "national_2014"} == {22}
    assert any("stands twice with different figures" in w for w in reading.warnings)


@pytest.mark.parametrize(
    ("between", "is_one_table"),
    [
        ("（续上表）", True),
        ("注：1.本表数据由各部门统计。", True),
        ("- 3 -", True),
        ("第3页 共5页", True),
        ("其他情况另行说明。", False),
    ],
)
def test_a_row_of_a_table_alone_below_it_is_its_last_row_or_residue(between: str, is_one_table: bool) -> None:
    three = default().table("national_2021", "three")
    rows = [("", *(column.label for column in three.columns)), *((line.label, *"0000000") for line in three.lines[:-1])]
    reading = read(page(table_of(rows), f"<p>{between}</p>", table_of([("四、结转下年度继续办理", *"1234569")])))
    carried_out = [f for f in reading.facts if f.line == "requests.carried_out"]
    assert [r.text for r in reading.residue] == ([] if is_one_table else list("1234569"))
    assert {f.missing for f in carried_out} == ({None} if is_one_table else {"ambiguous"})
    assert [f.value for f in carried_out] == ([1, 2, 3, 4, 5, 6, 9] if is_one_table else [None] * 7)


def test_the_parts_of_a_cut_table_may_have_their_labels_cut_otherwise() -> None:
    three = default().table("national_2021", "three")
    head = [("", *(column.label for column in three.columns)), (three.lines[0].label, *"1234560")]
    rest = "".join(
        f"<tr><td colspan=2>{line.label}</td><td>{'</td><td>'.join('0000007')}</td></tr>" for line in three.lines[1:]
    )
    reading = read(page(table_of(head), f"<table>{rest}</table>"))
    assert not reading.residue
    assert [f.value for f in reading.facts if f.table == "three"] == [1, 2, 3, 4, 5, 6, 0] + [0, 0, 0, 0, 0, 0, 7] * (
        len(three.lines) - 1
    )


@pytest.mark.parametrize("cut", [1, 2, 5, -1])
@pytest.mark.parametrize("heading", ["", "<p>（续表）</p>"])
def test_the_smaller_part_of_a_list_is_read_on_either_side(cut: int, heading: str) -> None:
    lines = default().table("national_2014", "2014").lines
    rows = [(line.label, line.unit, str(n)) for n, line in enumerate(lines)]
    first, second = [("统计指标", "单位", "统计数"), *rows[:cut]], rows[cut:]
    reading = read(page(table_of(first), heading, table_of(second)))
    assert [f.value for f in reading.facts if f.form == "national_2014"] == list(range(len(lines)))
    assert not reading.residue
    assert not reading.warnings


@pytest.mark.parametrize("figure_below", [False, True])
def test_a_row_that_a_page_cut_in_two_is_one_line(figure_below: bool) -> None:
    lines = default().table("national_2014", "2014").lines
    rows = [("统计指标", "单位", "统计数")]
    for n, line in enumerate(lines):
        halves = [(line.label[:4], line.unit, str(n)), (line.label[4:], "", "")]
        if figure_below:
            halves = [(line.label[:4], line.unit, ""), (line.label[4:], "", str(n))]
        rows.extend(halves if line.code == "disclosed.normative" else [(line.label, line.unit, str(n))])
    reading = read(page(table_of(rows)))
    assert [f.value for f in reading.facts if f.form == "national_2014"] == list(range(len(lines)))
    assert not reading.residue


@pytest.mark.parametrize("row", ["<p>{}：{}{}</p>", "<p>{}:{} {}；</p>", "<p>{}{}{}</p>", "<div>{} {} {}</div>"])
def test_a_list_in_lines_of_text_is_read_by_its_words(row: str) -> None:
    lines = default().table("national_2014", "2014").lines
    reading = read(page(*(row.format(line.label, n, line.unit) for n, line in enumerate(lines))))
    assert [f.value for f in reading.facts if f.form == "national_2014"] == list(range(len(lines)))
    assert not reading.residue


@pytest.mark.parametrize("years", [("2021年", "2022年"), ("2022年度", "2021年度", "同比")])
def test_of_several_years_in_one_table_the_report_s_is_read(years: tuple[str, ...]) -> None:
    lines = default().table("national_2014", "2014").lines
    rows = [
        ("统计指标", "单位", *years),
        *((line.label, line.unit, *("上升" if y == "同比" else y[2:4] for y in years)) for line in lines),
    ]
    reading = read(page(table_of(rows)))
    assert {f.value for f in reading.facts if f.form == "national_2014"} == {22}
    assert {r.reason for r in reading.residue} <= {"unknown column: 2021年", "unknown column: 2021年度"}
    assert len(reading.residue) == len(lines)
    other = read(
        page(table_of([("统计指标", "单位", "2020年", "2021年"), *((*row[:2], "1", "2") for row in rows[1:])]))
    )
    assert {f.missing for f in other.facts if f.form == "national_2014"} == {"ambiguous"}


def test_a_header_in_a_table_of_its_own_heads_the_next() -> None:
    three = default().table("national_2021", "three")
    head, body = [("", *(column.label for column in three.columns))], [(line.label, *"1000001") for line in three.lines]
    reading = read(page(table_of(head), table_of(body)))
    assert [f.value for f in reading.facts if f.table == "three"] == [1, 0, 0, 0, 0, 0, 1] * len(three.lines)
    assert not reading.residue
    apart = read(page(table_of(head), "<p>以下为其他内容。</p>", table_of(body)))
    assert {f.missing for f in apart.facts if f.table == "three"} == {"ambiguous"}


def test_of_two_years_lists_in_lines_of_text_neither_is_certain() -> None:
    lines = default().table("national_2014", "2014").lines
    lists = [
        [f"<p>{year}年度</p>", *(f"<p>{line.label}：{year - 2000}{line.unit}</p>" for line in lines)]
        for year in (2021, 2022)
    ]
    reading = read(page(*lists[0], *lists[1]))
    assert {(f.value, f.missing) for f in reading.facts if f.form == "national_2014"} == {(None, "ambiguous")}
    assert sorted(r.text[:2] for r in reading.residue) == ["21"] * len(lines) + ["22"] * len(lines)


def test_rows_of_unknown_lines_before_the_first_known_one_are_kept() -> None:
    title = "某某市人民政府2022年政府信息公开工作年度报告\n\n二、主动公开政府信息情况\n\n"
    header = "信息内容 本年制发件数 本年废止件数 现行有效件数\n"
    reading = read(f"{title}{header}地方性法规 7 8 9\n规章 1 0 11\n行政规范性文件 2 0 5\n部门文件 4 6 3\n".encode())
    assert [f.value for f in reading.facts if f.line == "rules"] == [1, 0, 11]
    assert [r.text for r in reading.residue if r.table == "two"] == list("789463")

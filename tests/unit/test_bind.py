"""Binding of small grids: by words and direction; what has no place is residue; nothing is guessed."""

from decimal import Decimal

import pytest

from extractors.documents import text as text_format
from extractors.documents.spans import place
from extractors.forms.catalogue import default
from extractors.model import Grid
from extractors.reading.bind import Bound, bind
from extractors.reading.recognise import recognise

FORMS = default()
THREE = FORMS.table("national_2019", "three")
TWO = FORMS.table("national_2019", "two")
HEADER = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]


def grid(*rows: list[str], aligned: bool = True) -> Grid:
    return Grid(1, "table 1", place([[(cell, 1, 1) for cell in row] for row in rows]), aligned)


def values(bound: Bound, line: str) -> list[Decimal | None]:
    return [f.value for (code, _), f in bound.facts.items() if code == line]


def flowing(source: str) -> Grid:
    return text_format.read(source.encode()).grids[0]


def test_columns_are_found_by_their_words_in_any_order() -> None:
    bound = bind(THREE, grid([*HEADER[:1], "总计", *HEADER[1:7]], ["(一)予以公开", "21", "1", "2", "3", "4", "5", "6"]))
    assert {column: f.value for (_, column), f in bound.facts.items()} == {
        "total": 21, "natural": 1, "business": 2, "research": 3, "public_welfare": 4, "legal_service": 5, "other_org": 6,
    }  # fmt: skip
    assert not bound.residue


def test_a_row_of_unknown_label_is_kept_as_residue() -> None:
    bound = bind(THREE, grid(HEADER, ["(一)予以公开", *"1000001"], ["9.属于工作秘密", *"0000020"]))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    assert [(r.text, r.reason) for r in bound.residue][5] == ("2", "unknown line: 9.属于工作秘密")
    assert len(bound.residue) == 7


def test_a_row_set_one_to_the_left_is_read_with_the_reason() -> None:
    row = ["", "(一)予以公开", "6", "0", "0", "0", "0", "0", "6", ""]
    bound = bind(THREE, grid(["", "", *HEADER[0:1], *HEADER[1:]], row))
    assert values(bound, "granted") == [6, 0, 0, 0, 0, 0, 6]
    assert "one cell to the left" in bound.facts["granted", "natural"].note


def test_an_incomplete_row_is_not_shifted() -> None:
    row = ["", "(一)予以公开", "6", "0", "", "0", "0", "0", "6", ""]
    bound = bind(THREE, grid(["", "", "", *HEADER[1:]], row))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}
    assert [r.text for r in bound.residue] == ["6", "0", "0", "0", "0", "6"]


def test_a_figure_before_the_labels_is_residue_where_its_column_has_a_name_of_its_own() -> None:
    bound = bind(THREE, grid(["", "人口", *HEADER[1:]], ["(一)予以公开", "9", *"1000001"]))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    assert [(r.text, r.reason) for r in bound.residue] == [("9", "unknown column: 人口")]


def test_a_column_that_lost_its_label_makes_those_beside_it_ambiguous() -> None:
    header = [*HEADER[:5], HEADER[6], "", HEADER[7]]  # of the five kinds of legal persons one is not named
    bound = bind(THREE, grid(header, ["(一)予以公开", "6", "1", "2", "3", "4", "5", "21"]))
    assert values(bound, "granted") == [None] * 7
    assert {r.reason for r in bound.residue} == {"more cells than column labels"}


def test_table_four_by_outcomes_is_residue() -> None:
    rows = (
        ["结果维持", "1", "2", "3"],
        ["结果纠正", "0", "0", "0"],
        ["其他结果", "0", "0", "1"],
        ["尚未审结", "0", "4", "0"],
    )
    table = FORMS.table("national_2019", "four")
    bound = bind(table, grid(["", "行政复议", "未经复议直接起诉", "复议后起诉"], *rows))
    assert not any(f.value is not None for f in bound.facts.values())
    assert len(bound.residue) == 12


def test_figures_run_together_are_illegible_and_the_cells_below_too() -> None:
    bound = bind(
        THREE,
        grid(HEADER, ["3.危及“三安全一稳定”", "0 0 3", *"000000"], ["4.保护第三方合法权益", "", *"000000"],
             ["5.属于三类内部事务信息", "", *"000003"], ["6.属于四类过程性信息", "", *"000000"]),
    )  # fmt: skip
    reasons = [bound.facts[line, "natural"].missing for line in
               ("denied.safety_stability", "denied.third_party", "denied.internal_affairs", "denied.deliberative")]  # fmt: skip
    assert reasons == ["illegible", "illegible", "illegible", "blank"]
    assert [r.text for r in bound.residue] == ["0", "0", "3"]


def test_a_figure_among_words_is_illegible_and_kept() -> None:
    bound = bind(
        THREE, grid(HEADER, ["(一)予以公开", "约5", "3户,其中1户撤回", *"00008"], ["(二)部分公开", "", "", *"00000"])
    )
    assert [bound.facts["granted", column].missing for column in ("natural", "business")] == ["illegible", "illegible"]
    assert bound.facts["partial", "business"].missing == "blank"
    assert [(r.text, r.reason) for r in bound.residue] == [(n, "a figure among words") for n in "531"]


def test_a_line_that_stands_twice_is_a_copy_or_ambiguous() -> None:
    row = ["(一)予以公开", *"1000001"]
    bound = bind(THREE, grid(HEADER, row, row))
    assert (values(bound, "granted"), bound.repeated, bound.residue) == ([1, 0, 0, 0, 0, 0, 1], 7, [])
    bound = bind(THREE, grid(HEADER, row, ["(一)予以公开", *"2000002"]))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}
    assert [r.text for r in bound.residue] == list("10000012000002")


def test_another_total_beside_the_total_of_the_form_is_an_unknown_column() -> None:
    header = [*HEADER[:7], "合计", "总计"]
    bound = bind(THREE, grid(header, ["(一)予以公开", *"10000001"], ["(二)部分公开", *"1000000"]))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    assert bound.facts["partial", "total"].missing == "ambiguous"


def test_rows_that_lost_a_cell_are_ambiguous_where_others_have_one_more_than_labels() -> None:
    numbered = [
        ["(一)予以公开", "3", *"1000001"],
        ["(二)部分公开", "4", *"0000000"],
        ["1.属于国家秘密", "5", *"000000"],
    ]
    bound = bind(THREE, grid(HEADER, *numbered))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}


def test_blank_cells_behind_most_rows_say_nothing_of_the_others() -> None:
    rows = [["(一)予以公开", *"1000001", ""], ["(二)部分公开", *"0000000", ""], ["1.属于国家秘密", *"1000001"]]
    bound = bind(THREE, grid(HEADER, *rows))
    assert (values(bound, "granted"), bound.residue) == ([1, 0, 0, 0, 0, 0, 1], [])
    assert {f.missing for f in bound.facts.values()} == {None}


def test_words_in_a_row_shorter_than_the_headers_make_it_ambiguous() -> None:
    bound = bind(
        THREE, grid([*HEADER, "备注"], ["(一)予以公开", *"100001", "见附件"], ["(二)部分公开", *"1000001", "无"])
    )
    assert {bound.facts["granted", c.code].missing for c in THREE.columns} == {"ambiguous"}
    assert values(bound, "partial") == [1, 0, 0, 0, 0, 0, 1]


def test_figures_among_words_in_a_row_with_a_cell_too_many_are_kept() -> None:
    bound = bind(THREE, grid(HEADER, ["(一)予以公开", "约5", "3", *"000008"]))
    assert [r.text for r in bound.residue] == ["5", "3", *"000008"]


def test_spans_that_differ_from_the_header_bind_where_the_words_leave_one_choice() -> None:
    cells = place(
        [
            [("信息内容", 1, 1), ("上一年项目数量", 1, 1), ("本年增/减", 1, 2), ("处理决定数量", 1, 1)],
            [("行政许可", 1, 1), ("364", 1, 2), ("减12", 1, 1), ("309685", 1, 1)],
        ]
    )
    bound = bind(TWO, Grid(1, "table 1", cells))
    assert {c: f.value for (_, c), f in bound.facts.items()} == {
        "prior_items": 364,
        "item_change": -12,
        "decisions": 309685,
    }


@pytest.mark.parametrize(("beside", "published"), [("", 31), ("—", None)])
def test_a_dash_beside_a_figure_under_one_label_makes_both_doubtful(beside: str, published: int | None) -> None:
    cells = place(
        [
            [("信息内容", 1, 1), ("本年新制作数量", 1, 1), ("本年新公开数量", 1, 2), ("对外公开总数量", 1, 1)],
            [("规章", 1, 1), ("31", 1, 1), ("31", 1, 1), (beside, 1, 1), ("98", 1, 1)],
        ]
    )
    assert values(bind(TWO, Grid(1, "table 1", cells)), "rules") == [31, published, 98]


def test_a_row_that_lost_a_cell_is_ambiguous_as_a_whole_where_another_lies_under_two_labels() -> None:
    cells = place(
        [
            [("信息内容", 1, 1), ("上一年项目数量", 1, 1), ("本年增/减", 1, 2), ("处理决定数量", 1, 1)],
            [("行政许可", 1, 1), ("减12", 1, 1), ("309685", 1, 3)],
        ]
    )
    bound = bind(TWO, Grid(1, "table 1", cells))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}
    assert [r.text for r in bound.residue] == ["减12", "309685"]


@pytest.mark.parametrize(
    "label",
    [
        "三、本年度办理结果（三）不予公开1.属于国家秘密",
        "三、本年度办理结果\n（三）不予公开\n1. 属于国家密秘",
        "不予公开1、属于国家秘密",
    ],
)
def test_a_label_may_hold_its_headings(label: str) -> None:
    bound = bind(THREE, grid(HEADER, [label, *"1000001"]))
    assert values(bound, "denied.state_secret") == [1, 0, 0, 0, 0, 0, 1]


def test_a_label_that_holds_another_line_names_neither() -> None:
    bound = bind(THREE, grid(HEADER, ["（一）予以公开（七）总计", *"1000001"]))
    assert not bound.facts
    assert len(bound.residue) == 7


def test_running_text_with_a_figure_lost_is_ambiguous() -> None:
    bound = bind(
        THREE,
        flowing(
            "自然人 商业企业 科研机构 社会公益组织 法律服务机构 其他 总计\n(一)予以公开 7 1 8\n(二)部分公开 1 0 0 0 0 0 1\n"
        ),
    )
    assert {f.missing for (line, _), f in bound.facts.items() if line == "granted"} == {"ambiguous"}
    assert [r.text for r in bound.residue] == ["7", "1", "8"]
    assert values(bound, "partial") == [1, 0, 0, 0, 0, 0, 1]


def test_a_group_in_the_header_stands_where_its_members_belong() -> None:
    header = "自然人 法人或其他组织 总计\n商业\n企业\n科研\n机构\n社会公\n益组织\n法律服\n务机构\n其他\n"
    bound = bind(THREE, flowing(header + "(一)予以公开 1 2 3 4 5 6 21\n"))
    assert {c: f.value for (_, c), f in bound.facts.items()}["total"] == 21
    assert {c: f.value for (_, c), f in bound.facts.items()}["business"] == 2


def test_table_four_with_headers_of_single_characters() -> None:
    heads = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    rows = [
        ["行政复议", "", "", "", "", "行政诉讼", *[""] * 9],
        [""] * 5 + ["未经复议直接起诉", "", "", "", "", "复议后起诉", "", "", "", ""],
    ]
    rows += [[h[i] if i < len(h) else "" for h in heads * 3] for i in range(4)]
    bound = bind(FORMS.table("national_2019", "four"), grid(*rows, list("142070000010001")))
    assert {k: f.value for k, f in bound.facts.items()}["review", "other_outcome"] == 2
    assert {k: f.value for k, f in bound.facts.items()}["litigation.after_review", "total"] == 1
    assert not bound.residue


def test_recognition_needs_the_words() -> None:
    assert recognise(grid(["姓名", "人数"], ["规章", "3"]), FORMS) == []
    found = recognise(
        grid(["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", "1", "0", "11"]), FORMS
    )
    assert [(c.table.form, c.table.code) for c in found] == [("national_2021", "two")]


def test_a_column_of_unknown_label_is_kept_as_residue_with_the_label() -> None:
    bound = bind(THREE, grid([*HEADER, "外国人"], ["(一)予以公开", *"1000001", "4"]))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    assert [(r.text, r.reason) for r in bound.residue] == [("4", "unknown column: 外国人")]


OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
FOUR = FORMS.table("national_2019", "four")


def table_four(*below: list[str]) -> Grid:
    above = [("行政复议", 1, 5), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)]
    return Grid(1, "table 1", place([
        [(t, r, c) for t, r, c in above], [(t, 1, 1) for t in OUTCOMES * 3], *([(t, 1, 1) for t in row] for row in below),
    ]))  # fmt: skip


def test_a_note_below_table_four_is_not_its_header() -> None:
    figures = [str(i) for i in range(15, 0, -1)]
    bound = bind(FOUR, table_four(figures, ["注:其中3件为上年结转。"]))
    assert values(bound, "review") == [15, 14, 13, 12, 11]
    assert values(bound, "litigation.after_review") == [5, 4, 3, 2, 1]


def test_a_row_that_counts_the_columns_of_table_four_is_not_its_figures() -> None:
    counting = [str(i) for i in range(1, 16)]
    bound = bind(FOUR, table_four(counting, ["7"] * 15))
    assert {f.value for f in bound.facts.values()} == {7}
    assert not bound.residue
    assert values(bind(FOUR, table_four(counting)), "review") == [1, 2, 3, 4, 5]
    again = bind(FOUR, table_four(["7"] * 15, counting))
    assert {f.value for f in again.facts.values()} == {7}
    assert len(again.residue) == 15


def test_a_row_that_counts_the_columns_may_say_so() -> None:
    counted = ["栏次", *map(str, range(2, 16))]
    assert values(bind(FOUR, table_four(counted, [*"000000000000000"])), "review") == [0] * 5


def test_a_column_of_serial_numbers_is_not_a_column_of_figures() -> None:
    bound = bind(THREE, grid(["序号", *HEADER], ["12", "(一)予以公开", *"1000001"]))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    assert not bound.residue


def test_a_figure_in_the_brackets_of_a_label_is_no_value() -> None:
    source = "一、主动公开情况\n(一)主动公开政府信息数\n(不同渠道和方式公开相同信\n息计 1 条)\n条 33\n其中:主动公开规范性文件数 条 13\n"
    bound = bind(FORMS.table("national_2014", "2014"), flowing(source))
    assert values(bound, "disclosed.total") == [33]
    assert values(bound, "disclosed.normative") == [13]
    never_closed = bind(
        FORMS.table("national_2014", "2014"),
        flowing("主动公开政府信息数(不同渠道和方式 条 33\n主动公开规范性文件数 条 13\n制发规范性文件总数 件 3\n"),
    )
    assert values(never_closed, "issued.normative") == [3]


def test_an_order_of_columns_that_two_rows_of_a_header_leave_open_is_not_guessed() -> None:
    header = "法人或其他组织\n自然人 总计\n商业企业 科研机构 社会公益组织 法律服务机构 其他\n"
    bound = bind(THREE, flowing(header + "(一)予以公开 1 2 3 4 5 6 21\n"))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}
    assert len(bound.residue) == 7


def test_torn_labels_are_not_taken_for_others_that_resemble_them() -> None:
    torn = "4．政务\n微信公\n条 4\n开政府\n信息数\n5．其他\n方式公\n条 0\n开政府\n信息数\n二、回\n应解读\n"
    bound = bind(FORMS.table("national_2014", "2014"), flowing(torn))
    assert not [f for f in bound.facts.values() if f.value is not None]


GROUPED = [
    [("", 2, 3), ("自然人", 2, 1), ("法人或其他组织", 1, 5), ("总计", 2, 1)],
    [(label, 1, 1) for label in HEADER[2:7]],
]
NEW = "一、本年新收政府信息公开申请数量"


def spanned(*rows: list[tuple[str, int, int]]) -> Bound:
    return bind(THREE, Grid(1, "table 1", place([*GROUPED, *rows])))


def figures(text: str) -> list[tuple[str, int, int]]:
    return [(x, 1, 1) for x in text.split()]


@pytest.mark.parametrize("width", [2, 4])
def test_a_row_beside_its_labels_is_read_in_order_where_it_has_a_cell_for_each(width: int) -> None:
    bound = spanned([(NEW, 1, width), *figures("6 1 2 3 4 5 21")])
    assert values(bound, "requests.new") == [6, 1, 2, 3, 4, 5, 21]
    assert "as many cells as labels" in bound.facts["requests.new", "natural"].note
    assert not bound.residue


@pytest.mark.parametrize("text", ["7 1 8", "6 1 2 3 4 21"])
def test_a_row_with_fewer_cells_than_labels_is_ambiguous(text: str) -> None:
    bound = spanned([(NEW, 1, 3), *figures(text)])
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}
    assert [r.text for r in bound.residue] == text.split()


@pytest.mark.parametrize(
    "header",
    [
        [
            ("", 2, 3),
            ("自然人", 2, 1),
            ("法人或其他组织", 1, 1),
            ("总计", 2, 1),
        ],  # the group lost its width: 总计 is inside it
        [("", 2, 3), ("自然人", 1, 1), ("法人或其他组织", 1, 5), ("总计", 1, 1)],  # 商业企业 slid under 自然人
    ],
)
def test_labels_out_of_their_order_bind_nothing(header: list[tuple[str, int, int]]) -> None:
    row = [(NEW, 1, 3), *figures("6 1 2 3 4 5 21")]
    bound = bind(THREE, Grid(1, "table 1", place([header, GROUPED[1], row])))
    assert {f.value for f in bound.facts.values()} == {None}
    assert len(bound.residue) == 7


def test_a_word_beside_figures_is_no_label_of_a_column() -> None:
    rows = [[(label, 1, 3), *figures("6 1 2 3 4 5 21")] for label in (NEW, "（七）总计", "合计", "其他")]
    bound = spanned(*rows)
    assert values(bound, "requests.new") == values(bound, "processed.total") == [6, 1, 2, 3, 4, 5, 21]
    assert {r.reason for r in bound.residue} == {"unknown line: 合计", "unknown line: 其他"}


def test_a_group_heard_before_all_columns_changes_no_order() -> None:
    head = "法人或其他组织\n自然人 商业企业 科研机构 社会公益组织 法律服务机构 其他 总计\n"
    bound = bind(THREE, flowing(f"{head}(一)予以公开 1 2 3 4 5 6 21\n(二)部分公开 0 0 0 0 0 0 0\n"))
    assert values(bound, "granted") == [1, 2, 3, 4, 5, 6, 21]


def test_rows_with_names_of_their_own_under_table_four_are_residue() -> None:
    below = [["2021年", *"12306" * 3], ["2022年", *"00000" * 3]]
    bound = bind(FORMS.table("national_2019", "four"), table_four(*below))
    assert not [f for f in bound.facts.values() if f.value is not None]
    assert len(bound.residue) == 30


def test_table_four_in_running_text_with_torn_labels() -> None:
    above = "行政复议 行政诉讼\n未经复议直接起诉 复议后起诉\n"
    torn = f"{'结果 结果 其他 尚未 总 ' * 3}\n{'维持 纠正 结果 审结 计 ' * 3}\n"
    bound = bind(FORMS.table("national_2019", "four"), flowing(f"{above}{torn}{' '.join('123060000010001')}\n"))
    assert (values(bound, "review"), values(bound, "litigation.after_review")) == ([1, 2, 3, 0, 6], [1, 0, 0, 0, 1])
    other = bind(FORMS.table("national_2019", "four"), flowing(f"{above}{torn}{' '.join('12306000001000')}\n"))
    assert not [f for f in other.facts.values() if f.value is not None]


def test_table_four_with_a_row_for_each_line() -> None:
    rows = [["", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"], ["行政复议", *"12306"],
            ["未经复议直接起诉", *"00000"], ["复议后起诉", *"10001"]]  # fmt: skip
    bound = bind(FORMS.table("national_2019", "four"), grid(*rows))
    assert (values(bound, "review"), values(bound, "litigation.after_review")) == ([1, 2, 3, 0, 6], [1, 0, 0, 0, 1])
    assert not bound.residue


def test_table_four_in_three_parts() -> None:
    outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    parts = [["行政复议", *[""] * 4], ["未经复议直接诉讼", *[""] * 4], ["复议后起诉", *[""] * 4]]
    below = [list("12306"), list("00000"), list("10001")]
    rows = [row for part, figures in zip(parts, below, strict=True) for row in (part, outcomes, figures)]
    spans = [[(rows[i][0], 1, 5)] if i % 3 == 0 else [(c, 1, 1) for c in rows[i]] for i in range(9)]
    bound = bind(FORMS.table("national_2019", "four"), Grid(1, "table 1", place(spans)))
    assert (values(bound, "review"), values(bound, "litigation.direct"), values(bound, "litigation.after_review")) == (
        [1, 2, 3, 0, 6], [0] * 5, [1, 0, 0, 0, 1],
    )  # fmt: skip
    assert not bound.residue


def test_a_second_row_of_figures_under_the_headers_of_a_part_is_residue() -> None:
    rows = [["行政复议"] * 5, ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"], list("12306"), list("12306"),
            ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"], list("00000")]  # fmt: skip
    bound = bind(FORMS.table("national_2019", "four"), grid(*rows))
    assert (
        sum(len(left) for left in bound.unplaced.values()) + sum(f.value is not None for f in bound.facts.values())
        == 15
    )


@pytest.mark.parametrize(
    ("label", "amount", "unit"),
    [
        ("采购总金额", "125.43", ""), ("采购总金额（万元）", "125.43", "万元"), ("采购总金额\n单位：元", "125.43", "元"),
        ("采购总金额（万元）", "125元", "元"),
    ],
)  # fmt: skip
def test_an_amount_has_the_unit_that_is_printed(label: str, amount: str, unit: str) -> None:
    bound = bind(TWO, grid(["信息内容", "采购项目数量", label], ["政府集中采购", "12", amount]))
    assert bound.facts["procurement", "amount"].unit == unit


@pytest.mark.parametrize(("aligned", "unit", "found"), [(True, "元", "元"), (True, "万元", "万元"), (True, "", "万元"), (False, "元", "元")])  # fmt: skip
def test_an_amount_has_the_unit_of_its_row(aligned: bool, unit: str, found: str) -> None:
    rows = [
        ["指标名称", "单位", "统计数"],
        ["（一）主动公开政府信息数", "条", "3"],
        ["七、依申请公开信息收取的费用", unit, "3500"],
    ]
    table = grid(*rows) if aligned else flowing("\n".join(" ".join(row) for row in rows))
    assert bind(FORMS.table("national_2014", "2014"), table).facts["request_fees", "value"].unit == found


def test_a_label_torn_by_spaces_is_whole_before_its_end_is_another_label() -> None:
    table = default().table("national_2014", "2014")
    words = ["2.同意公开答复数", "件", "3", "4.不", "同意公开答复数", "件", "0"]
    bound = bind(table, grid(words, aligned=False))
    assert {key: fact.value for key, fact in bound.facts.items()} == {
        ("replies.granted", "value"): 3, ("replies.denied", "value"): 0
    }  # fmt: skip


def test_a_header_torn_by_spaces_and_a_number_torn_from_its_bracket() -> None:
    header = ["自然", "人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    words = [*header, "(一)予以公开", *"1000001", "(七", ")总计", *"2000002"]
    bound = bind(THREE, grid(words, aligned=False))
    lines = dict.fromkeys(line for line, _ in bound.facts)
    assert [[f.value for (line, _), f in bound.facts.items() if line == one] for one in lines] == [
        [1, 0, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 0, 2]
    ]  # fmt: skip


@pytest.mark.parametrize("more", ["", "3"])
def test_a_row_that_reaches_beyond_the_labels_of_table_four_moved_and_binds_nothing(more: str) -> None:
    row = [str(i) for i in range(15, 0, -1)]
    bound = bind(FOUR, table_four([*row[:4], more, *row[4:]]))
    assert not [f for f in bound.facts.values() if f.value is not None]
    assert len(bound.residue) == (16 if more else 15)


def test_a_row_of_table_four_with_a_name_that_the_labels_do_not_leave_room_for_is_read_in_order() -> None:
    bound = bind(FOUR, table_four(["数量", *[str(i) for i in range(15, 0, -1)]]))
    assert values(bound, "review") == [15, 14, 13, 12, 11]
    assert not bound.residue


def test_of_several_years_under_table_four_that_of_the_report_is_read() -> None:
    above = [("年度", 3, 1), ("行政复议", 1, 5), ("行政诉讼", 1, 10)]
    middle = [*((label, 2, 1) for label in OUTCOMES), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)]
    below = [[(cell, 1, 1) for cell in row] for row in (["2021年", *"92306" * 3], ["2022年", *"12306" * 3])]
    table = Grid(1, "table 1", place([above, middle, [(label, 1, 1) for label in OUTCOMES * 2], *below]))
    bound = bind(FOUR, table, 2022)
    assert values(bound, "review") == values(bound, "litigation.direct") == [1, 2, 3, 0, 6]
    assert {r.reason for r in bound.residue} == {"the figures of another year"}
    assert len(bound.residue) == 15


def test_both_kinds_of_litigation_together_are_another_group_beside_them() -> None:
    names = ["行政复议", "未经复议直接起诉", "复议后起诉", "诉讼合计"]
    rows = [[(name, 1, 5) for name in names], [(label, 1, 1) for label in OUTCOMES * 4]]
    table = Grid(1, "table 1", place([*rows, [(cell, 1, 1) for cell in "12306000001000110001"]]))
    bound = bind(FOUR, table)
    assert values(bound, "litigation.after_review") == [1, 0, 0, 0, 1]
    assert {r.reason for r in bound.residue} == {"a group of columns whose label is not certain"}
    assert len(bound.residue) == 5


def test_a_label_that_stands_twice_among_the_others_binds_nothing() -> None:
    header = ["", "自然人", "其他", *HEADER[2:6], "总计", "其他"]
    bound = bind(THREE, grid(header, ["(一)予以公开", *"19000018"]))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}


@pytest.mark.parametrize("aligned", [True, False])
def test_a_total_among_what_it_adds_up_has_left_its_place(aligned: bool) -> None:
    header = ["", "自然人", "总计", *HEADER[2:7]]
    bound = bind(THREE, grid(header, ["(一)予以公开", *"1000023"], aligned=aligned))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}


def test_a_label_above_another_part_of_the_table_is_none_of_this_one() -> None:
    rows = [["信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量", "备注"], ["规章", *"123", ""],
            ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"], ["行政许可", "7", "364", "3", "99"]]  # fmt: skip
    bound = bind(TWO, grid(*rows))
    assert {bound.facts["licensing", column].missing for column in ("prior_items", "item_change", "decisions")} == {
        "ambiguous"
    }
    assert values(bound, "rules") == [1, 2, 3]


def test_a_wide_cell_that_reaches_beyond_the_labels_makes_its_row_ambiguous() -> None:
    rows = [[("信息内容", 1, 1), ("上一年项目数量", 1, 1), ("本年增/减", 1, 2)],
            [("行政事业性收费", 1, 1), ("77", 1, 1), ("5", 1, 1), ("2", 1, 2)]]  # fmt: skip
    bound = bind(TWO, Grid(1, "table 1", place(rows)))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}
    assert [r.text for r in bound.residue] == ["77", "5", "2"]


def test_a_second_figure_beside_that_of_a_table_with_one_column_is_not_passed_over() -> None:
    rows = [["统计指标", "单位", "统计数"], ["1.当面申请数", "件", "3"], ["2.传真申请数", "件", "7", "4"]]
    bound = bind(FORMS.table("national_2014", "2014"), grid(*rows))
    assert values(bound, "requests.in_person") == [3]
    assert bound.facts["requests.fax", "value"].missing == "ambiguous"


def test_figures_that_ran_together_with_their_unit_are_kept() -> None:
    bound = bind(TWO, grid(["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "12 125.4万元"]))
    assert [r.text for r in bound.residue] == ["12", "125.4"]


def test_figures_among_the_words_of_an_unknown_column_are_kept() -> None:
    bound = bind(THREE, grid([*HEADER, "同比"], ["(一)予以公开", *"1000001", "12.5%"]))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    assert [(r.text, r.reason) for r in bound.residue] == [("12.5", "unknown column: 同比")]


def test_a_cell_taken_apart_with_its_label_is_one_figure() -> None:
    rows = [["信息内容", *["处理决定数量"] * 3], ["行政许可", "31", "31", "31"], ["行政处罚", "3", "1", "31"]]
    bound = bind(TWO, grid(*rows))
    assert bound.facts["licensing", "decisions"].value == 31
    assert (bound.facts["penalties", "decisions"].missing, bound.repeated) == ("ambiguous", 2)


def test_a_label_with_its_heading_in_one_cell_is_the_label() -> None:
    bound = bind(
        THREE, grid(HEADER, ["（三）不予公开1.属于国家秘密", *"1000001"], ["（五）不予处理 2.重复申请", *"2000002"])
    )
    assert values(bound, "denied.state_secret") == [1, 0, 0, 0, 0, 0, 1]
    assert values(bound, "unprocessed.repeat") == [2, 0, 0, 0, 0, 0, 2]


def test_blank_cells_before_the_labels_are_no_cells_of_a_row() -> None:
    bound = bind(THREE, grid(["", "", *HEADER[1:]], ["(一)予以公开", "", *"123456"]))
    assert {f.missing for f in bound.facts.values()} == {"ambiguous"}


def test_figures_that_ran_together_along_a_row_leave_none_behind_them_certain() -> None:
    rows = [["(一)予以公开", "1", "0 2", *"0003", ""], ["(二)部分公开", *"1000001"]]
    bound = bind(THREE, grid(HEADER, *rows))
    assert values(bound, "granted") == [None] * 7
    assert values(bound, "partial") == [1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("aligned", [True, False])
def test_of_two_labels_the_one_with_the_number_of_the_line_names_it(aligned: bool) -> None:
    table = FORMS.table("national_2021", "three")
    rows = [HEADER[1:], ["9.其他", *"9000009"], ["3.其他", *"1000001"]]
    rows[0] = HEADER if aligned else HEADER[1:]
    bound = bind(table, grid(*rows, aligned=aligned))
    assert values(bound, "other.other") == [1, 0, 0, 0, 0, 0, 1]


def test_a_sum_without_the_number_of_the_total_is_not_the_line() -> None:
    bound = bind(THREE, grid(HEADER[1:], ["合计", *"9000009"], ["（七）总计", *"1000001"], aligned=False))
    assert values(bound, "processed.total") == [1, 0, 0, 0, 0, 0, 1]


def test_a_second_row_of_table_four_in_running_text_is_kept() -> None:
    above = f"行政复议 行政诉讼\n未经复议直接起诉 复议后起诉\n{' '.join(OUTCOMES * 3)}\n"
    row, other = (" ".join(digits * 3) for digits in ("12306", "92308"))
    bound = bind(FOUR, flowing(f"{above}{row}\n{other}\n"))
    assert (len(bound.facts), len(bound.residue)) == (15, 30)
    named = bind(FOUR, flowing(f"{above}2022年 {row}\n2021年 {other}\n"))
    assert not [f for f in named.facts.values() if f.value is not None]
    assert len(named.residue) == 30


def test_the_number_of_a_label_in_a_cell_of_its_own_is_part_of_it() -> None:
    header = [("", 1, 3), *((label, 1, 1) for label in HEADER[1:])]
    rows = [[("（三）不予公开", 2, 1), ("1.", 1, 1), ("属于国家秘密", 1, 1), *figures("1 0 0 0 0 0 1")],
            [("2.", 1, 1), ("其他法律行政法规禁止公开", 1, 1), *figures("2 0 0 0 0 0 2")]]  # fmt: skip
    bound = bind(THREE, Grid(1, "table 1", place([header, *rows])))
    assert values(bound, "denied.other_law") == [2, 0, 0, 0, 0, 0, 2]
    assert not bound.residue


def test_a_header_that_is_too_wide_leaves_no_room_for_a_cell_too_many() -> None:
    above = [("行政复议", 1, 5), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 6)]
    rows = [above, [(label, 1, 1) for label in OUTCOMES * 3], [(str(i), 1, 1) for i in range(16, 0, -1)]]
    bound = bind(FOUR, Grid(1, "table 1", place(rows)))
    assert not [f for f in bound.facts.values() if f.value is not None]
    assert len(bound.residue) == 16


def test_figures_of_table_four_that_ran_together_beside_a_blank_cell_leave_none_certain() -> None:
    bound = bind(FOUR, table_four(["1", "", "2", "3", "0 6", *"0000010001"]))
    assert not [f for f in bound.facts.values() if f.value is not None]
    assert len(bound.residue) == 15


def test_units_between_the_figures_of_a_line_end_no_record() -> None:
    bound = bind(THREE, flowing(" ".join(HEADER[1:]) + "\n(一)予以公开 1 件 0 件 0 件 0 件 0 件 0 件 1 件\n"))
    assert values(bound, "granted") == [1, 0, 0, 0, 0, 0, 1]
    two = bind(
        FORMS.table("national_2014", "2014"), flowing("收到申请数 7 件 12\n1.当面申请数 3 件 4\n2.传真申请数 1\n")
    )
    assert {two.facts[line, "value"].missing for line in ("requests.received", "requests.in_person")} == {"ambiguous"}
    assert [r.text for r in two.residue] == ["7", "12", "3", "4"]


def test_table_four_without_one_of_its_groups_is_read_by_the_names_of_the_others() -> None:
    above = [("行政复议", 1, 5), ("未经复议直接起诉", 1, 5)]
    rows = [above, [(label, 1, 1) for label in OUTCOMES * 2], [(digit, 1, 1) for digit in "1230610001"]]
    bound = bind(FOUR, Grid(1, "table 1", place(rows)))
    assert (values(bound, "review"), values(bound, "litigation.direct")) == ([1, 2, 3, 0, 6], [1, 0, 0, 0, 1])
    assert not values(bound, "litigation.after_review")


def test_the_label_of_a_line_above_names_no_column() -> None:
    rows = [("（一）予以公开", *figures("6 1 2 3 4 5 21")), ("（二）部分公开", *figures("1 6 1 2 3 4 5 21"))]
    wide, narrow = ([(label, 1, width), *row] for width, (label, *row) in zip((2, 2), rows, strict=True))
    bound = spanned([("一", 1, 1), ("二", 1, 1), (NEW, 1, 1), *figures("6 1 2 3 4 5 21")], wide, narrow)
    assert values(bound, "granted") == [6, 1, 2, 3, 4, 5, 21]
    assert values(bound, "partial") == [None] * 7


def test_hard_spaces_of_a_text_are_blank_cells_where_there_are_as_many_as_columns() -> None:
    header = "自然人\n商业企业\n科研机构\n社会公益组织\n法律服务机构\n其他\n总计\n"
    one = "(一)予以公开\n3\n1\n\xa0\n\xa0\n2\n\xa0\n6\n"
    bound = bind(
        THREE, flowing(header + one + "(二)部分公开\n3\n1\n0\n0\n2\n0\n6\n\xa0\n(七)总计\n6\n2\n\xa0\n4\n12\n")
    )
    assert values(bound, "granted") == [3, 1, None, None, 2, None, 6]
    assert {f.missing for (code, _), f in bound.facts.items() if code == "granted" and f.value is None} == {"blank"}
    assert values(bound, "partial") == [3, 1, 0, 0, 2, 0, 6], "a hard space may part two rows"
    assert {f.missing for (code, _), f in bound.facts.items() if code == "processed.total"} == {"ambiguous"}
    table_four = "行政复议\n行政诉讼\n结果维持\n结果纠正\n其他结果\n尚未审结\n总计\n未经复议直接起诉\n复议后起诉\n" + (
        "结果维持\n结果纠正\n其他结果\n尚未审结\n总计\n" * 2
    )
    four = FORMS.table("national_2019", "four")
    bound = bind(
        four, flowing(table_four + "5\n\t\xa0\t\xa0\t\n2\n7\n8\n\t\xa0\t\xa0\t\n1\n9\n\t\xa0\t\xa0\t\xa0\t\xa0\t\xa0\n")
    )
    assert [f.value for f in bound.facts.values()] == [5, None, None, 2, 7, 8, None, None, 1, 9, *[None] * 5]

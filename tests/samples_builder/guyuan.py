"""Guyuan 2019: a PDF turned into tab-separated text, with the damage of that conversion. No other report.

What a reader must bear, row by row: see DAMAGE below and the comments at the rows. The expected file leaves blank what
only a person can infer; the fragment `0 0 3` is therefore no figure of the expected file but a piece of damage.
"""

from __future__ import annotations

from extractors.forms.catalogue import default
from tests.samples_builder import figures
from tests.samples_builder.figures import Figures
from tests.samples_builder.layout import items, printed

SOURCE = "guyuan-2019"
NAME = f"{SOURCE}.txt"

BEFORE = """固原市人民政府办公室 2019 年政府信息公开工作年度报告

统计期限为 2019 年 1 月 1 日至 12 月 31 日。

一、总体情况

- (一) 主动公开。市政府办公室 2019 年主动公开信 息 129 条,制发规范性文件 12 件,政策解读 12 篇。
- (二)依申请公开。2019 年,政府办公室收到政府信息公开申请 33 件,都在期限内答复;因此而起的行政复议 1 件,结果是驳回申请。
- (三)监督。抽查结果写成通

报,发给各单位对照整改。

二、主动公开政府信息情况

"""
AFTER = """
五、存在的主要问题及改进情况

平台之间数据没有打通,同一条信息要录入几 次。今后先合并平台,再减少重复填报。

六、其他需要报告的事项
"""

WIDE, THREE, FOUR = 12, 11, 15
"""Cells of a row of tables two, three and four, most of them empty."""

# What is left of the labels of table three: line -> the three cells of labels.
LABELS = {
    "requests.new": ("一、本年", "-新收政府信", "息公开申请数量"),
    "requests.carried_in": ("二、上年", "-结转政府信", "息公开申请数量"),
    "granted": ("", "(一) 予じ"),  # label cut, one cell fewer: the figures stand one column to the left
    "partial": ("", "", "→公开(区分处理 这一情形,不计其"),
    "denied.state_secret": ("", "", "1.属于国家秘密"),
    "denied.other_law": ("三、本", "", "2.其他法律行政法规禁止公开"),
    "denied.safety_stability": ("年度办理结果", "", '3. 危及"三安全 一稳定"'),
    "denied.third_party": ("", "子公开", "4.保护第三方合法权益"),
    "denied.internal_affairs": ("", "", "5.属于三类内部"),
    "denied.deliberative": ("", "", "6.属于四类过程性信息"),
    "denied.enforcement_file": ("", "", "7.属于行政执法"),
    "denied.registry_query": ("", "", "8.属于行政查询"),
    "unavailable.not_held": ("", "", "1.本机关不掌握相关政府信息"),
    "unavailable.needs_creation": ("", "(四)无法提供", "2.没有现成信息需要另行制作"),
    "unavailable.unclear": ("", "", "3.补正后申请内容仍不明确"),
    "unprocessed.petition": ("", "(五)不", "1.信访举报投诉 类申请"),
    "unprocessed.repeat": ("", "", "2.重复申请"),
    "unprocessed.publication": ("", "", "3.要求提供公开 出版物"),
    "unprocessed.excessive": ("", "", "4.无正当理由大量反复申请"),
    "unprocessed.certification": ("", "", "5.要求行政机关 确认或重新出 具已获取信息"),
    "other": ("", "(六) 其他处理", ""),
    "processed.total": ("", "(七) 总计", ""),
    "requests.carried_out": ("四、结转下年度继续办理", ""),  # again one cell fewer
}
MERGED = {("denied.safety_stability", "natural"): "0 0 3"}
"""Three cells of one column in one; the two cells below it are empty."""

PAGE_BREAK_BEFORE = "denied.enforcement_file"
FIRST_PAGE_ENDS = "\t"
"""Rows of the first page carry one empty cell more than those of the second."""

FOUR_HEADER = (
    ("行政复议", "", "", "", "", "行政诉讼"),
    ("", "", "", "", "", ",", "未经复", "议直?", "接起诉", "复议后起诉"),
    ("结", "结", "其", "尚", "", "结", "结", "其", "尚", "", "结", "结", "其", "尚"),
    ("果", "果", "他", "未", "总", "果", "果", "他", "未", "总", "果", "果", "他", "未 未", "总"),
    ("维", "纠", "结", "审", "计"),
    ("持", "正", "果", "结", "", "维", "纠", "结", "审", "计", "维", "纠", "结", "审", "计"),
    ("", "", "", "", "", "持", "正", "果", "结", "", "持", "正", "果", "结"),
)
"""Headers set upright, one character a row, partly in the wrong column."""


def build() -> bytes:
    """The text, UTF-8."""
    known = figures.load(SOURCE)
    text = "\n".join(
        (
            BEFORE + "\n".join(_two(known)),
            "\n三、收到和处理政府信息公开申请情况\n",
            "\n".join(_three(known)),
            "\n四、政府信息公开行政复议、行政诉讼情况\n",
            "\n".join(_four(known)),
            AFTER.rstrip("\n"),
        )
    )
    return text.encode()


def _row(cells: tuple[str, ...] | list[str], width: int) -> str:
    return "\t".join(cells) + "\t" * (width - len(cells))


def _two(known: Figures) -> list[str]:
    table = default().table("national_2019", "two")
    spaced = {"第二十条第（六）项": "第二十条第 (六) 项"}
    rows = [_row(["二、工物公开政府自心情况"], WIDE)]  # the heading again, as the recognition garbled it
    for caption, lines in items(table):
        plain = spaced.get(caption, caption.translate(str.maketrans("（）", "()")))
        rows.append(_row([plain], WIDE))
        if lines[0].code == "rules":
            # a header over two rows
            rows.append(_row(["公 占 山 应", "本年新", "本年新", "对外公开"], WIDE))
            rows.append(_row(["信息内容", "制作数量", "公开数量", "总数量"], WIDE))
        elif lines[0].code == "fees":
            rows.append(_row(["信息内容", "上一年"], WIDE))  # a header cell lost, another cut
        elif lines[0].code == "procurement":
            rows.append(_row(["信息内容"], WIDE))  # the rest of the table is lost
            continue
        else:
            wrong = "減" if lines[0].code == "licensing" else "减"
            rows.append(_row(["信息内容", "上一年 项目数量", f"本年增/{wrong}", "处理决定数量"], WIDE))
        for line in lines:
            rows.append(_row([printed(line.label), *(known["two", line.code, c] for c in line.columns)], WIDE))
    return [*rows, ""]


def _three(known: Figures) -> list[str]:
    table = default().table("national_2019", "three")
    columns = [c.code for c in table.columns]
    rows = [
        _row(["", "", "", "申请人情况"], THREE),
        _row(["(本列数", "(据的勾稽关", "", "法人耳"], THREE),
        "\t".join(
            (
                "第二项之", "之 和,等于第", "三项加第四项之", "自然人", "商业企业", "科研机构", "社会盆织", "法律服务机构",
                "其他", "总计", "",
            )
        ),
    ]  # fmt: skip
    end = FIRST_PAGE_ENDS
    for line in table.lines:
        if line.code == PAGE_BREAK_BEFORE:
            rows.append("")
            end = ""
        cells = [MERGED.get((line.code, c), known["three", line.code, c]) for c in columns]
        row = [*LABELS[line.code], *cells]
        if line.code == "granted":
            row.append("")
        rows.append("\t".join(row) + (FIRST_PAGE_ENDS if line.code == "requests.carried_out" else end))
    return [*rows, ""]


def _four(known: Figures) -> list[str]:
    table = default().table("national_2019", "four")
    figures_row = [known["four", line.code, c.code] for line in table.lines for c in table.columns]
    return [*(_row(list(r), FOUR) for r in FOUR_HEADER), "\t".join(figures_row), ""]

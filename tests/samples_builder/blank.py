"""The empty national form of 2021, as DOCX: three tables without a figure. No report at all."""

from __future__ import annotations

from extractors.forms.catalogue import default
from tests.samples_builder import layout, word

NAME = "blank-form-2021.docx"


def build() -> bytes:
    """The form as the template prints it."""
    two, three, four = (default().table("national_2021", t) for t in ("two", "three", "four"))

    def show(line: str, column: str) -> str:
        return "\u3000" if column in ("issued", "repealed") else ""  # the template pads some cells

    document = word.new()
    for text in ("政府信息公开工作年度报告格式模板", "一、总体情况", "（文字描述）", "二、主动公开政府信息情况"):
        document.add_paragraph(text)
    spans = {3: (1, 1, 1, 1), 1: (1, 3)}
    word.table(document, layout.two(two, show, spans, spans))
    document.add_paragraph("三、收到和处理政府信息公开申请情况")
    word.table(document, layout.three(three, show))
    document.add_paragraph("四、政府信息公开行政复议、行政诉讼情况")
    word.table(document, layout.four(four, show))
    for text in (
        "五、存在的主要问题及改进情况",
        "（文字描述）",
        "六、其他需要报告的事项",
        "（文字描述，收取信息处理费情况在此处报告。）",
    ):
        document.add_paragraph(text)
    return word.to_bytes(document)

"""The words for the units that reports count in. What is a figure and what its unit changes of it, others say."""

UNITS = (
    "亿元", "万元", "元", "人次", "条次", "件次", "场次", "条", "件", "次", "篇", "个", "人", "份", "项", "场", "宗", "家", "起", "户",
    "例", "封", "页", "期", "册", "批",
)  # fmt: skip
ANY = "|".join(UNITS)
"""One of them, for a pattern."""

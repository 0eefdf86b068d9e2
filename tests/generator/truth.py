"""What a generated report says, before it is laid out: agency, year, and a figure for every cell, with all hard identities held.

Knows the forms (codes only) and the arithmetic of the forms; knows no label, no layout and no quirk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from extractors.forms.catalogue import Catalogue, Table, default

Key = tuple[str, str, str]
"""(table, line, column) in the codes of the forms."""

FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "national_2014": (("national_2014", "2014"),),
    "local_fujian": (("local_fujian", "fujian"),),
    "national_2019": (("national_2019", "two"), ("national_2019", "three"), ("national_2019", "four")),
    "national_2021": (("national_2021", "two"), ("national_2021", "three"), ("national_2021", "four")),
    "mixed_2021_2019": (("national_2021", "two"), ("national_2019", "three"), ("national_2019", "four")),
    "mixed_2019_2021": (("national_2019", "two"), ("national_2021", "three"), ("national_2021", "four")),
}
"""Form of a whole report → (form, table) of each of its tables. Mixed reports are real."""

_YEARS = {
    "national_2014": (2014, 2018), "local_fujian": (2008, 2018), "national_2019": (2019, 2021),
    "national_2021": (2021, 2025), "mixed_2021_2019": (2021, 2023), "mixed_2019_2021": (2021, 2023),
}  # fmt: skip

AGENCIES: tuple[tuple[str, str], ...] = (
    ("青川县人民政府", "territory"), ("临江市人民政府", "territory"), ("云溪区人民政府", "territory"),
    ("石桥县人民政府办公室", "office"), ("海宁市人民政府办公室", "office"), ("广元市人民政府办公室", "office"),
    ("宁德市人民政府", "level"), ("衢州市人民政府", "territory"), ("平凉市人民政府", "level"),
    ("青海省人民政府办公厅", "office"), ("贵州省财政厅", "organ"), ("湖北省教育厅", "organ"),
    ("陕西省卫生健康委员会", "organ"), ("吉林省水利厅", "organ"), ("江西省审计厅", "organ"),
    ("绵阳市公安局", "organ"), ("株洲市住房和城乡建设局", "organ"), ("襄阳市生态环境局", "organ"),
    ("遵义市人力资源和社会保障局", "organ"), ("九江市交通运输局", "organ"), ("泰州市市场监督管理局", "organ"),
    ("洛阳市发展和改革委员会", "organ"), ("桂林市应急管理局", "organ"), ("赣州市文化广电和旅游局", "organ"),
    ("安丰县自然资源局", "organ"), ("永泰县农业农村局", "organ"), ("武平县林业局", "organ"),
    ("长乐区民政局", "organ"), ("柳河县司法局", "organ"), ("东台市统计局", "organ"),
    ("金沙镇人民政府", "organ"), ("白塔乡人民政府", "organ"), ("新桥镇人民政府", "organ"),
    ("城东街道办事处", "organ"), ("望江街道办事处", "organ"), ("滨海经济技术开发区管理委员会", "organ"),
    ("空港高新技术产业开发区管理委员会", "organ"), ("国家税务总局南川市税务局", "organ"),
    ("拱北海关", "organ"), ("双河市医疗保障局", "organ"),
)  # fmt: skip


@dataclass(slots=True)
class Expected:
    """What a right reader says of one cell of the form.

    `values` are the values it may give, `missing` the reasons it may give instead. Readable: exactly one value and no
    reason. `unit` is the unit printed in the cell, empty where none is.
    """

    values: frozenset[Decimal]
    missing: frozenset[str] = frozenset()
    unit: str = ""

    @property
    def readable(self) -> bool:
        return len(self.values) == 1 and not self.missing

    def lost(self, *reasons: str) -> None:
        """From here on the document does not give the value."""
        self.values, self.missing = frozenset(), frozenset(reasons)


@dataclass(slots=True)
class ReportTruth:
    """The truth of one report. `forms` maps a table to the forms that a right reader may call it by."""

    form: str
    agency: str
    year: int
    scope: str
    tables: tuple[tuple[str, str], ...]
    figures: dict[Key, Decimal]
    prose: dict[str, Decimal]
    growth: dict[str, str] = field(default_factory=dict)
    """Words about last year right behind a figure of the prose; what they state is in `prose`, by line and column."""
    forms: dict[str, frozenset[str]] = field(default_factory=dict)
    expected: dict[Key, Expected] = field(default_factory=dict)


def make(rng: Random, form: str, catalogue: Catalogue | None = None) -> ReportTruth:
    """A truth for `form` (a key of FORMS), every hard identity of its tables held."""
    forms = catalogue or default()
    agency, scope = rng.choice(AGENCIES)
    size = rng.choice((0, 1, 2, 2, 3))
    figures: dict[Key, Decimal] = {}
    for owner, code in FORMS[form]:
        table = forms.table(owner, code)
        cells = _MAKERS[code](rng, table, size)
        printed = {(line.code, column.code) for line, column in table.cells()}
        if set(cells) != printed:
            raise AssertionError(f"{owner} {code}: cells without a rule: {sorted(printed ^ set(cells))}")
        figures |= {(code, line, column): value for (line, column), value in cells.items()}
    prose = _prose(rng, figures)
    growth = _growth(prose)
    truth = ReportTruth(
        form, agency, rng.randint(*_YEARS[form]), scope, FORMS[form], figures, prose, growth
    )  # fmt: skip
    truth.forms = {code: frozenset((owner,)) for owner, code in FORMS[form]}
    if form.startswith("mixed"):  # table four of 2019 and 2021 is one and the same
        truth.forms["four"] = frozenset(("national_2019", "national_2021"))
    truth.expected = {key: Expected(frozenset((value,))) for key, value in figures.items()}
    return truth


Cells = dict[tuple[str, str], Decimal]


def _some(rng: Random, size: int, zero: float = 0.5) -> int:
    """A count: often zero, else of a magnitude that grows with the size of the agency."""
    if rng.random() < zero:
        return 0
    return int(rng.paretovariate(0.9) * (1, 3, 20, 200)[size]) % (10, 100, 10_000, 2_000_000)[size]


def _parts(rng: Random, total: int, codes: tuple[str, ...], zero: float = 0.6) -> dict[str, int]:
    """`total` split over `codes`, most of them zero."""
    shares = [0.0 if rng.random() < zero else rng.random() ** 2 for _ in codes]
    if not any(shares):
        shares[rng.randrange(len(codes))] = 1.0
    whole = sum(shares)
    out = {code: int(total * share / whole) for code, share in zip(codes, shares, strict=True)}
    out[codes[max(range(len(codes)), key=shares.__getitem__)]] += total - sum(out.values())
    return out


def _decimals(cells: dict[tuple[str, str], int]) -> Cells:
    return {key: Decimal(value) for key, value in cells.items()}


def _two(rng: Random, table: Table, size: int) -> Cells:
    out: Cells = {}
    for line in table.lines:
        row: dict[str, Decimal] = {}
        for code in line.columns:
            if code == "amount":
                money = Decimal(_some(rng, size, 0.3)) + Decimal(rng.choice(("0", "0.5", "0.05", "0.37")))
                row[code] = money
            elif code == "prior_items":
                row[code] = Decimal(_some(rng, size, 0.2))
            elif code == "item_change":
                prior = int(row["prior_items"])
                row[code] = Decimal(rng.choice((0, 0, 0, 1, 3, 21, -1, -2, -12, -51)))
                row[code] = max(row[code], Decimal(-prior))
            else:
                row[code] = Decimal(_some(rng, size, 0.4))
        if "published_stock" in row:
            row["published"] = min(row["published"], row["made"] + 2)
            row["published_stock"] = row["published"] + _some(rng, size, 0.3)
        if "in_force" in row:
            row["in_force"] = row["issued"] + _some(rng, size, 0.2)
        out |= {(line.code, code): value for code, value in row.items()}
    return out


def _three(rng: Random, table: Table, size: int) -> Cells:
    leaves = tuple(x.code for x in table.lines if x.parent == "processed.total")
    applicants = tuple(c.code for c in table.columns if not c.is_total)
    out: dict[tuple[str, str], int] = {}
    for position, applicant in enumerate(applicants):
        busy = position == 0 or rng.random() < 0.35
        new = _some(rng, size, 0.1 if position == 0 else 0.4) if busy else 0
        carried_in = rng.randint(0, new // 8 + 2) if busy and rng.random() < 0.5 else 0
        carried_out = rng.randint(0, (new + carried_in) // 8) if busy else 0
        processed = new + carried_in - carried_out
        column = {"requests.new": new, "requests.carried_in": carried_in, "processed.total": processed,
                  "requests.carried_out": carried_out, **_parts(rng, processed, leaves)}  # fmt: skip
        out |= {(line, applicant): value for line, value in column.items()}
    for line in table.lines:
        out[line.code, "total"] = sum(out[line.code, a] for a in applicants)
    return _decimals(out)


def _four(rng: Random, table: Table, size: int) -> Cells:
    out: dict[tuple[str, str], int] = {}
    for line in table.lines:
        total = 0
        for column in table.columns:
            if not column.is_total:
                out[line.code, column.code] = _some(rng, min(size, 1), 0.6)
                total += out[line.code, column.code]
        out[line.code, "total"] = total
    return _decimals(out)


def _national_2014(rng: Random, table: Table, size: int) -> Cells:
    one = {x.code: _some(rng, size) for x in table.lines}
    channels = [x.code for x in table.lines if x.code.startswith("channel.")]
    one["disclosed.total"] = max(one[c] for c in channels) + rng.randint(0, 5)
    one["disclosed.total"] = min(one["disclosed.total"], sum(one[c] for c in channels)) or one["disclosed.total"]
    one["disclosed.normative"] = min(one["disclosed.normative"], one["disclosed.total"])
    for code in one:
        if code.endswith(".led"):
            one[code] = min(one[code], one[code.removesuffix(".led")])
    for total, parts in (
        ("replies.total", [x.code for x in table.lines if x.parent == "replies.total"]),
        ("replies.denied", [x.code for x in table.lines if x.parent == "replies.denied"]),
        ("requests.received", [x.code for x in table.lines if x.parent == "requests.received"]),
        ("completed.total", [x.code for x in table.lines if x.parent == "completed.total"]),
        ("review.total", [x.code for x in table.lines if x.parent == "review.total"]),
        ("litigation.total", [x.code for x in table.lines if x.parent == "litigation.total"]),
        ("resources.staff", [x.code for x in table.lines if x.parent == "resources.staff"]),
    ):
        if total == "completed.total":
            one[total] = one["replies.total"]  # what was completed was replied to
        one |= _parts(rng, one[total], tuple(parts), 0.4)
    cells: Cells = {(code, "value"): Decimal(value) for code, value in one.items()}
    for line in table.lines:
        if line.kind == "money":
            cells[line.code, "value"] += Decimal(rng.choice(("0", "0", "0.5", "0.05")))
    return cells


def _fujian(rng: Random, table: Table, size: int) -> Cells:
    year = {x.code: _some(rng, size) for x in table.lines}
    before = {x.code: _some(rng, min(size + 1, 3), 0.3) for x in table.lines}
    for figures in (year, before):
        for total in ("requests.received", "replies.total"):
            figures |= _parts(rng, figures[total], tuple(x.code for x in table.lines if x.parent == total), 0.4)
    out = {(code, "year"): value for code, value in year.items()}
    out |= {(code, "cumulative"): year[code] + before[code] for code in year}
    return _decimals(out)


_MAKERS = {"two": _two, "three": _three, "four": _four, "2014": _national_2014, "fujian": _fujian}


def _prose(rng: Random, figures: dict[Key, Decimal]) -> dict[str, Decimal]:
    """Quantities that the sentences state, in the codes of the form `narrative`; they agree with the tables."""
    stated = {"disclosed.total": figures.get(("2014", "disclosed.total", "value"), Decimal(_some(rng, 2, 0.1)))}
    for key in (
        ("three", "requests.new", "total"),
        ("2014", "requests.received", "value"),
        ("fujian", "requests.received", "year"),
    ):
        if key in figures:
            stated["requests.received"] = figures[key]
    for key in (("four", "review", "total"), ("2014", "review.total", "value"), ("fujian", "review.total", "year")):
        if key in figures:
            stated["review.total"] = figures[key]
    return {code: value for code, value in stated.items() if rng.random() < 0.8}


_NOT_READ = (
    ",同比增长约12%",
    ",同比增长2倍",
    ",同比增长3个百分点",
    ",其中网络申请同比增长12%",
    ",同比增长一成",
    ",同比下降12%左右",
    ",与上年基本持平",
)


def _growth(prose: dict[str, Decimal]) -> dict[str, str]:
    """Words behind some figures of the prose; what they state exactly is added to `prose`. Draws from a source of its own,
    so that a report is otherwise the same with and without them."""
    rng = Random(repr(sorted(prose.items())))
    words: dict[str, str] = {}
    for code in ("requests.received", "review.total"):
        if code not in prose or rng.random() < 0.4:
            continue
        if rng.random() < 0.3:
            words[code] = rng.choice(_NOT_READ)
            continue
        more, than = rng.random() < 0.5, rng.choice(("同比", "比上年", "较上年度", "与去年相比,", "较去年同期"))
        asked = rng.choice((("growth",), ("change",), ("change", "growth")))
        said = []
        for column in asked:
            digits = rng.choice((0, 1, 2)) if column == "growth" else 0
            value = Decimal(rng.randint(0, 30_000)).scaleb(-digits)
            prose[f"{code} {column}"] = value if more else -value
            prose[f"{code} {column}_half"] = Decimal(5).scaleb(-digits - 1)
            word = rng.choice(("增长", "增加", "上升") if more else ("下降", "减少"))
            said.append(f"{word}{value}{'%' if column == 'growth' else '件'}")
        words[code] = f",{than}{','.join(said)}"
    return words

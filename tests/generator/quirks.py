"""What goes wrong in real reports, by name. A quirk changes a draft and its truth together, so that the right reading stays known.

Each function is one quirk: its docstring says what was seen, it returns whether it found something to change.
They run in the order of this file: what is added or lost, then the text of cells, then typography. No layout here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random

from tests.generator.sheets import Box, Draft, Paragraph, Sheet, copied, number

FLOWING = frozenset({"text_spaces"})
"""Layouts that keep only the order of words and figures: an empty cell leaves no trace."""
_HTML = frozenset({"html_plain", "html_trs", "html_word", "html_twice", "html_jpage"})
_RULED = _HTML | {"docx", "pdf"}
_GRIDS = _RULED | {"md_pipes", "text_tabs"}

Change = Callable[[Random, Draft], bool]


@dataclass(frozen=True, slots=True)
class Quirk:
    """A named defect. `layouts`: where it can happen (empty: anywhere); `hurts`: it makes cells unreadable."""

    name: str
    about: str
    change: Change
    layouts: frozenset[str]
    except_in: frozenset[str]
    hurts: bool

    def fits(self, layout: str) -> bool:
        return (not self.layouts or layout in self.layouts) and layout not in self.except_in


QUIRKS: dict[str, Quirk] = {}


def _quirk(
    layouts: Iterable[str] = (), *, except_in: Iterable[str] = (), hurts: bool = False
) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        name = change.__name__
        about = " ".join((change.__doc__ or "").split())
        QUIRKS[name] = Quirk(name, about, change, frozenset(layouts), frozenset(except_in), hurts)
        return change

    return register


def _plain(draft: Draft, *, codes: Iterable[str] = (), zero: bool | None = None) -> list[Box]:
    """Value cells that no quirk has touched; `zero` picks those that are zero or are not."""
    wanted = tuple(codes)
    return [
        b
        for s in draft.sheets()
        if not s.copy and (not wanted or s.code in wanted)
        for b in s.values()
        if b.key and not b.touched and (zero is None or (draft.truth.figures[b.key] == 0) == zero)
    ]


def _sample(rng: Random, boxes: list[Box], most: int) -> list[Box]:
    return rng.sample(boxes, min(len(boxes), rng.randint(1, most)))


def _write(box: Box, text: str) -> None:
    box.text, box.touched = text, True


def _silence(draft: Draft, box: Box, text: str, *reasons: str) -> None:
    """The cell gives `text`, which is no figure."""
    assert box.key
    _write(box, text)
    box.tokens = ()
    draft.truth.expected[box.key].lost(*reasons)


# --- added, lost, moved --------------------------------------------------------------------------------------------


@_quirk()
def missing_headings(rng: Random, draft: Draft) -> bool:
    """The headings of the sections are left out; the tables follow one another."""
    kept = [b for b in draft.blocks if not (isinstance(b, Paragraph) and b.role == "heading" and "年度" not in b.text)]
    changed = len(kept) < len(draft.blocks)
    draft.blocks = kept
    return changed


@_quirk()
def shifted_section_numbers(rng: Random, draft: Draft) -> bool:
    """Sections are numbered one too high: 三、主动公开政府信息情况."""
    digits = "一二三四五六七八"
    changed = False
    for block in draft.blocks:
        if isinstance(block, Paragraph) and block.role == "heading" and block.text[:1] in digits[:-1]:
            block.text = digits[digits.index(block.text[0]) + 1] + block.text[1:]
            changed = True
    return changed


@_quirk()
def unknown_row(rng: Random, draft: Draft) -> bool:
    """A row 工作秘密 that no statutory form has, with figures: kept, reported, mapped to nothing."""
    for sheet in draft.sheets():
        if sheet.code != "three":
            continue
        for y, row in enumerate(sheet.rows):
            if not any(b.line == "denied.registry_query" for b in row):
                continue
            columns = [b.column for b in row if b.role == "value"]
            figures = [Decimal(rng.randint(0, 3)) for _ in columns]
            label = rng.choice(("9.属于工作秘密", "9.涉及工作秘密"))
            added = [Box(label, "label")]
            added += [
                Box(number(f), "value", column=c, tokens=(f,), touched=True)
                for f, c in zip(figures, columns, strict=True)
            ]
            sheet.rows.insert(y + 1, added)
            _stretch(sheet, y + 1)
            return True
    return False


def _stretch(sheet: Sheet, y: int) -> None:
    """Headings that span the rows around `y` span the new row too."""
    for top, row in enumerate(sheet.rows[:y]):
        for box in row:
            if box.role == "heading" and box.down > 1 and top + box.down >= y:
                box.down += 1


@_quirk()
def total_synonym(rng: Random, draft: Draft) -> bool:
    """合计 for 总计, in headers and in the row of the total."""
    changed = False
    for sheet in draft.sheets():
        for box in sheet.boxes():
            if "总计" in box.text:
                box.text, changed = box.text.replace("总计", "合计"), True
    return changed


_SHORT = {
    ("three", "denied.other_law"): ("2.其他法律行政止公开", "2.其他法律行政法规禁止公"),
    ("three", "denied.safety_stability"): ("3.危及“三安全一稳定", "3.危及三安全一稳定"),
    ("three", "denied.internal_affairs"): ("5.属于三类内部事务信", "5.属于三类内部"),
    ("three", "denied.enforcement_file"): ("7.属于行政执法案", "7.属于行政执法"),
    ("three", "unprocessed.certification"): ("5.要求行政机关重新出具已获取信息",),
    ("three", "partial"): ("(二)部分公开", "(二)部分公开(区分处理的,只计这一情形,不计其他情形)"),
    ("three", "other.not_corrected"): ("1.申请人无正当理由逾期不补正", "逾期不补正", "1.申请人无正当理由逾期不补正、行政机关不再处理"),
    ("three", "other.fee_unpaid"): ("2.申请人逾期未按收费通知要求缴纳费用", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理"),
    ("two", "normative_documents"): ("规范性档案", "规范性文件", "行政规范性文件"),
    ("two", "in_force"): ("现行有效件", "现行有效数"),
    ("two", "amount"): ("本年收费金额",),
    ("2014", "litigation.upheld"): ("(一)维持具有行政行为或者驳回原告诉讼请求数",),
    ("2014", "review.upheld"): ("(一)维持具有行政行为数",),
    ("2014", "disclosed.total"): ("(一)主动公开政府信息数",),
    ("2014", "resources.staff_full_time"): ("1.专职人员数",),
    ("2014", "resources.budget"): ("(四)政府信息公开专项经费",),
    ("fujian", "requests.letter_fax"): ("3.信函申请数", "3.信函、传真申请数"),
    ("fujian", "requests.online"): ("2.网络申请数",),
}  # fmt: skip


@_quirk()
def misprinted_labels(rng: Random, draft: Draft) -> bool:
    """Labels misprinted or cut short as seen in reports: 其他法律行政止公开, 现行有效件, 逾期不补正, 规范性档案."""
    found = [
        (box, _SHORT[sheet.code, box.line or box.column])
        for sheet in draft.sheets()
        for box in sheet.boxes()
        if box.role in ("label", "header") and (sheet.code, box.line or box.column) in _SHORT
    ]
    if sheet_2019 := {s.code for s in draft.sheets() if s.form == "national_2019"}:
        found = [(b, w) for b, w in found if not (b.column == "amount" and "two" in sheet_2019)]
    for box, wordings in rng.sample(found, min(len(found), rng.randint(1, 3))):
        box.text = rng.choice(wordings).translate(_like(box.text))
    return bool(found)


def _like(text: str) -> dict[int, str]:
    return str.maketrans("(),", "（），") if "（" in text else {}


@_quirk()
def lost_character(rng: Random, draft: Draft) -> bool:
    """One character of a label is lost in conversion, where no other label of the table comes near."""
    found = []
    for sheet in draft.sheets():
        labels = [_letters(b.text) for b in sheet.boxes() if b.role == "label"]
        for box in sheet.boxes():
            own = _letters(box.text)
            if box.role == "label" and len(own) >= 6 and labels.count(own) == 1:
                found.append((box, [x for x in labels if x != own]))
    changed = False
    for box, others in rng.sample(found, min(len(found), 2)):
        places = [
            i for i, c in enumerate(box.text) if "\u4e00" <= c <= "\u9fff" and i > 3 and c not in "不未部分无其他"
        ]
        if not places:
            continue
        at = rng.choice(places)
        text = box.text[:at] + box.text[at + 1 :]
        if all(_distance(_letters(text), x) > 3 for x in others):
            box.text, changed = text, True
    return changed


def _letters(text: str) -> str:
    return "".join(c for c in text if "\u4e00" <= c <= "\u9fff")


@cache
def _distance(a: str, b: str) -> int:
    """Characters to insert, delete or replace to turn `a` into `b`."""
    if abs(len(a) - len(b)) > 3:
        return 4
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


@_quirk(_GRIDS - {"pdf"}, hurts=True)
def run_together(rng: Random, draft: Draft) -> bool:
    """Three figures of a column ran into the first of its three cells (`0 0 3`); the two beneath are empty."""
    for sheet in draft.sheets():
        if sheet.code != "three" or sheet.copy:
            continue
        rows = [[b for b in row if b.role == "value"] for row in sheet.rows]
        ys = [y for y in range(len(rows) - 2) if all(len(rows[y + i]) == len(rows[-1]) for i in range(3))]
        ys = [y for y in ys if not any(b.touched or not b.key for i in range(3) for b in rows[y + i])]
        if not ys:
            continue
        y, x = rng.choice(ys), rng.randrange(len(rows[-1]))
        top, *beneath = (rows[y + i][x] for i in range(3))
        tokens = tuple(t for b in (top, *beneath) for t in b.tokens)
        _silence(draft, top, " ".join(b.text for b in (top, *beneath)), "illegible", "ambiguous")
        top.tokens = tokens
        for box in beneath:
            _silence(draft, box, "", "illegible", "ambiguous", "blank", "absent")
        return True
    return False


@_quirk(hurts=True)
def doubtful_digit(rng: Random, draft: Draft) -> bool:
    """`3?`: whoever typed or converted the report was not sure; the figure is kept apart."""
    boxes = _plain(draft)
    for box in _sample(rng, boxes, 2):
        tokens = box.tokens
        _silence(draft, box, box.text + "?", "illegible", "ambiguous")
        box.tokens = tokens
    return bool(boxes)


@_quirk(FLOWING, hurts=True)
def dropped_cells(rng: Random, draft: Draft) -> bool:
    """Empty cells left no trace in running text (`7 | 1 | 8`): which column each figure belongs to is not known."""
    rows = [
        [b for b in row if b.role == "value"]
        for sheet in draft.sheets()
        for row in sheet.rows
        if sheet.code in ("three", "fujian")
    ]
    rows = [r for r in rows if len(r) > 1 and all(b.key and not b.touched for b in r)]
    changed = False
    for row in rng.sample(rows, min(len(rows), rng.randint(1, 3))):
        zeros = [b for b in row if draft.truth.figures[b.key or ("", "", "")] == 0]
        for box in rng.sample(zeros, rng.randint(1, len(zeros)) if zeros else 0):
            _silence(draft, box, "", "ambiguous", "blank", "absent")
            changed = True
    return changed


@_quirk({"pdf"})
def label_cut_by_page(rng: Random, draft: Draft) -> bool:
    """A page ends inside a row: the rest of its label stands on the next page, with the page number between."""
    draft.cut_rows = True
    return True


# --- the text of cells ---------------------------------------------------------------------------------------------


@_quirk()
def blank_zeros(rng: Random, draft: Draft) -> bool:
    """Zeros left blank, all or most of them."""
    boxes = _plain(draft, zero=True)
    share = rng.choice((0.3, 0.9, 1.0))
    for box in boxes:
        if rng.random() < share:
            _silence(draft, box, "", "blank", "absent")
    return bool(boxes)


@_quirk()
def marks_for_zeros(rng: Random, draft: Draft) -> bool:
    """`-`, `—`, `/` or 无 where a zero belongs."""
    boxes = _plain(draft, zero=True)
    mark, reason = rng.choice((("-", "dash"), ("—", "dash"), ("——", "dash"), ("/", "slash"), ("无", "none_word")))
    for box in boxes:
        if rng.random() < 0.5:
            _silence(draft, box, mark, reason)
    return bool(boxes)


@_quirk()
def notes_in_cells(rng: Random, draft: Draft) -> bool:
    """22(其中修订16件): a note inside the cell of a number."""
    boxes = [b for b in _plain(draft, zero=False) if b.tokens[0] > 1 and b.column != "item_change"]
    for box in _sample(rng, boxes, 3):
        part = rng.randint(1, max(1, int(box.tokens[0]) - 1))
        opening, closing = rng.choice(("()", "（）"))
        note = rng.choice((f"其中修订{part}件", f"含上年{part}件", "已核对"))
        _write(box, f"{box.text}{opening}{note}{closing}")
    return bool(boxes)


@_quirk()
def units_in_cells(rng: Random, draft: Draft) -> bool:
    """A unit behind the figure: 58149.05万元, 251000元, 12件."""
    boxes = _plain(draft, codes=("two", "2014", "fujian"))
    changed = False
    for box in boxes:
        assert box.key
        if box.column == "amount" or box.line in ("request_fees", "resources.budget", "fee_waivers"):
            unit = rng.choice(("万元", "元"))
            draft.truth.expected[box.key].unit = unit
        elif rng.random() < 0.05 and box.key[0] == "two" and box.column != "item_change":
            unit = "项" if "items" in box.column or box.column == "projects" else "件"
        else:
            continue
        _write(box, box.text + unit)
        changed = True
    return changed


@_quirk()
def signed_words(rng: Random, draft: Draft) -> bool:
    """减12, 增3, +21 in the column 本年增/减."""
    changed = False
    for box in (b for b in _plain(draft, codes=("two",), zero=False) if b.column == "item_change"):
        size = abs(box.tokens[0])
        words = ("减", "减少", "-", "－") if box.tokens[0] < 0 else ("增", "+", "增加", "＋")
        _write(box, rng.choice(words) + number(size))
        changed = True
    return changed


@_quirk()
def thousands_separators(rng: Random, draft: Draft) -> bool:
    """1,234 or 1，234 for 1234."""
    comma = rng.choice((",", ",", "，"))
    boxes = [b for b in _plain(draft, zero=False) if abs(b.tokens[0]) >= 1000]
    for box in boxes:
        _write(box, f"{box.tokens[0]:,}".replace(",", comma))
    return bool(boxes)


# --- the same table again ------------------------------------------------------------------------------------------


@_quirk(hurts=True)
def unequal_copies(rng: Random, draft: Draft) -> bool:
    """A table stands twice with one figure different: which is right cannot be known; the other is reported."""
    sheets = [s for s in draft.sheets() if s.code in ("three", "2014", "fujian", "four")]
    rng.shuffle(sheets)
    for sheet in sheets:
        other = copied(sheet)
        boxes = [b for b in other.values() if b.key and not b.touched]
        if not boxes:
            continue
        box = rng.choice(boxes)
        assert box.key
        changed = box.tokens[0] + rng.choice((1, 10))
        box.text, box.tokens = number(changed), (changed,)
        expected = draft.truth.expected[box.key]
        expected.values |= {changed}
        expected.missing |= {"ambiguous"}
        draft.must_differ.append(changed)
        at = next(i for i, b in enumerate(draft.blocks) if b is sheet)
        draft.blocks[at + 1 : at + 1] = [Paragraph("附:上表另附一份,供查阅。"), other]
        return True
    return False


# --- typography ----------------------------------------------------------------------------------------------------


@_quirk()
def numbering(rng: Random, draft: Draft) -> bool:
    """1、 or 1﹒ or 1． for 1. before labels."""
    mark = rng.choice("、﹒．")
    changed = False
    for sheet in draft.sheets():
        for box in sheet.boxes():
            if box.role != "value" and (text := _renumbered(box.text, mark)) != box.text:
                box.text, changed = text, True
    return changed


def _renumbered(text: str, mark: str) -> str:
    head = text.find(".")
    return text[:head] + mark + text[head + 1 :] if head > 0 and text[head - 1].isdigit() else text


@_quirk()
def half_width_brackets(rng: Random, draft: Draft) -> bool:
    """( ) : , for （ ） ： ， in labels."""
    table = str.maketrans("（）：，", "():,")
    for sheet in draft.sheets():
        for box in sheet.boxes():
            if box.role != "value":
                box.text = box.text.translate(table)
    return True


@_quirk()
def spaces_in_labels(rng: Random, draft: Draft) -> bool:
    """NBSP, ideographic and ordinary spaces inside labels and headers."""
    for sheet in draft.sheets():
        for box in sheet.boxes():
            places = [i for i in range(1, len(box.text)) if not box.text[i - 1].isdigit()]  # `1 .` is another defect
            if box.role in ("label", "header", "heading") and places and rng.random() < 0.3:
                at = rng.choice(places)
                box.text = box.text[:at] + rng.choice(("\xa0", "\u3000", " ", "\u3000\u3000")) + box.text[at:]
    return True


@_quirk(except_in={"text_spaces"})
def vertical_headers(rng: Random, draft: Draft) -> bool:
    """Headers of narrow columns set one character under another."""
    changed = False
    for sheet in draft.sheets():
        for box in sheet.boxes():
            if sheet.code in ("three", "four") and box.role == "header" and box.across == 1:
                box.text, changed = "\n".join(box.text.replace("\n", "")), True
    return changed


@_quirk()
def full_width_digits(rng: Random, draft: Draft) -> bool:
    """１２３ for 123 in the cells of figures."""
    table = str.maketrans("0123456789.", "０１２３４５６７８９．")
    for sheet in draft.sheets():
        for box in sheet.values():
            box.text = box.text.translate(table)
    return True


@_quirk(except_in={"pdf"})
def traditional(rng: Random, draft: Draft) -> bool:
    """The whole report in traditional characters."""
    convert = _traditional()
    for block in draft.blocks:
        if isinstance(block, Paragraph):
            block.text = convert(block.text)
        else:
            for box in block.boxes():
                if not box.text.isascii():
                    box.text = convert(box.text)
    return True


@cache
def _traditional() -> Callable[[str], str]:
    from opencc import OpenCC

    return cache(OpenCC("s2t").convert)


CONFLICTS: tuple[frozenset[str], ...] = (frozenset({"unequal_copies", "run_together"}),)
"""Pairs whose right reading would not be certain."""


def choose(rng: Random, layout: str) -> tuple[str, ...]:
    """None to four quirks that fit a layout."""
    fitting = [q.name for q in QUIRKS.values() if q.fits(layout)]
    chosen = set(rng.sample(fitting, rng.choice((0, 1, 1, 2, 3, 4))))
    for pair in CONFLICTS:
        if pair <= chosen:
            chosen.discard(min(pair))
    return tuple(name for name in QUIRKS if name in chosen)

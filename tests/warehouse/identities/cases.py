"""Small worlds for the comparisons: one that holds, one that is violated and one that cannot be decided, for each. No test here.

A case is one agency with the figures that matter in its report, those of the years before, its children and what its report
says of itself. Everything else is absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Value = int | Decimal | str
"""A figure, or the reason why there is none."""

Cells = Mapping[str, Value]
"""`table/line/column` → value; `prose/line` for a sentence."""


@dataclass(frozen=True)
class Case:
    """`verdict` of `identity` over `member` for the report of `year` in `form`."""

    identity: str
    member: str
    verdict: str
    own: Cells
    form: str = "national_2021"
    year: int = 2023
    previous: Cells | None = None
    before_previous: Cells | None = None
    children: Mapping[str, Cells | None] = field(default_factory=dict)
    says: Mapping[str, str | None] = field(default_factory=dict)
    prose: Mapping[str, int] = field(default_factory=dict)
    """Sentences by key, with their letters and digits."""
    previous_prose: Mapping[str, int] = field(default_factory=dict)
    alternative: str | None = None

    @property
    def anchor(self) -> str:
        """Form and table that the identity stands on."""
        if self.identity in ("p03_prose_repeated", "p12_deadline", "p15_period", "p17_section_five"):
            return "report"
        if self.identity in ("n_parts", "n_shares", "n_reply_shares"):
            return "prose"
        return next(iter(self.own)).split("/")[0]


def decimal(value: Value) -> Decimal | None:
    return None if isinstance(value, str) else Decimal(value)


def table(name: str, **lines: Value) -> dict[str, Value]:
    """Cells of column total of table three; `_` stands for `.`."""
    return {f"{name}/{line.replace('__', '.')}/total": value for line, value in lines.items()}


def three(**lines: Value) -> dict[str, Value]:
    return table("three", **lines)


NEW, IN, OUT, DONE = "requests__new", "requests__carried_in", "requests__carried_out", "processed__total"
FIGURES = {"three/requests.new/natural": 7, "three/granted/natural": 5, "three/partial/natural": 2,
           "three/other.other/natural": 4, "three/processed.total/natural": 11}  # fmt: skip
OTHERS = {cell: value for cell, value in zip(FIGURES, (3, 8, 1, 6, 15), strict=True)}
AMOUNT, RULES = "two/fees/amount", "two/rules"
FEW = {"scope": "office", "agency_kind": "government_office"}


def stock(issued: Value, repealed: Value, in_force: Value) -> dict[str, Value]:
    return {f"{RULES}/in_force": in_force, f"{RULES}/issued": issued, f"{RULES}/repealed": repealed}


def triple(identity: str, member: str, holds: dict, violated: dict, undecidable: dict, **common) -> Iterator[Case]:  # type: ignore[no-untyped-def]
    """The three cases of one comparison; each dictionary has what differs from `common`."""
    for verdict, given in (("holds", holds), ("violated", violated), ("undecidable", undecidable)):
        yield Case(identity, member, verdict, **{**common, **given})


def cases() -> Iterator[Case]:
    # years
    yield from triple("x_carry_over", "total", {"previous": three(**{OUT: 9})}, {"previous": three(**{OUT: 8})}, {},
                      own=three(**{IN: 9}))  # fmt: skip
    yield from triple("x_carry_over", "natural", {"previous": {"three/requests.carried_out/natural": 0}},
                      {"previous": {"three/requests.carried_out/natural": 1}},
                      {"previous": {"three/requests.carried_out/natural": "dash"}},
                      own={"three/requests.carried_in/natural": 0}, form="national_2019", year=2020)  # fmt: skip
    yield from triple("x_in_force", "rules", {"own": stock(3, 1, 12)}, {"own": stock(3, 1, 11)},
                      {"own": stock(3, "slash", 12)}, previous=stock(0, 0, 10))  # fmt: skip
    yield from triple("x_items", "fees", {"own": {"two/fees/prior_items": 8}}, {"own": {"two/fees/prior_items": 12}},
                      {"own": {"two/fees/prior_items": "none_word"}}, form="national_2019", year=2020,
                      previous={"two/fees/prior_items": 10, "two/fees/item_change": -2})  # fmt: skip
    yield from triple("x_cumulative", "review.total", {"previous": {"fujian/review.total/cumulative": 4}},
                      {"previous": {"fujian/review.total/cumulative": 5}}, {}, form="local_fujian", year=2018,
                      own={"fujian/review.total/cumulative": 6, "fujian/review.total/year": 2})  # fmt: skip
    # levels
    for identity in ("x_roll_up", "p20_parent_at_least"):
        yield from triple(identity, "requests.new", {"children": {"甲县": three(**{NEW: 4}), "乙县": three(**{NEW: 5})}},
                          {"children": {"丙县": three(**{NEW: 4}), "丁县": three(**{NEW: 6})}},
                          {"children": {"戊县": three(**{NEW: "blank"}), "己县": None}} if identity == "x_roll_up"
                          else {"children": {"庚县": None}},
                          own=three(**{NEW: 9}), says={"scope": "territory"})  # fmt: skip
    yield Case("p20_parent_at_least", "requests.new", "holds", three(**{NEW: 9}), says={"scope": "territory"},
               children={"辛县": three(**{NEW: 8}), "壬县": None})  # fmt: skip
    # prose
    flow = three(**{NEW: 10, IN: 2, DONE: 11})
    for said, meant in ((10, "new"), (12, "new_and_carried_in"), (11, "processed")):
        yield Case("n_requests", "received", "holds", {**flow, "prose/requests.received": said}, alternative=meant)
    yield Case("n_requests", "received", "violated", {**flow, "prose/requests.received": 13})
    yield Case("n_requests", "received", "undecidable", {**flow, "prose/requests.received": "ambiguous"})
    yield from triple("n_requests", "completed", {"own": {**flow, "prose/requests.completed": 11}, "alternative": "processed"},
                      {"own": {**flow, "prose/requests.completed": 9}}, {"own": flow})  # fmt: skip
    yield from triple("n_requests", "received",
                      {"own": {"2014/requests.received/value": 5, "2014/completed.total/value": 4, "prose/requests.received": 4},
                       "alternative": "processed"},
                      {"own": {"2014/requests.received/value": 5, "2014/completed.total/value": 4, "prose/requests.received": 6}},
                      {"own": {"2014/requests.received/value": 5, "2014/completed.total/value": "blank", "prose/requests.received": 6}},
                      form="national_2014", year=2016)  # fmt: skip
    yield from triple("n_review", "report", {"own": {"four/review/total": 170, "prose/review.total": 170}},
                      {"own": {"four/review/total": 170, "prose/review.total": 134}}, {"own": {"four/review/total": 170}})  # fmt: skip
    suits = {"four/litigation.direct/total": 70, "four/litigation.after_review/total": 7}
    yield from triple("n_litigation", "report", {"own": {**suits, "prose/litigation.total": 77}},
                      {"own": {**suits, "prose/litigation.total": 57}},
                      {"own": {"four/litigation.direct/total": 70, "prose/litigation.total": 70}})  # fmt: skip
    parts = {"prose/requests.received": 25, "prose/requests.in_person": 5}
    yield from triple("n_parts", "requests", {"own": {**parts, "prose/requests.online": 20}},
                      {"own": {**parts, "prose/requests.online": 19}}, {"own": parts}, form="narrative", year=2012)  # fmt: skip
    share = {"prose/requests.online": 2, "prose/requests.online/share_half": Decimal("0.05")}
    whole = {"prose/requests.received": 3}
    yield from triple("n_shares", "requests.online", {"own": {**share, **whole, "prose/requests.online/share": Decimal("66.7")}},
                      {"own": {**share, **whole, "prose/requests.online/share": Decimal("66.6")}},
                      {"own": {**share, "prose/requests.online/share": Decimal("66.7")}}, form="narrative", year=2012)  # fmt: skip
    for stated, half, part, total, verdict in (
        ("12.5", "0.05", 1, 8, "holds"), ("12", "0.5", 1, 8, "holds"), ("13", "0.5", 1, 8, "holds"), ("14", "0.5", 1, 8, "violated"),
        ("50.0", "0.05", 252, 500, "violated"), ("50", "0.5", 252, 500, "holds"), ("100", "0.5", 2, 0, "undecidable"),
        ("33.33", "0.005", 1, 3, "holds"), ("33.34", "0.005", 1, 3, "violated"), ("0", "0.5", 0, 641814, "holds"),
    ):  # fmt: skip
        yield Case("n_shares", "channel.website", verdict, {
            "prose/disclosed.total": total, "prose/channel.website": part, "prose/channel.website/share": Decimal(stated),
            "prose/channel.website/share_half": Decimal(half)}, form="narrative", year=2012)  # fmt: skip
    told, half = "prose/replies.granted", {"prose/replies.granted/share_half": Decimal("0.5")}
    wholes = {f"prose/requests.{done}": 10 for done in ("answered", "received", "completed")}
    yield from triple("n_reply_shares", "replies.granted", {"own": {told: 3, f"{told}/share": 30, **half, **wholes}, "alternative": "answered"},
                      {"own": {told: 3, f"{told}/share": 31, **half, **wholes}},
                      {"own": {told: 3, f"{told}/share": 31, **half, "prose/requests.answered": 10}}, form="narrative", year=2012)  # fmt: skip
    yield Case("n_reply_shares", "denied.privacy", "holds", {
        "prose/denied.privacy": 1, "prose/denied.privacy/share": 50, "prose/denied.privacy/share_half": Decimal("0.5"),
        "prose/replies.denied": 2, **wholes}, form="narrative", year=2012, alternative="denied")  # fmt: skip
    growth = {
        "prose/requests.received/growth": Decimal("-12.3"),
        "prose/requests.received/growth_half": Decimal("0.05"),
    }
    change = {"prose/requests.completed/change": 4, "prose/requests.completed/change_half": Decimal("0.5")}
    before = three(**{NEW: 57, IN: 3, DONE: 56})
    for now, meant in ((three(**{NEW: 50, IN: 9, DONE: 58}), "new"), (three(**{NEW: 52, IN: "dash", DONE: 49}), None),
                       (three(**{NEW: 40, IN: 9, DONE: 49}), None)):  # fmt: skip
        yield Case("n_growth", "received_percent", "holds" if meant else "undecidable" if now["three/requests.carried_in/total"] == "dash"
                   else "violated", {**now, **growth}, previous=before, alternative=meant)  # fmt: skip
    yield Case("n_growth", "received_percent", "undecidable", {**before, **growth})
    yield Case("n_growth", "completed_number", "holds", {**three(**{NEW: 50, IN: 9, DONE: 60}), **change}, previous=before,
               alternative="processed")  # fmt: skip
    yield Case(
        "n_growth", "completed_number", "violated", {**three(**{NEW: 50, IN: 9, DONE: 61}), **change}, previous=before
    )
    yield from triple("n_growth", "received_percent",
                      {"own": {"2014/requests.received/value": 50, "2014/completed.total/value": 1, **growth}, "alternative": "new"},
                      {"own": {"2014/requests.received/value": 51, "2014/completed.total/value": 1, **growth}},
                      {"own": {"2014/requests.received/value": 51, "2014/completed.total/value": "slash", **growth}},
                      previous={"2014/requests.received/value": 57, "2014/completed.total/value": 1}, form="national_2014",
                      year=2016)  # fmt: skip
    fewer = {"prose/litigation.total/growth": -50, "prose/litigation.total/growth_half": Decimal("0.5")}
    yield from triple("n_case_growth", "litigation_percent", {"previous": {"four/litigation.direct/total": 140, "four/litigation.after_review/total": 14}},
                      {"previous": {"four/litigation.direct/total": 140, "four/litigation.after_review/total": 10}},
                      {"previous": {"four/litigation.direct/total": 0, "four/litigation.after_review/total": 0}},
                      own={**suits, **fewer})  # fmt: skip
    yield from triple("n_case_growth", "review_number", {"previous": {"four/review/total": 2}}, {"previous": {"four/review/total": 1}}, {},
                      own={"four/review/total": 1, "prose/review.total/change": -1,
                           "prose/review.total/change_half": Decimal("0.5")})  # fmt: skip
    # plausibility, by the number of the practitioners' check
    yield from triple("p01_jump", "new_rise", {"own": three(**{NEW: 90})}, {"own": three(**{NEW: 91})},
                      {"own": three(**{NEW: "illegible"})}, previous=three(**{NEW: 30}))  # fmt: skip
    yield from triple("p01_jump", "processed_fall", {"own": three(**{NEW: 30, DONE: 10})}, {"own": three(**{NEW: 30, DONE: 9})},
                      {"own": three(**{NEW: 30})}, previous=three(**{NEW: 30, DONE: 30}))  # fmt: skip
    yield Case("p01_jump", "new_rise", "holds", three(**{NEW: 29}), previous=three(**{NEW: 1}))
    yield from triple("p02_applicants", "natural_share", {"own": {**three(**{NEW: 10}), "three/requests.new/natural": 5}},
                      {"own": {**three(**{NEW: 10}), "three/requests.new/natural": 4}}, {"own": three(**{NEW: 10})})  # fmt: skip
    yield from triple("p02_applicants", "research_within_natural",
                      {"own": {"three/requests.new/natural": 5, "three/requests.new/research": 5}},
                      {"own": {"three/requests.new/natural": 5, "three/requests.new/research": 6}},
                      {"own": {"three/requests.new/natural": 5, "three/requests.new/research": "slash"}})  # fmt: skip
    yield from triple("p03_repeated", "table", {"previous": {**FIGURES, "three/partial/natural": 3}}, {"previous": FIGURES}, {},
                      own=FIGURES)  # fmt: skip
    half, more = {"a": 250, "b": 250}, {"a": 251, "b": 250}
    yield from triple("p03_prose_repeated", "report", {"prose": half}, {"prose": more}, {"prose": more, "previous": None},
                      own={}, previous={}, previous_prose={"a": 250, "c": 40})  # fmt: skip
    yield Case("p03_prose_repeated", "report", "holds", {}, prose={"a": 499}, previous={}, previous_prose={"a": 499})
    yield Case("p03_prose_repeated", "report", "violated", {}, prose={"a": 500}, previous={}, previous_prose={"a": 500})
    yield Case("p03_prose_repeated", "report", "undecidable", {}, prose=more, previous={})
    yield Case("p03_prose_repeated", "report", "undecidable", {}, previous={}, previous_prose=more)
    silent, asked = three(**{NEW: 0, DONE: 0}), {**three(**{NEW: 0, DONE: 0}), "four/review/total": 1, **suits}
    yield from triple("p04_all_zero", "report", {"before_previous": three(**{NEW: 1, DONE: 1})}, {"before_previous": silent},
                      {"before_previous": None}, own=asked, previous=silent)  # fmt: skip
    quiet = {
        **silent,
        "four/review/total": 0,
        "four/litigation.direct/total": 0,
        "four/litigation.after_review/total": 0,
    }
    yield Case("p04_all_zero", "report", "holds", quiet, previous=silent, before_previous=silent)
    yield from triple("p05_not_held", "report", {"own": three(**{DONE: 10, "unavailable__not_held": 6})},
                      {"own": three(**{DONE: 10, "unavailable__not_held": 7})}, {"own": three(**{DONE: 10})})  # fmt: skip
    yield from triple("p06_petition_other", "petition", {"own": three(**{DONE: 10, "unprocessed__petition": 3})},
                      {"own": three(**{DONE: 10, "unprocessed__petition": 4})}, {"own": three(**{"unprocessed__petition": 4})})  # fmt: skip
    for form, line, year in (("national_2019", "other", 2019), ("national_2021", "other__other", 2021)):
        yield from triple("p06_petition_other", "other", {"own": three(**{DONE: 10, line: 3})},
                          {"own": three(**{DONE: 10, line: 4})}, {"own": three(**{DONE: 10})}, form=form, year=year)  # fmt: skip
    yield from triple("p07_carried_out", "report", {"own": three(**{NEW: 10, IN: 2, OUT: 3})},
                      {"own": three(**{NEW: 10, IN: 2, OUT: 4})}, {"own": three(**{NEW: 10, OUT: 4})})  # fmt: skip
    closed = {f"four/{line}/{outcome}": 0 for line in ("review", "litigation.direct", "litigation.after_review")
              for outcome in ("upheld", "corrected", "other_outcome")}  # fmt: skip
    yield from triple("p08_corrected", "report", {"own": {**closed, "four/review/upheld": 3, "four/review/corrected": 3}},
                      {"own": {**closed, "four/review/upheld": 2, "four/review/corrected": 3}},
                      {"own": {**closed, "four/review/upheld": "dash", "four/review/corrected": 5}})  # fmt: skip
    yield Case("p08_corrected", "report", "holds", {**closed, "four/review/corrected": 4})
    yield from triple("p09_excessive_fee", "fee_unpaid", {"own": three(other__fee_unpaid=1, unprocessed__excessive=9)},
                      {"own": three(other__fee_unpaid=0, unprocessed__excessive=9)}, {"own": three(unprocessed__excessive=9)})  # fmt: skip
    yield from triple("p09_excessive_fee", "excessive", {"own": three(other__fee_unpaid=0, unprocessed__excessive=0)},
                      {"own": three(other__fee_unpaid=1, unprocessed__excessive=0)}, {"own": three(other__fee_unpaid=1)})  # fmt: skip
    yield from triple("p10_powers", "licensing", {"own": {"two/licensing/decisions": 0}, "says": FEW},
                      {"own": {"two/licensing/decisions": 3}, "says": FEW},
                      {"own": {"two/licensing/decisions": 3}, "says": {"agency_kind": None}})  # fmt: skip
    yield Case(
        "p10_powers", "licensing", "holds", {"two/licensing/decisions": 3}, says={"agency_kind": "county_department"}
    )
    yield from triple("p11_in_force_moves", "rules", {"own": stock(2, 0, 12)}, {"own": stock(2, 0, 10)},
                      {"own": stock(2, 0, "blank"), "previous": None}, previous=stock(0, 0, 10))  # fmt: skip
    yield Case("p11_in_force_moves", "rules", "holds", stock(0, 0, 10), previous=stock(0, 0, 10))
    dated = {"agency_kind": "county_department"}
    yield from triple("p12_deadline", "report", {"says": {**dated, "published_on": "2024-01-31"}},
                      {"says": {**dated, "published_on": "2024-02-01"}}, {"says": dated}, own={})  # fmt: skip
    yield Case(
        "p12_deadline", "report", "holds", {}, says={"agency_kind": "county_government", "published_on": "2024-03-31"}
    )
    yield Case("p12_deadline", "report", "undecidable", {}, says={"agency_kind": None, "published_on": "2024-03-31"})
    yield from triple("p13_numbers_only", "table", {"own": three(**{NEW: 0, IN: 0})}, {"own": three(**{NEW: 0, IN: "none_word"})},
                      {"own": {"three/no_such_cell/total": 1}})  # fmt: skip
    yield from triple("p14_form_of_the_year", "until", {"year": 2020}, {"year": 2023}, {"says": {"year_source": "catalogue"}},
                      own=three(**{NEW: 0}), form="national_2019")  # fmt: skip
    yield from triple("p14_form_of_the_year", "from", {"year": 2021}, {"year": 2020}, {"says": {"year_source": "catalogue"}},
                      own=three(**{NEW: 0}), form="national_2021")  # fmt: skip
    for member, right, wrong in (("start", "2023-01-01", "2022-12-31"), ("end", "2023-12-31", "2023-11-30")):
        yield from triple("p15_period", member, {"says": {f"period_{member}": right}}, {"says": {f"period_{member}": wrong}}, {},
                          own={})  # fmt: skip
    same = {**OTHERS, "three/granted/natural": 80}
    yield from triple("p16_pasted", "table", {"own": {**OTHERS, "three/granted/natural": 9}}, {"own": same},
                      {"own": {"three/no_such_cell/total": 1}}, year=2022)  # fmt: skip
    yield Case("p16_pasted", "table", "violated", same, year=2022)
    for length, verdict in ((3, "holds"), (2, "violated"), (0, "violated"), ("absent", "undecidable")):
        yield Case("p17_section_five", "report", verdict, {"prose/section_five.characters": length})
    yield from triple("p18_digit_short", "table", {"own": three(**{NEW: 13})}, {"own": three(**{NEW: 12})}, {"previous": None},
                      own=three(**{NEW: 12}), previous=three(**{NEW: 125}))  # fmt: skip
    yield Case("p18_digit_short", "table", "violated", three(**{NEW: 350}), previous=three(**{NEW: 1350}))
    yield Case("p18_digit_short", "table", "holds", three(**{NEW: 9}), previous=three(**{NEW: 95}))
    yield from triple("p19_unit_slip", "rise", {"own": {AMOUNT: 1100}}, {"own": {AMOUNT: 10_000_000}}, {"own": {AMOUNT: "dash"}},
                      previous={AMOUNT: 1000})  # fmt: skip
    yield from triple("p19_unit_slip", "fall", {"own": {AMOUNT: 900}}, {"own": {AMOUNT: 1}}, {"own": {AMOUNT: 1}, "previous": None},
                      previous={AMOUNT: 10_000})  # fmt: skip
    yield from triple("p21_rules", "rules", {"own": {f"{RULES}/issued": 0}}, {"own": {f"{RULES}/issued": 2}},
                      {"own": {f"{RULES}/issued": "slash"}}, says={"agency_kind": "county_department"})  # fmt: skip
    yield from triple("p21_rules", "rules", {"own": {f"{RULES}/made": 2}, "says": {"agency_kind": "provincial_government"}},
                      {"own": {f"{RULES}/made": 2}, "says": {"agency_kind": "county_government"}},
                      {"own": {f"{RULES}/made": 2}, "says": {"agency_kind": None}}, form="national_2019", year=2019)  # fmt: skip

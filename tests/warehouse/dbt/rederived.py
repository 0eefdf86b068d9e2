"""The long panel and the indicators once more, in Python, from schema raw and the forms: no SQL of ours, no crosswalk, no
indicator terms. What a concept is on which form is said here again, in the words of the forms (forms.md §7). No test here.

Shared with the models are only lists without logic: the years of the series breaks, the legal dates, the register of agencies.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

from extractors.agencies import registry
from extractors.forms import catalogue
from tests.warehouse import gold

RELATIONS = ("exact", "close", "narrower", "broader", "approximate")
YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
Cell = tuple[str, str, str, str]  # form, table, line, column
Terms = Sequence[tuple[int, str, str]]  # weight, line, column
Place = tuple[str, str]  # form, table

Y14, Y19, Y21 = ("national_2014", "2014"), ("national_2019", "three"), ("national_2021", "three")
REDRESS = ("national_2019", "four"), ("national_2021", "four")
PROSE, FUJIAN = ("narrative", "prose"), ("local_fujian", "fujian")


def _lines(column: str, *codes: str) -> Terms:
    return [(-1 if code.startswith("-") else 1, code.removeprefix("-"), column) for code in codes]


def _since_2019(*codes: str, relation: str = "exact") -> dict[Place, tuple[str, Terms]]:
    return {place: (relation, _lines("total", *codes)) for place in (Y19, Y21)}


def _before(*codes: str, relation: str = "exact") -> dict[Place, tuple[str, Terms]]:
    return {Y14: (relation, _lines("value", *codes))}


def _stated(*codes: str) -> dict[Place, tuple[str, Terms]]:
    return {PROSE: ("approximate", _lines("value", *codes))}


def _fujian(code: str) -> dict[Place, tuple[str, Terms]]:
    return {FUJIAN: ("approximate", _lines("year", code))}


def _redress(lines: Sequence[str], columns: Sequence[str], relation: str) -> dict[Place, tuple[str, Terms]]:
    return {place: (relation, [(1, line, column) for line in lines for column in columns]) for place in REDRESS}


def _two(line: str, in_2019: str, in_2021: str, relation: str) -> dict[Place, tuple[str, Terms]]:
    return {
        ("national_2019", "two"): (relation, [(1, line, in_2019)]),
        ("national_2021", "two"): (relation, [(1, line, in_2021)]),
    }


SUITS = ("litigation.direct", "litigation.after_review")
CONCEPTS: dict[str, dict[Place, tuple[str, Terms]]] = {
    "received": {
        **_before("requests.received", relation="close"), **_since_2019("requests.new", relation="close"),
        **_stated("requests.received"), **_fujian("requests.received"),
    },
    "carried in": {**_since_2019("requests.carried_in"), **_stated("requests.carried_in")},
    "carried out": {**_since_2019("requests.carried_out"), **_stated("requests.carried_out")},
    "processed": {**_before("replies.total"), **_since_2019("processed.total"), **_fujian("replies.total")},
    "full": {
        **_before("replies.already_public", "replies.granted"), **_since_2019("granted"),
        **_stated("replies.already_public", "replies.granted"), **_fujian("replies.granted"),
    },
    "part": {
        **_before("replies.partial"), **_since_2019("partial"), **_stated("replies.partial"), **_fujian("replies.partial"),
    },
    "state secret": {
        **_before("denied.state_secret"), **_since_2019("denied.state_secret"), **_stated("denied.state_secret"),
    },
    "safety": {**_before("denied.safety_stability"), **_since_2019("denied.safety_stability")},
    "third party": {
        **_before("denied.trade_secret", "denied.privacy", relation="narrower"),
        **_since_2019("denied.third_party", relation="broader"), **_stated("denied.trade_secret", "denied.privacy"),
    },
    "not held": {
        **_before("replies.not_this_agency", "replies.not_existing", relation="approximate"),
        **_since_2019("unavailable.not_held", relation="approximate"),
        **_stated("replies.not_this_agency", "replies.not_existing"),
    },
    **{line: _since_2019(line) for line in (
        "denied.internal_affairs", "denied.deliberative", "denied.enforcement_file", "denied.registry_query",
        "unprocessed.petition", "unprocessed.repeat", "unprocessed.excessive",
    )},
    "other": {
        Y19: ("exact", _lines("total", "other")),
        Y21: ("exact", _lines("total", "other.not_corrected", "other.fee_unpaid", "other.other")),
    },
    **{f"review {outcome}": {
        **_before(f"review.{outcome}"), **_redress(["review"], columns, "exact"), **_stated(f"review.{outcome}"),
    } for outcome, columns in (
        ("upheld", ["upheld"]), ("corrected", ["corrected"]), ("other_outcome", ["other_outcome", "pending"]),
    )},
    **{f"litigation {outcome}": {
        **_before(f"litigation.{outcome}"), **_redress(SUITS, columns, "exact"), **_stated(f"litigation.{outcome}"),
    } for outcome, columns in (
        ("upheld", ["upheld"]), ("corrected", ["corrected"]), ("other_outcome", ["other_outcome", "pending"]),
    )},
    "review total": {
        **_before("review.total", relation="close"), **_redress(["review"], ["total"], "close"), **_stated("review.total"),
        **_fujian("review.total"),
    },
    "litigation total": {
        **_before("litigation.total", relation="close"), **_redress(SUITS, ["total"], "close"),
        **_stated("litigation.total"), **_fujian("litigation.total"),
    },
    "normative documents": {
        **_before("issued.normative", relation="close"), **_two("normative_documents", "made", "issued", "close"),
        **_stated("issued.normative"),
    },
    **{f"{line} decisions": _two(line, "decisions", "decisions", "approximate")
       for line in ("licensing", "penalties", "coercion")},
    **{channel: {**_before(f"requests.{channel}"), **_stated(f"requests.{channel}"),
                 **(_fujian(f"requests.{channel}") if channel in ("in_person", "online") else {})}
       for channel in ("in_person", "fax", "online", "letter")},
    **{line: _before(line) for line in (
        "completed.on_time", "completed.extended", "resources.staff", "resources.budget", "training.courses",
    )},
}  # fmt: skip

# columns of the panel: concepts, those to subtract with a minus
PANEL: dict[str, tuple[str, ...]] = {
    "requests_received": ("received",), "requests_carried_in": ("carried in",), "requests_processed": ("processed",),
    "requests_carried_out": ("carried out",), "disclosed_full": ("full",), "disclosed_part": ("part",),
    "not_disclosed": ("processed", "-full", "-part"), "denied_state_secret": ("state secret",),
    "denied_safety_stability": ("safety",), "denied_third_party": ("third party",),
    "denied_internal_affairs": ("denied.internal_affairs",), "denied_deliberative": ("denied.deliberative",),
    "denied_enforcement_file": ("denied.enforcement_file",), "denied_registry_query": ("denied.registry_query",),
    "not_held": ("not held",), "unprocessed_petition": ("unprocessed.petition",),
    "unprocessed_repeat": ("unprocessed.repeat",), "unprocessed_excessive": ("unprocessed.excessive",),
    "other_disposition": ("other",), "review_total": ("review total",), "review_upheld": ("review upheld",),
    "review_corrected": ("review corrected",), "review_other": ("review other_outcome",),
    "litigation_total": ("litigation total",), "litigation_upheld": ("litigation upheld",),
    "litigation_corrected": ("litigation corrected",), "litigation_other": ("litigation other_outcome",),
    "normative_documents_issued": ("normative documents",), "licensing_decisions": ("licensing decisions",),
    "penalty_decisions": ("penalties decisions",), "coercion_decisions": ("coercion decisions",),
    "channel_in_person": ("in_person",), "channel_fax": ("fax",), "channel_online": ("online",),
    "channel_letter": ("letter",), "completed_on_time": ("completed.on_time",),
    "completed_extended": ("completed.extended",), "staff": ("resources.staff",), "budget_yuan": ("resources.budget",),
    "training_courses": ("training.courses",),
}  # fmt: skip

# A side of an indicator: the mart whose speaking table is asked, and by form and table the relation and the terms.
Side = tuple[str, dict[Place, tuple[str, Terms]]]
_FULL: Side = ("requests", {
    **_before("replies.already_public", "replies.granted"), **_since_2019("granted"), **_fujian("replies.granted")})  # fmt: skip
_EITHER: Side = ("requests", {
    **_before("replies.already_public", "replies.granted", "replies.partial"), **_since_2019("granted", "partial"),
    FUJIAN: ("approximate", _lines("year", "replies.granted", "replies.partial"))})  # fmt: skip
_ALL: Side = (
    "requests",
    {**_before("replies.total"), **_since_2019("processed.total"), **_fujian("replies.total")},
)
_REFUSED: Side = ("requests", {
    **_before("replies.total", "-replies.already_public", "-replies.granted", "-replies.partial"),
    **_since_2019("processed.total", "-granted", "-partial"),
    FUJIAN: ("approximate", _lines("year", "replies.total", "-replies.granted", "-replies.partial"))})  # fmt: skip
_UNPROCESSED = tuple(f"unprocessed.{x}" for x in ("petition", "repeat", "publication", "excessive", "certification"))
_CLOSED = ("upheld", "corrected", "other_outcome")


def _reviews(outcomes: Sequence[str]) -> Side:
    before = _before(*(f"review.{o}" for o in outcomes), relation="close")
    return "reviews", {**before, **_redress(["review"], outcomes, "exact")}


def _suits(outcomes: Sequence[str]) -> Side:
    before = _before(*(f"litigation.{o}" for o in outcomes), relation="close")
    return "reviews", {**before, **_redress(SUITS, outcomes, "exact")}


def _flow(column: str, *lines: str) -> Side:
    return "request_flow", {place: ("exact", _lines(column, *lines)) for place in (Y19, Y21)}


INDICATORS: dict[str, tuple[Side, Side, int]] = {
    "disclosure_rate_full": (_FULL, _ALL, 1),
    "disclosure_rate": (_EITHER, _ALL, 1),
    "share_not_held": (("requests", {
        **_before("replies.not_this_agency", "replies.not_existing", relation="approximate"),
        **_since_2019("unavailable.not_held", relation="approximate"),
    }), ("requests", {**_before("replies.total"), **_since_2019("processed.total")}), 1),
    "share_unprocessed": (("requests", _since_2019(*_UNPROCESSED)), ("requests", _since_2019("processed.total")), 1),
    "carry_over_rate": (
        _flow("total", "requests.carried_out"), _flow("total", "requests.new", "requests.carried_in"), 1,
    ),
    "correction_rate_review": (_reviews(["corrected"]), _reviews(_CLOSED), 1),
    "correction_rate_suits": (_suits(["corrected"]), _suits(_CLOSED), 1),
    "reviews_per_100_refusals": (("reviews", {
        **_before("review.total", relation="close"), **_redress(["review"], ["total"], "close"), **_fujian("review.total"),
    }), _REFUSED, 100),
    **{f"applicant_share_{who}": (_flow(who, "requests.new"), _flow("total", "requests.new"), 1) for who in (
        "natural", "business", "research", "public_welfare", "legal_service", "other_org",
    )},
}  # fmt: skip


@dataclass
class Report:
    """A report as raw has it, with the agency that the register knows in that year."""

    id: str
    year: int
    scope: str | None
    agency_id: str
    version_id: str
    key: str | None
    kind: str | None
    published: str | None
    is_current: bool = False
    places: set[Place] = field(default_factory=set)


@dataclass(frozen=True)
class Quantity:
    """A value, the value with accepted corrections, why the first is missing, and the worst relation of what it is made of."""

    value: Decimal | None
    corrected: Decimal | None
    reasons: tuple[str, ...]
    relation: str
    forms: tuple[str, ...] = ()


class Raw:
    """What schema raw says: reports, their tables, facts and accepted corrections."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.facts: dict[tuple[str, *Cell], tuple[Decimal | None, str | None, str | None]] = {}
        self.reports = {report.id: report for report in _reports(connection)}
        for report, form, table in connection.execute(
            "select report_id, form_id, form_table from raw.tables"
        ).fetchall():
            self.reports[report].places.add((form, table))
        for report, form, table, line, column, value, reason, unit in connection.execute(
            "select report_id, form_id, form_table, line_code, column_code, reported_value, missing_reason, unit from raw.facts"
        ).fetchall():
            self.facts[report, form, table, line, column] = (value, reason, unit)
            if table == "prose":
                self.reports[report].places.add((form, table))
        self.corrected = {
            tuple(cell): value
            for *cell, value in connection.execute(
                "select report_id, form_id, form_table, line_code, column_code, corrected_value from raw.corrections "
                "where status = 'accepted'"
            ).fetchall()
        }

    def speaking(self, report: Report, places: Iterable[Place]) -> Place | None:
        """Of the tables that say the same, a table before the prose, then the newest form."""
        known = catalogue.default()
        found = [place for place in places if place in report.places]
        order = sorted(found, key=lambda p: p[1])
        order.sort(key=lambda p: (known.form(p[0]).first_year, p[0]), reverse=True)
        order.sort(key=lambda p: p[1] == "prose")
        return order[0] if order else None

    def quantity(self, report: Report, place: Place, terms: Terms, relation: str) -> Quantity:
        """Σ weight × cell, in 元 where it is money; null where a cell is missing."""
        table = catalogue.default().table(*place)
        values, corrected, reasons = [], [], []
        for weight, line, column in terms:
            cell = (report.id, *place, line, column)
            value, reason, unit = self.facts.get(cell, (None, "absent", None))
            other = self.corrected.get(cell, value)
            if table.kind(table.line(line), table.column(column)) == "money":
                factor = YUAN.get(unit or "")
                if value is not None and factor is None:
                    reason = "unit_unknown"
                value, other = (None if v is None or factor is None else v * factor for v in (value, other))
            values.append(None if value is None else weight * value)
            corrected.append(None if other is None else weight * other)
            reasons += [reason] if reason else []
        return Quantity(_sum(values), _sum(corrected), tuple(reasons), relation, (place[0],))

    def concept(self, report: Report, name: str) -> Quantity | None:
        """What the report says of a concept; None where no table of it has it."""
        place = self.speaking(report, CONCEPTS[name])
        return (
            None if place is None else self.quantity(report, place, CONCEPTS[name][place][1], CONCEPTS[name][place][0])
        )

    def side(self, report: Report, side: Side) -> Quantity | None:
        """One side of an indicator, from the one table that feeds the mart."""
        mart, by_place = side
        known = catalogue.default()
        fed = [(t.form, t.code) for f in known.forms for t in f.tables if any(line.mart == mart for line in t.lines)]
        place = self.speaking(report, fed)
        if place is None or place not in by_place:
            return None
        return self.quantity(report, place, by_place[place][1], by_place[place][0])


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [v for v in values if v is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _worst(relations: Iterable[str]) -> str:
    return max(relations, key=RELATIONS.index, default="none")


def _md5(*parts: object) -> str:
    text = "|".join("<null>" if part is None else str(part) for part in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _reports(connection: duckdb.DuckDBPyConnection) -> Iterator[Report]:
    valid = {
        (a.key, year): a for a in registry.default().agencies for year in range(a.valid_from, min(a.valid_to, 2030) + 1)
    }
    resolved = dict(
        connection.execute(
            "select report_id, agency_key from raw.agency_candidates where result = 'resolved'"
        ).fetchall()
    )
    found = []
    for report, year, scope, name, kind, region, published in connection.execute(
        "select report_id, report_year, nullif(scope, ''), agency_name, nullif(agency_kind, ''), nullif(region_code, ''), "
        "nullif(published_on, '') from raw.readings"
    ).fetchall():
        agency = valid.get((resolved.get(report), year))
        agency_id = _md5(agency.key) if agency else _md5(name, region)
        version = _md5(agency_id, agency.valid_from if agency else None)
        key, kind = (agency.key, agency.kind) if agency else (None, kind)
        found.append(Report(report, year, scope, agency_id, version, key, kind, published))
    latest: dict[object, Report] = {}
    for report in sorted(found, key=lambda r: (r.published or "", r.id)):
        latest[report.agency_id, report.year, report.scope] = report
    for report in latest.values():
        report.is_current = True
    yield from found


def _successions() -> set[tuple[str, int]]:
    """(agency, year) in which it follows another."""
    known = registry.default()
    with (gold.ROOT / "extractors" / "agencies" / "successions.csv").open(encoding="utf-8", newline="") as handle:
        found = {(row["agency_key"], int(row["year"])) for row in csv.DictReader(handle)}
    ended: dict[tuple[str, int], set[str]] = defaultdict(set)
    for region in known.regions:
        ended[region.constant_code, region.valid_to].add(region.territory_id)
    for region in known.regions:
        if region.government_name and ended[region.constant_code, region.valid_from - 1] - {region.territory_id}:
            found |= {(f"{kind}:{region.territory_id}", region.valid_from) for kind in ("government", "office")}
    return found


def _breaks() -> set[tuple[int, str]]:
    with (gold.ROOT / "dbt_project" / "seeds" / "series_breaks.csv").open(encoding="utf-8", newline="") as handle:
        return {(int(row["report_year"]), row["measure"]) for row in csv.DictReader(handle)}


def _whole(value: Decimal | None) -> Decimal | None:
    return value if value is None or value == int(value) else None


def panel(raw: Raw) -> Iterator[dict[str, Any]]:
    """Every row of the panel, every column."""
    followed, breaks = _successions(), _breaks()
    corrected = {cell[0] for cell in raw.corrected}
    for report in raw.reports.values():
        if not report.is_current or report.year < 2014:
            continue
        row: dict[str, Any] = {
            "agency_id": report.agency_id, "scope": report.scope, "report_id": report.id,
            "agency_version_id": report.version_id, "agency_break": (report.key, report.year) in followed,
            "is_corrected": report.id in corrected, "report_year": report.year,
        }  # fmt: skip
        for measure, names in PANEL.items():
            parts = [(-1 if n.startswith("-") else 1, raw.concept(report, n.removeprefix("-"))) for n in names]
            seen = [part for _, part in parts if part is not None]
            value = _sum([None if p is None or p.value is None else sign * p.value for sign, p in parts])
            other = _sum([None if p is None or p.corrected is None else sign * p.corrected for sign, p in parts])
            missing = None
            if value is None:
                missing = min((r for p in seen for r in p.reasons), default="not_on_form")
            if measure != "budget_yuan":
                missing = "not_whole" if value is not None and _whole(value) is None else missing
                value, other = _whole(value), _whole(other)
            row |= {
                measure: value, f"{measure}_missing": missing, f"{measure}_corrected": other,
                f"{measure}_relation": _worst(p.relation for p in seen), f"{measure}_break": (report.year, measure) in breaks,
            }  # fmt: skip
        yield row


def _deadline(report: Report) -> str | None:
    """Articles 31 (2007) and 49 (2019) of the Regulations."""
    if report.kind is None or report.kind == "township_government":
        return None
    government = report.kind.endswith("_government") and report.kind != "party_government"
    speaks_for_one = report.kind == "government_office" and report.scope in ("level", "territory")
    return f"{report.year + 1}-{'03' if report.year <= 2018 or government or speaks_for_one else '01'}-31"


def indicators(raw: Raw) -> Iterator[dict[str, Any]]:
    """Every row of the indicators."""
    for report in raw.reports.values():
        same = {"report_id": report.id, "agency_id": report.agency_id, "report_year": report.year}
        deadline = _deadline(report)
        on_time = report.published <= deadline if report.published and deadline else None
        yield same | {
            "indicator_id": "on_time_publication", "form_id": None,
            "numerator": None if on_time is None else int(on_time), "denominator": None if on_time is None else 1,
            "missing_reason": "no_date" if not report.published else "no_deadline" if not deadline else None,
            "indicator_value": None if on_time is None else int(on_time),
            "corrected_value": None if on_time is None else int(on_time), "relation": "exact",
        }  # fmt: skip
        for name, (above, below, factor) in INDICATORS.items():
            top, bottom = raw.side(report, above), raw.side(report, below)
            reason = None
            if top is None and bottom is None:
                reason = "not_on_form"
            elif top is None or top.value is None:
                reason = min(top.reasons) if top else "not_on_form"
            elif bottom is None or bottom.value is None:
                reason = min(bottom.reasons) if bottom else "not_on_form"
            elif bottom.value == 0:
                reason = "denominator_zero"
            known = top is not None and bottom is not None
            yield same | {
                "indicator_id": name, "form_id": bottom.forms[0] if bottom else None,
                "numerator": top.value if top else None, "denominator": bottom.value if bottom else None,
                "missing_reason": reason,
                "indicator_value": factor * top.value / bottom.value if reason is None else None,
                "corrected_value": factor * top.corrected / bottom.corrected
                if known and top.corrected is not None and bottom.corrected else None,
                "relation": _worst(x.relation for x in (top, bottom)) if known else "none" if bottom is None else bottom.relation,
            }  # fmt: skip

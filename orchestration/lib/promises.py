"""What must be true before a mart is built, and before anything is published, as check results. Findings: identity_checks.py.

A promise that is broken is ours: an error that blocks what stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.lib import gx, policy, preview
from orchestration.lib.identity_checks import RESULTS, SHOWN
from orchestration.lib.warehouse import Warehouse

INDEX = dg.AssetKey(["quality", "identity_promises"])
COUNTS = dg.AssetKey(["quality", "reconciliation"])
REPORTS = dg.AssetKey(["marts", "fct_report"])
PROMISED = "select promise_id, expected_count, found_count, holds from quality.{} order by promise_id"
KEYS = ("report_id", "identity_id", "form_id", "form_table", "member", "report_year", "verdict")
NULL_KEYS = (
    f"select {', '.join(KEYS)} from quality.fct_identity_results where {' or '.join(f'{k} is null' for k in KEYS)}"
)
# A certified report without a hard identity is as wrong as one that breaks it.
CERTIFIED = """
    select
        reports.report_id, reports.report_year, reports.residue_count, count(results.report_id) as hard,
        count(*) filter (
            results.report_id is null or results.verdict not in ('holds', 'holds_if_blank_is_zero')
        ) + reports.residue_count as broken
    from marts.fct_report as reports
    left join quality.fct_identity_results as results on results.report_id = reports.report_id and results.severity = 'H'
    where reports.is_certified group by reports.report_id, reports.report_year, reports.residue_count
    order by broken desc, reports.report_id
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """Rows of a query, and what Great Expectations asks of them: a function from its module of expectations."""

    description: str
    asset: dg.AssetKey
    sql: str
    asks: Callable[[Any], Sequence[Any]]


def _agree(at_least: int) -> Callable[[Any], Sequence[Any]]:
    """Both counts of every row agree, and there are as many rows as that: no promise is no kept promise."""

    def asks(gxe: Any) -> Sequence[Any]:
        counts = {"column_A": "expected_count", "column_B": "found_count", "ignore_row_if": "neither"}
        return [
            gxe.ExpectColumnPairValuesToBeEqual(**counts, meta={"name": "counts agree"}),
            gxe.ExpectTableRowCountToBeBetween(min_value=at_least, meta={"name": "there are promises"}),
        ]

    return asks


def _no_row(gxe: Any) -> Sequence[Any]:
    return [gxe.ExpectTableRowCountToEqual(value=0, meta={"name": "no such row"})]


def _none_broken(gxe: Any) -> Sequence[Any]:
    return [gxe.ExpectColumnValuesToBeInSet(column="broken", value_set=[0], meta={"name": "none broken"})]


BEFORE_MARTS = {
    "results_equal_index": Promise(
        "There are as many identity results as the two indexes have rows: no check can vanish.",
        INDEX, PROMISED.format("identity_promises"), _agree(2),
    ),
    "keys_are_known": Promise("No key of an identity result is null.", RESULTS, NULL_KEYS, _no_row),
}  # fmt: skip
BEFORE_PUBLICATION = {
    "counts_reconcile": Promise(
        "Every source, report, cell and identity index row ends as a row: quality.reconciliation holds.",
        COUNTS, PROMISED.format("reconciliation"), _agree(1),
    ),
    "certified_reports_keep_every_hard_identity": Promise(
        "Every hard identity of a certified report holds, with 0 for blanks at most; no tolerance.",
        REPORTS, CERTIFIED, _none_broken,
    ),
}  # fmt: skip


def specs(promises: Mapping[str, Promise]) -> list[dg.AssetCheckSpec]:
    """The checks of promises of ours. They block what is downstream of their asset."""
    return [
        dg.AssetCheckSpec(name, asset=p.asset, description=p.description, blocking=policy.STRUCTURAL.blocking)
        for name, p in promises.items()
    ]


def check(warehouse: Warehouse, promises: Mapping[str, Promise]) -> Iterator[dg.AssetCheckResult]:
    """Ask promises of ours. Raises gx.ExpectationCrashed."""
    _, gxe = gx.load()
    with warehouse.read() as connection:
        frames = {name: connection.sql(promise.sql).to_df() for name, promise in promises.items()}
    for name, promise in promises.items():
        answers = gx.validate(frames[name], promise.asks(gxe))
        yield dg.AssetCheckResult(
            passed=all(answer.success for answer in answers.values()),
            asset_key=promise.asset,
            check_name=name,
            severity=policy.STRUCTURAL.level,
            description=promise.description,
            metadata={"rows": dg.MetadataValue.md(preview.of_frame(frames[name].head(SHOWN)))},
        )


# Signs of numbers are nearly always right and would hide the arithmetic.
RATES = """
    with hard as (
        select results.report_id, results.form_id, results.verdict, reports.agency_name, reports.media_type
        from quality.fct_identity_results as results
        inner join intermediate.int_reports as reports on reports.report_id = results.report_id
        where results.severity = 'H' and results.is_within_table and results.family <> 'non_negative'
            and results.verdict <> 'undecidable'
    )
    select 'form' as kind, form_id as name, count(*) filter (verdict = 'violated') as violated, count(*) as decided,
        count(distinct report_id) as reports from hard group by form_id
    union all
    select 'publisher', agency_name, count(*) filter (verdict = 'violated'), count(*), count(distinct report_id)
    from hard group by agency_name
    union all
    select 'format', media_type, count(*) filter (verdict = 'violated'), count(*), count(distinct report_id)
    from hard group by media_type
    order by all
"""


def rate_specs() -> list[dg.AssetCheckSpec]:
    """One check a kind of group: above its bound, violations are ours, and block."""
    return [
        dg.AssetCheckSpec(
            f"violations_by_{kind}_within_bound",
            asset=RESULTS,
            description=f"Of the decided hard arithmetic of each {kind}, at most {bound.share:.0%} is violated (from "
            f"{bound.from_decided} decided on). Above it the reader misreads, and no mart is built.",
            blocking=policy.STRUCTURAL.blocking,
        )
        for kind, bound in policy.VIOLATION_BOUNDS.items()
    ]


def check_rates(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Ask whether each form, publisher and format keeps within its bound. Raises gx.ExpectationCrashed."""
    _, gxe = gx.load()
    with warehouse.read() as connection:
        rates = connection.sql(RATES).to_df()
    levels = [policy.violations(r.kind, int(r.violated), int(r.decided)) for r in rates.itertuples()]
    rates["verdict"] = ["above the bound" if level is policy.STRUCTURAL else "within it" for level in levels]
    asked = [
        gxe.ExpectColumnValuesToBeInSet(
            column="verdict", value_set=["within it"], row_condition=gx.where("kind", kind), meta={"name": kind}
        )
        for kind in policy.VIOLATION_BOUNDS
    ]
    answers = gx.validate(rates, asked)
    for kind in policy.VIOLATION_BOUNDS:
        worst = rates[rates["kind"] == kind].assign(share=lambda r: r["violated"] / r["decided"])
        shown = worst.sort_values(["share", "decided"], ascending=False).head(SHOWN)
        above = worst[worst["verdict"] != "within it"]["name"].tolist()
        yield dg.AssetCheckResult(
            passed=answers[kind].success,
            asset_key=RESULTS,
            check_name=f"violations_by_{kind}_within_bound",
            severity=policy.STRUCTURAL.level,
            description=f"above the bound: {', '.join(map(str, above[:5]))}"
            if above
            else f"each {kind} is within its bound",
            metadata={"rates": dg.MetadataValue.md(preview.of_frame(shown))},
        )

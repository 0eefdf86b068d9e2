"""Identities (勾稽关系) and structural promises as check results: which expectation asks what, and what a failure shows.

No verdict is decided here: quality.fct_identity_results has them, Great Expectations asks again, and both must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from extractors.auditing import comparisons
from extractors.forms.catalogue import Catalogue, Identity
from orchestration.lib import data_docs, gx, policy, preview
from orchestration.lib.warehouse import Connection, Warehouse

if TYPE_CHECKING:
    import pandas as pd

RESULTS = dg.AssetKey(["quality", "fct_identity_results"])
SHOWN = 50  # violations in the metadata of a check; all of them are in the table

# One row per distinct pair of sides, with its number of cases: small, however many reports there are. Where the condition
# of an identity is not met, there is nothing to compare.
SIDES = """
    select
        identity_id, case when is_asked then lhs end as lhs, case when is_asked then rhs end as rhs, verdict,
        count(*) as cases
    from quality.fct_identity_results where family = ? group by all order by all
"""
COUNTS = """
    select
        identity_id,
        count(*) filter (verdict = 'holds') as holds,
        count(*) filter (verdict = 'holds_if_blank_is_zero') as holds_if_blank_is_zero,
        count(*) filter (verdict = 'violated') as violated,
        count(*) filter (verdict = 'undecidable') as undecidable
    from quality.fct_identity_results where family = ? group by identity_id
"""
VIOLATIONS = """
    with broken as (
        select * from quality.fct_identity_results
        where verdict = 'violated' and (? is null or identity_id = ?)
        order by severity, report_year, agency_id, report_id, identity_id, form_id, form_table, member limit ?
    ),
    operands as (
        select
            report_id, form_id, form_table, identity_id, member, side, address, report_id as operand_report_id, grid_no,
            row_no, column_no, null as sentence
        from intermediate.int_identity_operands where report_id in (select report_id from broken)
        union all
        select
            report_id, form_id, form_table, identity_id, member, side, address, operand_report_id, grid_no, row_no,
            column_no, case when operand_table = 'prose' and side = 'lhs' then raw_text end
        from intermediate.int_comparison_operands where report_id in (select report_id from broken)
    ),
    -- where to begin: a cell of the left side if it has an address, else of the right
    places as (
        select
            *, row_number() over (
                partition by report_id, form_id, form_table, identity_id, member
                order by nullif(address, '') is null, case side when 'lhs' then 0 when 'rhs' then 1 else 2 end, address
            ) as first
        from operands
    )
    select
        agencies.agency_name as agency, broken.report_year as year, broken.severity, broken.form_id as form,
        broken.form_table as "table", broken.identity_id as identity, broken.statement, broken.member, broken.lhs,
        broken.rhs, broken.difference,
        coalesce(
            nullif(places.address, ''),
            case broken.form_table when 'report' then 'the report' else 'table ' || broken.form_table end
        ) as address,
        coalesce(lines.evidence_url, 'reports/' || broken.report_id || '.html') as evidence,
        places.sentence
    from broken
    left join (select distinct report_id, agency_name from intermediate.int_reports) as agencies
        on agencies.report_id = broken.report_id
    left join places
        on places.first = 1 and places.report_id = broken.report_id and places.form_id = broken.form_id
        and places.form_table = broken.form_table and places.identity_id = broken.identity_id
        and places.member = broken.member
    left join (
        select distinct report_id, grid_no, row_no, column_no, evidence_url from marts.fct_report_lines
        where grid_no is not null
    ) as lines
        on lines.report_id = places.operand_report_id and lines.grid_no = places.grid_no
        and lines.row_no = places.row_no and lines.column_no = places.column_no
    order by broken.severity, agency, year, form, "table", identity, broken.member
"""
PROMISES = "select promise_id, expected_count, found_count, holds from quality.reconciliation order by promise_id"
KEYS = ("report_id", "identity_id", "form_id", "form_table", "member", "report_year", "verdict")
NULL_KEYS = (
    f"select {', '.join(KEYS)} from quality.fct_identity_results where {' or '.join(f'{k} is null' for k in KEYS)}"
)


class EvaluatorsDisagree(Exception):
    """Great Expectations and the SQL models count different violations of an identity: one of them is wrong."""


def families(catalogue: Catalogue, beyond: comparisons.Comparisons | None = None) -> dict[str, list[Identity]]:
    """Identities by family, in the order of the catalogue, then those that look beyond a table (by default, ours)."""
    found: dict[str, list[Identity]] = {}
    for identity in (*catalogue.identities, *(beyond or comparisons.default()).identities):
        found.setdefault(identity.family, []).append(identity)
    return found


def specs(identities: Sequence[Identity]) -> list[dg.AssetCheckSpec]:
    """One check an identity, named by its id, described in its words."""
    return [
        dg.AssetCheckSpec(
            identity.code,
            asset=RESULTS,
            description=f"{identity.statement_en} ({identity.statement_zh}). Source: {identity.source}.",
            blocking=policy.FINDING.blocking,
            metadata={"severity": identity.severity, "forms": ", ".join(identity.forms)},
        )
        for identity in identities
    ]


def check_family(
    warehouse: Warehouse, identities: Sequence[Identity], pages: Path | None = None
) -> list[dg.AssetCheckResult]:
    """Ask every identity of one family over all reports, and write its page of the Data Docs into the folder `pages`.

    A violation is a finding about a report, with its rows. Raises gx.ExpectationCrashed when a question could not be asked,
    EvaluatorsDisagree when the answers differ.
    """
    family = identities[0].family
    with warehouse.read() as connection:
        frame = connection.sql(SIDES, params=[family]).to_arrow_table().to_pandas()
        counted = {
            row.pop("identity_id"): row for row in connection.sql(COUNTS, params=[family]).to_arrow_table().to_pylist()
        }
        asked = gx.run(frame, [expectation(identity) for identity in identities], family)
        rows = {i.code: _violations(connection, i.code) for i in identities if not asked.answers[i.code].success}
    results = [_result(i, asked.answers[i.code], counted.get(i.code, {}), rows.get(i.code)) for i in identities]
    if pages is not None:
        entries = [data_docs.Entry(i, counted.get(i.code, {}), rows.get(i.code)) for i in identities]
        data_docs.write(pages, family, asked.page(), entries)
    return results


def expectation(identity: Identity) -> Any:
    """The expectation that asks an identity. Rows without sides (undecidable) are neither pass nor fail.

    Equations and inequalities are computed again from the two sides. Where a tolerance depends on the row, a count must be
    whole, or two sides must differ, there is no such expectation, and the verdict is asked.
    """
    _, gxe = gx.load()
    common = {
        "row_condition": gx.where("identity_id", identity.code),
        "description": f"{identity.code}: {identity.statement_en} ({identity.statement_zh})",
        "severity": "critical" if identity.severity == "H" else "warning",
        "meta": {"name": identity.code, "description": identity.statement_en, "severity": identity.severity},
    }
    pair = {"ignore_row_if": "either_value_is_missing", **common}
    exact = not identity.tolerance_absolute and not identity.tolerance_relative
    if exact and identity.operator in ("=", "one_of"):
        return gxe.ExpectColumnPairValuesToBeEqual(column_A="lhs", column_B="rhs", **pair)
    if exact and identity.operator in ("<=", ">="):
        small, large = ("lhs", "rhs") if identity.operator == "<=" else ("rhs", "lhs")
        return gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=large, column_B=small, or_equal=True, **pair)
    fine = ["holds", "holds_if_blank_is_zero", "undecidable"]
    return gxe.ExpectColumnValuesToBeInSet(column="verdict", value_set=fine, **common)


def violations(connection: Connection, identity_id: str | None = None, limit: int = SHOWN) -> pd.DataFrame:
    """Violated identities with agency, year, both sides, the address of a cell to begin with and its evidence; hard ones
    first. All, or of one identity."""
    return connection.sql(VIOLATIONS, params=[identity_id, identity_id, limit]).to_df()


def _violations(connection: Connection, identity_id: str) -> data_docs.Rows:
    found = connection.execute(VIOLATIONS, [identity_id, identity_id, SHOWN])
    return data_docs.Rows([column[0] for column in found.description or ()], found.fetchall())


def _result(
    identity: Identity, answer: gx.Answer, counts: dict[str, int], rows: data_docs.Rows | None
) -> dg.AssetCheckResult:
    if (answer.unexpected or 0) != counts.get("violated", 0):
        raise EvaluatorsDisagree(
            f"{identity.code}: Great Expectations finds {answer.unexpected} violations, SQL {counts.get('violated', 0)}"
        )
    metadata: dict[str, Any] = dict(counts)
    if rows is not None:
        metadata["violations"] = dg.MetadataValue.md(preview.markdown(rows.columns, rows.rows))
    return dg.AssetCheckResult(
        passed=answer.success,
        asset_key=RESULTS,
        check_name=identity.code,
        severity=policy.FINDING.level,
        description=identity.statement_en,
        metadata=metadata,
    )


STRUCTURAL = {
    "counts_reconcile": "Every source, report, cell and identity index row ends as a row: quality.reconciliation holds.",
    "results_equal_index": "There are as many identity results as the two indexes have rows: no check can vanish.",
    "keys_are_known": "No key of an identity result is null.",
    "certified_reports_keep_every_hard_identity": "Every hard identity of a certified report holds, with 0 for blanks at "
    "most; no tolerance.",
}
INDEXES = ("identity_index_is_dense", "comparison_index_is_dense")
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


def structural_specs() -> list[dg.AssetCheckSpec]:
    """The promises of ours. They block: nothing is published when one is broken."""
    return [
        dg.AssetCheckSpec(
            name,
            asset=RESULTS,
            description=description,
            blocking=policy.STRUCTURAL.blocking,
            additional_deps=[dg.AssetKey(["quality", "reconciliation"]), dg.AssetKey(["marts", "fct_report"])],
        )
        for name, description in STRUCTURAL.items()
    ]


def check_structure(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Ask the promises of ours. Raises gx.ExpectationCrashed."""
    _, gxe = gx.load()
    with warehouse.read() as connection:
        promises = connection.sql(PROMISES).to_df()
        unknown = connection.sql(NULL_KEYS).to_df()
        certified = connection.sql(CERTIFIED).to_df()
    index = promises[promises["promise_id"].isin(INDEXES)]
    pair = {"column_A": "expected_count", "column_B": "found_count", "ignore_row_if": "neither"}
    equal = gxe.ExpectColumnPairValuesToBeEqual
    answers = {
        **gx.validate(
            promises,
            [
                equal(**pair, meta={"name": "counts_reconcile"}),
                gxe.ExpectTableRowCountToBeBetween(min_value=1, meta={"name": "promises_exist"}),
            ],
        ),
        **gx.validate(
            index,
            [
                equal(**pair, meta={"name": "results_equal_index"}),
                gxe.ExpectTableRowCountToEqual(value=len(INDEXES), meta={"name": "indexes_exist"}),
            ],
        ),
        **gx.validate(unknown, [gxe.ExpectTableRowCountToEqual(value=0, meta={"name": "keys_are_known"})]),
        **gx.validate(
            certified,
            [
                gxe.ExpectColumnValuesToBeInSet(
                    column="broken", value_set=[0], meta={"name": "certified_reports_keep_every_hard_identity"}
                )
            ],
        ),
    }
    needs = {
        "counts_reconcile": "promises_exist",
        "results_equal_index": "indexes_exist",
    }  # no promise is no kept promise
    shown = {
        "counts_reconcile": promises, "results_equal_index": index, "keys_are_known": unknown.head(SHOWN),
        "certified_reports_keep_every_hard_identity": certified.head(SHOWN),
    }  # fmt: skip
    for name, description in STRUCTURAL.items():
        yield dg.AssetCheckResult(
            passed=answers[name].success and (name not in needs or answers[needs[name]].success),
            asset_key=RESULTS,
            check_name=name,
            severity=policy.STRUCTURAL.level,
            description=description,
            metadata={"rows": dg.MetadataValue.md(preview.of_frame(shown[name]))},
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
            f"{bound.from_decided} decided on). Above it the reader misreads, and nothing is published.",
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

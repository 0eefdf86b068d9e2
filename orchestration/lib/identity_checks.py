"""Identities (勾稽关系) and structural promises as check results: which expectation asks what, and what a failure shows.

No verdict is decided here: quality.fct_identity_results has them, Great Expectations asks again, and both must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from extractors.forms.catalogue import Catalogue, Identity
from orchestration.lib import gx, policy, preview
from orchestration.lib.warehouse import Connection, Warehouse

if TYPE_CHECKING:
    import pandas as pd

RESULTS = dg.AssetKey(["quality", "fct_identity_results"])
SHOWN = 50  # violations in the metadata of a check; all of them are in the table

# One row per distinct pair of sides, with its number of cases: small, however many reports there are.
SIDES = """
    select identity_id, lhs, rhs, verdict, count(*) as cases
    from quality.fct_identity_results where family = ? group by all order by all
"""
COUNTS = """
    select
        count(*) filter (verdict = 'holds') as holds,
        count(*) filter (verdict = 'holds_if_blank_is_zero') as holds_if_blank_is_zero,
        count(*) filter (verdict = 'violated') as violated,
        count(*) filter (verdict = 'undecidable') as undecidable
    from quality.fct_identity_results where identity_id = ?
"""
VIOLATIONS = """
    with places as (
        select
            report_id, form_id, form_table, identity_id, member,
            coalesce(
                min(nullif(address, '')) filter (side = 'lhs'),
                min(nullif(address, '')) filter (side = 'rhs')
            ) as address
        from intermediate.int_identity_operands group by all
    )
    select
        agencies.agency_name as agency, results.report_year as year, results.form_id as form,
        results.form_table as "table", results.identity_id as identity, results.statement, results.member,
        results.lhs, results.rhs, results.difference, places.address
    from quality.fct_identity_results as results
    left join marts.fct_report as reports on reports.report_id = results.report_id
    left join marts.dim_agency as agencies on agencies.agency_id = reports.agency_id
    left join places
        on places.report_id = results.report_id and places.form_id = results.form_id
        and places.form_table = results.form_table and places.identity_id = results.identity_id
        and places.member = results.member
    where results.verdict = 'violated' and (? is null or results.identity_id = ?)
    order by all limit ?
"""
PROMISES = "select promise_id, expected_count, found_count, holds from quality.reconciliation order by promise_id"
KEYS = ("report_id", "identity_id", "form_id", "form_table", "member", "report_year", "verdict")
NULL_KEYS = (
    f"select {', '.join(KEYS)} from quality.fct_identity_results where {' or '.join(f'{k} is null' for k in KEYS)}"
)


class EvaluatorsDisagree(Exception):
    """Great Expectations and the SQL models count different violations of an identity: one of them is wrong."""


def families(catalogue: Catalogue) -> dict[str, list[Identity]]:
    """Identities by family, in the order of the catalogue."""
    found: dict[str, list[Identity]] = {}
    for identity in catalogue.identities:
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


def check_family(warehouse: Warehouse, identities: Sequence[Identity]) -> list[dg.AssetCheckResult]:
    """Ask every identity of one family over all reports. A violation is a finding about a report, with its rows.

    Raises gx.ExpectationCrashed when a question could not be asked, EvaluatorsDisagree when the answers differ.
    """
    with warehouse.read() as connection:
        frame = connection.sql(SIDES, params=[identities[0].family]).to_arrow_table().to_pandas()
        answers = gx.validate(frame, [expectation(identity) for identity in identities])
        return [_result(connection, identity, answers[identity.code]) for identity in identities]


def expectation(identity: Identity) -> Any:
    """The expectation that asks an identity. Rows without sides (undecidable) are neither pass nor fail.

    Equations and inequalities are computed again from the two sides. Where a tolerance depends on the row, or a count
    must be whole, there is no such expectation, and the verdict is asked.
    """
    _, gxe = gx.load()
    common = {
        "row_condition": gx.where("identity_id", identity.code),
        "meta": {"name": identity.code, "description": identity.statement_en, "severity": identity.severity},
    }
    pair = {"ignore_row_if": "either_value_is_missing", **common}
    exact = not identity.tolerance_absolute and not identity.tolerance_relative
    if exact and identity.operator == "=":
        return gxe.ExpectColumnPairValuesToBeEqual(column_A="lhs", column_B="rhs", **pair)
    if exact and identity.operator in ("<=", ">="):
        small, large = ("lhs", "rhs") if identity.operator == "<=" else ("rhs", "lhs")
        return gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=large, column_B=small, or_equal=True, **pair)
    fine = ["holds", "holds_if_blank_is_zero", "undecidable"]
    return gxe.ExpectColumnValuesToBeInSet(column="verdict", value_set=fine, **common)


def violations(connection: Connection, identity_id: str | None = None, limit: int = SHOWN) -> pd.DataFrame:
    """Violated identities with agency, year, both sides and the address of a cell to begin with; all, or of one identity."""
    return connection.sql(VIOLATIONS, params=[identity_id, identity_id, limit]).to_df()


def _result(connection: Connection, identity: Identity, answer: gx.Answer) -> dg.AssetCheckResult:
    counts = connection.sql(COUNTS, params=[identity.code]).to_arrow_table().to_pylist()[0]
    if answer.unexpected != counts["violated"]:
        raise EvaluatorsDisagree(
            f"{identity.code}: Great Expectations finds {answer.unexpected} violations, SQL {counts['violated']}"
        )
    metadata: dict[str, Any] = dict(counts)
    if not answer.success:
        rows = connection.execute(VIOLATIONS, [identity.code, identity.code, SHOWN])
        columns = [column[0] for column in rows.description or ()]
        metadata["violations"] = dg.MetadataValue.md(preview.markdown(columns, rows.fetchall()))
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
    "results_equal_index": "There are as many identity results as the index has rows: no check can vanish.",
    "keys_are_known": "No key of an identity result is null.",
}


def structural_specs() -> list[dg.AssetCheckSpec]:
    """The promises of ours. They block: nothing is published when one is broken."""
    return [
        dg.AssetCheckSpec(
            name,
            asset=RESULTS,
            description=description,
            blocking=policy.STRUCTURAL.blocking,
            additional_deps=[dg.AssetKey(["quality", "reconciliation"])],
        )
        for name, description in STRUCTURAL.items()
    ]


def check_structure(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Ask the promises of ours. Raises gx.ExpectationCrashed."""
    _, gxe = gx.load()
    with warehouse.read() as connection:
        promises = connection.sql(PROMISES).to_df()
        unknown = connection.sql(NULL_KEYS).to_df()
    pair = {"column_A": "expected_count", "column_B": "found_count", "ignore_row_if": "neither"}
    index = gx.where("promise_id", "identity_index_is_dense")
    answers = {
        **gx.validate(
            promises,
            [
                gxe.ExpectColumnPairValuesToBeEqual(**pair, meta={"name": "counts_reconcile"}),
                gxe.ExpectColumnPairValuesToBeEqual(**pair, row_condition=index, meta={"name": "results_equal_index"}),
                gxe.ExpectTableRowCountToBeBetween(min_value=1, meta={"name": "promises_exist"}),
            ],
        ),
        **gx.validate(unknown, [gxe.ExpectTableRowCountToEqual(value=0, meta={"name": "keys_are_known"})]),
    }
    nothing_asked = not answers["promises_exist"].success
    shown = {"counts_reconcile": promises, "results_equal_index": promises, "keys_are_known": unknown.head(SHOWN)}
    for name, description in STRUCTURAL.items():
        yield dg.AssetCheckResult(
            passed=answers[name].success and not nothing_asked,
            asset_key=RESULTS,
            check_name=name,
            severity=policy.STRUCTURAL.level,
            description=description,
            metadata={"rows": dg.MetadataValue.md(preview.of_frame(shown[name]))},
        )

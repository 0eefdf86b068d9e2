"""Identities (勾稽关系) as check results: which expectation asks what, and what a failure shows. Promises of ours: promises.py.

No verdict is decided here: quality.fct_identity_results has them, Great Expectations asks again, and both must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from extractors.auditing import comparisons
from extractors.forms.catalogue import Catalogue, Identity
from orchestration.lib import data_docs, evidence, gx, policy, preview
from orchestration.lib.home import Home
from orchestration.lib.warehouse import Connection, Warehouse

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
            report_id, form_id, form_table, identity_id, member, side, address, null as sentence
        from intermediate.int_identity_operands where report_id in (select report_id from broken)
        union all
        select
            report_id, form_id, form_table, identity_id, member, side, address,
            case when operand_table = 'prose' and side = 'lhs' then raw_text end
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
        places.sentence, broken.report_id as evidence
    from broken
    left join (select distinct report_id, agency_name from intermediate.int_reports) as agencies
        on agencies.report_id = broken.report_id
    left join places
        on places.first = 1 and places.report_id = broken.report_id and places.form_id = broken.form_id
        and places.form_table = broken.form_table and places.identity_id = broken.identity_id
        and places.member = broken.member
    order by broken.severity, agency, year, form, "table", identity, broken.member
"""


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
    warehouse: Warehouse, identities: Sequence[Identity], home: Home | None = None
) -> list[dg.AssetCheckResult]:
    """Ask every identity of one family over all reports, and write its page of the Data Docs into the site of `home`.

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
        rows = {i.code: violations(connection, i.code) for i in identities if not asked.answers[i.code].success}
    site = home.site_address if home else ""
    results = [_result(i, asked.answers[i.code], counted.get(i.code, {}), rows.get(i.code), site) for i in identities]
    if home is not None:
        entries = [data_docs.Entry(i, counted.get(i.code, {}), rows.get(i.code)) for i in identities]
        data_docs.write(home.site / "checks", family, asked.page(), entries)
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


def violations(connection: Connection, identity_id: str | None = None, limit: int = SHOWN) -> data_docs.Rows:
    """Violated identities with agency, year, both sides, the address of a cell to begin with and its evidence; hard ones
    first. All, or of one identity. `evidence` is relative to the site: the identity on the page of the report."""
    found = connection.execute(VIOLATIONS, [identity_id, identity_id, limit])
    columns = [column[0] for column in found.description or ()]
    records = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    for row in records:
        place = row["table"], row["identity"], row["member"]
        row["evidence"] = evidence.evidence_link(row["evidence"], identity=place)
    return data_docs.Rows(columns, [tuple(row.values()) for row in records])


def shown(rows: data_docs.Rows, site: str) -> dict[str, dg.MetadataValue]:
    """Metadata of a check that failed: the violated cases, each with a link to the page that shows it, and the first link
    by itself. `site` is the address of the site, ending in a slash."""
    columns = [column for column in rows.columns if column not in data_docs.HIDDEN]
    links = [f"{site}{row['evidence']}" for row in rows.records()]
    cells = [
        [f"[evidence]({link})" if column == "evidence" else data_docs.figure(row[column]) for column in columns]
        for link, row in zip(links, rows.records(), strict=True)
    ]
    return {
        "violations": dg.MetadataValue.md(preview.markdown(columns, cells)),
        "evidence of the first": dg.MetadataValue.url(links[0]),
    }


def _result(
    identity: Identity, answer: gx.Answer, counts: dict[str, int], rows: data_docs.Rows | None, site: str
) -> dg.AssetCheckResult:
    if (answer.unexpected or 0) != counts.get("violated", 0):
        raise EvaluatorsDisagree(
            f"{identity.code}: Great Expectations finds {answer.unexpected} violations, SQL {counts.get('violated', 0)}"
        )
    metadata: dict[str, Any] = dict(counts)
    if rows is not None:
        metadata |= shown(rows, site)
    return dg.AssetCheckResult(
        passed=answer.success,
        asset_key=RESULTS,
        check_name=identity.code,
        severity=policy.FINDING.level,
        description=f"{identity.statement_en} ({identity.statement_zh})",
        metadata=metadata,
    )

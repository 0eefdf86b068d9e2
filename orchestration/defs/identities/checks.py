"""One multi-check a family of identities, made from the forms' files, and the structural one. Decides no severity."""

from collections.abc import Iterator, Sequence

import dagster as dg

from extractors.forms import catalogue
from extractors.forms.catalogue import Identity
from orchestration.lib import identity_checks
from orchestration.lib.home import Home
from orchestration.lib.policy import WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse


def family_checks(family: str, identities: Sequence[Identity]) -> dg.AssetChecksDefinition:
    """The checks of one family, asked together."""

    @dg.multi_asset_check(
        name=f"identities_{family}",
        specs=identity_checks.specs(identities),
        description=f"Identities of the family {family}, through Great Expectations.",
        compute_kind="great_expectations",
        pool=WRITER_POOL,
    )
    def checks(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        with phase("checks") as says:
            results = identity_checks.check_family(warehouse, identities, Home.from_env().site / "checks")
            violated = sum(not result.passed for result in results)
            says.append(f"{family}: {len(results)} identities, {violated} violated by some report")
        yield from results

    return checks


@dg.multi_asset_check(
    name="structure",
    specs=identity_checks.structural_specs(),
    description="Promises of ours, through Great Expectations: nothing is published when one is broken.",
    compute_kind="great_expectations",
    pool=WRITER_POOL,
)
def structure(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Ask the promises of ours."""
    with phase("checks") as says:
        results = list(identity_checks.check_structure(warehouse))
        says.append(f"structure: {sum(bool(r.passed) for r in results)} of {len(results)} promises kept")
    yield from results


@dg.multi_asset_check(
    name="rates",
    specs=identity_checks.rate_specs(),
    description="Violations above the bound for a form, publisher or format are ours: nothing is published.",
    compute_kind="great_expectations",
    pool=WRITER_POOL,
)
def rates(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Ask whether violations are the publishers' or ours."""
    with phase("checks") as says:
        results = list(identity_checks.check_rates(warehouse))
        says.append(f"rates: {sum(bool(r.passed) for r in results)} of {len(results)} within their bounds")
    yield from results


@dg.definitions
def identities() -> dg.Definitions:
    """A multi-check a family: a new identity in a form's files is a new check, without code."""
    found = identity_checks.families(catalogue.default())
    by_family = [family_checks(family, members) for family, members in found.items()]
    return dg.Definitions(asset_checks=[*by_family, structure, rates])

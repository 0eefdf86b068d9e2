"""One multi-check a family of identities, made from the forms' files, and those of our own promises. Decides no severity."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import dagster as dg

from extractors.forms import catalogue
from extractors.forms.catalogue import Identity
from orchestration.lib import identity_checks, promises
from orchestration.lib.home import Home
from orchestration.lib.policy import WRITER_POOL
from orchestration.lib.progress import phase
from orchestration.lib.warehouse import Warehouse

Ask = Callable[[Warehouse], Iterable[dg.AssetCheckResult]]


def multi_check(
    name: str, specs: Sequence[dg.AssetCheckSpec], ask: Ask, described: str, kept: str
) -> dg.AssetChecksDefinition:
    """The checks `specs`, asked together by `ask`; `kept` says in a line what is true of those that pass."""

    @dg.multi_asset_check(
        name=name, specs=specs, description=described, compute_kind="great_expectations", pool=WRITER_POOL
    )
    def checks(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        with phase("checks") as says:
            results = list(ask(warehouse))
            says.append(f"{name}: {sum(bool(result.passed) for result in results)} of {len(results)} {kept}")
        yield from results

    return checks


def of_family(family: str, identities: Sequence[Identity]) -> dg.AssetChecksDefinition:
    """The checks of one family."""
    return multi_check(
        f"identities_{family}",
        identity_checks.specs(identities),
        lambda warehouse: identity_checks.check_family(warehouse, identities, Home.from_env()),
        f"Identities of the family {family}, through Great Expectations.",
        "violated by no report",
    )


def _before_marts(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    yield from promises.check(warehouse, promises.BEFORE_MARTS)
    yield from promises.check_rates(warehouse)


before_marts = multi_check(
    "before_marts",
    [*promises.specs(promises.BEFORE_MARTS), *promises.rate_specs()],
    _before_marts,
    "Promises of ours about the identities, and bounds above which violations are ours: no mart is built when one is broken.",
    "promises kept",
)
before_publication = multi_check(
    "before_publication",
    promises.specs(promises.BEFORE_PUBLICATION),
    lambda warehouse: promises.check(warehouse, promises.BEFORE_PUBLICATION),
    "Promises of ours about the marts: nothing is published when one is broken.",
    "promises kept",
)


@dg.definitions
def identities() -> dg.Definitions:
    """A multi-check a family: a new identity in a form's files is a new check, without code."""
    found = identity_checks.families(catalogue.default())
    by_family = [of_family(family, members) for family, members in found.items()]
    return dg.Definitions(asset_checks=[*by_family, before_marts, before_publication])

"""The register of agencies from its files: periods of validity, names, identifiers, predecessors. No resolving here.

Governments and their offices are not listed: each division of regions.csv has one of each, and the key is that of the territory.
So a county that becomes a district (撤县设区) stays the same agency under another name and code, and one that absorbs its
neighbour is another agency.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).parent
OPEN = 9999
"""valid_to of what is valid until further notice."""

LEVELS = {"province": "provincial", "prefecture": "prefecture", "county": "county"}


class RegistryError(Exception):
    """The register contradicts itself; the message shows the rows."""


@dataclass(frozen=True, slots=True)
class Region:
    """A division in a period: `constant_code` is the division that holds its territory today, `territory_id` the territory."""

    code: str
    name: str
    level: str
    parent_code: str
    constant_code: str
    territory_id: str
    government_name: str
    valid_from: int
    valid_to: int

    def valid_in(self, year: int) -> bool:
        return self.valid_from <= year <= self.valid_to


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency in a period. `superior_key` is by area (块), `superior_line_key` by line (条); empty where there is none."""

    key: str
    name: str
    kind: str
    level: str
    region_code: str
    superior_key: str
    superior_line_key: str
    valid_from: int
    valid_to: int

    def valid_in(self, year: int) -> bool:
        return self.valid_from <= year <= self.valid_to


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of an agency. Scheme: credit_code, organisation_code, index_letters, site_code (names a site only)."""

    agency_key: str
    scheme: str
    identifier: str
    valid_from: int
    valid_to: int


@dataclass(frozen=True, eq=False)
class Registry:
    """Everything that is known of agencies. Build one with `load`, which checks it. Compared by identity: it is large."""

    regions: tuple[Region, ...]
    agencies: tuple[Agency, ...]
    aliases: tuple[tuple[str, str, int, int], ...]
    """(agency_key, alias, valid_from, valid_to)"""
    identifiers: tuple[Identifier, ...]
    predecessors: tuple[tuple[str, str], ...]
    """(agency_key, predecessor_key)"""


@cache
def default() -> Registry:
    """The register of this package."""
    return load(FOLDER)


@cache
def names() -> frozenset[str]:
    """Names and other names of every agency of the register that is no division's government or its office."""
    listed = [a for a in default().agencies if not a.key.startswith(("government:", "office:"))]
    keys = {a.key for a in listed}
    return frozenset((*(a.name for a in listed), *(alias for key, alias, *_ in default().aliases if key in keys)))


def load(folder: Path) -> Registry:
    """Read and check the files of `folder`.

    Raises RegistryError for validity that overlaps or is empty, for a division or an agency in two places in one year, for
    a key that no agency has, and for a superior that is not there in a year of the agency's. Raises OSError and KeyError for a file or a column that is missing.
    """
    regions = tuple(
        Region(
            r["region_code"], r["region_name"], r["level"], r["parent_code"], r["constant_code"], r["territory_id"],
            r["government_name"], int(r["valid_from"]), int(r["valid_to"]),
        )
        for r in _rows(folder / "regions.csv")
    )  # fmt: skip
    listed = tuple(
        Agency(
            r["agency_key"], r["agency_name"], r["agency_kind"], r["agency_level"], r["region_code"],
            r["superior_key"], r["superior_line_key"], int(r["valid_from"]), int(r["valid_to"]),
        )
        for r in _rows(folder / "agencies.csv")
    )  # fmt: skip
    agencies = (*_governments(regions), *listed)
    aliases = tuple(
        (r["agency_key"], r["alias"], int(r["valid_from"]), int(r["valid_to"])) for r in _rows(folder / "aliases.csv")
    )
    identifiers = tuple(
        Identifier(r["agency_key"], r["scheme"], r["identifier"], int(r["valid_from"]), int(r["valid_to"]))
        for r in _rows(folder / "identifiers.csv")
    )
    predecessors = tuple((r["agency_key"], r["predecessor_key"]) for r in _rows(folder / "successions.csv"))
    _no_overlap("division", ((r.code, r.valid_from, r.valid_to, r) for r in regions))
    _no_overlap("territory", ((r.territory_id, r.valid_from, r.valid_to, r) for r in regions))
    _no_overlap("agency", ((a.key, a.valid_from, a.valid_to, a) for a in agencies))
    known = {a.key for a in agencies}
    named = {
        *(a.superior_key for a in listed), *(a.superior_line_key for a in listed), *(k for k, *_ in aliases),
        *(i.agency_key for i in identifiers), *(k for pair in predecessors for k in pair),
    } - {""}  # fmt: skip
    if unknown := sorted(named - known):
        raise RegistryError(f"no agency has the key {', '.join(unknown)}")
    _superiors_are_there(agencies, listed)
    return Registry(regions, agencies, aliases, identifiers, predecessors + _territorial(regions))


def _governments(regions: Iterable[Region]) -> Iterable[Agency]:
    by_code: dict[str, list[Region]] = defaultdict(list)
    regions = tuple(regions)
    for region in regions:
        by_code[region.code].append(region)
    for r in regions:
        if not r.government_name:
            continue
        above = next((p for p in by_code[r.parent_code] if p.valid_in(r.valid_from)), None)
        superior = f"government:{above.territory_id}" if above else "state_council"
        office = r.government_name + ("办公厅" if r.level == "province" else "办公室")
        own, period = f"government:{r.territory_id}", (r.valid_from, r.valid_to)
        yield Agency(own, r.government_name, f"{LEVELS[r.level]}_government", r.level, r.code, superior, "", *period)
        yield Agency(f"office:{r.territory_id}", office, "government_office", r.level, r.code, own, "", *period)


def _territorial(regions: Iterable[Region]) -> tuple[tuple[str, str], ...]:
    """Where today's division began as several: its government follows those of the parts that ended the year before."""
    regions = tuple(regions)
    ended: dict[tuple[str, int], list[Region]] = defaultdict(list)
    for r in regions:
        ended[r.constant_code, r.valid_to].append(r)
    return tuple(
        (f"{kind}:{r.territory_id}", f"{kind}:{before.territory_id}")
        for r in regions
        for before in ended[r.constant_code, r.valid_from - 1]
        if before.territory_id != r.territory_id and r.government_name
        for kind in ("government", "office")
    )


def _superiors_are_there(agencies: Iterable[Agency], listed: Iterable[Agency]) -> None:
    """Of the agencies that are listed: those of divisions follow from the division above."""
    there: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for a in agencies:
        there[a.key].append((a.valid_from, a.valid_to))
    for a in listed:
        for superior in {a.superior_key, a.superior_line_key} - {""}:
            covered = a.valid_from
            for start, end in sorted(there[superior]):
                covered = end + 1 if start <= covered <= end else covered
            if covered <= a.valid_to:
                raise RegistryError(f"the superior of {a.key} is not there in {covered}: {a}")


def _no_overlap(what: str, periods: Iterable[tuple[str, int, int, object]]) -> None:
    by_key: dict[str, list[tuple[int, int, object]]] = defaultdict(list)
    for key, start, end, row in periods:
        if start > end:
            raise RegistryError(f"{what} {key}: valid from {start} to {end}: {row}")
        by_key[key].append((start, end, row))
    for key, found in by_key.items():
        found.sort(key=lambda p: p[:2])
        for (_, end, first), (start, _, second) in pairwise(found):
            if start <= end:
                raise RegistryError(f"{what} {key} is twice in {start}: {first}; {second}")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))

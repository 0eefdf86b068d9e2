"""From what a report says of its author to one agency of the register, or to a named ambiguity with candidates. Never a guess.

Pure: the register and the words go in, a Resolution comes out. A name decides; an identifier decides where it is proved to be
the agency's own; region words, site and catalogue only choose among agencies of the same name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from extractors.agencies.identifiers import classify_index_number, is_site_code, site_area
from extractors.agencies.registry import Agency, Region, Registry, default

Result = Literal["resolved", "ambiguous", "unknown"]
_GOVERNMENT = re.compile(r"^(?P<place>.{2,}?)(?:人民政府|政府|行政公署|行署)(?P<office>办公厅|办公室|办)?$")
STATE = "中华人民共和国"  # before the name of a body of the State Council, on its seal and at times in its title
_PROVED = ("credit_code", "organisation_code")


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a report's author. Everything but the year may be empty. `region_code` is the catalogue's prior."""

    name: str
    year: int
    region_code: str = ""
    title: str = ""
    site_code: str = ""
    index_number: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """`resolved` has exactly one candidate. `reason` names what decided, or what stands in the way."""

    result: Result
    reason: str
    candidates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.result == "resolved" and len(self.candidates) != 1:
            raise ValueError(f"resolved means one candidate: {self}")

    @property
    def agency_key(self) -> str | None:
        return self.candidates[0] if self.result == "resolved" else None


def resolve(said: Said, registry: Registry | None = None) -> Resolution:
    """The agency of the register that is meant.

    Reasons: `identifier`, `name` (one agency has it), `name_and_region` (one of those that have it) when resolved;
    `same_name`, `name_against_region`, `name_against_identifier`, `site_only` when ambiguous; `not_valid_in_year`,
    `not_in_register` when unknown, with the agencies nearest to it as candidates.
    """
    index = _index(registry or default())
    by_identifier = index.identified(said)
    named = index.named(said.name)
    valid = sorted({a.key for a in named if a.valid_in(said.year)})
    if by_identifier:
        if valid and by_identifier not in valid:
            return Resolution("ambiguous", "name_against_identifier", tuple(sorted({by_identifier, *valid})))
        return Resolution("resolved", "identifier", (by_identifier,))
    if not named:
        return index.not_named(said)
    if not valid:
        return Resolution("unknown", "not_valid_in_year", index.neighbours({a.key for a in named}))
    return index.chosen(valid, said)


class _Index:
    """The register turned round: from names, identifiers and divisions to agencies."""

    def __init__(self, registry: Registry) -> None:
        self._agencies: dict[str, list[Agency]] = defaultdict(list)
        self._names: dict[str, list[Agency]] = defaultdict(list)
        self._regions: dict[str, list[Region]] = defaultdict(list)
        self._places: dict[str, set[str]] = defaultdict(set)
        self._next: dict[str, set[str]] = defaultdict(set)
        self._identifiers = registry.identifiers
        for agency in registry.agencies:
            self._agencies[agency.key].append(agency)
            self._names[agency.name].append(agency)
        for key, alias, start, end in registry.aliases:
            last = self._agencies[key][-1]
            self._names[alias].append(Agency(key, alias, last.kind, last.level, last.region_code, "", "", start, end))
        for region in registry.regions:
            self._regions[region.code].append(region)
        for region in registry.regions:
            for place in self._spoken(region):
                self._places[place].add(region.territory_id)
        for key, before in registry.predecessors:
            self._next[key].add(before)
            self._next[before].add(key)

    def _spoken(self, region: Region) -> Iterable[str]:
        """How a division is called: with or without those above it."""
        yield region.name
        for parent in self._regions[region.parent_code]:
            yield parent.name + region.name
            for grandparent in self._regions[parent.parent_code]:
                yield grandparent.name + region.name
                yield grandparent.name + parent.name + region.name

    def identified(self, said: Said) -> str | None:
        """The agency whose own identifier the index number carries."""
        found = classify_index_number(said.index_number) if said.index_number else None
        if found is None or found.kind not in _PROVED:
            return None
        owners = {
            i.agency_key
            for i in self._identifiers
            if i.scheme == found.kind and i.identifier == found.value and i.valid_from <= said.year <= i.valid_to
        }
        return owners.pop() if len(owners) == 1 else None

    def named(self, name: str) -> list[Agency]:
        """Agencies of that name in any year: as listed, else the government or office of a place."""
        name = name.removeprefix(STATE)
        if listed := self._names.get(name):
            # a district's name with its city is exact; the government of a place may still have namesakes
            if not (match := _GOVERNMENT.match(name)):
                return listed
        elif not (match := _GOVERNMENT.match(name)):
            return []
        kind = "office" if match["office"] else "government"
        found = [a for t in sorted(self._places.get(match["place"], ())) for a in self._agencies[f"{kind}:{t}"]]
        return found or listed or []

    def chosen(self, valid: list[str], said: Said) -> Resolution:
        """One of the agencies that have the name, by the division that the catalogue, the site or the title says."""
        areas = [a for a in (said.region_code, site_area(said.site_code) if said.site_code else None) if a]
        agreeing = [k for k in valid if all(self._within(k, area, said.year) for area in areas)] if areas else valid
        if len(valid) == 1:
            if not said.region_code or self._within(valid[0], said.region_code, said.year):
                return Resolution("resolved", "name", (valid[0],))
            others = {f"{valid[0].partition(':')[0]}:{t}" for t in self._territories(said.region_code, said.year)}
            return Resolution(
                "ambiguous", "name_against_region", tuple(sorted({valid[0], *others & set(self._agencies)}))
            )
        if len(agreeing) != 1 and said.title:
            agreeing = [k for k in (agreeing or valid) if any(w in said.title for w in self._above(k, said.year))]
        if len(agreeing) == 1:
            return Resolution("resolved", "name_and_region", (agreeing[0],))
        return Resolution("ambiguous", "same_name", tuple(valid))

    def not_named(self, said: Said) -> Resolution:
        """No agency has the name: its site may still say whose it could be."""
        at_site = sorted(
            {i.agency_key for i in self._identifiers if i.scheme == "site_code" and i.identifier == said.site_code}
        )
        if not said.name and at_site and is_site_code(said.site_code):
            return Resolution("ambiguous", "site_only", tuple(at_site))
        area = said.region_code or (site_area(said.site_code) if said.site_code else None) or ""
        near = {f"{k}:{t}" for t in self._territories(area, said.year) for k in ("government", "office")}
        return Resolution("unknown", "not_in_register", tuple(sorted(near & set(self._agencies))))

    def neighbours(self, keys: set[str]) -> tuple[str, ...]:
        """Agencies with their predecessors and successors."""
        return tuple(sorted(keys.union(*(self._next[k] for k in keys))))

    def _territories(self, code: str, year: int) -> set[str]:
        return {r.territory_id for r in self._regions.get(code[:6], ()) if r.valid_in(year)}

    def _regions_of(self, key: str, year: int) -> list[Region]:
        codes = {a.region_code for a in self._agencies[key] if a.valid_in(year)}
        return [r for code in codes for r in self._regions.get(code, ()) if r.valid_in(year)]

    def _within(self, key: str, area: str, year: int) -> bool:
        """Whether the agency's division is that area or below it; a code of another year stands for today's territory."""
        constant = {r.constant_code for r in self._regions.get(area[:6], ())} | {area[:6]}
        for region in self._regions_of(key, year):
            chain = {region.code, region.constant_code, region.parent_code}
            chain |= {p.parent_code for p in self._regions.get(region.parent_code, ())}
            if chain & constant:
                return True
        return not self._regions_of(key, year)  # an agency of no division contradicts none

    def _above(self, key: str, year: int) -> list[str]:
        return [
            p.name
            for r in self._regions_of(key, year)
            for p in self._regions.get(r.parent_code, ())
            if p.valid_in(year)
        ]


@lru_cache(maxsize=4)
def _index(registry: Registry) -> _Index:
    return _Index(registry)

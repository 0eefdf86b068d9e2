"""Who has not published after the deadline, and which addresses nobody has asked for long. Counts; decides no severity."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from extractors.fetching.archive import Archive
from extractors.sources import Source
from orchestration.lib.dbt import PROJECT_DIR
from orchestration.lib.origins import is_web
from orchestration.lib.warehouse import Connection

YEARS = PROJECT_DIR / "seeds" / "years.csv"
ASKED_EVERY = timedelta(days=15)  # two weekly runs of the quiet season, and a day
GOVERNMENTS = ("provincial_government", "prefecture_government", "county_government")
"""Report by 31 March of the next year; their departments, offices and townships by 31 January (since the form of 2019)."""

# An agency is called as its reports call it; a source that was never read, as the catalogue does.
_AGENCIES = """
    select coalesce(r.agency_name, nullif(s.agency_name, ''), s.source_id) as agency,
           coalesce(nullif(r.agency_kind, ''), nullif(s.agency_kind, ''), '') as kind,
           coalesce(r.report_year, s.report_year) as report_year,
           r.report_id is not null as was_read,
           coalesce(o.reason, a.reason, '') as reason
    from raw.sources as s
    left join raw.readings as r using (source_id)
    left join raw.outcomes as o on o.source_id = s.source_id and o.step = 'read'
    left join raw.outcomes as a on a.source_id = s.source_id and a.step = 'archive'
    order by s.catalogue_line
"""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when a year's reports must be public."""

    year: int
    departments: date
    governments: date

    def of(self, kind: str, agency: str) -> date:
        """For an agency of a kind; where the kind is not known, by its name."""
        government = kind in GOVERNMENTS or (not kind and agency.endswith("政府"))
        return self.governments if government else self.departments


@dataclass(frozen=True, slots=True)
class Missing:
    """An agency without the report of the last year that is due, and why as far as we know."""

    agency: str
    year: int
    deadline: date
    why: str


def deadlines(path: Path = YEARS) -> list[Deadlines]:
    """The years with their deadlines, as the project's table of years has them."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Deadlines(
                int(row["report_year"]),
                date.fromisoformat(row["deadline_departments"]),
                date.fromisoformat(row["deadline_governments"]),
            )
            for row in csv.DictReader(file)
        ]


def missing(connection: Connection, today: date, years: Sequence[Deadlines]) -> tuple[list[Missing], int]:
    """Agencies of the catalogue whose report of the last year due was not read, and how many agencies there are."""
    kinds: dict[str, str] = {}
    ended: dict[tuple[str, int | None], str] = {}
    read: set[tuple[str, int | None]] = set()
    for agency, kind, year, was_read, reason in connection.execute(_AGENCIES).fetchall():
        kinds[agency] = kind or kinds.get(agency, "")
        ended[agency, year] = reason
        if was_read:
            read.add((agency, year))
    found = []
    for agency, kind in kinds.items():
        due = [y for y in years if y.of(kind, agency) < today]
        if not due:
            continue
        last = max(due, key=lambda y: y.year)
        if (agency, last.year) not in read:
            why = ended.get((agency, last.year), "no source in the catalogue")
            found.append(Missing(agency, last.year, last.of(kind, agency), why))
    return found, len(kinds)


def unasked(archive: Archive, sources: Iterable[Source], now: datetime) -> tuple[list[str], int]:
    """Addresses of the catalogue that have given no answer of any kind for `ASKED_EVERY`, and how many addresses there are."""
    addresses = dict.fromkeys(s.location for s in sources if is_web(s.location))
    late = []
    for address in addresses:
        visit = archive.visit(address)
        if visit is None or now - visit.at.replace(tzinfo=None) > ASKED_EVERY:
            late.append(address)
    return late, len(addresses)

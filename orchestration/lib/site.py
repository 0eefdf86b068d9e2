"""The site: which pages there are, what each is made from, and the pages that show more than one report. Judges nothing.

One page a report version (reports/), an agency (agencies/), a province (regions/) and a form (forms/), and the start page with
its search index (assets/index-*.js). Everything works from the file system: relative addresses, no server, nothing from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from extractors.fetching.archive import Archive
from orchestration.lib import evidence, site_rows
from orchestration.lib.charts import Point, chart, figure
from orchestration.lib.evidence import Labels, Neighbour, evidence_link, form_anchor, visible
from orchestration.lib.manifest import Manifest, Written
from orchestration.lib.provinces import ENGLISH, province
from orchestration.lib.site_rows import Record, Reference, Row
from orchestration.lib.warehouse import Connection

HERE = Path(__file__).parent
BATCH = 500  # reports whose cells and facts are in memory at once
SHARD = 1_000  # agencies in one file of the search index
SHOWN = 40  # rows of a list on the start page: it stays small, however many reports there are
CHARTS = (
    "requests_received", "requests_processed", "requests_carried_out", "disclosed_full", "not_disclosed", "review_total",
    "litigation_total", "normative_documents_issued",
)  # fmt: skip
NO_PANEL = ("agency_id", "agency_version_id", "scope", "report_id", "report_year", "agency_break")
SITES = (
    ("Evidence", "index.html"), ("Tables, columns and lineage (dbt)", "dbt/index.html"),
    ("Checks (Great Expectations)", "checks/index.html"), ("Data package (CSV, Parquet)", "export.html"),
)  # fmt: skip

Archived = Callable[[str], str | None]
"""Where the archived copy of a sha256 is, in words relative to OGI_HOME; None when the archive does not have it."""


def write(connection: Connection, site: Path, archived: Archived) -> Written:
    """Bring the pages below `site` up to date with the tables. Returns how many there are and how many were written.

    A page is rendered only when something that it shows has changed, and written only when its content has. Raises OSError.
    """
    site.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(site)
    maker = Maker(connection, archived)
    maker.reports(manifest)
    maker.agencies(manifest)
    maker.regions(manifest)
    maker.forms(manifest)
    maker.export(manifest, site)
    shards = maker.search(manifest)
    for asset in sorted((HERE / "templates" / "assets").iterdir()):
        manifest.put(f"assets/{asset.name}", asset.read_text(encoding="utf-8"))
    maker.start(manifest, site, shards)
    return manifest.close()


def copies(folder: Path) -> Archived:
    """Where the archive below `folder` keeps a document: asked of the disk, because a copy that is gone must not be claimed."""
    archive = Archive(folder)

    def place(sha256: str) -> str | None:
        held = archive.place(sha256)
        return f"archive/{held.shard.name}, record at byte {held.offset}" if held and held.shard.exists() else None

    return place


def _style() -> str:
    """Hash of everything of ours that decides how a page looks."""
    files = [HERE / f"{name}.py" for name in ("site", "evidence", "charts", "site_rows")]
    files += sorted((HERE / "templates").glob("*.j2"))
    return hashlib.md5(b"".join(file.read_bytes() for file in files), usedforsecurity=False).hexdigest()


def _key(*parts: Any) -> str:
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()


class Maker:
    """What several kinds of page need, loaded once."""

    def __init__(self, connection: Connection, archived: Archived) -> None:
        self.connection = connection
        self.archived = archived
        self.pages = evidence.environment()
        self.reference: Reference = site_rows.reference(connection)
        self.labels = Labels(self.reference)
        self.style = _key(_style(), self.reference.key)
        self.all = site_rows.reports(connection)
        self.by_id = {report["report_id"]: report for report in self.all}
        self.broken = {(b["measure"], b["report_year"]) for b in self.reference.breaks}
        self.violations = site_rows.violations(connection)
        self.superiors = site_rows.superiors(connection)
        self.by_agency: dict[str, list[Record]] = defaultdict(list)
        for report in self.all:
            self.by_agency[report["agency_id"]].append(report)

    # one page a report

    def reports(self, manifest: Manifest) -> None:
        """Evidence pages of the reports that changed."""
        sums = site_rows.sums(self.connection)
        due: list[tuple[Record, list[Neighbour], str | None, str]] = []
        for report in self.all:
            report_id = report["report_id"]
            around = list(self._neighbours(report))
            copy = self.archived(report["sha256"])
            said = [(n.relation, n.report["report_id"], n.report["agency_name"], n.report["scope"]) for n in around]
            key = _key(self.style, tuple(report.values()), sums.get(report_id), copy, said)
            if not manifest.keep(evidence_link(report_id), key):
                due.append((report, around, copy, key))
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            found = site_rows.details(self.connection, [report["report_id"] for report, *_ in batch])
            for report, around, copy, key in batch:
                report_id = report["report_id"]
                page = evidence.report_page(self.pages, self.labels, report, found.pop(report_id), around, copy)
                manifest.put(evidence_link(report_id), page, key)

    def _neighbours(self, report: Record) -> Iterator[Neighbour]:
        year, scope = report["report_year"], report["scope"]
        for other in self.by_agency[report["agency_id"]]:
            away = other["report_year"] - year
            if other is report or abs(away) > 1 or not (other["is_current"] or away == 0):
                continue
            if other["scope"] == scope:
                yield Neighbour(("last year", "another version", "next year")[away + 1], other)
            elif away == 0:
                yield Neighbour("same year, other scope", other)
        for superior in self.superiors.get(report["agency_id"], ()):
            for other in self.by_agency.get(superior, ()):
                if other["report_year"] == year and other["is_current"]:
                    yield Neighbour("the authority above", other)

    # one page an agency

    def agencies(self, manifest: Manifest) -> None:
        """Pages of the agencies of which a report or a row of the panel changed."""
        verdicts = site_rows.verdict_counts(self.connection)
        sums = site_rows.panel_sums(self.connection)
        due = []
        for agency_id, reports in self.by_agency.items():
            shown = [(r["report_id"], r["agency_name"], r["is_current"], r["value_count"], r["scope"]) for r in reports]
            judged = [(verdicts.get(r["report_id"]), self.violations.get(r["report_id"])) for r in reports]
            above = self._above(agency_id)
            key = _key(self.style, shown, judged, above, sums.get(agency_id))
            if not manifest.keep(f"agencies/{agency_id}.html", key):
                due.append((agency_id, above, key))
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            panels = site_rows.panel(self.connection, [agency_id for agency_id, *_ in batch])
            for agency_id, above, key in batch:
                page = self._agency(agency_id, above, panels[agency_id], verdicts)
                manifest.put(f"agencies/{agency_id}.html", page, key)

    def _above(self, agency_id: str) -> list[tuple[str, str]]:
        known = [s for s in self.superiors.get(agency_id, ()) if s in self.by_agency]
        return [(self.by_agency[s][-1]["agency_name"], f"{s}.html") for s in dict.fromkeys(known)]

    def _agency(
        self, agency_id: str, above: list[tuple[str, str]], panel: list[Record], verdicts: dict[str, Row]
    ) -> str:
        reports = self.by_agency[agency_id]
        years = {r["report_year"] for r in reports}
        scopes: dict[str, list[Record]] = defaultdict(list)
        for row in panel:
            scopes[row["scope"] or "unknown"].append(row)
        return self.pages.get_template("agency.html.j2").render(
            root="../",
            agency=reports[-1],
            superiors=above,
            reports=[(r, verdicts.get(r["report_id"], (0, 0, 0, 0))) for r in reports],
            violations=[
                (r, v, evidence_link(r["report_id"], identity=(v["form_table"], v["identity_id"], v["member"])))
                for r in reports
                for v in self.violations.get(r["report_id"], ())
            ],
            scopes=[self._series(scope, rows) for scope, rows in scopes.items()],
            breaks=[
                y["series_break"]
                for y in self.reference.years
                if y["series_break"] and min(years) < y["report_year"] <= max(years)
            ],
        )

    def _series(self, scope: str, rows: list[Record]) -> Record:
        """Years side by side and the charts of one scope of an agency."""
        measures = {m["measure"]: m for m in self.reference.measures}
        by_year = {row["report_year"]: row for row in rows}
        span = range(min(by_year), max(by_year) + 1)
        year_breaks = {y["report_year"] for y in self.reference.years if y["series_break"]}
        shown, charts = [], []
        order = {name: position for position, name in enumerate(CHARTS)}
        for name in sorted(measures, key=lambda m: (order.get(m, len(order)), m)):
            if name not in rows[0] or all(row[name] is None for row in rows):
                continue
            words = {"en": measures[name]["label_en"], "zh": measures[name]["label_zh"], "unit": measures[name]["unit"]}
            points = [
                Point(
                    year,
                    by_year[year][name] if year in by_year else None,
                    by_year[year][f"{name}_missing"] if year in by_year else "no report",
                    self._breaks(name, year, by_year.get(year)),
                )
                for year in span
            ]
            cells = [
                (
                    None if p.value is None else figure(p.value),
                    (p.missing or "").replace("_", " "),
                    p.breaks and p.year != span[0],
                )
                for p in points
                if p.year in by_year
            ]
            shown.append({**words, "cells": cells})
            drawn = chart(points, year_breaks) if name in order else None
            if drawn is not None:
                charts.append({**words, "chart": drawn})
        links = [(year, evidence_link(row["report_id"])) for year, row in by_year.items()]
        return {"scope": scope, "years": links, "rows": shown, "charts": charts}

    def _breaks(self, measure: str, year: int, row: Record | None) -> bool:
        """A break of the series of this measure, or of the agency itself."""
        return (measure, year) in self.broken or bool(row is not None and row["agency_break"])

    # one page a province, a form

    def regions(self, manifest: Manifest) -> None:
        """Lists of agencies by province: what the search finds, without a script."""
        listed: dict[str, list[Record]] = defaultdict(list)
        for agency_id, reports in self.by_agency.items():
            latest = reports[-1]
            current = [r for r in reports if r["is_current"]]
            listed[province(latest["region_code"])].append({**latest, "agency_id": agency_id, "reports": current})
        for code in sorted(set(listed) | {province(row["province"]) for row in site_rows.coverage(self.connection)}):
            agencies = sorted(listed[code], key=lambda a: (a["region_code"] or "", a["agency_name"]))
            key = _key(
                self.style,
                [
                    (a["agency_name"], [(r["report_id"], r["hard_violated_count"]) for r in a["reports"]])
                    for a in agencies
                ],
            )
            if not manifest.keep(f"regions/{code}.html", key):
                page = self.pages.get_template("region.html.j2").render(
                    root="../", name_en=ENGLISH[code], name_zh=self._zh(code), agencies=agencies
                )
                manifest.put(f"regions/{code}.html", page, key)

    def _zh(self, code: str) -> str:
        return self.reference.provinces.get(code + "0000", "地区不明" if code == "00" else "")

    def forms(self, manifest: Manifest) -> None:
        """What the lines and columns of each form are: where the cells of the evidence pages lead."""
        printed = set(self.reference.form_cells)
        for form in self.reference.forms:
            form_id = form["form_id"]
            lines = [r for r in self.reference.lines if r["form_id"] == form_id]
            columns = [r for r in self.reference.columns if r["form_id"] == form_id]
            tables = []
            for code in dict.fromkeys(r["form_table"] for r in lines):
                own = [c for c in columns if c["form_table"] == code]
                rows = [
                    {
                        **line,
                        "anchor": form_anchor(code, line["line_code"]),
                        "cells": [
                            (
                                form_anchor(code, line["line_code"], c["column_code"]),
                                (form_id, code, line["line_code"], c["column_code"]) in printed,
                            )
                            for c in own
                        ],
                    }
                    for line in lines
                    if line["form_table"] == code
                ]
                tables.append({"code": code, "columns": own, "lines": rows})
            identities = [i for i in self.reference.identities if form_id in i["forms"].split()]
            page = self.pages.get_template("form.html.j2").render(
                root="../", form=form, tables=tables, identities=identities
            )
            manifest.put(f"forms/{form_id}.html", page)

    def export(self, manifest: Manifest, site: Path) -> None:
        """The files of the export, if there are any: the page beside them says what each holds."""
        descriptor = site / "export" / "datapackage.json"
        if descriptor.exists():
            package = json.loads(descriptor.read_text(encoding="utf-8"))
            packed = {r["name"].removesuffix("_parquet"): r for r in package["resources"] if r["format"] == "parquet"}
            tables = [(r, packed[r["name"]]) for r in package["resources"] if r["format"] == "csv"]
            page = self.pages.get_template("export.html.j2").render(root="", package=package, tables=tables)
            manifest.put("export.html", page)

    # the start page

    def search(self, manifest: Manifest) -> int:
        """The index of the search, in scripts of bounded size. Returns how many there are."""
        entries = []
        for agency_id, reports in self.by_agency.items():
            latest = reports[-1]
            years = [
                [r["report_year"], r["report_id"], int(r["hard_violated_count"] > 0)]
                for r in reports
                if r["is_current"]
            ]
            entries.append([agency_id, visible(latest["agency_name"]), latest["region_code"] or "", years])
        entries.sort(key=lambda e: (e[2], e[1], e[0]))
        shards = [entries[first : first + SHARD] for first in range(0, len(entries), SHARD)]
        for number, shard in enumerate(shards):
            text = json.dumps(shard, ensure_ascii=False, separators=(",", ":"))
            manifest.put(f"assets/index-{number}.js", f"ogiIndex({text});\n")
        return len(shards)

    def start(self, manifest: Manifest, site: Path, shards: int) -> None:
        """The start page: coverage, what is violated most, newest reports, sources with a problem, search."""
        coverage = site_rows.coverage(self.connection)
        years = sorted({row["report_year"] for row in coverage} | {r["report_year"] for r in self.all})
        links = [name_link for name_link in SITES[1:] if (site / name_link[1]).exists()]
        violations = [
            (
                self.by_id[report_id],
                v,
                evidence_link(report_id, identity=(v["form_table"], v["identity_id"], v["member"])),
            )
            for report_id, found in self.violations.items()
            if report_id in self.by_id
            for v in found
        ]
        newest = sorted(
            self.all, key=lambda r: (r["published_on"] or "", r["report_year"], r["report_id"]), reverse=True
        )
        page = self.pages.get_template("index.html.j2").render(
            root="",
            sites=dict(links).items(),
            counts=site_rows.counts(self.connection),
            shards=shards,
            years=years,
            provinces=self._map(coverage, years),
            most=site_rows.most_violated(self.connection, SHOWN),
            violations=violations[:SHOWN],
            violating=len(violations),
            newest=newest[:SHOWN],
            problem_counts=site_rows.problem_counts(self.connection)[:SHOWN],
            problems=site_rows.problems(self.connection, SHOWN),
            forms=self.reference.forms,
        )
        manifest.put("index.html", page)

    def _map(self, coverage: Sequence[Record], years: Sequence[int]) -> list[Record]:
        """Rows of the coverage table: a province each, with a cell a year (None where nothing was expected)."""
        by_place: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        for row in coverage:
            place = by_place[province(row["province"]), row["report_year"]]
            place[0] += row["found"]
            place[1] += row["expected"]
        codes = sorted({code for code, _ in by_place})
        return [
            {"code": code, "en": ENGLISH[code], "zh": self._zh(code),
             "cells": [_filled(*by_place[code, year]) if (code, year) in by_place else None for year in years]}
            for code in codes
        ]  # fmt: skip


def _filled(found: int, expected: int) -> Record:
    """A cell of the map: a sign and a step, so that colour is not alone."""
    share = found / expected
    step = 1 if not found else 4 if share >= 1 else 3 if share >= 0.5 else 2
    return {"found": found, "expected": expected, "step": step, "sign": {1: "○", 4: "●"}.get(step, "◐")}

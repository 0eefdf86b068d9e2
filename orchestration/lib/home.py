"""Where everything is written (OGI_HOME) and which catalogue is collected (OGI_CATALOG). Resolved when asked, never at import."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from extractors import samples

PROJECT = Path(__file__).resolve().parents[2]

# `pool=` on an asset is silently ignored unless a limit is set here.
DAGSTER_YAML = """\
# Written by ogi-warehouse when missing; edit freely.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: op
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days:
      skipped: 7
      started: 30
      success: 30
      failure: 90
"""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below OGI_HOME, and the catalogue. `Home.from_env()` is how everyone gets one."""

    root: Path
    catalogue: Path

    @classmethod
    def from_env(cls) -> Home:
        """OGI_HOME (default `./data`) and OGI_CATALOG (default: the bundled samples), both made absolute."""
        root = Path(os.environ.get("OGI_HOME") or "data").absolute()
        catalogue = Path(os.environ.get("OGI_CATALOG") or samples.CATALOGUE).absolute()
        return cls(root, catalogue)

    @property
    def corrections(self) -> Path:
        """Declared corrections: OGI_CORRECTIONS, else `corrections.csv` beside the catalogue whose reports they correct."""
        named = os.environ.get("OGI_CORRECTIONS")
        return Path(named).absolute() if named else self.catalogue.parent / "corrections.csv"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def inbox(self) -> Path:
        """Files dropped here are sources, whether or not the catalogue names them."""
        return self.root / "inbox"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def work_db(self) -> Path:
        """The pipeline's own database. Nobody else opens it."""
        return self.work / "warehouse.duckdb"

    @property
    def published_db(self) -> Path:
        """The read-only copy that people open; replaced as a whole."""
        return self.root / "warehouse.duckdb"

    @property
    def dbt_target(self) -> Path:
        return self.work / "dbt"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def site_address(self) -> str:
        """Address of the site, ending in a slash, for links from elsewhere: OGI_SITE_URL (where `make serve` serves it), else
        that of the folder, which opens without a server but not from a page that came over http."""
        return (os.environ.get("OGI_SITE_URL") or self.site.as_uri()).rstrip("/") + "/"

    @property
    def export(self) -> Path:
        """The files that people take: a link to the last whole set in `exports`."""
        return self.root / "export"

    @property
    def exports(self) -> Path:
        return self.root / ".exports"

    @property
    def log(self) -> Path:
        return self.work / "run.log"

    @property
    def last_run(self) -> Path:
        return self.work / "last_run.json"

    def prepare(self) -> Home:
        """Create the folders and DAGSTER_HOME's dagster.yaml where they are missing. Changes nothing that is there."""
        for folder in (self.archive, self.inbox, self.work, self.dagster, self.site):
            folder.mkdir(parents=True, exist_ok=True)
        settings = self.dagster / "dagster.yaml"
        if not settings.exists():
            settings.write_text(DAGSTER_YAML, encoding="utf-8")
        return self

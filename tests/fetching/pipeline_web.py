"""What the tests of the pipeline over the web share: real reports served on loopback, settings that reach them. No test here."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from extractors import samples
from orchestration.defs.archive.assets import documents, sources
from orchestration.defs.raw.assets import reports
from orchestration.defs.resources import Clock
from orchestration.lib.warehouse import Warehouse
from tests.fetching.badweb import HTML, BadWeb, answer

HEADER = "source_id,agency_name,agency_kind,region_code,scope,report_year,location\n"
SETTINGS = """\
delay = 0
attempts = 1
fresh_for = {fresh_for}
wait_max = 0.1
allowed_networks = ["127.0.0.0/8", "::1/128"]
"""
REPORTS = {
    "/neijiang.html": ("neijiang-2020.html", HTML),
    "/shanghai.html": ("shanghai-office-2019.html", HTML),
    "/huaian.pdf": ("huaian-2024.pdf", "Content-Type: application/pdf"),
}
ERROR_PAGE = "<html><head><title>提示</title></head><body>对不起，您访问的页面不存在或已被删除</body></html>".encode()


def serve(web: BadWeb) -> None:
    """Three reports, and what else a site does."""
    for path, (name, kind) in REPORTS.items():
        web.pages[path] = answer("200 OK", (samples.FOLDER / name).read_bytes(), kind)
    web.pages["/moved.html"] = answer("301 Moved Permanently", b"", "Location: /shanghai.html")
    web.pages["/error.html"] = answer("200 OK", ERROR_PAGE, HTML)
    web.pages["/gone.html"] = answer("404 Not Found", b"<html>404</html>", HTML)
    web.robots["localhost"] = answer("200 OK", b"User-agent: *\nDisallow: /\n", "Content-Type: text/plain")


def catalogue(folder: Path, locations: dict[str, str]) -> Path:
    """A catalogue of these locations without priors."""
    path = folder / "catalog.csv"
    path.write_text(HEADER + "".join(f"{k},,,,,,{v}\n" for k, v in locations.items()), encoding="utf-8")
    return path


def collect_and_read(home: Path, path: Path, run_config: dict[str, object] | None = None) -> str:
    """The steps from the catalogue to schema raw, in this process, without the rest of the pipeline; what they said."""
    said = io.StringIO()
    handler, logger = logging.StreamHandler(said), logging.getLogger("ogi")
    with environment(home, path):
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            resources = {"warehouse": Warehouse(), "clock": Clock()}
            assert dg.materialize([sources, documents, reports], resources=resources, run_config=run_config).success
        finally:
            logger.removeHandler(handler)
    return said.getvalue()


@contextmanager
def environment(home: Path, path: Path) -> Iterator[None]:
    """OGI_HOME and OGI_CATALOG inside; as before outside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OGI_HOME", str(home))
        patch.setenv("OGI_CATALOG", str(path))
        yield


@contextmanager
def fetching(folder: Path, *, fresh_for: float = 3600) -> Iterator[None]:
    """OGI_FETCHING names settings that may reach loopback."""
    settings = folder / "fetching.toml"
    settings.write_text(SETTINGS.format(fresh_for=fresh_for), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OGI_FETCHING", str(settings))
        yield

"""`python -m tests.browser.pictures HOME`: the pictures of dbt_project/docs/pictures, from a home that the pipeline filled.

The agency page is of a site of copies (tests.bench.pages), because the samples have one year an agency.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib import site
from orchestration.lib.home import PROJECT, Home
from tests.bench.pages import multiply
from tests.browser import driving

PICTURES = PROJECT / "dbt_project" / "docs" / "pictures"
LARGEST = 200_000  # bytes: they are kept in the repository


class TooLarge(Exception):
    """A picture is too large to be kept."""


def keep(page: Any, name: str, **clip: int) -> None:
    """Take the picture of the window, or of a part of it. Raises TooLarge."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, clip=clip or None)
    if path.stat().st_size >= LARGEST:
        raise TooLarge(f"{path}: {path.stat().st_size} bytes, at most {LARGEST} are kept")


def take(home: Home) -> None:
    """All pictures. Raises TooLarge, driving.NoBrowser."""
    with driving.browser() as started:
        page = started.new_page(viewport={"width": 1100, "height": 760})
        page.goto((home.site / "index.html").as_uri())
        page.get_by_role("searchbox").fill("固原")
        page.locator("#hits li").first.wait_for()
        keep(page, "start")
        page.get_by_role("link", name="2019 ≠").click()
        page.locator("#violated + .scroll tbody td a").last.click()
        page.mouse.wheel(0, -330)
        page.wait_for_timeout(300)
        keep(page, "evidence")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(home.work_db, Path(folder, "warehouse.duckdb"))
            with duckdb.connect(str(Path(folder, "warehouse.duckdb"))) as connection:
                multiply(connection, 80)
                for (
                    measure
                ) in site.CHARTS:  # copies are equal year by year: here they differ, so that there is a line to see
                    connection.execute(
                        f"update marts.agency_year_panel set {measure} = {measure} * (60 + hash(report_id) % 80) // 100"
                    )
                site.write(connection, Path(folder, "site"), site.copies(home.archive))
            page.goto(
                max(Path(folder, "site", "agencies").iterdir(), key=lambda p: (p.stat().st_size, p.name)).as_uri()
            )
            page.locator("h2", has_text="Scope").first.evaluate("heading => heading.scrollIntoView()")
            keep(page, "agency")
        driving.open_lineage(page, home.site, "agency_year_panel")
        page.locator("[ng-click='showExpanded()']").click()
        page.wait_for_timeout(2500)
        keep(page, "lineage")
        with driving.dagster_ui(home) as address:
            page.set_viewport_size({"width": 1900, "height": 640})
            page.goto(f"{address}/asset-groups")
            page.locator("foreignObject", has_text="published").first.wait_for(timeout=60_000)
            page.wait_for_timeout(2000)
            keep(page, "dagster", x=540, y=110, width=1360, height=530)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.pictures", description=__doc__)
    parser.add_argument("home", type=Path)
    os.environ["OGI_HOME"] = str(parser.parse_args().home.absolute())
    take(Home.from_env())


if __name__ == "__main__":
    main()

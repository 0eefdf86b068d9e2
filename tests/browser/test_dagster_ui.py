"""The Dagster UI over a built home: the groups from left to right, jobs by what a person wants, what a run left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import driving

GROUPS = ("archive", "raw", "staging", "intermediate", "marts", "quality", "published")


@pytest.fixture(scope="module")
def ui(browser, built) -> Iterator[str]:
    with driving.dagster_ui(built.home) as address:
        yield address


def test_graph_shows_the_groups_from_left_to_right(page, ui):
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto(f"{ui}/asset-groups")
    places = {}
    for group in GROUPS:
        node = page.locator("foreignObject", has_text=group).first
        node.wait_for(timeout=60_000)
        places[group] = node.bounding_box()["x"]
    assert places["archive"] < places["raw"] < places["staging"] < places["intermediate"]
    assert places["staging"] < places["marts"]
    assert max(places, key=places.__getitem__) == "published"


def test_jobs_are_named_for_what_a_person_wants(page, ui):
    page.goto(f"{ui}/jobs")
    for job in ("refresh_all", "audit_only", "publish"):
        page.get_by_text(job, exact=True).first.wait_for(timeout=60_000)


def test_asset_says_its_columns_and_its_check_its_sentence(page, ui):
    page.goto(f"{ui}/assets/marts/fct_report")
    page.get_by_text("evidence_url").first.wait_for(timeout=60_000)
    page.goto(f"{ui}/assets/quality/fct_identity_results?view=checks&checkDetail=t4_total")
    page.get_by_text("总计 = 维持 + 纠正 + 其他 + 尚未审结").first.wait_for(timeout=60_000)

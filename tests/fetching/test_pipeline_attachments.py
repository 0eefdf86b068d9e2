"""The pipeline over pages that bring files and next pages, served by the bad web: outcomes of each, and what the reports say."""

from __future__ import annotations

import dagster as dg
import duckdb
import lxml.html
import pytest

from extractors.fetching.archive import Archive
from extractors.reading.read import read
from orchestration.defs.automation.jobs import refresh_year
from orchestration.lib.home import Home
from tests.fetching import families
from tests.fetching.badweb import HTML, BadWeb, answer
from tests.fetching.families import serve
from tests.fetching.pipeline_web import catalogue, collect_and_read, fetching

OUTCOMES = {
    # source or what its page brings: (step archive, step read)
    "linked": ((None,), (None,)), "linked#1": ((None,), (None,)),
    "linked-docx": ((None,), (None,)), "linked-docx#1": ((None,), (None,)),
    "linked-xlsx": ((None,), (None,)), "linked-xlsx#1": ((None,), (None,)),
    "paged": ((None,), (None,)), "paged#1": ((None,), (None,)), "paged#2": ((None,), (None,)),
    "notice": ((None,), (None,)), "notice#1": ((None,), ("blank_form",)), "notice#2": ((None,), ("other_report",)),
    "fails": ((None,), (None,)), "fails#1": (("gone",), ()), "fails#2": (("wrong_content",), ()),
    "copies": ((None,), (None,)), "copies#1": ((None,), (None,)),
    "unequal": ((None,), (None,)), "unequal#1": ((None,), (None,)),
    "lost": ((None,), ("not_a_report",)), "lost#1": (("gone",), ()),
    "torn": ((None,), ("damaged",)), "torn#1": ((None,), ("damaged",)),
    "scan": ((None,), ("no_text_layer",)), "scan#1": ((None,), ("no_text_layer",)), "scan#2": ((None,), ("no_text_layer",)),
}  # fmt: skip
TABLES = ("sources", "documents", "attachments", "outcomes", "readings", "tables", "cells", "facts", "residue")


def rows(home: Home, sql: str) -> list[tuple]:
    with duckdb.connect(str(home.work_db), read_only=True) as connection:
        return sorted(connection.execute(sql).fetchall(), key=repr)


def everything(home: Home) -> dict[str, list[tuple]]:
    return {table: rows(home, f"select * from raw.{table}") for table in TABLES}


def figures(home: Home, source: str) -> dict[tuple[str, ...], object]:
    found = rows(
        home,
        "select form_id, form_table, line_code, column_code, reported_value, missing_reason from raw.facts "
        f"join raw.readings using (report_id) where source_id = '{source}'",
    )
    return {row[:4]: row[4:] for row in found}


def of_file(data: bytes) -> dict[tuple[str, ...], object]:
    return {(f.form, f.table, f.line, f.column): (f.value, f.missing) for f in read(data).facts}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """(home, server, catalogue, what the run said), run once; the tests below run on in the order of this file."""
    folder = tmp_path_factory.mktemp("attachments")
    with BadWeb() as web:
        serve(web)
        names = [name for name in OUTCOMES if "#" not in name]
        path = catalogue(folder, {name: f"http://127.0.0.1:{web.port}/x/{name}.html" for name in names})
        with fetching(folder):
            home = Home(folder / "home", path)
            yield home, web, path, collect_and_read(home.root, path)


def test_everything_that_a_page_brings_has_its_outcomes(world):
    home, *_, said = world
    found: dict[str, dict[str, str | None]] = {}
    for name, step, reason in rows(home, "select source_id, step, reason from raw.outcomes"):
        found.setdefault(name, {})[step] = reason
    steps = {
        name: tuple((ended[step],) if step in ended else () for step in ("archive", "read"))
        for name, ended in found.items()
    }
    assert steps == OUTCOMES
    brought = dict(rows(home, "select attachment_id, kind from raw.attachments"))
    assert brought.keys() == {name for name in OUTCOMES if "#" in name}
    assert {name for name, kind in brought.items() if kind == "next_page"} == {"paged#1", "paged#2"}
    assert (
        "11 sources: 11 archived, 0 with a problem; 15 attachments and next pages: 12 archived, 3 with a problem"
        in said
    )


def test_a_report_is_read_from_its_attachment_and_says_so(world):
    home, *_ = world
    assert figures(home, "linked") == of_file(families.PDF)
    assert figures(home, "linked-docx") == of_file(families.WORD)
    tables = {k: v for k, v in of_file(families.whole()).items() if k[1] != "prose"}
    assert figures(home, "linked-xlsx") == tables
    places = rows(
        home,
        "select distinct regexp_extract(address, '^[a-z]+ [0-9]+') from raw.facts join raw.readings using (report_id) "
        "where source_id like 'linked%' and address <> ''",
    )
    assert places == [("attachment 1",)]
    location = rows(home, "select location from raw.attachments where attachment_id = 'linked#1'")[0][0]
    assert location.endswith("/x/huaian.pdf"), "which file that is"


def test_a_paged_article_is_one_report(world):
    home, *_ = world
    assert figures(home, "paged") == of_file(families.whole())
    assert rows(home, "select warnings from raw.readings where source_id = 'paged'") == [("",)]


def test_a_page_that_has_the_tables_stays_read_whatever_its_attachments_are(world):
    home, *_ = world
    expected = of_file(families.whole())
    for source in ("notice", "fails", "copies", "unequal"):
        assert figures(home, source) == expected, source
    copies = rows(
        home, "select distinct copies from raw.tables join raw.readings using (report_id) where source_id = 'copies' "
        "and form_table <> 'prose'",
    )  # fmt: skip
    assert copies == [(2,)]
    warned = dict(rows(home, "select source_id, warnings from raw.readings"))
    assert "table three stands twice with different figures" in warned["unequal"]
    assert not warned["copies"] + warned["notice"] + warned["fails"]
    assert rows(
        home, "select count(*) > 0 from raw.residue join raw.readings using (report_id) where source_id = 'unequal'"
    ) == [(True,)]


def test_a_second_run_asks_only_for_what_failed_and_changes_no_row(world):
    home, web, path, _ = world
    before = everything(home)
    web.requests.clear()
    said = collect_and_read(home.root, path)
    assert {p for _, p in web.requests} == {"/robots.txt", "/x/nowhere.pdf", "/error.doc"}
    assert everything(home) == before
    assert "0 parsed, 0 quarantined, 11 unchanged" in said


def test_one_year_is_asked_for_again_and_what_the_others_bring_stays(world):
    home, web, path, _ = world
    before = everything(home)
    web.requests.clear()
    collect_and_read(home.root, path, refresh_year.config.get_run_config_for_partition_key("2018"))
    assert {p for _, p in web.requests} == {"/robots.txt", "/x/linked-docx.html", "/x/deyang.docx"}
    assert everything(home) == before


def test_an_attachment_that_changes_is_another_version_of_the_report(world):
    home, web, path, _ = world
    before = rows(home, "select report_id from raw.readings where source_id = 'copies'")
    was = web.pages["/x/equal.xlsx"]
    web.pages["/x/equal.xlsx"] = web.pages["/x/unequal.xlsx"]
    with fetching(path.parent, fresh_for=0):
        collect_and_read(home.root, path)
    assert rows(home, "select report_id from raw.readings where source_id = 'copies'") != before
    assert "different figures" in rows(home, "select warnings from raw.readings where source_id = 'copies'")[0][0]
    web.pages["/x/equal.xlsx"] = was
    with fetching(path.parent, fresh_for=0):
        collect_and_read(home.root, path)
    assert rows(home, "select report_id from raw.readings where source_id = 'copies'") == before


@pytest.mark.parametrize("gone", ["/x/linked.html", "/x/huaian.pdf"])
def test_a_report_that_is_taken_down_keeps_what_its_page_brought(world, gone):
    """Also where the warehouse is made again beside the archive."""
    home, web, path, _ = world
    before = figures(home, "linked")
    was = web.pages[gone]
    web.pages[gone] = answer("404 Not Found", b"<html>404</html>", HTML)
    with fetching(path.parent, fresh_for=0):
        collect_and_read(home.root, path)
        assert figures(home, "linked") == before
        home.work_db.unlink()
        collect_and_read(home.root, path)
    web.pages[gone] = was
    assert figures(home, "linked") == before
    reasons = {
        r for (r,) in rows(home, "select reason from raw.outcomes where source_id like 'linked#%' and step = 'archive'")
    }
    assert reasons == {"gone"}
    with fetching(path.parent, fresh_for=0):
        collect_and_read(home.root, path)


def test_a_damaged_attachment_is_named_and_fetched_again_in_the_same_run(world):
    home, _, path, _ = world
    before = figures(home, "linked")
    archive = Archive(home.archive)
    sha256 = rows(home, "select sha256 from raw.outcomes where source_id = 'linked#1' and step = 'archive'")[0][0]
    place = archive.place(sha256)
    place.shard.chmod(0o644)
    with place.shard.open("r+b") as shard:
        shard.seek(place.offset + place.length // 2)
        shard.write(b"\0" * 64)
    with duckdb.connect(str(home.work_db)) as connection:
        connection.execute("delete from raw.read_inputs")
    said = collect_and_read(home.root, path)
    assert "of damaged bytes in the archive, 1 objects fetched again" in said
    assert figures(home, "linked") == before
    assert rows(home, "select count(*) from raw.outcomes where reason = 'archive_damaged'") == [(0,)]


def test_following_can_be_switched_off(tmp_path):
    with BadWeb() as web, fetching(tmp_path):
        serve(web)
        settings = tmp_path / "fetching.toml"
        settings.write_text("follow = false\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
        path = catalogue(tmp_path, {"linked": f"http://127.0.0.1:{web.port}/x/linked.html"})
        collect_and_read(tmp_path / "home", path)
        assert rows(Home(tmp_path / "home", path), "select * from raw.attachments") == []
        assert web.requests["127.0.0.1", "/x/huaian.pdf"] == 0


def test_an_attachment_of_two_sources_is_asked_for_once_and_read_with_both(tmp_path):
    with BadWeb() as web, fetching(tmp_path):
        serve(web)
        base = f"http://127.0.0.1:{web.port}/x"
        names = {"one": f"{base}/linked.html", "again": f"{base}/linked.html", "file": f"{base}/huaian.pdf"}
        path = catalogue(tmp_path, names)
        collect_and_read(tmp_path / "home", path)
        home = Home(tmp_path / "home", path)
        assert web.requests["127.0.0.1", "/x/huaian.pdf"] == 1
        assert [figures(home, name) for name in names] == [of_file(families.PDF)] * 3


def test_a_whole_run_reconciles_and_shows_the_failed_attachments(tmp_path, pipeline):
    with BadWeb() as web, fetching(tmp_path):
        serve(web)
        names = ("paged", "fails", "linked", "notice")
        path = catalogue(tmp_path, {name: f"http://127.0.0.1:{web.port}/x/{name}.html" for name in names})
        ran = pipeline(tmp_path / "home", path)
    assert ran.status == 0, ran.said
    assert "failed      fails#1: gone" in ran.said
    assert "notice#1" not in ran.said, "a file that is no report is none of the reader's problems"
    with duckdb.connect(str(ran.home.published_db), read_only=True) as connection:
        reports = dict(connection.execute("select source_id, report_id from marts.fct_report").fetchall())
        promises = connection.execute(
            "select promise_id, expected_count from quality.reconciliation where promise_id like '%attachment%' and holds"
        ).fetchall()
    shown = {
        source: " ".join(
            lxml.html.parse(str(ran.home.site / "reports" / f"{report}.html"))
            .xpath("string(//*[@id='attachments'])")
            .split()
        )
        for source, report in reports.items()
    }
    assert shown["linked"].startswith("attachment 1: http://127.0.0.1:")
    assert "huaian.pdf, readsha256" in shown["linked"]
    assert "attachment 1: http" in shown["fails"]
    assert "nowhere.pdf, gone" in shown["fails"]
    assert "next page 2:" in shown["paged"]
    assert "blank.docx, blank_form" in shown["notice"]
    assert dict(promises) == {"attachments_have_an_archive_outcome": 7, "archived_attachments_have_a_read_outcome": 5}


def test_the_two_assets_of_the_step_are_one_operation_that_takes_the_years():
    from orchestration.defs.archive.assets import documents

    assert documents.op.name == "raw__documents"
    assert {key.to_user_string() for key in documents.keys} == {"raw/documents", "raw/attachments"}
    assert isinstance(documents, dg.AssetsDefinition)

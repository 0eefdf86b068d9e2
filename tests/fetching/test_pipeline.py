"""The pipeline over files and the web together: outcomes, a second run, a publisher that takes a report down, damage."""

from __future__ import annotations

import shutil

import dagster as dg
import duckdb
import pytest

from extractors import samples
from extractors.fetching.archive import Archive
from orchestration import run as runner
from orchestration.definitions import defs
from orchestration.defs.automation.jobs import refresh_year
from orchestration.lib import collecting
from tests.fetching.badweb import BadWeb
from tests.fetching.pipeline_web import catalogue, collect_and_read, environment, fetching, serve

EXPECTED = {
    "file": ("archived", None),
    "page": ("archived", None),
    "file-on-the-web": ("archived", None),
    "moved": ("archived", "redirected"),
    "again": ("archived", None),
    "gone": ("failed", "gone"),
    "robots": ("failed", "refused_by_robots"),
    "error-page": ("failed", "wrong_content"),
    "reset": ("failed", "connection_failed"),
    "no-address": ("failed", "unsupported_location"),
}


def rows(database, table="raw.outcomes", what="*"):
    with duckdb.connect(str(database), read_only=True) as connection:
        return sorted(connection.execute(f"select {what} from {table}").fetchall(), key=repr)


@pytest.fixture(scope="module")
def world(tmp_path_factory, pipeline):
    """(folder, server, catalogue, first run): ten sources, run once; the tests below run on in the order of this file."""
    folder = tmp_path_factory.mktemp("web")
    shutil.copyfile(samples.FOLDER / "yanping-2018.txt", folder / "yanping.txt")
    with BadWeb() as web:
        serve(web)
        base = f"http://127.0.0.1:{web.port}"
        path = catalogue(
            folder,
            {
                "file": "yanping.txt", "page": f"{base}/neijiang.html", "file-on-the-web": f"{base}/huaian.pdf",
                "moved": f"{base}/moved.html", "again": f"{base}/neijiang.html", "gone": f"{base}/gone.html",
                "robots": f"http://localhost:{web.port}/neijiang.html", "error-page": f"{base}/error.html",
                "reset": f"{base}/reset", "no-address": "gopher://example.org/x",
            },
        )  # fmt: skip
        with fetching(folder):
            yield folder, web, path, pipeline(folder / "home", path)


def test_every_source_has_its_outcome(world):
    *_, ran = world
    assert ran.status == 0, ran.said
    found = rows(ran.home.work_db, "raw.outcomes where step = 'archive'", "source_id, status, reason, detail, sha256")
    assert {source: (status, reason) for source, status, reason, *_ in found} == EXPECTED
    for source, status, reason, detail, sha256 in found:
        assert (sha256 is not None) == (status == "archived"), source
        assert bool(detail) == (reason is not None), source
    moved = next(detail for source, *_, detail, _ in found if source == "moved")
    assert moved.startswith("redirected (301) to http://127.0.0.1:")


def test_reports_of_the_web_reach_the_marts_and_a_redirect_is_no_problem(world):
    *_, ran = world
    reports = {source for (source,) in rows(ran.home.published_db, "marts.fct_report", "source_id")}
    assert reports == {"file", "page", "file-on-the-web", "moved", "again"}
    assert "5 of 10 sources" in ran.said
    assert "10 sources: 5 archived, 5 with a problem" in ran.said
    assert "moved: redirected" not in ran.said
    assert "failed      robots: refused_by_robots" in ran.said


def test_what_was_fetched_is_dated_and_typed_as_it_came(world):
    *_, ran = world
    documents = dict(
        rows(ran.home.work_db, "raw.documents", "regexp_extract(location, '[^/]*$'), (media_type, size_bytes)")
    )
    assert documents["huaian.pdf"] == ("application/pdf", (samples.FOLDER / "huaian-2024.pdf").stat().st_size)
    assert documents["neijiang.html"][0] == "text/html"


def test_one_address_of_two_sources_is_asked_for_once(world):
    _, web, *_ = world
    assert web.requests["127.0.0.1", "/neijiang.html"] == 1


def test_second_run_asks_only_for_what_failed_and_changes_no_row(world):
    folder, web, path, ran = world
    before = {t: rows(ran.home.work_db, f"raw.{t}") for t in ("sources", "documents", "outcomes", "facts", "readings")}
    web.requests.clear()
    said = collect_and_read(folder / "home", path)
    asked = {path for _, path in web.requests}
    assert asked == {"/robots.txt", "/gone.html", "/error.html", "/reset"}
    assert {t: rows(ran.home.work_db, f"raw.{t}") for t in before} == before
    assert "0 parsed, 0 quarantined, 5 unchanged" in said


def test_one_year_is_asked_for_again_and_the_others_are_left_alone(world):
    folder, web, path, ran = world
    before = {t: rows(ran.home.work_db, f"raw.{t}") for t in ("sources", "documents", "outcomes", "facts", "readings")}
    web.requests.clear()
    config = refresh_year.config.get_run_config_for_partition_key("2019")
    assert dg.validate_run_config(defs().resolve_job_def("refresh_year"), config)
    collect_and_read(folder / "home", path, config)
    asked = {path for _, path in web.requests}
    assert asked == {"/robots.txt", "/moved.html", "/shanghai.html"}, "fresh, but asked for; what failed has no year"
    assert {t: rows(ran.home.work_db, f"raw.{t}") for t in before} == before


def test_years_are_asked_for_again_in_one_run_from_the_command_line(world, monkeypatch, capsys):
    folder, _, path, _ = world
    asked = []
    monkeypatch.setattr(runner, "_run", lambda home, job, years: asked.append((job, years)) or 0)
    with environment(folder / "home", path):
        assert runner.main(["--years", "2019", "2020"]) == 0
        assert asked == [("refresh_all", [2019, 2020])]
        with pytest.raises(SystemExit):
            runner.main(["--job", "publish", "--years", "2019"])
    assert "publish asks for nothing" in capsys.readouterr().err
    assert dg.validate_run_config(defs().resolve_job_def("refresh_all"), collecting.for_years([2019, 2020]))


def test_a_report_that_is_taken_down_is_kept_and_said(world):
    folder, web, path, ran = world
    facts = rows(ran.home.work_db, "raw.facts")
    web.pages["/huaian.pdf"] = web.pages["/gone.html"]
    with fetching(folder, fresh_for=0):
        said = collect_and_read(folder / "home", path)
    status, reason, detail = rows(
        ran.home.work_db,
        "raw.outcomes where step = 'archive' and source_id = 'file-on-the-web'",
        "status, reason, detail",
    )[0]
    assert (status, reason) == ("archived", "gone")
    assert "kept" in detail
    assert "10 sources: 5 archived, 6 with a problem" in said
    assert rows(ran.home.work_db, "raw.facts") == facts


def test_a_warehouse_made_again_beside_its_archive_knows_what_the_archive_kept(world):
    folder, _, path, ran = world
    facts = rows(ran.home.work_db, "raw.facts")
    ran.home.work_db.unlink()
    collect_and_read(folder / "home", path)
    assert rows(ran.home.work_db, "raw.facts") == facts, "also those of the report that is gone from the web"


def test_damage_in_the_archive_is_named_and_fetched_again_in_the_same_run(world):
    """Both the page, which is there still, and the file that is gone: its damage stays a named outcome."""
    folder, _, path, ran = world
    archive = Archive(ran.home.archive)
    sha = dict(rows(ran.home.work_db, "raw.outcomes where step = 'read'", "source_id, sha256"))
    facts = rows(ran.home.work_db, "raw.facts", "report_id")
    for name in ("page", "file-on-the-web"):
        place = archive.place(sha[name])
        place.shard.chmod(0o644)
        with place.shard.open("r+b") as shard:
            shard.seek(place.offset + place.length // 2)
            shard.write(b"\0" * 64)
    with duckdb.connect(str(ran.home.work_db)) as connection:
        connection.execute("delete from raw.read_inputs")  # as after a change of the reader: all is read again
    said = collect_and_read(folder / "home", path)
    assert "3 of damaged bytes in the archive, 1 objects fetched again" in said
    read = {
        s: (st, r)
        for s, st, r in rows(ran.home.work_db, "raw.outcomes where step = 'read'", "source_id, status, reason")
    }
    assert read["page"] == read["again"] == ("parsed", None)
    assert read["file-on-the-web"] == ("failed", "archive_damaged")
    assert 0 < len(rows(ran.home.work_db, "raw.facts", "report_id")) < len(facts)


@pytest.mark.parametrize(
    ("text", "says"),
    [("delay = 'often'", "delay: expected float"), ("speed = 9", "unknown key"), (None, "no such file")],
)
def test_bad_settings_are_refused_before_anything_is_written(tmp_path, pipeline, monkeypatch, text, says):
    file = tmp_path / "fetching.toml"
    if text:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("OGI_FETCHING", str(file))
    ran = pipeline(tmp_path / "home", samples.CATALOGUE)
    assert ran.status == 2
    assert says in ran.said
    assert len(ran.said.splitlines()) == 1
    assert not (tmp_path / "home").exists()

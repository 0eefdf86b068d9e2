"""Sources that are neither a file beside the catalogue nor an address: somebody's WARC file, a file dropped in the inbox."""

from __future__ import annotations

import io
import shutil

import duckdb
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractors import samples, sources
from extractors.errors import CatalogueError
from extractors.fetching.archive import Archive
from extractors.reading.read import read
from orchestration import warc_catalogue
from orchestration.lib import collecting, origins, wanted
from orchestration.lib.home import Home
from orchestration.lib.origins import Places
from tests.fetching import families
from tests.fetching.pipeline_web import ERROR_PAGE, catalogue, collect_and_read

PAGE, FILE = (samples.FOLDER / "neijiang-2020.html").read_bytes(), (samples.FOLDER / "huaian-2024.pdf").read_bytes()


def crawl(path, *responses, date="2021-03-30T01:02:03Z"):
    """A WARC file as a crawler writes it: (address, status, media type, body)."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz")
        for address, status, kind, body in responses:
            http = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                address, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date}
            )
            writer.write_record(record)
    return path


@pytest.fixture
def collected(tmp_path):
    """Function (locations by source) → attempts by source."""

    def run(**locations):
        found = sources.load(catalogue(tmp_path, locations))
        archive = Archive(tmp_path / "archive")
        return {a.source.source_id: a for a in origins.collect(found, Places(tmp_path), archive)}

    return run


def test_a_crawl_reaches_the_tables_by_address_without_a_network(tmp_path):
    crawl(
        tmp_path / "cc.warc.gz",
        ("http://a.gov.cn/2020.html", "200 OK", "text/html", PAGE),
        ("http://a.gov.cn/2024.pdf#x", "200 OK", "application/pdf", FILE),
        ("http://a.gov.cn/gone", "404 Not Found", "text/html", b"<html>gone</html>"),
        ("http://a.gov.cn/error", "200 OK", "text/html", ERROR_PAGE),
    )
    crawl(tmp_path / "one.WARC", ("http://a.gov.cn/only.pdf", "200 OK", "application/pdf", FILE))
    path = catalogue(
        tmp_path,
        {
            "page": "cc.warc.gz#http://a.gov.cn/2020.html", "pdf": "cc.warc.gz#http://a.gov.cn/2024.pdf#x",
            "gone": "cc.warc.gz#http://a.gov.cn/gone", "error": "cc.warc.gz#http://a.gov.cn/error",
            "unknown": "cc.warc.gz#http://a.gov.cn/nowhere", "one": "one.WARC", "many": "cc.warc.gz",
            "nowhere": "no.warc.gz#http://a/", "outside": "../x.warc.gz#http://a/",
        },
    )  # fmt: skip
    home = Home(tmp_path / "home", path)
    collect_and_read(home.root, path)
    with duckdb.connect(str(home.work_db), read_only=True) as connection:
        found = connection.execute("select source_id, reason from raw.outcomes where step = 'archive'").fetchall()
        read = connection.execute("select source_id from raw.readings").fetchall()
        dates = connection.execute("select distinct fetched_at::varchar from raw.documents").fetchall()
    assert dict(found) == {
        "page": None, "pdf": None, "one": None, "gone": "gone", "error": "wrong_content", "unknown": "missing_file",
        "many": "bad_response", "nowhere": "missing_file", "outside": "unsafe_location",
    }  # fmt: skip
    assert {source for (source,) in read} == {"page", "pdf", "one"}
    assert dates == [("2021-03-30 01:02:03",)], "when the crawl fetched it, not when we read the file"


def test_a_page_of_a_crawl_brings_what_the_crawl_has_of_it(tmp_path):
    first, second, third = families.paged(pager='<a href="n_2.html">下一页</a>')
    crawl(
        tmp_path / "cc.warc.gz",
        ("http://a.gov.cn/f/huaian.pdf", "200 OK", "application/pdf", FILE),
        ("http://a.gov.cn/n_3.html", "200 OK", "text/html", third.replace(b"n_2", b"n_9")),
        ("http://a.gov.cn/n_2.html", "200 OK", "text/html", second.replace(b"n_2", b"n_3")),
        ("http://a.gov.cn/n.html", "200 OK", "text/html", first),
        ("http://a.gov.cn/p.html", "200 OK", "text/html",
         families.linking("f/huaian.pdf", "f/b.doc", title="2024年淮安市政府信息公开工作年度报告")),
    )  # fmt: skip
    names = {"paged": "cc.warc.gz#http://a.gov.cn/n.html", "linked": "cc.warc.gz#http://a.gov.cn/p.html"}
    path = catalogue(tmp_path, names)
    home = Home(tmp_path / "home", path)
    collect_and_read(home.root, path)
    with duckdb.connect(str(home.work_db), read_only=True) as connection:
        found = connection.execute("select source_id, step, reason from raw.outcomes").fetchall()
        facts = connection.execute(
            "select source_id, count(reported_value) from raw.facts join raw.readings using (report_id) group by all"
        ).fetchall()
        (place,) = connection.execute(
            "select location from raw.attachments where attachment_id = 'linked#1'"
        ).fetchone()
    assert {(name, reason) for name, step, reason in found if step == "archive"} == {
        ("paged", None), ("paged#1", None), ("paged#2", None), ("paged#3", "missing_file"),
        ("linked", None), ("linked#1", None), ("linked#2", "missing_file"),
    }  # fmt: skip
    assert place == "cc.warc.gz#http://a.gov.cn/f/huaian.pdf"
    whole = {"linked": FILE, "paged": families.whole()}
    assert dict(facts) == {name: sum(f.value is not None for f in read(data).facts) for name, data in whole.items()}


def test_the_last_good_answer_of_a_crawl_counts(tmp_path, collected):
    crawl(
        tmp_path / "x.warc.gz",
        ("http://a/", "200 OK", "text/html", b"<html>old</html>"),
        ("http://a/", "200 OK", "text/html", PAGE),
        ("http://a/", "503 Busy", "text/html", b"<html>busy</html>"),
    )
    attempt = collected(a="x.warc.gz#http://a/", alone="x.warc.gz")
    assert attempt["a"].error is attempt["alone"].error is None
    assert attempt["a"].size == attempt["alone"].size == len(PAGE)


def test_a_torn_crawl_gives_what_stands_before_the_damage(tmp_path, collected):
    whole = crawl(
        tmp_path / "x.warc.gz",
        ("http://a/1", "200 OK", "text/html", PAGE),
        ("http://a/2", "200 OK", "application/pdf", FILE),
    ).read_bytes()
    (tmp_path / "x.warc.gz").write_bytes(whole[:-100])
    (tmp_path / "rubbish.warc").write_bytes(b"no warc at all")
    attempts = collected(first="x.warc.gz#http://a/1", second="x.warc.gz#http://a/2", rubbish="rubbish.warc")
    assert attempts["first"].error is None
    assert attempts["second"].error.reason == "damaged"
    assert attempts["rubbish"].error.reason == "damaged"


def test_a_dropped_file_is_a_source_until_it_is_taken_out(tmp_path):
    shutil.copyfile(samples.FOLDER / "yanping-2018.txt", tmp_path / "yanping.txt")
    home = Home(tmp_path / "home", catalogue(tmp_path, {"y": "yanping.txt", "named": "inbox:named.pdf"})).prepare()
    for name, data in (("内江 2020.html", PAGE), ("named.pdf", FILE), (".hidden", b"x"), ("half.pdf.part", b"x")):
        (home.inbox / name).write_bytes(data)
    assert [s.source_id for s in wanted.sources(home)] == ["y", "named", "inbox:内江 2020.html"]
    assert "3 documents: 3 parsed" in collect_and_read(home.root, home.catalogue)
    assert "3 documents: 0 parsed, 0 quarantined, 3 unchanged" in collect_and_read(home.root, home.catalogue)
    (home.inbox / "内江 2020.html").unlink()
    assert "2 documents: 0 parsed, 0 quarantined, 2 unchanged" in collect_and_read(home.root, home.catalogue)


def test_what_lies_outside_the_inbox_is_not_reached_by_it(tmp_path):
    home = Home(
        tmp_path / "home", catalogue(tmp_path, {"out": "inbox:../secret", "abs": "inbox:/etc/passwd"})
    ).prepare()
    (home.root / "secret").write_text("x")
    attempts = origins.collect(wanted.sources(home), Places.of(home), Archive(home.archive))
    assert {a.error.reason for a in attempts} == {"unsafe_location"}
    link = home.inbox / "link"
    link.symlink_to(home.root / "secret")
    attempts = origins.collect(wanted.sources(home), Places.of(home), Archive(home.archive))
    assert [a.error.reason for a in attempts if a.source.source_id == "inbox:link"] == ["unsafe_location"]


def test_a_source_may_not_take_the_name_of_a_dropped_file(tmp_path):
    home = Home(tmp_path / "home", catalogue(tmp_path, {"inbox:a.pdf": "a.pdf"})).prepare()
    (home.inbox / "a.pdf").write_bytes(FILE)
    with pytest.raises(CatalogueError, match=r"inbox:a\.pdf"):
        wanted.sources(home)


def test_attempts_of_a_run_are_told_apart(tmp_path, collected):
    (tmp_path / "a.html").write_bytes(PAGE)
    (tmp_path / "b.html").write_bytes(FILE)
    attempts = collected(a="a.html", b="b.html", c="c.html").values()
    sha = {a.source.source_id: a.sha256 for a in attempts}
    assert collecting.tally(attempts, {"a": sha["a"], "b": "another"}) == {
        "unchanged": 1, "archived": 1, "missing_file": 1
    }  # fmt: skip


def test_the_reports_of_a_crawl_are_proposed_and_then_collected(tmp_path, capsys):
    (tmp_path / "crawl").mkdir()
    whole = crawl(
        tmp_path / "crawl" / "cc.warc.gz",
        ("http://a.gov.cn/2020.html", "200 OK", "text/html", PAGE),
        ("http://a.gov.cn/news", "200 OK", "text/html", b"<html><body>news</body></html>"),
        ("http://a.gov.cn/copy", "404 Not Found", "text/html", PAGE),
        ("http://a.gov.cn/2024.pdf", "200 OK", "application/pdf", FILE),
        ("http://a.gov.cn/lost.html", "200 OK", "text/html", PAGE),
    )
    whole.write_bytes(whole.read_bytes()[:-60])
    path = tmp_path / "catalog.csv"
    command = [str(whole), "--catalog", str(path)]
    assert warc_catalogue.main(command) == 0
    said = capsys.readouterr()
    assert not path.exists(), "a person accepts"
    assert "crawl/cc.warc.gz#http://a.gov.cn/2024.pdf" in said.out
    assert "6 records: 1 damaged, 2 not_a_report, 2 reports, 1 truncated; 2 new rows" in said.err
    assert "\na-gov-cn-2020" in said.out.replace(".", "-"), "named after the site, not after the file"
    assert warc_catalogue.main([*command, "--accept"]) == 0
    assert warc_catalogue.main([*command, "--accept"]) == 0
    found = sources.load(path)
    assert {(s.location.partition("#")[2], s.report_year) for s in found} == {
        ("http://a.gov.cn/2020.html", 2020), ("http://a.gov.cn/2024.pdf", 2024)
    }  # fmt: skip
    attempts = origins.collect(found, Places(tmp_path), Archive(tmp_path / "archive"))
    assert [a.error for a in attempts] == [None, None]


def test_a_crawl_that_the_catalogue_cannot_name_is_refused(tmp_path, capsys):
    outside = crawl(tmp_path / "x.warc.gz", ("http://a/", "200 OK", "text/html", PAGE))
    (tmp_path / "inside").mkdir()
    assert warc_catalogue.main([str(outside), "--catalog", str(tmp_path / "inside" / "catalog.csv")]) == 2
    assert "not in or below" in capsys.readouterr().err

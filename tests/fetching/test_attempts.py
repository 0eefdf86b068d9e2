"""The bad web, and the outcome of every attempt at it. Attempts = outcomes."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
from collections.abc import Iterator

import pytest
import stamina.instrumentation

from extractors import errors
from extractors.fetching.archive import Archive
from extractors.fetching.collect import fetch_all, fetch_one
from extractors.fetching.http import Client
from extractors.fetching.politeness import Gate
from tests.fetching.badweb import HTML, answer, page
from tests.fetching.conftest import IMPATIENT, here

OUTCOMES = {
    "/page/1": "archived",
    "/redirect": "archived",
    "/gzip": "archived",
    "/raw-deflate": "archived",
    "/chunked": "archived",
    "/old-http": "archived",
    "/gbk": "archived",
    "/wrong-charset": "archived",
    "/reset-once": "archived",
    "/busy-once": "archived",
    "/limited-once": "archived",
    "/nowhere": "gone",
    "/reset": "connection_failed",
    "/reset-in-body": "truncated",
    "/truncated": "truncated",
    "/truncated-chunks": "truncated",
    "/truncated-gzip": "truncated",
    "/bomb": "too_large",
    "/double-bomb": "too_large",
    "/endless-body": "too_large",
    "/huge-announced": "too_large",
    "/huge-header": "bad_response",
    "/not-http": "bad_response",
    "/brotli": "bad_response",
    "/lying-gzip": "bad_response",
    "/always-304": "bad_response",
    "/loop": "endless_redirects",
    "/deeper": "endless_redirects",
    "/home": "wrong_content",
    "/limited": "rate_limited",
    "/broken": "server_error",
}
SILENT = {"/slow-head": "timed_out", "/drip": "timed_out"}


def test_every_attempt_ends_with_its_name_and_nothing_else_happens(web, fetch, archive):
    """All at once, each on a host of its own, so that one cannot hide behind another."""
    wanted = [f"http://h{i}.example.com:{web.port}{path}" for i, path in enumerate([*OUTCOMES, *SILENT])]
    answering, silent = wanted[: len(OUTCOMES)], wanted[len(OUTCOMES) :]
    # those that never end are given up soon; for the others no limit of time decides, however busy the machine is
    attempts = [*fetch(*answering), *fetch(*silent, read_timeout=0.5, total_timeout=1.0)]
    assert {a.address.partition(f":{web.port}")[2]: a.outcome for a in attempts} == OUTCOMES | SILENT
    assert [a.address for a in attempts] == wanted
    for a in attempts:
        assert (a.sha256 is None) == (a.error is not None)
        if a.error is None:
            assert a.size == len(archive.get(a.sha256))
        else:
            assert a.error.reason == a.outcome
            assert f":{web.port}" in a.error.detail, "says which address"
    assert list(archive.verify()) == []


def test_content_is_what_was_published_however_it_was_sent(web, fetch, archive):
    wanted = {
        "/gzip": page(3),
        "/raw-deflate": page(3),
        "/chunked": page(4),
        "/old-http": page(5),
        "/reset-once": page(1),
    }
    for attempt, expected in zip(fetch(*wanted), wanted.values(), strict=True):
        assert archive.get(attempt.sha256) == expected, attempt.address


def test_charset_is_kept_as_declared_and_never_applied(fetch, archive):
    gbk, wrong = fetch("/gbk", "/wrong-charset")
    assert (gbk.charset, wrong.charset) == ("", "ISO-8859-1")
    assert "政府信息公开工作年度报告" in archive.get(gbk.sha256).decode("gbk")
    assert archive.get(wrong.sha256) == page(6)


def test_redirects_are_recorded(web, fetch, archive):
    (attempt,) = fetch("/redirect")
    assert [(h.status, h.to) for h in attempt.hops] == [(301, f"http://www.example.com:{web.port}/page/7")]
    assert attempt.detail == f"redirected (301) to http://www.example.com:{web.port}/page/7"
    assert archive.visit(attempt.address).outcome == "redirected"
    assert archive.visit(attempt.address).redirect == "/page/7"
    assert archive.visit(attempt.final_address).sha256 == attempt.sha256


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """Seconds that each retry was made to wait, as stamina says them: nothing is measured."""
    said: list[float] = []
    before = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([lambda details: said.append(details.wait_for)])
    yield said
    stamina.instrumentation.set_on_retry_hooks(before)


def test_retries_honour_retry_after(web, fetch, waits):
    (attempt,) = fetch("/limited-once")
    assert attempt.requests == 2
    assert waits == [1.0]
    fetch("/limited")
    assert web.requests["www.example.com", "/limited"] == 1, "a Retry-After beyond wait_max is obeyed by not asking"
    assert waits == [1.0]


def test_a_host_that_asks_for_a_pause_gets_it_for_all_its_pages(fetch, monkeypatch):
    """That a pause holds back what waits is tested in test_politeness, where time is played."""
    pauses: list[tuple[str, float]] = []
    monkeypatch.setattr(Gate, "pause", lambda gate, seconds: pauses.append((gate.name.partition(":")[0], seconds)))
    fetch("/limited-once", "/page/1", "/limited", wait_max=2)
    assert sorted(pauses) == [("www.example.com", 1.0), ("www.example.com", 2)], "never longer than wait_max"


@pytest.mark.parametrize("path", ["/page/1", "/dated"])
def test_second_run_is_told_that_nothing_changed(web, fetch, archive, path):
    first, second = fetch(path)[0], fetch(path)[0]
    assert (first.outcome, second.outcome) == ("archived", "unchanged")
    assert first.sha256 == second.sha256
    assert {"if-none-match", "if-modified-since"} & set(web.seen[path])
    assert second.media_type == first.media_type
    assert archive.visit(second.address).status == 304


def test_within_its_time_an_address_is_not_asked_for_at_all(web, fetch):
    first = fetch("/redirect", "/page/3")
    before = web.requests.total()
    second = fetch("/redirect", "/page/3", fresh_for=3600)
    assert web.requests.total() == before
    assert [(a.outcome, a.sha256, a.requests) for a in second] == [("unchanged", a.sha256, 0) for a in first]
    assert fetch("/page/3", fresh_for=0)[0].requests == 1


def test_etags_that_change_without_reason_change_nothing(fetch, archive):
    assert [fetch("/changing-etag")[0].outcome for _ in range(3)] == ["archived", "unchanged", "unchanged"]
    assert len(list(archive.sha256s())) == 1


def test_content_that_changes_is_archived_beside_the_old(web, fetch, archive):
    shas = []
    for web.version in (0, 0, 1, 0):
        (attempt,) = fetch("/changing")
        shas.append((attempt.outcome, attempt.sha256))
    (first, a), (second, b), (third, c), (fourth, d) = shas
    assert (first, second, third, fourth) == ("archived", "unchanged", "archived", "archived")
    assert a == b == d != c
    assert archive.get(a) == page(1000)
    assert archive.get(c) == page(1001)


def test_what_is_gone_now_is_kept_from_before_and_asked_for_again(web, fetch, archive):
    web.pages["/report"] = answer("200 OK", page(20), HTML)
    (good,) = fetch("/report")
    web.pages["/report"] = answer("404 Not Found", b"<html>gone</html>", HTML)
    (gone,) = fetch("/report", fresh_for=3600 * 0)
    assert (gone.outcome, gone.sha256, gone.earlier_sha256) == ("gone", None, good.sha256)
    assert archive.get(gone.earlier_sha256) == page(20)
    web.pages["/report"] = answer("200 OK", page(20), HTML)
    assert fetch("/report", fresh_for=3600)[0].outcome == "unchanged", "a failure is never fresh"


def test_damaged_object_is_fetched_again_in_full(web, fetch, archive):
    (attempt,) = fetch("/page/5")
    place = archive.place(attempt.sha256)
    data = bytearray(place.shard.read_bytes())
    data[place.offset + place.length // 2] ^= 0xFF
    place.shard.write_bytes(data)
    assert [attempt.sha256 in str(e) for e in archive.verify()] == [True]
    assert archive.discard_damaged(attempt.sha256)
    (again,) = fetch("/page/5", fresh_for=3600)
    assert (again.outcome, again.sha256) == ("unchanged", attempt.sha256)
    assert "if-none-match" not in web.seen["/page/5"]
    assert archive.get(attempt.sha256) == page(5)
    assert not archive.discard_damaged(attempt.sha256)


PDF = b"%PDF-1.4\n" + b"x" * 100
DISGUISES = {
    "/a.html": (b"<html><head><title>404 Not Found</title></head><body>x</body></html>", "wrong_content"),
    "/b.html": ("<html><body>您访问的页面不存在或已删除</body></html>".encode("gbk"), "wrong_content"),
    "/c.html": ("<html><title>系统错误</title><body>" + "x" * 50 + "</body></html>", "wrong_content"),
    "/d.pdf": (b"<html><body>" + b"y" * 3000 + b"</body></html>", "wrong_content"),
    "/e.pdf": (PDF, "archived"),
    "/f.docx": (PDF, "wrong_content"),
    "/g.doc": ("<html><body>" + "年度报告正文" * 400 + "</body></html>", "archived"),
    "/h.html": (b"", "empty"),
    "/i.html": (b" \r\n\t", "empty"),
    "/j.html": ("<html><script>document.cookie='__jsl_clearance=1'</script></html>", "challenge_page"),
    "/k.html": ("<html><body>为了您的安全,请完成滑动验证</body></html>", "challenge_page"),
    "/l.html": (
        "<html><title>年报</title><body>"
        + "申请人要求网站加入滑动验证。页面不存在的情况已整改。" * 60
        + "</body></html>",
        "archived",
    ),
    "/m.html": (
        "<html><head><script>var arg1='x';document.cookie='acw_sc__v2='+arg1</script></head></html>",
        "challenge_page",
    ),
}


@pytest.mark.parametrize("path", DISGUISES)
def test_content_in_disguise(web, fetch, path):
    body, outcome = DISGUISES[path]
    web.pages[path] = answer("200 OK", body if isinstance(body, bytes) else body.encode(), HTML)
    assert fetch(path)[0].outcome == outcome


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        ("412 Precondition Failed", b"<html><script>$_ts=window['$_ts']</script></html>", "challenge_page"),
        ("521 ", b"<script>document.cookie=('_')</script>", "challenge_page"),
        ("403 Forbidden", b"<html><head><title>Just a moment...</title></head></html>", "challenge_page"),
        ("503 Service Unavailable\r\ncf-mitigated: challenge", b"<html>wait</html>", "challenge_page"),
        ("403 Forbidden", b"<html>no</html>", "forbidden"),
        ("410 Gone", b"", "gone"),
        ("204 No Content", b"", "bad_response"),
        ("206 Partial Content", b"abc", "bad_response"),
        ("418 Teapot", b"", "bad_response"),
        ("300 Multiple Choices", b"", "bad_response"),
    ],
)
def test_statuses(web, fetch, status, body, outcome):
    web.pages["/s"] = answer(status, body, HTML)
    assert fetch("/s")[0].outcome == outcome


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("ftp://www.example.com/x", "unsupported_location"),
        ("file:///etc/passwd", "unsupported_location"),
        ("javascript:alert(1)", "unsupported_location"),
        ("http://[::1", "unsupported_location"),
        ("http://www.example.com:99999/", "unsupported_location"),
        ("//user:secret@www.example.com/", "unsupported_location"),
        ("http://10.0.0.1/x", "unsafe_address"),
        ("http://169.254.169.254/latest/meta-data", "unsafe_address"),
        ("http://[fd00::1]/x", "unsafe_address"),
        ("", "bad_response"),
        ("/redirect-self", "endless_redirects"),
    ],
)
def test_redirects_to_where_nobody_goes(web, fetch, location, outcome):
    web.pages["/redirect-self"] = answer("302 Found", b"", f"Location: {location}")
    assert fetch("/redirect-self")[0].outcome == outcome


def test_signpost_pages_are_redirects(web, fetch):
    web.pages["/old.html"] = answer(
        "200 OK", b'<html><head><meta http-equiv="refresh" content="0;url=/page/4"></head></html>', HTML
    )
    web.pages["/js.html"] = answer("200 OK", b'<html><script>window.location.href="page/5";</script></html>', HTML)
    old, js = fetch("/old.html", "/js.html")
    assert (old.final_address.rpartition(":")[2], old.outcome) == (f"{web.port}/page/4", "archived")
    assert js.final_address.endswith("/page/5")


def test_pages_bring_their_attachments_and_next_pages(web, fetch, archive):
    first = (
        '<html><body><a href="f/报告.pdf">报告</a><a href="/f/表.xlsx?x=1">表</a><a href="http://elsewhere.example.org/z.pdf">z</a>'
        '<a href="gone.doc">附件</a><script>createPageHTML(2, 0, "t20210101_1", "html")</script></body></html>'
    )
    web.pages["/a/t20210101_1.html"] = answer("200 OK", first.encode(), HTML)
    web.pages["/a/t20210101_1_1.html"] = answer("200 OK", b'<html><body>2<a href="last.pdf">x</a></body></html>', HTML)
    web.pages["/a/f/%E6%8A%A5%E5%91%8A.pdf"] = answer("200 OK", PDF)
    web.pages["/f/%E8%A1%A8.xlsx?x=1"] = answer("200 OK", b"PK\x03\x04xlsx")
    web.pages["/a/last.pdf"] = answer("200 OK", PDF + b"last")
    wanted = "/a/t20210101_1.html"
    attempts = fetch(wanted, "/page/1")
    base = f"http://www.example.com:{web.port}"
    told = [(a.address.removeprefix(base), a.outcome, bool(a.parent)) for a in attempts]
    assert told == [
        (wanted, "archived", False),
        ("/a/f/%E6%8A%A5%E5%91%8A.pdf", "archived", True),
        ("/f/%E8%A1%A8.xlsx?x=1", "archived", True),
        ("/a/gone.doc", "gone", True),
        ("/a/t20210101_1_1.html", "archived", True),
        ("/a/last.pdf", "archived", True),
        ("/page/1", "archived", False),
    ]
    web.pages["/a/gone.doc"] = answer("200 OK", b"\xd0\xcf\x11\xe0doc")
    again = fetch(wanted, "/page/1", fresh_for=3600)
    assert [a.outcome for a in again] == ["unchanged"] * 3 + ["archived"] + ["unchanged"] * 3, (
        "the page needs not be had again for its parts"
    )
    assert sum(a.requests for a in again) == 1
    assert [a.outcome for a in fetch(wanted, follow=False)] == ["unchanged"]


def test_what_was_not_looked_for_is_found_when_it_is_wanted_and_then_noted(web, fetch, archive):
    web.pages["/one.html"] = answer("200 OK", b'<html><a href="/f.pdf">x</a></html>', HTML, 'ETag: "1"')
    web.pages["/f.pdf"] = answer("200 OK", PDF)
    (page_alone,) = fetch("/one.html", follow=False)
    assert archive.visit(page_alone.address).brings is None
    assert [a.outcome for a in fetch("/one.html", fresh_for=3600)] == ["unchanged", "archived"]
    web.pages["/one.html"] = answer("304 Not Modified", b"", 'ETag: "1"', length=False)
    assert [a.outcome for a in fetch("/one.html")] == ["unchanged", "unchanged"]
    assert "f.pdf" in archive.visit(page_alone.address).brings


def test_limits_of_a_family_over_its_pages_are_outcomes(web, fetch):
    for i in range(3):
        links = "".join(f'<a href="/f{i}{j}.pdf">x</a>' for j in range(2)) + f'<a href="/p{i + 1}.html">下一页</a>'
        web.pages[f"/p{i}.html"] = answer("200 OK", f"<html>{links}</html>".encode(), HTML)
    found = fetch("/p0.html", max_attachments=3, max_pages=1)
    assert [a.outcome for a in found] == ["archived", "gone", "gone", "archived", "gone", "too_many", "too_many"]
    assert sum(a.requests for a in found) == 5, "what is too many is not asked for"


def test_limits_of_a_family(web, fetch):
    links = "".join(f'<a href="/f{i}.pdf">x</a>' for i in range(9))
    web.pages["/many.html"] = answer("200 OK", f"<html>{links}</html>".encode(), HTML)
    assert len(fetch("/many.html", max_attachments=4)) == 5


def test_two_thousand_pages_over_twenty_hosts(web, fetch, archive):
    wanted = [f"http://h{i % 20}.example.com:{web.port}/page/{i}" for i in range(2000)]
    attempts = fetch(*wanted)
    assert {a.outcome for a in attempts} == {"archived"}
    assert [a.address for a in attempts] == wanted
    assert len({a.sha256 for a in attempts}) == 2000 == len(list(archive.sha256s()))
    assert len([p for p in archive.root.iterdir() if p.is_file()]) < 10, "shards, not loose files"
    assert set(web.most_busy.values()) == {1}


def test_connections_of_hosts_that_are_done_do_not_pile_up(web):
    async def run() -> list[int]:
        settings, open_pools = dataclasses.replace(IMPATIENT, concurrency=3), []
        async with Client(settings, here) as client:
            for i in range(9):
                assert (await client.get(f"http://h{i % 7}.example.com:{web.port}/page/1")).status == 200
                open_pools.append(len(client._pools))
        return open_pools

    assert asyncio.run(run()) == [1, 2, 3, 3, 3, 3, 3, 3, 3]


def test_a_dead_host_is_left_alone(web, fetch):
    wanted = [f"/reset?{i}" for i in range(20)]
    web.pages |= {}
    attempts = fetch(*wanted, give_up_after=3)
    assert {a.outcome for a in attempts} == {"connection_failed"}
    assert web.requests.total() - 1 <= 4
    assert "left alone" in attempts[-1].detail


def test_errors_of_ours_are_raised_and_what_was_kept_stays(web, fetch, archive, monkeypatch):
    fetch("/page/1")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("extractors.fetching.archive._write", full)
        with pytest.raises(OSError, match="No space"):
            fetch("/page/2")
    assert fetch("/page/1", "/page/2")[1].outcome == "archived"
    assert list(archive.verify()) == []


def test_every_name_of_an_outcome_is_used_once():
    kinds = [errors.FetchError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    reasons = [k.reason for k in kinds]
    assert len(reasons) == len(set(reasons))


def test_bodies_are_archived_as_they_came(web, fetch, archive):
    """The evidence is the compressed body of the wire; its content is what counts as the object."""
    (attempt,) = fetch("/gzip")
    place = archive.place(attempt.sha256)
    member = place.shard.read_bytes()[place.offset : place.offset + place.length]
    assert gzip.compress(page(3))[10:200] in gzip.decompress(member)  # beyond the time stamp
    assert Archive(archive.root).get(attempt.sha256) == page(3)


def test_addresses_that_are_none_are_attempts_too(fetch):
    wanted = ["http://[::1", "ftp://www.example.com/a", "http://www.example.com:x/", "http:///x"]
    assert [a.outcome for a in fetch(*wanted)] == ["unsupported_location"] * 4


def test_the_same_address_is_tried_once(web, fetch):
    assert len(fetch("/page/1", "/page/1", "/page/2")) == 2
    assert web.requests["www.example.com", "/page/1"] == 1


def test_no_address_is_no_attempt(fetch):
    assert fetch() == []


def test_progress_is_told_for_each_attempt(web, archive):
    told = []
    addresses = [f"http://www.example.com:{web.port}/page/{i}" for i in range(5)]
    attempts = fetch_all(addresses, archive, IMPATIENT, on_attempt=told.append, resolve=here)
    assert sorted(a.address for a in told) == sorted(a.address for a in attempts)


def test_one_document_without_an_archive(web):
    answer_ = fetch_one(f"http://www.example.com:{web.port}/redirect", IMPATIENT, resolve=here)
    assert (answer_.data, answer_.address.rpartition("/")[2]) == (page(7), "7")
    with pytest.raises(errors.Gone):
        fetch_one(f"http://www.example.com:{web.port}/nowhere", IMPATIENT, resolve=here)

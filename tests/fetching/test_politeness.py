"""Pace (with a clock of ours), concurrency and robots.txt (at the server)."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from extractors.documents import sniff
from extractors.documents.limits import MAX_BYTES
from extractors.errors import SettingsError
from extractors.fetching import local, settings, warc
from extractors.fetching.politeness import Gates, Robots
from extractors.fetching.settings import HostRule, Settings
from tests.fetching.badweb import HTML, answer
from tests.fetching.clock import play
from tests.fetching.conftest import IMPATIENT

HOST = "www.example.com"


def robots(text: str) -> bytes:
    return answer("200 OK", text.encode(), "Content-Type: text/plain")


def starts(settings: Settings, wanted: dict[str, int], took: float = 0) -> dict[str, list[float]]:
    """Seconds at which so many requests to each host start when they all wait at once and each takes `took`; time is played."""
    began: dict[str, list[float]] = {host: [] for host in wanted}

    async def all_of_them() -> None:
        gates = Gates(settings)

        async def one(host: str) -> None:
            async with gates.of(f"http://{host}/").turn():
                began[host].append(asyncio.get_running_loop().time())
                await asyncio.sleep(took)

        await asyncio.gather(*(one(host) for host, count in wanted.items() for _ in range(count)))

    play(all_of_them())
    return began


def test_pace_of_a_host_is_kept_and_hosts_do_not_wait_for_each_other():
    assert starts(Settings(delay=0.15, per_host=4), {"a": 4, "b": 4, "c": 4}) == {
        host: pytest.approx([0, 0.15, 0.30, 0.45]) for host in "abc"
    }
    assert starts(Settings(delay=1, per_host=1), {"slow": 3}, took=1.5)["slow"] == pytest.approx([0, 1.5, 3])


def test_a_pause_that_a_host_asks_for_holds_back_what_already_waits():
    async def told() -> list[float]:
        gate = Gates(Settings(delay=1, per_host=2)).of("http://a/")
        began = []

        async def one() -> None:
            async with gate.turn():
                began.append(asyncio.get_running_loop().time())
                if len(began) == 1:
                    gate.pause(5)

        await asyncio.gather(one(), one(), one())
        return began

    assert play(told()) == pytest.approx([0, 5, 6])


def test_requests_at_once_stay_within_the_limits(web, fetch):
    """The server answers when as many as the limit allows have come, so that neither side can be too slow to be seen."""
    web.together = 3
    fetch(*[f"/nap?{i}" for i in range(12)], per_host=3)
    assert web.most_busy[HOST] == 3
    wanted = [f"http://h{i}.example.com:{web.port}/nap" for i in range(12)]
    web.together = 4
    fetch(*wanted, concurrency=4, obey_robots=False)
    assert web.most_busy_of_all == 4


def test_a_host_may_have_a_rule_of_its_own():
    settings = Settings(delay=0, per_host=1, hosts={"slow": HostRule(delay=0.3)})
    assert starts(settings, {"slow": 3, "fast": 3}) == {"slow": pytest.approx([0, 0.3, 0.6]), "fast": [0, 0, 0]}


def test_user_agent_is_honest(web, fetch):
    fetch("/page/1", contact="https://example.org/us")
    assert web.seen["/page/1"]["user-agent"].startswith("ogi-warehouse/")
    assert "https://example.org/us" in web.seen["/page/1"]["user-agent"]
    assert "https://example.org/us" in web.seen["/robots.txt"]["user-agent"]


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        (answer("404 Not Found"), "archived"),
        (answer("403 Forbidden"), "archived"),
        (answer("401 Unauthorized"), "archived"),
        (answer("500 Internal Server Error"), "robots_unreachable"),
        (answer("503 Service Unavailable"), "robots_unreachable"),
        (answer("429 Too Many Requests"), "robots_unreachable"),
        (robots(""), "archived"),
        (robots("User-agent: *\nDisallow:"), "archived"),
        (robots("User-agent: *\nDisallow: /page/"), "refused_by_robots"),
        (robots("\ufeffUser-agent: *\nDisallow: /"), "refused_by_robots"),
        (robots("User-agent: *\nDisallow: /\nAllow: /page/1"), "archived"),
        (robots("User-agent: baiduspider\nDisallow: /"), "archived"),
        (robots("User-agent: OGI-Warehouse\nDisallow: /\n\nUser-agent: *\nDisallow:"), "refused_by_robots"),
        (robots("User-agent: *\nDisallow: /*.html$"), "archived"),
        (answer("200 OK", b"<html><body>User-agent: * Disallow: /</body></html>", HTML), "archived"),
        (answer("302 Found", b"", "Location: /real-robots"), "refused_by_robots"),
        (answer("302 Found", b"", "Location: /robots.txt"), "robots_unreachable"),
        (answer("302 Found", b"", "Location: http://10.0.0.1/robots.txt"), "robots_unreachable"),
        (b"nonsense\r\n\r\n", "robots_unreachable"),
    ],
)
def test_robots(web, fetch, answered, outcome):
    web.robots[HOST] = answered
    web.pages["/real-robots"] = robots("User-agent: *\nDisallow: /page")
    (attempt,) = fetch("/page/1")
    assert attempt.outcome == outcome
    assert web.requests[HOST, "/page/1"] == (outcome == "archived")


def test_robots_that_do_not_end_are_not_guessed_at_and_asked_for_again(web, fetch):
    web.robots[HOST] = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nUser-agent: *"
    (attempt,) = fetch("/page/1", read_timeout=0.5)
    assert attempt.outcome == "robots_unreachable"
    assert web.requests[HOST, "/robots.txt"] == IMPATIENT.attempts
    assert web.requests[HOST, "/page/1"] == 0


def test_robots_are_asked_for_once_a_run_and_can_be_switched_off(web, fetch):
    web.robots[HOST] = robots("User-agent: *\nDisallow: /")
    fetch(*[f"/page/{i}" for i in range(10)], per_host=5)
    assert web.requests[HOST, "/robots.txt"] == 1
    assert fetch("/page/1", obey_robots=False)[0].outcome == "archived"
    assert web.requests[HOST, "/robots.txt"] == 1


def test_robots_count_for_redirects_and_attachments(web, fetch):
    web.robots[HOST] = robots("User-agent: *\nDisallow: /page/\nDisallow: /f/")
    web.pages["/a.html"] = answer("200 OK", b'<html><a href="/f/x.pdf">x</a></html>', HTML)
    assert fetch("/redirect")[0].outcome == "refused_by_robots"
    assert [a.outcome for a in fetch("/a.html")] == ["archived", "refused_by_robots"]


@pytest.mark.parametrize(("asked", "kept"), [("0.3", 0.3), ("86400", 30), ("0.01", 0.1)])
def test_crawl_delay_is_kept_up_to_the_limit_and_never_shortens_ours(asked, kept):
    async def check() -> float:
        settings = Settings(delay=0.1, max_crawl_delay=30)
        gates = Gates(settings)

        async def answered(address: str) -> tuple[int, bytes]:
            return 200, f"User-agent: *\nCrawl-delay: {asked}".encode()

        await Robots(settings, gates, answered).check("http://a/page")
        return gates.of("http://a/other").delay

    assert play(check()) == kept


TOML = """
contact = "https://example.org/us"
delay = 2
max_redirects = 0
allowed_networks = ["127.0.0.0/8"]
[hosts."WWW.Example.gov.cn"]
delay = 5.5
per_host = 2
"""


def test_settings_come_from_a_file(tmp_path):
    path = tmp_path / "fetching.toml"
    path.write_text(TOML, encoding="utf-8")
    loaded = settings.load(path)
    assert (loaded.delay, loaded.max_redirects, loaded.allowed_networks) == (2.0, 0, IMPATIENT.allowed_networks)
    assert loaded.host("www.example.GOV.cn") == HostRule(5.5, 2)
    assert loaded.host("other") == HostRule()
    path.write_text("", encoding="utf-8")
    assert settings.load(path) == settings.Settings()
    assert settings.Settings().allowed_networks == (), "nothing off the public network unless a file says so"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delay = -1", "delay: expected a number from 0"),
        ("delay = nan", "delay: expected a number"),
        ("delay = true", "delay: expected float"),
        ("concurrency = 0", "concurrency: expected at least 1"),
        ("concurrency = 1.5", "concurrency: expected int"),
        ("speed = 1", "speed: unknown key"),
        (f"max_bytes = {MAX_BYTES + 1}", f"max_bytes: expected at most {MAX_BYTES}"),
        ('contact = "a\\nb"', "contact: expected printable ASCII"),
        ('allowed_networks = ["x"]', "allowed_networks"),
        ("hosts = 1", "hosts: expected a table"),
        ("[hosts.a]\nper_host = 0", "per_host: expected at least 1"),
        ("[hosts.a]\nspeed = 0", "hosts.a.speed: unknown key"),
        ("= 1", "fetching.toml"),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path, text, said):
    path = tmp_path / "fetching.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        settings.load(path)


def test_one_limit_on_the_size_of_a_file_holds_at_every_door():
    doors = (local.fetch, warc.responses)
    assert {inspect.signature(door).parameters["max_bytes"].default for door in doors} == {MAX_BYTES}
    assert settings.Settings().max_bytes == sniff.MAX_BYTES == MAX_BYTES


def test_missing_settings_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        settings.load(tmp_path / "none.toml")

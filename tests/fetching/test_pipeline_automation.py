"""What starts runs and what is checked of the collection, through Dagster's own evaluation, with clocks of ours."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest

from extractors.fetching.archive import Archive
from extractors.fetching.exchange import Exchange
from extractors.sources import Source
from orchestration.defs.archive.assets import documents
from orchestration.defs.archive.checks import addresses_answered_lately, published_by_the_deadline
from orchestration.defs.automation.schedules import CHINA, publication_calendar
from orchestration.defs.automation.sensors import dropped_files, new_catalogue_rows, run_failed
from orchestration.defs.resources import Clock
from orchestration.lib import collecting, coverage, progress, raw_tables, watching
from orchestration.lib.home import Home
from orchestration.lib.outcomes import Outcome, record
from orchestration.lib.warehouse import Warehouse
from tests.fetching.pipeline_web import catalogue, environment


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "home", catalogue(tmp_path, {"a": "a.txt"})).prepare()
    with environment(made.root, made.catalogue):
        yield made


# when


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-01-01", True), ("2026-02-28", True), ("2026-04-15", True), ("2028-02-29", True),
        ("2026-04-16", False), ("2026-04-20", True), ("2026-12-31", False), ("2026-12-28", True),
    ],
)  # fmt: skip
def test_schedule_follows_the_calendar_of_publication(day, due):
    at = datetime.fromisoformat(day).replace(hour=3, tzinfo=ZoneInfo(CHINA))
    for when in (at, at.astimezone(ZoneInfo("UTC"))):  # 19:00 of the day before
        result = publication_calendar(dg.build_schedule_context(scheduled_execution_time=when))
        assert isinstance(result, dg.RunRequest if due else dg.SkipReason)
        assert not due or result.run_key == day


def test_a_year_has_a_run_a_day_in_the_season_and_one_a_week_outside():
    days = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    assert sum(watching.is_due(d) for d in days) == 105 + 37


def test_schedule_and_sensors_are_off_until_somebody_switches_them_on():
    from orchestration.definitions import defs

    loaded = defs()
    assert publication_calendar.default_status is dg.DefaultScheduleStatus.STOPPED
    assert {s.name for s in loaded.schedules} == {"publication_calendar"}
    assert {s.name for s in loaded.sensors} == {"new_catalogue_rows", "dropped_files", "run_failed"}
    assert {s.default_status for s in loaded.sensors} == {dg.DefaultSensorStatus.STOPPED}
    assert documents.op.retry_policy.max_retries > 0


def ticks(sensor):
    """Function that evaluates a sensor with the cursor that it left the last time; the run requests, or why none."""
    held = [None]

    def tick():
        result = sensor(dg.build_sensor_context(cursor=held[0]))
        if isinstance(result, dg.SkipReason):
            return result.skip_message
        held[0] = result.cursor
        return [r.run_key for r in result.run_requests]

    return tick


def test_a_changed_catalogue_starts_one_run(home):
    tick = ticks(new_catalogue_rows)
    first = home.catalogue.read_bytes()
    keys = [*tick()]
    assert "unchanged, 1 sources" in tick()
    home.catalogue.write_bytes(first + b"b,,,,,,b.txt\n")
    keys += tick()
    home.catalogue.write_bytes(first)
    keys += tick()
    assert len(set(keys)) == 3, "a catalogue that comes back is a change, and no key is used twice"


def test_a_bad_catalogue_starts_nothing_and_says_why(home):
    tick = ticks(new_catalogue_rows)
    tick()
    good = home.catalogue.read_bytes()
    home.catalogue.write_bytes(good + b"a,,,,,,again.txt\n")
    assert "duplicate source_id 'a'" in tick()
    home.catalogue.write_bytes(good)
    assert "unchanged" in tick()


def test_dropped_files_start_a_run_when_they_are_whole(home):
    tick = ticks(dropped_files)
    assert "nothing new among 0 files" in tick()
    dropped = home.inbox / "a.pdf"
    dropped.write_bytes(b"half")
    assert "still being written" in tick()
    settle(dropped)
    first = tick()
    assert len(first) == 1
    assert "nothing new among 1 files" in tick()
    dropped.write_bytes(b"another")
    settle(dropped)
    second = tick()
    dropped.unlink()
    assert len({*first, *second, *tick()}) == 3


def settle(path):
    old = path.stat().st_mtime - watching.SETTLED_SECONDS - 1
    os.utime(path, (old, old))


def test_a_failed_run_is_said_with_its_innermost_reason(home):
    @dg.op
    def breaks():
        try:
            raise OSError("the disk is full")
        except OSError as error:
            raise RuntimeError("around it") from error

    @dg.job
    def failing():
        breaks()

    with dg.DagsterInstance.ephemeral() as instance:
        result = failing.execute_in_process(instance=instance, raise_on_error=False)
        (failure,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.RUN_FAILURE]
        context = dg.build_run_status_sensor_context("run_failed", failure, instance, result.dagster_run)
        run_failed(context.for_run_failure())
    (line,) = (home.work / "failures.log").read_text(encoding="utf-8").splitlines()
    assert line.startswith(f"failing {result.run_id}: step breaks: ")
    assert "the disk is full" in line


# what is covered


YEARS = [coverage.Deadlines(2023, date(2024, 1, 31), date(2024, 3, 31)),
         coverage.Deadlines(2024, date(2025, 1, 31), date(2025, 3, 31))]  # fmt: skip


def fill(connection):
    """A government with its reports of 2023 and 2024, a bureau with 2023 only, a bureau whose 2024 is gone from the web."""
    raw_tables.create(connection)
    rows = [("g23", "某市人民政府", 2023), ("g24", "某市人民政府", 2024), ("b23", "某局", 2023), ("c23", "另一局", 2023),
            ("c24", "另一局", 2024)]  # fmt: skip
    collecting.write_sources(
        connection, [Source(key, agency, "", "", "", year, "x", n) for n, (key, agency, year) in enumerate(rows, 2)]
    )
    read = [row for row in rows if row[0] != "c24"]
    for key, agency, year in read:
        kind = "prefecture_government" if key[0] == "g" else "prefecture_department"
        connection.execute(
            "insert into raw.readings (report_id, source_id, agency_name, agency_kind, report_year) values (?, ?, ?, ?, ?)",
            [key, key, agency, kind, year],
        )
    now = datetime(2025, 2, 1)
    record(connection, "archive", [Outcome("c24", "failed", "gone", "404", None)], now)
    record(connection, "read", [Outcome(key, "parsed", None, None, "0") for key, *_ in read], now)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2024, 1, 31), set()),
        (date(2025, 1, 31), set()),
        (date(2025, 2, 1), {("某局", 2024, "no source in the catalogue"), ("另一局", 2024, "gone")}),
        (date(2025, 4, 1), {("某局", 2024, "no source in the catalogue"), ("另一局", 2024, "gone")}),
    ],
)
def test_who_has_not_published_after_the_deadline(today, expected):
    with duckdb.connect() as connection:
        fill(connection)
        found, agencies = coverage.missing(connection, today, YEARS)
        assert agencies == 3
        assert {(m.agency, m.year, m.why) for m in found} == expected
        connection.execute("delete from raw.readings where source_id = 'g24'")
        connection.execute("delete from raw.outcomes where source_id = 'g24'")
        late = {m.agency for m in coverage.missing(connection, today, YEARS)[0]}
        assert ("某市人民政府" in late) == (today > date(2025, 3, 31)), "governments have until March"


def test_deadlines_are_those_of_the_table_of_years():
    found = {d.year: d for d in coverage.deadlines()}
    assert found[2020] == coverage.Deadlines(2020, date(2021, 1, 31), date(2021, 3, 31))
    assert found[2015].departments == date(2016, 3, 31), "before the form of 2019 all had until March"


def checked(check, home, at):
    """The result of a check, by Dagster, at a time of ours."""
    resources = {"warehouse": Warehouse(database=str(home.work_db)), "clock": Clock(fixed=at)}
    with dg.DagsterInstance.ephemeral() as instance:
        spec = next(iter(check.check_specs))
        asset = dg.AssetSpec(spec.asset_key)
        job = dg.Definitions([asset], asset_checks=[check], resources=resources).get_implicit_global_asset_job_def()
        (evaluation,) = job.execute_in_process(instance=instance).get_asset_check_evaluations()
    return evaluation


def test_coverage_is_a_finding_that_names_the_agencies(home):
    with duckdb.connect(str(home.work_db)) as connection:
        fill(connection)
    before = checked(published_by_the_deadline, home, "2025-01-31")
    assert before.passed
    after = checked(published_by_the_deadline, home, "2025-02-01")
    assert not after.passed
    assert after.severity is dg.AssetCheckSeverity.WARN
    assert after.description == "2 of 3 agencies have no report of the last year due: 某局、另一局"
    assert "另一局 | 2024 | 2025-01-31 | gone" in after.metadata["without"].value


def test_addresses_that_do_not_answer_are_named(home):
    answered, silent = "http://a.gov.cn/1", "http://a.gov.cn/2"
    at = datetime.fromisoformat("2025-02-01T00:00:00+00:00")
    head = [(b"Content-Type", b"text/html")]
    Archive(home.archive).keep(
        Exchange(answered, at, "", b"", "HTTP/1.1", 404, b"", head, b"<html/>", b"<html/>"), "gone"
    )
    with duckdb.connect(str(home.work_db)) as connection:
        places = [answered, silent, "a.txt"]
        collecting.write_sources(
            connection, [Source(str(n), "", "", "", "", None, location, n) for n, location in enumerate(places)]
        )
    found = checked(addresses_answered_lately, home, "2025-02-10")
    assert found.description == "1 of 2 addresses without an answer for 15 days"
    assert silent in found.metadata["addresses"].value
    assert checked(addresses_answered_lately, home, "2025-02-20").description.startswith("2 of 2")


def test_progress_says_rate_and_what_remains(monkeypatch):
    clock = iter([100.0, 102.0, 106.0, 108.0, 112.0])
    said = []
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(progress.log, "info", lambda text, *values: said.append((text % values).strip()))
    ticker = progress.Ticker("fetched", 4)
    for _ in range(4):
        ticker.tick()
    assert said == ["fetched 2 of 4, 0.3 a second, 6 s left"]

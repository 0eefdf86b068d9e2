"""What is read again and what is kept: collecting and reading on a database of their own, with a reader and a clock of ours."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from extractors.fetching.archive import Archive
from extractors.records import TABLES, report_id
from extractors.sources import Source
from orchestration.lib import collecting, origins, outcomes, reading
from orchestration.lib.origins import Places

MONDAY, TUESDAY = datetime(2026, 1, 5), datetime(2026, 1, 6)


class World:
    """A folder of documents, a database and an archive; `run` collects and reads once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = Archive(folder / "archive")
        self.connection = duckdb.connect()
        self.read: list[str] = []

    def document(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def reader(self, archive: Archive, task: reading.Task) -> reading.Result:
        self.read.append(task.source.source_id)
        text = archive.get(task.sha256).decode()
        if text.startswith("bad"):
            return reading.Result(task, None, "not_a_report", text)
        if text.startswith("crash"):
            return reading.Result(task, None, reading.READER_ERROR, text)
        report = report_id(task.source.source_id, task.sha256)
        rows: reading.Rows = {name: [] for name, table in TABLES.items() if table.by_report}
        rows["readings"] = [(report, task.source.source_id, task.sha256, *[None] * 21)]
        rows["residue"] = [(report, 2020, "three", text, "line 1", "no place", None, None, None)]
        return reading.Result(task, rows)

    def run(self, sources: list[Source], now: datetime = MONDAY, version: str = "1") -> reading.Counts:
        self.read = []
        collecting.write_sources(self.connection, sources)
        wanted = collecting.read_sources(self.connection)
        assert list(wanted) == sorted(sources, key=lambda s: s.line)
        collecting.write_documents(self.connection, origins.collect(wanted, Places(self.folder), self.archive), now)
        return reading.refresh(self.connection, self.archive, wanted, version, now, self.reader)

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        return {name: sorted(self.connection.execute(f"from raw.{name}").fetchall(), key=repr) for name in TABLES}

    def outcome(self, source_id: str, step: str) -> outcomes.Outcome:
        return outcomes.load(self.connection, step)[source_id][0]


def source(source_id: str, line: int = 2, **other: object) -> Source:
    given = {"agency_name": "", "agency_kind": "", "region_code": "", "scope": "", "report_year": None} | other
    return Source(source_id=source_id, location=f"{source_id}.txt", line=line, **given)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.document("a.txt", "a report")
    made.document("b.txt", "another report")
    made.document("c.txt", "bad: a menu")
    return made


ALL = [source("a"), source("b", 3), source("c", 4)]


def test_first_run_reads_all_and_names_what_is_bad(world):
    assert world.run(ALL) == reading.Counts(parsed=2, quarantined=1, unchanged=0)
    assert world.outcome("c", "read") == outcomes.Outcome(
        "c", "quarantined", "not_a_report", "bad: a menu", world.outcome("c", "archive").sha256
    )


def test_unchanged_input_is_not_read_again_and_no_row_changes(world):
    world.run(ALL)
    before = world.rows()
    assert world.run(ALL, TUESDAY) == reading.Counts(0, 0, unchanged=3)
    assert world.read == []
    assert world.rows() == before


@pytest.mark.parametrize("change", ["bytes", "prior", "new"])
def test_only_what_changed_is_read_again(world, change):
    world.run(ALL)
    now = list(ALL)
    if change == "bytes":
        world.document("b.txt", "another report, corrected")
    elif change == "prior":
        now[1] = source("b", 3, report_year=2019)
    else:
        world.document("d.txt", "a fourth")
        now.append(source("d", 5))
    world.run(now, TUESDAY)
    assert world.read == (["d"] if change == "new" else ["b"])
    reports = world.connection.execute(
        "select source_id, count(*) from raw.readings group by all order by all"
    ).fetchall()
    assert reports == [("a", 1), ("b", 1), *([("d", 1)] if change == "new" else [])]


def test_another_line_of_the_catalogue_is_no_change(world):
    world.run(ALL)
    assert world.run([source("c", 2), source("b", 3), source("a", 4)], TUESDAY).unchanged == 3


def test_another_reader_reads_all_again_to_the_same_rows(world):
    world.run(ALL)
    before = world.rows()
    assert world.run(ALL, TUESDAY, version="2").unchanged == 0
    assert world.rows() == before


def test_a_source_that_left_the_catalogue_leaves_no_row(world):
    world.run(ALL)
    gone = world.outcome("b", "archive").sha256
    world.run([ALL[0], ALL[2]], TUESDAY)
    assert not any("another report" in repr(rows) for rows in world.rows().values())
    assert {o[0] for o in world.rows()["outcomes"]} == {"a", "c"}
    assert world.archive.get(gone) == b"another report", "the archive forgets nothing"


def test_a_document_that_vanished_is_kept_from_the_archive_and_says_so(world):
    world.run(ALL)
    facts = world.rows()["residue"]
    (world.folder / "a.txt").unlink()
    assert world.run(ALL, TUESDAY).unchanged == 3
    kept = world.outcome("a", "archive")
    assert (kept.status, kept.reason) == ("archived", "missing_file")
    assert world.rows()["residue"] == facts


def test_a_failure_of_the_reader_is_tried_again(world):
    world.document("c.txt", "crash")
    world.run(ALL)
    assert reading.failures(world.connection) == (1, 3, "c: crash")
    world.run(ALL, TUESDAY)
    assert world.read == ["c"]


def test_outcomes_are_dated_by_the_first_attempt_that_ended_so(world):
    world.run(ALL, MONDAY)
    world.document("b.txt", "bad now")
    world.run(ALL, TUESDAY)
    dated = {s: at for s, (_, at) in outcomes.load(world.connection, "read").items()}
    assert dated == {"a": MONDAY, "b": TUESDAY, "c": MONDAY}


def test_an_exception_of_the_reader_is_a_named_result(world, monkeypatch):
    def broken(data: bytes, **_: object) -> None:
        raise ZeroDivisionError("in the reader")

    monkeypatch.setattr("extractors.reading.parts.read", broken)
    task = reading.Task(ALL[0], world.archive.put(b"x"), "key")
    result = reading.read_one(world.archive, task)
    assert result.reason == reading.READER_ERROR
    assert "ZeroDivisionError" in str(result.detail)
    assert "test_reading.py" in str(result.detail)


def test_many_documents_are_read_by_processes(tmp_path, monkeypatch):
    """The real reader, more documents than are read inline: the rows are those of reading one by one."""
    from extractors import samples, sources

    wanted = sources.load(samples.CATALOGUE)
    both = []
    for inline in (100, 1):
        monkeypatch.setattr(reading, "INLINE", inline)
        connection = duckdb.connect()
        archive = Archive(tmp_path / "archive")
        collecting.write_sources(connection, wanted)
        collecting.write_documents(connection, origins.collect(wanted, Places(samples.FOLDER), archive), MONDAY)
        counts = reading.refresh(connection, archive, wanted, "1", MONDAY)
        assert counts == reading.Counts(7, 1, 0)
        both.append({t: sorted(connection.execute(f"from raw.{t}").fetchall(), key=repr) for t in TABLES})
    assert both[0] == both[1]


def test_a_table_of_an_older_contract_gets_todays_columns(world):
    world.run(ALL)
    before = world.rows()
    world.connection.execute("alter table raw.outcomes rename column detail to remark")
    world.run(ALL, TUESDAY)
    columns = [row[0] for row in world.connection.execute("describe raw.outcomes").fetchall()]
    assert columns == [name for name, _ in TABLES["outcomes"].columns]
    assert world.rows()["residue"] == before["residue"]


def test_what_a_page_brings_is_read_within_bounds(world, monkeypatch):
    page, notice = b"<html><title>x</title>2020</html>", b"<html>" + b"x" * 300 + b"</html>"
    brought = tuple(
        reading.Brought(f"a#{n}", n, "attachment", world.archive.put(notice + b"%d" % n), "") for n in (1, 2, 3)
    )
    monkeypatch.setattr("extractors.task.MAX_TOGETHER", 900)
    result = reading.read_one(world.archive, reading.Task(ALL[0], world.archive.put(page), "key", brought))
    assert {name: reason for name, (reason, _) in result.refused.items()} == {
        "a#1": "not_a_report", "a#2": "not_a_report", "a#3": "too_large",
    }  # fmt: skip

"""What runs on a cluster's workers gives the rows that the reader gives here, document by document, and never fails as a whole."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest

from extractors import samples, sources
from extractors.fetching.archive import Archive
from extractors.records import TABLES
from extractors.task import ARCHIVE_DAMAGED, Brought, Task, read_one
from orchestration.lib import arrow, on_workers
from orchestration.lib.home import PROJECT


@pytest.fixture(scope="module")
def archived(tmp_path_factory) -> tuple[Archive, list[Task]]:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    found = sources.load(samples.CATALOGUE)
    tasks = [
        Task(source, archive.put((samples.CATALOGUE.parent / source.location).read_bytes()), "key") for source in found
    ]
    return archive, tasks


def batch(archive: Archive, tasks: list[Task]) -> pa.RecordBatch:
    rows = [on_workers.as_row(task, archive.place) for task in tasks]
    return arrow.of_rows(on_workers.TASK, rows).combine_chunks().to_batches()[0]


def test_the_rows_are_those_of_the_reader(archived, monkeypatch):
    archive, tasks = archived
    monkeypatch.setattr(on_workers, "SLICE", 3)
    read = pa.Table.from_batches(list(on_workers.read_partition(iter([batch(archive, tasks)]))))
    assert read.num_rows == len(tasks)
    assert read.column("source_id").to_pylist() == [task.source.source_id for task in tasks]
    for task, row in zip(tasks, read.to_pylist(), strict=True):
        result = read_one(archive, task)
        assert (row["reason"], row["detail"]) == (result.reason, result.detail)
        for table in on_workers.REPORT_TABLES:
            rows = [] if result.rows is None else result.rows[table.name]  # the blank form is refused
            expected = arrow.of_rows(table, rows).to_pylist()
            assert row[table.name] == expected, (task.source.source_id, table.name)


def test_bytes_that_are_not_there_are_an_outcome(archived):
    archive, tasks = archived
    lost = Task(tasks[0].source, "0" * 64, "key")
    (row,) = next(on_workers.read_partition(iter([batch(archive, [lost])]))).to_pylist()
    assert row["reason"] == ARCHIVE_DAMAGED
    assert [row[table.name] for table in on_workers.REPORT_TABLES] == [[]] * len(on_workers.REPORT_TABLES)


def test_a_worker_says_what_it_is():
    (said,) = next(on_workers.about(iter([pa.record_batch({"id": [1, 2]})]))).to_pylist()
    assert said["executable"] == sys.executable
    assert len(said["reader"]) == 12


def test_a_worker_needs_neither_dagster_nor_an_engine():
    code = (
        "import sys, orchestration.lib.on_workers; "
        "print(sorted({'dagster', 'duckdb', 'dbt', 'pyspark', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_empty_table_has_its_types():
    for table in TABLES.values():
        made = arrow.of_rows(table, [])
        assert made.num_rows == 0
        assert made.schema.types == [arrow.of_type(kind) for _, kind in table.columns]


def test_what_a_page_brings_is_read_with_it_and_what_it_does_without_is_said(archived):
    archive, tasks = archived
    by_id = {task.source.source_id: task for task in tasks}
    page, report = archive.put("<html><body><p>附件</p></body></html>".encode()), by_id["neijiang-2020"]
    things = (
        Brought("n#1", 1, "attachment", report.sha256, ""),
        Brought("n#2", 2, "attachment", archive.put(b"\x00no document"), ""),
        Brought("n#3", 3, "attachment", None, "http_404: gone"),
    )
    task = Task(report.source, page, "key", things)
    here = read_one(archive, task)
    assert here.rows is not None
    assert "n#2" in here.refused
    (row,) = next(on_workers.read_partition(iter([batch(archive, [task])]))).to_pylist()
    there = on_workers.ended(task, row)
    assert (there.reason, there.detail, there.refused) == (here.reason, here.detail, here.refused)
    for table in on_workers.REPORT_TABLES:
        assert row[table.name] == arrow.of_rows(table, here.rows[table.name]).to_pylist()

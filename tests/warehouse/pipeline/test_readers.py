"""Readers who never stop: while the pipeline runs, succeeds and fails, they always get in and always see a whole build."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from extractors import samples

# In a process of its own, as a researcher's is. Prints one line a reading: what it saw, or what went wrong.
READER = """
import hashlib, json, os, sys, time
import duckdb

home, stop = sys.argv[1:3]

def warehouse():
    with duckdb.connect(os.path.join(home, "warehouse.duckdb"), read_only=True) as connection:
        count = lambda table: connection.execute(f"select count(*) from {table}").fetchone()[0]
        facts, lines, reports = count("raw.facts"), count("marts.fct_report_lines"), count("marts.fct_report")
        assert facts == lines, f"half a build: {facts} facts, {lines} lines"
        assert connection.execute("select bool_and(holds) from quality.reconciliation").fetchone() == (True,)
        return reports

def export():
    folder = os.path.realpath(os.path.join(home, "export"))
    package = json.load(open(os.path.join(folder, "datapackage.json"), encoding="utf-8"))
    for resource in package["resources"]:
        data = open(os.path.join(folder, resource["path"]), "rb").read()
        assert "sha256:" + hashlib.sha256(data).hexdigest() == resource["hash"], f"half a set: {resource['path']}"
    return {r["name"]: r.get("rows") for r in package["resources"]}["fct_report"]

while True:
    last = os.path.exists(stop)
    for read in (warehouse, export):
        try:
            print(json.dumps([read.__name__, read(), None]), flush=True)
        except Exception as error:
            print(json.dumps([read.__name__, None, repr(error)]), flush=True)
    if last:
        break
"""


@contextmanager
def readers(home: Path, said: Path, count: int = 2) -> Iterator[list[list[object]]]:
    """`count` processes that read in a loop until the block ends; then what they said: [what, reports seen, error]."""
    said.mkdir()
    stop, seen = said / "stop", []
    files = [(said / f"{number}.jsonl").open("w") for number in range(count)]
    running = [subprocess.Popen([sys.executable, "-c", READER, str(home), str(stop)], stdout=f) for f in files]
    try:
        yield seen
    finally:
        stop.touch()
        for process, file in zip(running, files, strict=True):
            process.wait(timeout=120)
            file.close()
    assert all(process.returncode == 0 for process in running)
    for number in range(count):
        lines = (said / f"{number}.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) > 4, "a reader that hardly read shows nothing"
        seen += [json.loads(line) for line in lines]


def test_readers_are_never_locked_out_and_never_see_half_a_build(built, pipeline, tmp_path):
    home = Path(
        shutil.copytree(built.home.root, tmp_path / "home", symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    )
    lines = samples.CATALOGUE.read_text(encoding="utf-8").splitlines(keepends=True)
    folder = Path(shutil.copytree(samples.CATALOGUE.parent, tmp_path / "fewer"))
    (folder / samples.CATALOGUE.name).write_text("".join(lines[:4]), encoding="utf-8")
    with readers(home, tmp_path / "succeeds") as seen:
        ran = pipeline(home, folder / samples.CATALOGUE.name)
        assert ran.status == 0, ran.said
    assert [row for row in seen if row[2]] == []
    before, after = {row[1] for row in seen} - {3}, {row[1] for row in seen} & {3}
    assert before == {7}, "the build before the run"
    assert after == {3}, "and the one after it"

    good = (home / "export").resolve()
    with duckdb.connect(str(home / "work" / "warehouse.duckdb")) as connection:
        connection.execute("delete from marts.fct_report_lines")
    with readers(home, tmp_path / "fails") as seen:
        ran = pipeline(home, folder / samples.CATALOGUE.name, "--job", "publish")
        assert ran.status == 1, ran.said
    assert [row for row in seen if row[2]] == []
    assert {row[1] for row in seen} == {3}, "a failed run leaves the last good build in place"
    assert (home / "export").resolve() == good

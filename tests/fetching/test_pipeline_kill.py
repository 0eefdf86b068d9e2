"""The pipeline is killed (SIGKILL) at random points and run again: archive and schema raw equal those of an undisturbed run.

Each round is a forked process that collects and reads files and pages of a loopback server; dbt builds everything else from
schema raw, so that equal rows there are an equal warehouse.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from pathlib import Path

import duckdb

from extractors import samples
from extractors.fetching.archive import Archive
from extractors.records import TABLES
from tests.fetching import families
from tests.fetching.badweb import BadWeb
from tests.fetching.pipeline_web import catalogue, collect_and_read, fetching, serve

PAGES, KILLS = 24, 50  # few enough that they are read in the process that is killed


def work(home: Path, path: Path) -> None:
    """One run, in a process of its own, silent."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    with fetching(path.parent):
        collect_and_read(home, path)


def content(home: Path) -> dict[str, list[str]]:
    """Every row of schema raw, without the times at which it was written."""
    with duckdb.connect(str(home / "work" / "warehouse.duckdb"), read_only=True) as connection:
        found = {}
        for name, table in TABLES.items():
            columns = ", ".join(column for column, kind in table.columns if kind != "timestamp")
            found[name] = sorted(map(repr, connection.execute(f"select {columns} from raw.{name}").fetchall()))
        return found


def test_fifty_kills_leave_the_warehouse_of_an_undisturbed_run(tmp_path):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.fetching.pipeline_web", "extractors.fetching.collect", "extractors.reading.read"]
    )
    shutil.copyfile(samples.FOLDER / "yanping-2018.txt", tmp_path / "yanping.txt")
    with BadWeb() as web:
        serve(web)
        base = f"http://127.0.0.1:{web.port}"
        locations = {f"page-{i}": f"{base}/page/{i}" for i in range(PAGES)}
        locations |= {"file": "yanping.txt", "report": f"{base}/neijiang.html", "moved": f"{base}/moved.html"}
        families.serve(web)
        locations |= {name: f"{base}/x/{name}.html" for name in ("paged", "fails")}
        locations |= {"gone": f"{base}/gone.html", "error": f"{base}/error.html"}
        path = catalogue(tmp_path, locations)
        undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
        for home in (tmp_path / "warming up", undisturbed):  # the first one waits for imports
            start = time.monotonic()
            first = context.Process(target=work, args=(home, path))
            first.start()
            first.join(600)
            whole = time.monotonic() - start
            assert first.exitcode == 0
        expected = content(undisturbed)
        filled = {name for name, rows in expected.items() if rows}
        assert filled >= {"sources", "documents", "attachments", "outcomes", "readings", "tables", "cells", "facts"}
        kills = finished = 0
        while kills < KILLS:
            process = context.Process(target=work, args=(killed, path))
            process.start()
            process.join(chance.uniform(0.02, 1.1 * whole))
            if process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
                process.join()
            kills += process.exitcode == -signal.SIGKILL
            finished += process.exitcode == 0
            assert process.exitcode in (0, -signal.SIGKILL), f"seed {seed}"
            if finished and process.exitcode == 0 and kills < KILLS:
                shutil.rmtree(killed)  # from the beginning, so that every kill hits work that is not yet done
        last = context.Process(target=work, args=(killed, path))
        last.start()
        last.join(600)
        assert last.exitcode == 0, f"seed {seed}"
        assert content(killed) == expected, f"seed {seed}"
        archives = [Archive(home / "archive") for home in (killed, undisturbed)]
        assert [list(a.verify()) for a in archives] == [[], []]
        assert set(archives[0].sha256s()) == set(archives[1].sha256s()), f"seed {seed}"
        print("kills", kills, "finished in between", finished, "seconds of a run", round(whole, 2), "seed", seed)

"""Fetching is killed (SIGKILL) at random points and run again: the archive equals that of an undisturbed run.

Each round is a forked process, so that fifty rounds take seconds; what is killed is the whole of `fetch_all`, in the middle of
requests, of writes to the shard, between shard and index. The archive is opened and every object verified after every kill.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import random
import shutil
import signal
import time
from pathlib import Path

from extractors.fetching.archive import Archive
from extractors.fetching.collect import fetch_all
from tests.fetching.badweb import BadWeb
from tests.fetching.conftest import IMPATIENT, here

PAGES, HOSTS, KILLS = 1200, 12, 50
SETTINGS = dataclasses.replace(IMPATIENT, fresh_for=3600)


def work(root: Path, port: int) -> None:
    """One run, in a process of its own. Small shards, so that sealing is killed too."""
    fetch_all(addresses(port), archive_at(root), SETTINGS, resolve=here)


def archive_at(root: Path) -> Archive:
    return Archive(root, shard_bytes=200_000)


def addresses(port: int) -> list[str]:
    return [f"http://h{i % HOSTS}.example.com:{port}/page/{i}" for i in range(PAGES)]


def content(archive: Archive, port: int) -> dict[str, str]:
    """What is known of every address, and the objects, all of which must be sound."""
    assert list(archive.verify()) == []
    known = {a: v.sha256 for a in addresses(port) if (v := archive.visit(a)) is not None}
    assert set(known.values()) == set(archive.sha256s())
    return known


def test_fifty_kills_leave_the_archive_of_an_undisturbed_run(tmp_path):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["extractors.fetching.collect", "tests.fetching.conftest"])
    with BadWeb() as web:
        undisturbed = archive_at(tmp_path / "undisturbed")
        start = time.monotonic()
        work(undisturbed.root, web.port)
        whole = time.monotonic() - start
        root, kills, grown = tmp_path / "killed", 0, 0
        while kills < KILLS:
            process = context.Process(target=work, args=(root, web.port))
            process.start()
            # short lives at first, so that the archive grows over many of them; the last ones die while little is left to do
            process.join(chance.uniform(0.05, 0.05 + 2.5 * whole / KILLS + (0.5 if kills % 10 == 0 else 0.1)))
            if process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
                process.join()
            kills += process.exitcode == -signal.SIGKILL
            if process.exitcode == 0:  # sooner than the clock of this machine promised: again, from the beginning
                assert content(archive_at(root), web.port) == content(undisturbed, web.port), f"seed {seed}"
                shutil.rmtree(root)
                grown = 0
                continue
            assert process.exitcode == -signal.SIGKILL, f"seed {seed}"
            if root.exists() and kills % 5 == 0:
                before, grown = grown, len(content(archive_at(root), web.port))
                assert grown >= before, f"seed {seed}: what was on disk is lost"
        work(root, web.port)
        expected = content(undisturbed, web.port)
        assert len(expected) == PAGES
        assert content(archive_at(root), web.port) == expected, f"seed {seed}"
        for file in root.glob("index.sqlite*"):
            file.unlink()
        assert content(archive_at(root), web.port) == expected, f"seed {seed}: from the shards alone"
        print("kills", kills, "pages before the last run", grown, "seed", seed)

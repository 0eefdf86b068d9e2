"""`ogi doctor` names what would make a run fail, and an engine that cannot be used is refused before anything is written."""

from __future__ import annotations

import fcntl
import socket
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from extractors import cli
from orchestration import doctor
from orchestration import run as runner
from orchestration.lib import engine
from orchestration.lib.engine import EngineError
from orchestration.lib.home import PROJECT, Home


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("OGI_ENGINE", "SPARK_REMOTE", "OGI_CATALOG", "OGI_FETCHING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OGI_HOME", str(tmp_path / "home"))
    return Home.from_env()


def answers(home: Home) -> dict[str, doctor.Finding]:
    return {finding.question: finding for finding in doctor.examine(home)}


def test_a_new_home_is_fine(home, capsys):
    assert doctor.main([]) == 0
    said = capsys.readouterr().out
    assert "duckdb" in said
    assert doctor.BROKEN not in said
    assert not home.root.exists(), "asking leaves nothing behind"


def test_the_holder_of_the_work_database_is_named(home):
    home.prepare()
    held = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb, sys; c = duckdb.connect({str(home.work_db)!r}); print('held', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert held.stdout.readline() == "held\n"
        found = answers(home)["work database"]
        assert found.state == doctor.BROKEN
        assert str(held.pid) in found.says
    finally:
        held.communicate("")
    assert answers(home)["work database"].state == doctor.OK


def test_a_run_at_work_is_told(home):
    home.prepare()
    with (home.work / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "at work" in answers(home)["run"].says
    assert answers(home)["run"].state == doctor.OK


def test_a_damaged_database_and_a_bad_catalogue_are_broken(home, tmp_path, monkeypatch):
    home.prepare()
    home.published_db.write_bytes(b"no database" * 1000)
    monkeypatch.setenv("OGI_CATALOG", str(tmp_path / "none.csv"))
    found = answers(Home.from_env())
    assert {name for name, finding in found.items() if finding.state == doctor.BROKEN} == {"published", "catalogue"}
    assert "none.csv" in found["catalogue"].says


def test_a_full_disk_is_broken(home, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 62)
    assert answers(home)["home"].state == doctor.BROKEN


def test_a_home_that_cannot_be_written_is_broken(home, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    assert "No space left" in answers(home)["home"].says


def test_the_command_is_found_by_its_entry_point_without_the_library_knowing_it(home, monkeypatch):
    found = [EntryPoint("doctor", "orchestration.doctor:main", "ogi.commands")]
    monkeypatch.setattr(cli, "entry_points", lambda group: found if group == "ogi.commands" else [])
    assert cli.main(["doctor"]) == 0


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize(
    ("chosen", "remote", "says"),
    [
        ("oracle", "", "expected duckdb or spark"),
        ("spark", "", "names no Spark Connect server"),
        ("spark", "http://127.0.0.1:15002", "expected sc://"),
        ("spark", "sc://127.0.0.1:port", "expected sc://"),
        ("spark", "sc://127.0.0.1:{closed}", "no Spark Connect server answers"),
    ],
)
def test_an_engine_that_cannot_be_used_is_refused_before_anything_is_written(
    chosen, remote, says, home, monkeypatch, capsys
):
    monkeypatch.setenv("OGI_ENGINE", chosen)
    monkeypatch.setenv("SPARK_REMOTE", remote.format(closed=_closed_port()))
    assert runner.main([]) == runner.REFUSED
    assert says in capsys.readouterr().err
    assert not home.root.exists()
    with pytest.raises(EngineError, match=says.split("//")[0]):
        engine.ready()
    broken = [f for f in doctor.examine(home) if f.state == doctor.BROKEN and says in f.says]
    assert broken, "the doctor says it, too"


def test_duckdb_is_the_default_and_costs_nothing(home):
    assert engine.name() == engine.DUCKDB
    # in a process of its own: other tests import what may import pyspark where the extra is installed
    asked = "import sys; from orchestration.lib import engine; engine.ready(); sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=PROJECT, check=False).returncode == 0

"""A Spark cluster on loopback: a master, two workers of one core, a Connect server with a catalogue on disk. Proves nothing itself.

Everything that is started is ended by its process group, whatever happens; nothing is left running.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

PATIENCE = 300.0  # seconds for a server to answer, or for a moment to come: the machine may be busy
PORTS = range(20000, 32000)  # below those that the system hands out by itself: nobody takes one before it is bound
EXECUTOR = b"CoarseGrainedExecutorBackend"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy


class ClusterError(Exception):
    """The cluster does not come up, or ends early. Carries the end of the log."""


class Cluster:
    """Spark of the virtual environment `server`, below `folder`: logs, catalogue and tables."""

    def __init__(self, folder: Path, server: Path, workers: int = 2, memory_mb: int = 1200) -> None:
        if shutil.which("java") is None:
            raise ClusterError("no java here: Spark needs Java 17 (Debian: openjdk-17-jre-headless)")
        self.folder, self._memory, self._tables = folder, memory_mb, folder / "tables"
        self._python = server / "bin" / "python"
        found = sorted(server.glob("lib/python*/site-packages/pyspark"))
        if not found:
            raise ClusterError(f"no pyspark in {server}")
        self._home = found[0]
        self.remote = f"sc://127.0.0.1:{_free()}"
        self._master, self._master_ui = _free(), _free()
        self._ui = _free()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._count = workers
        self._others: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Master, workers and server; returns when the server answers. Raises ClusterError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._others["master"] = self._start(
            "master", "spark-class", "org.apache.spark.deploy.master.Master",
            "-h", "127.0.0.1", "-p", self._master, "--webui-port", self._master_ui,
        )  # fmt: skip
        self._await("master", self._others["master"], self._master)
        for number in range(self._count):
            self._workers.append(self._worker(number))
        self._until("the workers to register", lambda: len(self._alive()) == self._count)
        self.start_server()

    def start_server(self, python: Path | None = None, **changed: object) -> None:
        """The Connect server, with the catalogue that is there. `python`: that of the workers, which the server's environment
        decides. `changed`: settings, dots as two underscores."""
        settings = {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": self.remote.rpartition(":")[2],
            "spark.ui.port": self._ui,
            "spark.executor.memory": f"{self._memory - 200}m",
            # planning hundreds of small queries once: compiling them for good costs more than it saves
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.executor.cores": "1",
            "spark.executorEnv.PYSPARK_PYTHON": self._python,
            "spark.sql.catalogImplementation": "hive",
            "spark.sql.warehouse.dir": self._tables,
            "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={self.folder}/metastore;create=true",
            "spark.sql.shuffle.partitions": "2",
            "spark.ui.showConsoleProgress": "false",
        } | {name.replace("__", "."): value for name, value in changed.items()}
        confs = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        server = self._start(
            "server", "spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
            "--master", f"spark://127.0.0.1:{self._master}", *confs, "spark-internal", python=python,
        )  # fmt: skip
        self._others["server"] = server
        self._await("server", server, int(self.remote.rpartition(":")[2]))

    def stop_server(self) -> None:
        """End the Connect server as an operator does; catalogue and tables stay."""
        _end(self._others.pop("server"))

    def lose_server(self) -> None:
        """kill -9 of the Connect server, and its catalogue is gone. What it wrote stays where it is."""
        server = self._others.pop("server")
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        shutil.rmtree(self.folder / "metastore")

    def kill_worker(self, number: int = 0) -> None:
        """kill -9 of a worker and of its executors, and start another in its place."""
        os.killpg(self._workers[number].pid, signal.SIGKILL)
        self._workers[number].wait()
        self._workers[number] = self._worker(number)

    def writing(self, files: str) -> None:
        """Returns when Spark has begun to write: when there are such files below its tables. Raises ClusterError."""
        self._until(f"Spark to write {files}", lambda: bool(glob.glob(str(self._tables / files))), every=0.02)

    def fill_disk(self, most: int | None) -> None:
        """From now on no executor that runs writes a file beyond `most` bytes, as on a disk that is full; None: space again."""
        limit = resource.RLIM_INFINITY if most is None else most
        for process in _of_sessions([w.pid for w in self._workers]):
            with contextlib.suppress(OSError):
                if EXECUTOR in (process / "cmdline").read_bytes():
                    resource.prlimit(int(process.name), resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def used(self) -> tuple[float, float]:
        """Processor seconds of everything that runs now, and the memory in MB of each process at its largest, added up."""
        ticks, kilobytes = 0, 0
        for process in _of_sessions([p.pid for p in (*self._others.values(), *self._workers)]):
            with contextlib.suppress(OSError):
                times = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:15]
                status = (process / "status").read_text(encoding="utf-8")
                ticks += sum(map(int, times))
                kilobytes += sum(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM"))
        return ticks / os.sysconf("SC_CLK_TCK"), kilobytes / 1024

    def executors(self) -> dict[str, int]:
        """Tasks that each executor of the running server completed, by its id; the driver is none."""
        applications = self._ask(f"http://127.0.0.1:{self._ui}/api/v1/applications")
        found = self._ask(f"http://127.0.0.1:{self._ui}/api/v1/applications/{applications[0]['id']}/allexecutors")
        return {e["id"]: int(e["completedTasks"]) for e in found if e["id"] != "driver"}

    def stop(self) -> None:
        """End everything that was started."""
        for process in [*self._others.values(), *self._workers]:
            _end(process)
        self._others.clear()
        self._workers.clear()

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        return self._start(
            f"worker{number}", "spark-class", "org.apache.spark.deploy.worker.Worker", "-h", "127.0.0.1", "-c", 1,
            "-m", f"{self._memory}m", "-d", self.folder / f"worker{number}", "--webui-port", _free(),
            f"spark://127.0.0.1:{self._master}",
        )  # fmt: skip

    def _alive(self) -> list[Any]:
        try:
            state = self._ask(f"http://127.0.0.1:{self._master_ui}/json/")
        except OSError:  # the port answers before the page does
            return []
        return [w for w in state["workers"] if w["state"] == "ALIVE"]

    def _start(self, name: str, script: str, *arguments: object, python: Path | None = None) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "OGI_", "PYSPARK_"))} | {
            "SPARK_HOME": str(self._home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(python or self._python),
            "SPARK_DAEMON_MEMORY": f"{self._memory + 300}m" if name == "server" else "384m", "SPARK_LOCAL_DIRS": str(self.folder / "scratch"),
        }  # fmt: skip
        with self._log(name).open("ab") as log:
            return subprocess.Popen(
                [self._home / "bin" / script, *map(str, arguments)],
                cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _await(self, name: str, process: subprocess.Popen[bytes], port: int) -> None:
        def answers() -> bool:
            if process.poll() is not None:
                raise ClusterError(f"{name} ended with {process.returncode}:\n{self._end_of(name)}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            return False

        self._until(f"{name} to answer", answers)

    def _until(self, what: str, true: Callable[[], bool], every: float = 0.3) -> None:
        given_up = time.monotonic() + PATIENCE
        while time.monotonic() < given_up:
            if true():
                return
            time.sleep(every)
        raise ClusterError(f"waited {PATIENCE:.0f} s for {what}; logs in {self.folder}")

    def _ask(self, address: str) -> Any:
        with _OPENER.open(address, timeout=30) as answer:
            return json.load(answer)

    def _end_of(self, name: str) -> str:
        return "\n".join(self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-20:])


@contextlib.contextmanager
def cluster(folder: Path, server: Path, memory_mb: int = 1200) -> Iterator[Cluster]:
    """A running cluster, ended however the block ends. `memory_mb`: of each worker; the server has 300 more."""
    made = Cluster(folder, server, memory_mb=memory_mb)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _free() -> int:
    """A port that nothing listens on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as taken, contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
    raise ClusterError(f"no free port among {PORTS}")


def _of_sessions(leaders: Collection[int]) -> Iterator[Path]:
    """The /proc folders of the processes of these sessions: a worker's executors, and their Pythons, are in its own."""
    for number in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            if os.getsid(number) in leaders:
                yield Path("/proc", str(number))


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group: a worker's executors and their Pythons are in it."""
    for signal_number, patience in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            if signal_number == signal.SIGKILL:
                return

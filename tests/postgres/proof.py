"""`python -m tests.postgres.proof`: the bundled samples with Dagster's storage on a PostgreSQL of its own, on a socket in a new folder.

Shows that runs, events and checks are in PostgreSQL and none in SQLite, that two homes can share the server at once, that old runs
are pruned there, and that a server which is away ends in one clear failure. Needs Debian's `postgresql` and dagster-postgres.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from orchestration.lib.home import Home

STORAGE = """\
storage:
  postgres:
    postgres_url: {url}
"""


class NotProven(Exception):
    """What was to be shown does not hold."""


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """A new PostgreSQL with the databases `one` and `two`; yields its address up to the database's name. Ends with the block."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise NotProven("no PostgreSQL here (Debian: postgresql)")
    programs, user = found[-1].parent, []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = ["runuser", "-u", "postgres", "--"]
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, owner_name = folder / "pg", "postgres" if user else pwd.getpwuid(os.geteuid()).pw_name

    def run(program: str, *arguments: str) -> None:
        command = [*user, str(programs / program), *arguments]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise NotProven(f"{program}: {done.stdout}{done.stderr}")

    run("initdb", "-D", str(data), "-U", owner_name, "--auth=trust", "--encoding=UTF8", "--no-sync")
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", f"-h '' -k {folder} -c fsync=off", "start")
    try:
        for name in ("one", "two"):
            run("createdb", "-h", str(folder), "-U", owner_name, name)
        yield f"postgresql+psycopg2://{owner_name}@/{{}}?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def start(home: Path, url: str) -> subprocess.Popen[str]:
    """A run over the samples with Dagster's storage at `url`."""
    made = Home(home, Path("unused")).prepare()
    settings = made.dagster / "dagster.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + STORAGE.format(url=url), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "OGI_CATALOG"} | {"OGI_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration.run"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def count(url: str, query: str) -> int:
    """One number from the database."""
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = int(connection.execute(sa.text(query)).scalar_one())
    engine.dispose()
    return found


def prove(folder: Path) -> None:
    """All of it. Raises NotProven."""
    with server(folder) as address:
        urls = {name: address.format(name) for name in ("one", "two")}
        runs = {name: start(folder / name, url) for name, url in urls.items()}
        for name, process in runs.items():
            said, _ = process.communicate(timeout=600)
            if process.returncode:
                raise NotProven(f"the run of {name} ended with {process.returncode}:\n{said[-3000:]}")
        for name, url in urls.items():
            finished = count(url, "select count(*) from runs where status = 'SUCCESS'")
            events = count(url, "select count(*) from event_logs")
            checks = count(url, "select count(*) from asset_check_executions")
            if finished != 1 or events < 100 or checks < 50:
                raise NotProven(f"{name}: {finished} runs, {events} events, {checks} checks in PostgreSQL")
            print(f"{name}: {finished} run, {events} events, {checks} checks in PostgreSQL, while the other ran too")
            if left := [str(p) for p in (folder / name / "dagster").rglob("*.db")]:
                raise NotProven(f"{name}: SQLite was written: {left}")
        environment = os.environ | {"OGI_HOME": str(folder / "one")}
        subprocess.run(
            [sys.executable, "-m", "orchestration.retention", "--days", "0"], env=environment, check=True
        )  # fmt: skip
        if (left_over := count(urls["one"], "select count(*) from event_logs where run_id <> ''")) != 0:
            raise NotProven(f"{left_over} events were left after pruning")
        print("pruned: no event of a run is left")
    process = start(folder / "three", urls["one"])
    said, _ = process.communicate(timeout=600)
    if process.returncode == 0 or (folder / "three" / "warehouse.duckdb").exists():
        raise NotProven("a run with its server away published")
    print("with the server away the run fails, and nothing is published")


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="ogi-pg-"))
    try:
        prove(folder)
    except NotProven as error:
        print(f"NOT PROVEN: {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("proven")
    return 0


if __name__ == "__main__":
    sys.exit(main())

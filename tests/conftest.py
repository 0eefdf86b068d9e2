"""Fixtures that several folders share: a way to run the pipeline, and warehouses that are built once a session. No test here."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from extractors import samples
from orchestration import run as runner
from orchestration.lib.home import PROJECT, Home

QUIET = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "GX_ANALYTICS_ENABLED": "false"}
REAL_REPORTS = Path(os.environ.get("OGI_REAL_REPORTS", PROJECT.parent / "shared" / "reports"))


LONG = ("fetching", "warehouse", "faults", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders with long files first: on several cores a long file at the end would run alone."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(tests).parts[0] not in LONG)


@dataclass(frozen=True)
class Ran:
    """A run of the pipeline: where it wrote, its exit status and what it said."""

    home: Home
    status: int
    said: str


@contextlib.contextmanager
def environment(home: Path, catalogue: Path) -> Iterator[Home]:
    """OGI_HOME and OGI_CATALOG inside; as before outside."""
    wanted = {**QUIET, "OGI_HOME": str(home), "OGI_CATALOG": str(catalogue), "DAGSTER_HOME": str(home / "dagster")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setenv(name, value)
        yield Home.from_env()


def run_pipeline(home: Path, catalogue: Path, *arguments: str) -> Ran:
    """What `make run` does, in this process."""
    said = io.StringIO()
    with environment(home, catalogue) as made, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = runner.main(list(arguments))
    return Ran(made, status, said.getvalue())


@pytest.fixture(scope="session")
def pipeline() -> Callable[..., Ran]:
    """Function (home, catalogue, *arguments) that runs the pipeline."""
    return run_pipeline


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The bundled samples, run once. Tests must not change what it holds."""
    ran = run_pipeline(tmp_path_factory.mktemp("samples"), samples.CATALOGUE)
    assert ran.status == runner.DONE, ran.said
    return ran


@pytest.fixture(scope="session")
def built_real(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The real reports, run once. They are always there in CI: missing is a failure, not a skip."""
    assert (REAL_REPORTS / "catalog.csv").exists(), f"no real reports in {REAL_REPORTS} (set OGI_REAL_REPORTS)"
    ran = run_pipeline(tmp_path_factory.mktemp("real"), REAL_REPORTS / "catalog.csv")
    assert ran.status == runner.DONE, ran.said
    return ran

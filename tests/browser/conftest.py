"""Fixtures of the tests in a real browser. A machine without one fails here and says what to install: it does not skip."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import site
from tests.bench.pages import multiply
from tests.browser import driving


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Its driver keeps an event loop running, which must be gone before other tests run Dagster: so not a session."""
    try:
        with driving.browser() as started:
            yield started
    except driving.NoBrowser as missing:
        pytest.fail(str(missing))


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A window, 1100 × 900, in which nothing is fetched from elsewhere and no error goes unseen."""
    window = browser.new_page(viewport={"width": 1100, "height": 900})
    asked: list[str] = []
    errors: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    window.on("pageerror", lambda error: errors.append(str(error)))
    yield window
    window.close()
    assert not errors
    elsewhere = [url for url in asked if not url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))]
    assert not elsewhere


@pytest.fixture(scope="session")
def many(built: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 80 reports: eight years an agency, so that there are charts."""
    folder = tmp_path_factory.mktemp("many")
    shutil.copyfile(built.home.work_db, folder / "warehouse.duckdb")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        multiply(connection, 80)
        site.write(connection, folder / "site", site.copies(built.home.archive))
    return folder / "site"

"""How the tests and the pictures drive a browser, the documentation of dbt and the Dagster UI. Asserts nothing about pages."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration.lib.home import PROJECT, Home

CHROMIUM = os.environ.get("OGI_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
STARTS_WITHIN = 120.0


class NoBrowser(Exception):
    """There is no browser to test with."""


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Chromium of the system, headless, quiet. Raises NoBrowser, saying what to install."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowser("playwright is not installed: make setup installs the dependencies of the tests") from error
    if not Path(CHROMIUM).exists():
        raise NoBrowser(f"no {CHROMIUM}: apt install chromium fonts-noto-cjk, or name one in OGI_CHROMIUM")
    quiet = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run")  # fmt: skip
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(quiet))
        try:
            yield started
        finally:
            started.close()


@contextlib.contextmanager
def dagster_ui(home: Home) -> Iterator[str]:
    """Address of the Dagster UI over a home, on a free port, in a process group of its own that ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "OGI_HOME": str(home.root), "OGI_CATALOG": str(home.catalogue), "DAGSTER_HOME": str(home.dagster),
        "PYTHONPATH": str(PROJECT), "DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }  # fmt: skip
    command = [
        Path(sys.executable).with_name("dagster"),
        "dev",
        "-w",
        "workspace.yaml",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    said = home.work / "dagster_ui.log"
    with said.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, said)
            yield address
        finally:
            _stop(process)


def _wait(address: str, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/server_info", timeout=2):
            return
        time.sleep(0.5)
    raise RuntimeError(f"the Dagster UI did not start:\n{said.read_text(encoding='utf-8')[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Politely, then for good: dagster dev may hang when it is interrupted while it starts."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(15)


def open_lineage(page: Any, site: Path, model: str) -> None:
    """Open the documentation of a model, then its lineage."""
    page.goto(f"{(site / 'dbt' / 'index.html').as_uri()}#!/model/model.ogi_warehouse.{model}")
    page.get_by_role("heading", name=model).first.wait_for()
    page.locator("[ng-click='onLauncherClick()']").click()
    page.wait_for_function("[...document.querySelectorAll('canvas')].some(c => c.getBoundingClientRect().width > 200)")
    page.wait_for_timeout(1500)  # the layout is animated

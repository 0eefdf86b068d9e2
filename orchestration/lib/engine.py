"""Which engine reads and models: OGI_ENGINE=duckdb (default) or spark, with SPARK_REMOTE. The one switch; imports no engine."""

from __future__ import annotations

import os

DUCKDB, SPARK = "duckdb", "spark"


class EngineError(Exception):
    """The engine cannot be used as it is set up. Says what was found, where, and what to do; nothing was written."""


def name() -> str:
    """`duckdb` or `spark`. Raises EngineError for another name, and for spark without an address."""
    chosen = os.environ.get("OGI_ENGINE") or DUCKDB
    if chosen not in (DUCKDB, SPARK):
        raise EngineError(f"OGI_ENGINE is {chosen!r}: expected {DUCKDB} or {SPARK}")
    if chosen == SPARK and not os.environ.get("SPARK_REMOTE"):
        raise EngineError("OGI_ENGINE is spark, and SPARK_REMOTE names no Spark Connect server (sc://host:15002)")
    return chosen


def is_spark() -> bool:
    """Whether Spark reads and models. Raises EngineError as `name` does."""
    return name() == SPARK


def remote() -> str:
    """The address of the Spark Connect server. Raises EngineError where there is none."""
    name()
    return os.environ.get("SPARK_REMOTE", "")


def ready() -> None:
    """Refuse what cannot work before anything is written. Raises EngineError. Costs nothing on DuckDB, a few seconds on Spark."""
    if is_spark():
        from orchestration.lib import lake

        with lake.connect() as connected:
            connected.check()

"""The bridge to Great Expectations 1.x: expectations over a frame, answers that tell bad data from a crash. Knows no identity.

Great Expectations takes seconds to import, so it is imported only where a check runs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations import Expectation

WEIGHT = "cases"
"""Optional column of a frame: how many rows of the table one row of the frame stands for."""


class ExpectationCrashed(Exception):
    """An expectation could not be evaluated: nothing is known about the data. Ours, never a finding."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one expectation found. `unexpected` counts rows of the table; None where the expectation counts none."""

    name: str
    success: bool
    unexpected: int | None
    observed: Any


def load() -> tuple[Any, Any]:
    """The modules `great_expectations` and `great_expectations.expectations`, with its analytics off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx, gxe


def where(column: str, value: str) -> Any:
    """Row condition: only the rows in which `column` is `value`."""
    load()
    from great_expectations.expectations.row_conditions import Column

    return Column(column) == value


def validate(frame: pd.DataFrame, expectations: Sequence[Expectation]) -> dict[str, Answer]:
    """Evaluate expectations, each named by `meta["name"]`, and answer by name.

    Raises ExpectationCrashed when one raised inside Great Expectations (which reports it as a failed expectation), and
    when an expectation has no answer.
    """
    gx, _ = load()
    context = gx.get_context(mode="ephemeral", project_config=_settings())
    batch = (
        context.data_sources.add_pandas("frames")
        .add_dataframe_asset("frame")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch(batch_parameters={"dataframe": frame})
    )
    suite = context.suites.add(gx.ExpectationSuite(name="suite", expectations=list(expectations)))
    keys = [WEIGHT] if WEIGHT in frame.columns else []
    results = batch.validate(
        suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": keys}
    ).results
    answers = {answer.name: answer for answer in map(_answer, results)}
    silent = {e.meta["name"] for e in expectations} - set(answers)
    if silent:
        raise ExpectationCrashed(f"no answer to {', '.join(sorted(silent))}")
    return answers


def _settings() -> Any:
    """Everything in memory: the default leaves a temporary folder behind for every context. No progress bars."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )


def _answer(result: Any) -> Answer:
    name = result.expectation_config.meta["name"]
    crashes = _crashes(result.exception_info)
    if crashes:
        raise ExpectationCrashed(f"{name}: {'; '.join(crashes)}")
    found = result.result
    unexpected = found.get("unexpected_count")
    rows = found.get("unexpected_index_list") or []
    if rows and isinstance(rows[0], dict):  # with a weight the rows are named by it, else by their position
        unexpected = sum(int(row[WEIGHT]) for row in rows)
    return Answer(name, bool(result.success), unexpected, found.get("observed_value"))


def _crashes(info: dict[str, Any]) -> list[str]:
    """The exceptions in `exception_info`: flat for an expectation, by metric when a metric raised."""
    if "raised_exception" in info:
        return [str(info["exception_message"])] if info["raised_exception"] else []
    return sorted({str(metric["exception_message"]) for metric in info.values() if metric["raised_exception"]})

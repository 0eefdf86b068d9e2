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


@dataclass(frozen=True, slots=True)
class Validation:
    """The answers by name, and the same as Great Expectations shows them: a page of its Data Docs, as it makes it."""

    answers: dict[str, Answer]
    results: Any

    def page(self) -> str:
        """HTML with references to hosts elsewhere: for `data_docs`, which takes them out."""
        from great_expectations.render.renderer import ValidationResultsPageRenderer
        from great_expectations.render.view import DefaultJinjaPageView

        self.results.meta.setdefault("run_id", None)  # no checkpoint, so no run: Dagster knows the run
        return str(DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(self.results)))


def where(column: str, value: str) -> Any:
    """Row condition: only the rows in which `column` is `value`."""
    load()
    from great_expectations.expectations.row_conditions import Column

    return Column(column) == value


def validate(frame: pd.DataFrame, expectations: Sequence[Expectation], suite: str = "suite") -> dict[str, Answer]:
    """The answers of `run`. Raises what it raises."""
    return run(frame, expectations, suite).answers


def run(frame: pd.DataFrame, expectations: Sequence[Expectation], suite: str) -> Validation:
    """Evaluate expectations, each named by `meta["name"]`, as the suite of this name, and answer by name.

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
    asked = context.suites.add(gx.ExpectationSuite(name=suite, expectations=list(expectations)))
    keys = [WEIGHT] if WEIGHT in frame.columns else []
    found = batch.validate(asked, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": keys})
    answers = {answer.name: answer for answer in map(_answer, found.results)}
    silent = {e.meta["name"] for e in expectations} - set(answers)
    if silent:
        raise ExpectationCrashed(f"no answer to {', '.join(sorted(silent))}")
    return Validation(answers, found)


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

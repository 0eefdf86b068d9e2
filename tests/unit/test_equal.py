"""The comparison of the Spark proof notices every difference in content and none in order or writing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from tests.spark.equal import fingerprint

ROWS = pa.table({
    "report_id": ["a", "b", "b"],
    "value": pa.array([Decimal("2.0000"), None, Decimal("0.0000")], pa.decimal128(20, 4)),
    "is_total": [True, None, False],
})  # fmt: skip


def test_order_of_rows_and_columns_and_scale_do_not_count():
    other = pa.table({
        "is_total": [None, False, True],
        "report_id": ["b", "b", "a"],
        "value": pa.array([None, Decimal("0"), Decimal("2")], pa.decimal128(10, 0)),
    })  # fmt: skip
    assert fingerprint(ROWS) == fingerprint(other)


def test_the_clock_does_not_count():
    early, late = (ROWS.append_column("attempted_at", [[datetime(2026, 1, day)] * 3]) for day in (1, 2))
    assert fingerprint(early) == fingerprint(late)


@pytest.mark.parametrize(
    "other",
    [
        ROWS.slice(0, 2),
        pa.concat_tables([ROWS, ROWS.slice(2)]),
        ROWS.set_column(0, "report_id", [["a", "b", "c"]]),
        ROWS.set_column(2, "is_total", [[True, False, None]]),
        ROWS.set_column(1, "value", [[Decimal("2"), Decimal("0"), Decimal("0")]]),
        ROWS.rename_columns(["report_id", "amount", "is_total"]),
    ],
)
def test_every_difference_counts(other):
    assert fingerprint(other) != fingerprint(ROWS)


def test_a_null_is_no_empty_text_and_columns_do_not_run_together():
    assert fingerprint(pa.table({"a": [None, ""]})) != fingerprint(pa.table({"a": ["", ""]}))
    assert fingerprint(pa.table({"a": ["x"], "b": ["yz"]})) != fingerprint(pa.table({"a": ["xy"], "b": ["z"]}))

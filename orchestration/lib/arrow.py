"""Rows of the reader's contract as Arrow, the form in which they reach an engine. Knows no engine."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from extractors.records import RawTable, Row

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_TYPES = {"string": pa.string(), "int": pa.int32(), "bool": pa.bool_(), "timestamp": pa.timestamp("us")}


def of_rows(table: RawTable, rows: Sequence[Row]) -> pa.Table:
    """The rows with the columns and types of the table. Raises pyarrow.ArrowInvalid where a value is none of its type."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(table.columns)
    arrays = [pa.array(values, type=of_type(kind)) for (_, kind), values in zip(table.columns, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=[column for column, _ in table.columns])


def of_type(kind: str) -> pa.DataType:
    """The Arrow type of a type of the contract. Raises KeyError for a name that is none."""
    decimal = _DECIMAL.fullmatch(kind)
    return pa.decimal128(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[kind]

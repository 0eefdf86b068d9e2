"""The queries of README.md give the output that stands below them. `python -m tests.warehouse.test_readme FILE` writes it anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.conftest import Ran

README = Path(__file__).parents[2] / "README.md"
_QUERY = re.compile(r"```sql\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)


def shown(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The result of a query as aligned text."""
    result = connection.execute(query)
    rows = [
        [c[0] for c in result.description],
        *[["" if v is None else str(v) for v in row] for row in result.fetchall()],
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join("  ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def queries() -> Iterator[tuple[str, str]]:
    for match in _QUERY.finditer(README.read_text(encoding="utf-8")):
        yield match[1], match[2] or ""


@pytest.mark.parametrize(("query", "output"), list(queries()), ids=range(1, 6))
def test_a_query_of_the_readme(query: str, output: str, built: Ran) -> None:
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        assert shown(connection, query) == output


if __name__ == "__main__":
    with duckdb.connect(sys.argv[1], read_only=True) as warehouse:
        text = _QUERY.sub(
            lambda m: f"```sql\n{m[1]}```\n\n```text\n{shown(warehouse, m[1])}```\n", README.read_text(encoding="utf-8")
        )
    README.write_text(text, encoding="utf-8")

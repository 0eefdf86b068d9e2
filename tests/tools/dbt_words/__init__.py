"""What sqlfluff's templater needs in place of dbt: stand-ins for dbt's words and for our macros that return no text. No rule here.

A lint must not need a database or a parsed project. Macros that are text are read from dbt_project/macros as they are.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_SEED = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "panel_measures.csv"

dbt = SimpleNamespace(type_string=lambda: "varchar", type_int=lambda: "int")
target = SimpleNamespace(type="duckdb", name="duckdb")


def year_partition(**_: Any) -> dict[str, Any]:
    return {}


def in_report_years(column: str = "report_year", **_: Any) -> str:
    return f"{column} in (2019, 2020)"


invocation_id = "a-build"


def trusted_build() -> str:
    return "the-build-before"


def fingerprint(rows: str) -> str:
    return f"sum(hash({rows}))"


def in_own_years(column: str, **_: Any) -> str:
    return in_report_years(column)


def panel_measures() -> list[str]:
    with _SEED.open(encoding="utf-8", newline="") as handle:
        return list(dict.fromkeys(row["measure"] for row in csv.DictReader(handle)))


def relation_rank(relation: str) -> str:
    return f"case {relation} when 'exact' then 1 else 6 end"


def relation_name(rank: str) -> str:
    return f"case {rank} when 1 then 'exact' else 'none' end"

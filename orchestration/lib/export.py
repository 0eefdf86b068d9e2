"""The export: every mart as Parquet and CSV, and the Frictionless data package that describes them. Computes no figure.

What the package says of a table is what dbt's .yml says of it (descriptions, keys, constraints, units): there is no second
description here. `OGI_HOME/export` is a link to the folder of the last whole set, replaced in one step.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.version import reader_version
from orchestration.lib.dbt import PROJECT_DIR
from orchestration.lib.home import PROJECT, Home
from orchestration.lib.warehouse import Connection

DESCRIPTOR = "datapackage.json"
KEPT = 2  # sets on disk: the current one, and the one before for whoever is still reading it
TYPES = {
    "BIGINT": "integer", "BOOLEAN": "boolean", "DATE": "date", "DECIMAL": "number", "DOUBLE": "number",
    "INTEGER": "integer", "TIMESTAMP": "datetime", "VARCHAR": "string",
}  # fmt: skip
_REF = re.compile(r"ref\('(\w+)'\)")
_CHINESE = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")
_PACKAGE = {
    "profile": "data-package",
    "name": "ogi-warehouse",
    "title": "政府信息公开工作年度报告 · Annual reports on open government information of China's administrative organs",
    "description": "One file a mart, as CSV (UTF-8, a null is an empty field) and as Parquet. Missing is not zero: a column "
    "that ends in _missing or missing_reason says why there is no value. Leaves and totals are never in one table that adds "
    "up. 缺失不是零,原因另列;合计不计入明细。",
    "licenses": [{"name": "MIT", "title": "MIT License", "path": "https://opensource.org/license/mit"}],
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was published: its version, where, and how much."""

    version: str
    folder: Path
    tables: int
    rows: int
    size: int

    def __str__(self) -> str:
        return f"{self.tables} marts as Parquet and CSV, version {self.version}"


def write(connection: Connection, home: Home, manifest: Mapping[str, Any]) -> Exported:
    """Write every mart and the data package beside the last set, then put them in its place in one step.

    `manifest` is dbt's. A failure or a kill before the last step leaves the last set as it was. Raises KeyError for a mart
    that dbt does not describe, ValueError for a column whose type the package cannot name, OSError and duckdb.Error.
    """
    sets = home.exports
    sets.mkdir(parents=True, exist_ok=True)
    said = version(connection, home)
    fresh = Path(tempfile.mkdtemp(prefix=f".{said}-", dir=sets))
    try:
        tables = [_write_table(connection, fresh, model, manifest) for model in models(connection, manifest)]
        package = _PACKAGE | {"version": said, "sources": _sources(connection), "resources": _resources(tables)}
        text = json.dumps(package, ensure_ascii=False, indent=1)
        (fresh / DESCRIPTOR).write_text(text + "\n", encoding="utf-8")
        fresh.chmod(0o755)
        whole = fresh.rename(sets / fresh.name.removeprefix("."))
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _point(home.export, whole)
    _point(home.site / "export", home.export)  # so that the page of the site leads there, opened as a file or served
    _prune(sets, whole)
    size = sum(file.stat().st_size for file in whole.iterdir())
    return Exported(said, home.export, len(tables), sum(table["rows"] for table, _ in tables), size)


def version(connection: Connection, home: Home) -> str:
    """Sixteen hexadecimal digits over everything that the figures come from: what was collected and how each attempt ended,
    the catalogue, the declared corrections, the reader, the models and the registers. Equal inputs and code, equal version."""
    digest = hashlib.sha256(reader_version().encode())
    for row in connection.execute(_ATTEMPTS).fetchall():
        digest.update(repr(row).encode())
    for file in (home.catalogue, home.corrections):
        digest.update(file.read_bytes() if file.exists() else b"none")
    for file in sorted(_code()):
        digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _code() -> Iterator[Path]:
    yield Path(__file__)
    for folder in ("analyses", "macros", "models", "seeds"):
        yield from (file for file in (PROJECT_DIR / folder).rglob("*") if file.is_file())
    for folder in ("agencies", "auditing"):
        yield from (PROJECT / "extractors" / folder).rglob("*.csv")
    yield PROJECT_DIR / "dbt_project.yml"


def models(connection: Connection, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """dbt's node of every table of schema marts, by name. Raises KeyError for a table that dbt does not describe."""
    described = {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] == "model"}
    return [described[name] for (name,) in connection.execute(_MARTS).fetchall()]


def _write_table(
    connection: Connection, folder: Path, model: Mapping[str, Any], manifest: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two files of a mart, rows in the order of its key, and what the package says of each."""
    name = model["name"]
    schema = _schema(connection, model, manifest)
    order = ", ".join(f'"{field}"' for field in schema.get("primaryKey", ())) or "all"
    rows = connection.sql(f'select * from marts."{name}" order by {order}')
    rows.write_csv(str(folder / f"{name}.csv"))
    rows.write_parquet(str(folder / f"{name}.parquet"), compression="zstd")
    (count,) = connection.execute(f'select count(*) from marts."{name}"').fetchall()[0]
    text = _words(model["description"])
    table = {
        "name": name, "type": "table", "profile": "tabular-data-resource", **text,
        **_file(folder / f"{name}.csv", "csv", "text/csv"), "encoding": "utf-8",
        "dialect": {"delimiter": ",", "doubleQuote": True, "header": True}, "rows": count, "schema": schema,
    }  # fmt: skip
    packed = {
        "name": f"{name}_parquet", "type": "file", **text,
        **_file(folder / f"{name}.parquet", "parquet", "application/vnd.apache.parquet"),
    }  # fmt: skip
    return table, packed


def _file(path: Path, kind: str, mediatype: str) -> dict[str, Any]:
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return {
        "path": path.name, "format": kind, "mediatype": mediatype, "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
    }  # fmt: skip


def _schema(connection: Connection, model: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Table Schema of a mart: types from the table, everything else from dbt's .yml and its tests."""
    tests = [
        node for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("attached_node") == model["unique_id"] and "test_metadata" in node
    ]  # fmt: skip
    units = dict(connection.execute("select measure, unit from marts.dim_measure").fetchall())
    fields = [
        _field(name, kind, model["columns"][name], tests, units)
        for name, kind in connection.execute(_COLUMNS, [model["name"]]).fetchall()
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if key := next((_columns(t) for t in tests if _kind(t) == "unique_combination"), None) or next(
        ([t["column_name"]] for t in tests if _kind(t) == "unique"), None
    ):
        schema["primaryKey"] = key
    if foreign := sorted(_foreign_keys(tests), key=lambda found: found["fields"]):
        schema["foreignKeys"] = foreign
    return schema


def _field(
    name: str, kind: str, column: Mapping[str, Any], tests: Iterable[Mapping[str, Any]], units: Mapping[str, str]
) -> dict[str, Any]:
    base = kind.split("(")[0]
    if base not in TYPES:
        raise ValueError(f"column {name} is of type {kind}, which the data package has no name for: {sorted(TYPES)}")
    own = [test for test in tests if test["column_name"] == name and not test["config"].get("where")]
    constraints: dict[str, Any] = {}
    if any(c["type"] == "not_null" for c in column["constraints"]) or any(_kind(t) == "not_null" for t in own):
        constraints["required"] = True
    if any(_kind(test) == "unique" for test in own):
        constraints["unique"] = True
    for test in own:
        if _kind(test) == "accepted_values":
            constraints["enum"] = test["test_metadata"]["kwargs"]["values"]
    said = column["config"].get("meta", {})
    measure = name.removesuffix("_corrected")
    unit = (
        {"unit": units[measure]}
        if measure in units
        else {key: said[key] for key in ("unit", "unitField") if key in said}
    )
    field = {"name": name, "type": TYPES[base], **_words(column["description"]), **unit}
    return field | ({"constraints": constraints} if constraints else {})


def _words(description: str) -> dict[str, str]:
    """The description as dbt has it, in English with the Chinese term; the term is the title."""
    text = " ".join(description.split())
    found = _CHINESE.search(text)
    return ({"title": found[1]} if found else {}) | {"description": text}


def _kind(test: Mapping[str, Any]) -> str:
    return str(test["test_metadata"]["name"])


def _columns(test: Mapping[str, Any]) -> list[str]:
    return list(test["test_metadata"]["kwargs"]["columns"])


def _foreign_keys(tests: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What dbt tests as a relationship to another mart; one with a condition is not a key of the whole table."""
    for test in tests:
        said = test["test_metadata"]["kwargs"]
        if _kind(test) == "relationships" and not test["config"].get("where"):
            to = _REF.search(said["to"])
            if to and (PROJECT_DIR / "models" / "marts" / f"{to[1]}.sql").exists():
                yield {"fields": [test["column_name"]], "reference": {"resource": to[1], "fields": [said["field"]]}}


def _sources(connection: Connection) -> list[dict[str, str]]:
    (count,) = connection.execute("select count(*) from raw.sources").fetchall()[0]
    return [
        {
            "title": f"政府信息公开工作年度报告 · {count} sources of the catalogue; the address and the sha256 of each report "
            "are in fct_report (location, sha256), the outcome of each source in coverage"
        }
    ]


def _resources(tables: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    return [resource for pair in zip(*tables, strict=True) for resource in pair]


def _point(link: Path, target: Path) -> None:
    """Make `link` a relative link to `target`, in one step. A folder in its place (a copied home) makes room first."""
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(target, link.parent))
    fresh.replace(link)


def _prune(sets: Path, current: Path) -> None:
    """Remove old sets, and what a killed run left behind."""
    others = sorted((s for s in sets.iterdir() if s != current), key=lambda s: s.stat().st_mtime, reverse=True)
    whole = [s for s in others if not s.name.startswith(".")]
    for old in [*whole[KEPT - 1 :], *(s for s in others if s.name.startswith("."))]:
        shutil.rmtree(old)


_MARTS = "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
_COLUMNS = """
    select column_name, data_type from information_schema.columns
    where table_schema = 'marts' and table_name = ? order by ordinal_position
"""
_ATTEMPTS = """
    select source_id, step, reason, sha256 from raw.outcomes
    qualify row_number() over (partition by source_id, step order by attempted_at desc) = 1 order by source_id, step
"""

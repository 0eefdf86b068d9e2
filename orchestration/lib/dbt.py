"""dbt as this project runs it: where it lives, its manifest, its command. No model and no asset."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, DbtCliResource
from packaging.version import Version

from orchestration.lib import engine, lineage, preview, raw_tables
from orchestration.lib.home import PROJECT, Home
from orchestration.lib.policy import OWNERS
from orchestration.lib.warehouse import Warehouse

PROJECT_DIR = PROJECT / "dbt_project"
EXECUTABLE = Path(sys.executable).parent / "dbt"
MANIFEST = PROJECT_DIR / "target" / "manifest.json"
_WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")  # examples, which `make test` runs; not about this data


class DbtParseFailed(Exception):
    """dbt cannot parse the project; carries what dbt says."""


class BuildFailed(Exception):
    """dbt could not build on Spark; says which models failed and why. The stacks of Spark's machines are in the log."""


def manifest() -> Path:
    """The project's manifest, parsed first when it is missing or older than the project. Raises DbtParseFailed.

    Everything that loads the definitions needs it. Looking at the dates costs milliseconds; `prepare_if_dev` would cost
    a `dbt --version` and a `dbt parse` in every process.
    """
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _last_change():
        _parse()
    return MANIFEST


def described() -> dict[str, Any]:
    """The manifest's content: models, their columns and tests, as dbt understands them. Raises DbtParseFailed."""
    return dict(json.loads(manifest().read_text(encoding="utf-8")))


def _last_change() -> float:
    """Folders count too: a file that was removed leaves no other trace."""
    made = {PROJECT_DIR / "target", PROJECT_DIR / "logs"}
    times = []
    for folder, folders, files in os.walk(PROJECT_DIR):
        folders[:] = [f for f in folders if Path(folder, f) not in made]
        times += [Path(folder, f).stat().st_mtime for f in (*files, *folders)]
    return max(times)


def _parse() -> None:
    with tempfile.TemporaryDirectory() as target, _environment(":memory:", engine.DUCKDB):
        ended = subprocess.run(
            [EXECUTABLE, "--quiet", "parse", "--target-path", target, "--log-path", target,
             "--project-dir", PROJECT_DIR, "--profiles-dir", PROJECT_DIR],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ended.returncode:
            raise DbtParseFailed(ended.stdout + ended.stderr)
        MANIFEST.parent.mkdir(exist_ok=True)
        fresh = MANIFEST.with_suffix(f".{os.getpid()}")
        shutil.copyfile(Path(target, "manifest.json"), fresh)
        fresh.replace(MANIFEST)  # several processes may load the definitions at once


@contextmanager
def _environment(work_db: str, target: str) -> Iterator[None]:
    """What profiles.yml reads, for the processes that are started inside; put back afterwards."""
    wanted = {
        "OGI_WORK_DB": work_db, "OGI_ENGINE": target, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Dbt(DbtCliResource):
    """The dbt command over the work database of OGI_HOME."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))  # asking `dbt --version` takes seconds and looks up the network

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:
        """None: rows are counted through the warehouse's own door, so no second connection stays open in this process."""

    def cli(self, *args: Any, target: str | None = None, **kwargs: Any) -> DbtCliInvocation:
        """`target` is an engine; without it the one that OGI_ENGINE chooses."""
        home = Home.from_env().prepare()
        chosen = target or engine.name()
        with _environment(str(home.work_db), chosen):
            return super().cli(*args, **{"target_path": home.dbt_target / chosen, **kwargs})


class Translator(DagsterDbtTranslator):
    """Models and seeds are assets [schema, name]; a source is the raw asset that writes it."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        return OWNERS


def build(dbt: Dbt, warehouse: Warehouse, context: dg.AssetExecutionContext) -> Iterator[Any]:
    """One `dbt build`: its events, with what the tables hold now. Raises what dagster-dbt raises, after the events.

    The events wait until dbt has ended, because until then the database is dbt's.
    """
    run = _on_spark if engine.is_spark() else _here
    started, events, failure = run(dbt, warehouse, context)
    compiled = lineage.compiled(started.manifest, started.target_path)
    with warehouse.read() as connection:
        known = lineage.tables(connection)
        for event in events:
            if isinstance(event, dg.Output):
                schema, table = context.asset_key_for_output(event.output_name).path
                described = preview.describe(connection, schema, table, _descriptions(context, schema, table))
                if (schema, table) in compiled:  # a seed has no SQL
                    described[lineage.LINEAGE] = dg.MetadataValue.column_lineage(
                        lineage.of(compiled[schema, table].read_text(encoding="utf-8"), known)
                    )
                context.add_output_metadata(described, output_name=event.output_name)
            yield event
    if failure is not None:
        raise failure


_Ended = tuple[DbtCliInvocation, list[Any], Exception | None]
"""A command that has ended, its events, and why it failed."""


def _here(dbt: Dbt, _: Warehouse, context: dg.AssetExecutionContext) -> _Ended:
    return _ended(dbt.cli(["build", *_WITHOUT_UNIT_TESTS], context=context))


def _on_spark(dbt: Dbt, warehouse: Warehouse, context: dg.AssetExecutionContext) -> _Ended:
    """The models there, then the tests here, over the rows that came from there.

    These are the rows that are checked and published, and Spark plans each of the 400 tests for longer than it takes to run. Of a
    build that failed there, nothing comes here.
    """
    _give(warehouse, context)
    made, events, failure = _ended(
        dbt.cli(["build", *_WITHOUT_UNIT_TESTS, "--exclude-resource-type", "test"], context=context)
    )
    if failure is not None:
        return made, [], BuildFailed(_named(str(failure)))
    _take(dbt, warehouse, made.manifest, [e for e in events if isinstance(e, dg.Output)], context)
    _, tested, failure = _ended(dbt.cli(["test", *_WITHOUT_UNIT_TESTS], target=engine.DUCKDB, context=context))
    return made, events + tested, failure


def _named(said: str) -> str:
    """Which models failed and why, in a line."""
    from orchestration.lib import lake

    models = list(dict.fromkeys(re.findall(r"in (?:model|seed) (\w+) \(", said)))
    where = f" in {', '.join(models[:3])}" if models else ""
    more = f" and {len(models) - 3} more" if len(models) > 3 else ""
    return f"dbt failed on Spark{where}{more}: {lake.in_a_line(said)}"


def _ended(started: DbtCliInvocation) -> _Ended:
    events: list[Any] = []
    try:
        for event in started.stream():
            events.append(event)
    except Exception as error:  # noqa: BLE001  raised again by `build`, after the events
        return started, events, error
    return started, events, None


def _give(warehouse: Warehouse, context: dg.AssetExecutionContext) -> None:
    """Before dbt runs on Spark: every raw table is there as the work database has it, and nothing in the way of what is made."""
    from orchestration.lib import lake  # here: only those who have a cluster need its client

    with warehouse.write() as connection, lake.connect() as connected:
        raw_tables.create(connection)
        connected.mend(connection, {tuple(key.path) for key in context.selected_asset_keys})
        connected.push(connection)


def _take(
    dbt: Dbt, warehouse: Warehouse, project: Mapping[str, Any], made: Sequence[dg.Output[Any]],
    context: dg.AssetExecutionContext,
) -> None:  # fmt: skip
    """After dbt ran on Spark: what it made, in the work database, where tests, checks, pages and publication find it.

    A table is copied; a view is a definition, and the same models define it there.
    """
    from orchestration.lib import lake

    nodes = project["nodes"].values()
    views = {(n["schema"], n["name"]) for n in nodes if n["config"].get("materialized") == "view"}
    keys = [tuple(context.asset_key_for_output(output.output_name).path) for output in made]
    with lake.connect() as connected:
        for schema, table in keys:
            if (schema, table) not in views:
                with warehouse.write() as connection:
                    connected.pull(connection, schema, table)
    defined = sorted(table for key in keys if key in views for table in key[1:])
    if defined:
        dbt.cli(["run", "--select", " ".join(defined)], target=engine.DUCKDB).wait()


def _descriptions(context: dg.AssetExecutionContext, schema: str, table: str) -> dict[str, str]:
    """What the columns of a model mean, as its .yml says: the definition has them, the table only the types."""
    said = context.assets_def.metadata_by_key.get(dg.AssetKey([schema, table]), {}).get(preview.COLUMNS)
    columns = said.columns if isinstance(said, dg.TableSchema) else []
    return {column.name: column.description for column in columns if column.description}


def docs(dbt: Dbt, site: Path) -> Path:
    """The documentation of the models as one file that opens without a server. Returns its path."""
    target = Home.from_env().dbt_target / engine.DUCKDB
    dbt.cli(["docs", "generate", "--static", "--no-compile"], target=engine.DUCKDB).wait()
    page = site / "dbt" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(target / "static_index.html", page)
    return page

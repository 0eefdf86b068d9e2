"""What others rely on: asset keys, descriptions, owners, the one writer, the boundaries between packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from extractors.forms.catalogue import default
from orchestration.definitions import defs as load
from orchestration.lib.home import PROJECT, Home
from orchestration.lib.identity_checks import RESULTS, families
from orchestration.lib.policy import WRITER_POOL

KEYS = Path(__file__).with_name("asset_keys.txt")


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return load()


@pytest.fixture(scope="module")
def specs(defs) -> list[dg.AssetSpec]:
    return list(defs.resolve_all_asset_specs())


def test_asset_keys_are_those_that_others_rely_on(specs):
    found = "".join(f"{key}\n" for key in sorted(spec.key.to_user_string() for spec in specs))
    if not KEYS.exists():
        KEYS.write_text(found, encoding="utf-8")
        pytest.fail(f"{KEYS} was missing and has been written: look at it and commit it")
    assert found == KEYS.read_text(encoding="utf-8"), "keys are a promise: change them only with a new version"


def test_every_asset_says_what_it_is_and_whose(specs):
    for spec in specs:
        name = spec.key.to_user_string()
        assert spec.description, name
        assert "grain" in spec.description.lower() or spec.key.path[-1] in ("crosswalk", "years"), name
        assert spec.owners == ["team:warehouse"], name
        assert spec.kinds, name
        assert len(spec.key.path) == 2, name


def test_groups_tell_the_story(specs):
    assert {spec.group_name for spec in specs} == {
        "archive", "raw", "staging", "intermediate", "marts", "quality", "published"
    }  # fmt: skip


def test_the_graph_is_connected(defs):
    """From the catalogue to the published file: nothing that dbt reads comes from nowhere."""
    graph = defs.resolve_asset_graph()
    roots = {key.to_user_string() for key in graph.root_materializable_asset_keys}
    folders = (PROJECT / "dbt_project" / "seeds", PROJECT / "extractors" / "agencies")
    seeds = {f"staging/{seed.stem}" for folder in folders for seed in folder.glob("*.csv")}
    assert roots == {"raw/sources"} | seeds | {
        f"raw/{table}"
        for table in (
            "forms",
            "form_lines",
            "form_columns",
            "form_cells",
            "identities",
            "identity_terms",
            "comparison_terms",
        )
    }
    assert not graph.external_asset_keys
    published = dg.AssetSelection.assets(["published", "warehouse"]).upstream().resolve(graph)
    assert {key.path[0] for key in published} == {"raw", "staging", "intermediate", "marts", "quality", "published"}


def test_every_step_that_opens_the_warehouse_is_in_the_writers_pool(defs):
    job = defs.resolve_job_def("refresh_all")
    pools = {node.name: node.definition.pool for node in job.graph.nodes}
    assert len(pools) > 10
    assert {name: pool for name, pool in pools.items() if pool != WRITER_POOL} == {}


def test_the_pool_has_a_limit_and_nothing_is_sent_home(tmp_path, monkeypatch):
    home = Home(tmp_path, tmp_path / "catalog.csv").prepare()
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        assert instance.get_settings("concurrency") == {"pools": {"default_limit": 1, "granularity": "op"}}
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.get_settings("retention")
    (home.dagster / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    home.prepare()
    assert "concurrency" not in (home.dagster / "dagster.yaml").read_text(encoding="utf-8"), "an edited file is kept"


def test_jobs_run_in_process(defs):
    for name in ("refresh_all", "refresh_year", "audit_only", "publish"):
        assert defs.resolve_job_def(name).executor_def is dg.in_process_executor, name
    assert defs.executor is dg.in_process_executor


def test_there_is_one_check_an_identity_and_one_multi_check_a_family(defs):
    graph = defs.resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys if key.asset_key == RESULTS}
    assert {identity.code for identity in default().identities} <= names
    steps = {node.name for node in defs.resolve_job_def("refresh_all").graph.nodes}
    assert {f"identities_{family}" for family in families(default())} <= steps


def test_only_promises_of_ours_block(defs):
    graph = defs.resolve_asset_graph()
    blocking = {key.name for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    ours = {
        "counts_reconcile", "results_equal_index", "keys_are_known", "reader_did_not_fail", "no_figure_is_lost",
        "certified_reports_keep_every_hard_identity", "violations_by_form_within_bound",
        "violations_by_publisher_within_bound", "violations_by_format_within_bound",
    }  # fmt: skip
    assert ours <= blocking
    assert blocking.isdisjoint(i.code for members in families(default()).values() for i in members)


def test_no_mart_is_built_before_the_identities_are_judged(defs):
    """The step that builds the marts waits for every blocking check on the identities; the one that publishes for all."""
    plan = defs.resolve_job_def("refresh_all")
    names = {
        node.name: {
            output.node.name
            for outputs in plan.graph.dependency_structure.input_to_upstream_outputs_for_node(node.name).values()
            for output in outputs
        }
        for node in plan.graph.nodes
    }
    assert "before_marts" in names["marts"]
    assert {"before_marts", "before_publication"} <= names["published__warehouse"]
    graph = defs.resolve_asset_graph()
    judged = defs.resolve_assets_def(RESULTS).keys
    built = {key for key in graph.materializable_asset_keys if key.path[0] == "marts"}
    assert built
    assert not built & judged


def test_loading_the_definitions_imports_neither_great_expectations_nor_the_parsers():
    code = (
        "import sys; from orchestration.definitions import defs; defs(); "
        "print(sorted({'great_expectations', 'pandas', 'pdfplumber', 'mammoth', 'bs4'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "command", [["dagster", "definitions", "validate", "-w", "workspace.yaml"], ["dg", "check", "defs"]]
)
def test_dagsters_own_validation(command, tmp_path):
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [tool, *command[1:]],
        cwd=PROJECT, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "DAGSTER_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_boundaries():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_unit_tests_start_no_dagster():
    """So that they stay quick, and say that the reader needs none."""
    collect = "import sys, pytest; pytest.main(['tests/unit', '-q', '--collect-only', '-p', 'no:cacheprovider']); sys.exit('dagster' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", collect], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "tests/unit/test_read.py" in done.stdout
    assert done.returncode == 0, "a test of tests/unit imports dagster"

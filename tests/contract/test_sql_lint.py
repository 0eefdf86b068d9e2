"""The SQL of the models and the analyses keeps to dbt_project/.sqlfluff, and the lint sees every file as SQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.lib.home import PROJECT

SQL = [path for folder in ("models", "analyses") for path in (PROJECT / "dbt_project" / folder).rglob("*.sql")]


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sqlfluff", "lint", "--config", "dbt_project/.sqlfluff", "--disable-progress-bar"]
    return subprocess.run(
        [*command, "--format", "github-annotation-native", *map(str, paths)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_sql_is_clean():
    assert len(SQL) > 70
    done = lint(PROJECT / "dbt_project" / "models", PROJECT / "dbt_project" / "analyses")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("LT01", "select report_id , agency_id from reports\n"),
        ("CP01", "SELECT report_id from reports\n"),
        ("PRS", "select report_id from from reports\n"),
        ("TMP", "select {{ no_such_macro() }} from reports\n"),
    ],
)
def test_the_lint_notices(rule, sql, tmp_path):
    (tmp_path / "model.sql").write_text(sql, encoding="utf-8")
    done = lint(tmp_path / "model.sql")
    assert done.returncode != 0
    assert rule in done.stdout

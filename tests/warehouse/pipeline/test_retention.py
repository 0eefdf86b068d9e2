"""Old runs go with their events; young and unfinished ones stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration import retention


@dg.op
def nothing() -> None:
    """A step."""


@dg.job
def job() -> None:
    """A run of one step."""
    nothing()


def test_old_runs_are_pruned_with_their_events(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        done = [job.execute_in_process(instance=instance).run_id for _ in range(3)]
        waiting = instance.create_run_for_job(job).run_id
        yesterday = datetime.now(UTC) - timedelta(days=1)
        assert retention.prune(instance, yesterday) == 0
        assert instance.get_records_for_run(done[0]).records

        assert retention.prune(instance, datetime.now(UTC) + timedelta(minutes=1)) == 3
        assert instance.get_run_ids() == [waiting]
        assert not instance.get_records_for_run(done[0]).records


def test_a_home_where_nothing_ran_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OGI_HOME", str(tmp_path / "none"))
    assert retention.main([]) == 1
    assert "Nothing ran yet" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()

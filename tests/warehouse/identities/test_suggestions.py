"""quality.suggestions: what it holds for the samples, which reports are solved again, and that nothing reported changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orchestration.lib import suggestions
from orchestration.lib.warehouse import Connection

GUYUAN = """
    select suggested_value, kind, is_unique, identities, reported_value, missing_reason, address
    from quality.suggestions inner join raw.readings using (report_id)
    where source_id = 'guyuan-2019' and line_code = 'processed.total' and column_code = 'natural'
"""
ROWS = "from quality.suggestions order by all"
REPORT = "(select report_id from raw.readings where source_id = ?)"


def facts(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("from raw.facts order by all").fetchall()


def test_the_missing_total_of_guyuan_is_implied_and_says_by_which_identities(audited):
    with audited.read() as connection:
        (found,) = connection.execute(GUYUAN).fetchall()
    assert found[:3] == (Decimal(33), "implied", True)
    assert set(found[3].split()) == {"t3_flow[natural]", "t3_processed[natural]", "t3_row_total[processed.total]"}
    assert found[4] is None
    assert found[5] in ("ambiguous", "absent", "illegible", "blank")
    assert found[6]


def test_a_violation_with_two_explanations_is_not_unique(audited):
    with audited.read() as connection:
        sets = connection.execute(
            "select set_number, count(*), bool_or(is_unique) from quality.suggestions inner join raw.readings using "
            "(report_id) where source_id = 'guyuan-2019' and form_table = 'four' group by all order by all"
        ).fetchall()
    assert sets == [(1, 1, False), (2, 2, False)]


def test_reported_values_never_change_and_unchanged_reports_are_not_solved_again(audited, monkeypatch):
    monkeypatch.setattr(suggestions, "solve", lambda report: pytest.fail(f"{report.report_id} was solved again"))
    with audited.write() as connection:
        before = facts(connection), connection.execute(ROWS).fetchall()
        counts = suggestions.refresh(connection)
        assert (counts.asked, counts.unchanged) == (0, 3)
        assert (facts(connection), connection.execute(ROWS).fetchall()) == before


def test_only_a_changed_report_is_solved_again(audited, change):
    change(
        f"update raw.facts set reported_value = 12 where report_id = {REPORT} and line_code = 'replies.total' "
        "and column_code = 'year'",
        ["yanping-2018"],
    )
    change("update raw.read_inputs set input_key = 'other' where source_id = 'yanping-2018'")
    with audited.write() as connection:
        kept = connection.execute(f"select * from ({ROWS}) where form_id <> 'local_fujian'").fetchall()
        counts = suggestions.refresh(connection)
        assert (counts.asked, counts.unchanged) == (1, 2)
        assert connection.execute(f"select * from ({ROWS}) where form_id <> 'local_fujian'").fetchall() == kept
        found = connection.execute(
            "select reported_value, suggested_value, cause from quality.suggestions where form_id = 'local_fujian' "
            "and line_code = 'replies.total' and column_code = 'year' and set_number = 1"
        ).fetchall()
    assert found == [(12, 2, "digit doubled")]


def test_a_report_that_closed_leaves_no_row(audited, change):
    change("update quality.fct_identity_results set verdict = 'holds' where form_id = 'local_fujian'")
    with audited.write() as connection:
        assert suggestions.refresh(connection).unchanged == 2
        assert connection.execute(
            "select count(*) from quality.suggestions where form_id = 'local_fujian'"
        ).fetchone() == (0,)


def test_soft_identities_are_not_solved(audited, change):
    change("update quality.fct_identity_results set severity = 'S'")
    with audited.write() as connection:
        assert suggestions.refresh(connection) == suggestions.Counts(0, 0, 0)


def test_many_reports_are_solved_by_processes_to_the_same_rows(audited, change, monkeypatch):
    monkeypatch.setattr(suggestions, "INLINE", 0)
    with audited.write() as connection:
        before = connection.execute(ROWS).fetchall()
        connection.execute("delete from raw.suggestion_inputs")
        assert suggestions.refresh(connection).asked == 3
        assert connection.execute(ROWS).fetchall() == before


def test_a_figure_copied_from_last_year_is_named(audited, change):
    """The report of the year before says 12 in the same cell, and no slip of the pen explains 12 for 2 + 5."""
    own = f"where report_id = {REPORT} and line_code = 'replies.total' and column_code = 'year'"
    change(f"update raw.facts set reported_value = 45 {own}", ["yanping-2018"])
    change(
        f"insert into raw.facts select * replace ('earlier' as report_id, 2017 as report_year) from raw.facts {own}",
        ["yanping-2018"],
    )
    change(
        "insert into intermediate.int_reports select * replace ('earlier' as report_id, 2017 as report_year) "
        f"from intermediate.int_reports where report_id = {REPORT}",
        ["yanping-2018"],
    )
    change("delete from raw.suggestion_inputs")
    with audited.write() as connection:
        suggestions.refresh(connection)
        found = connection.execute(
            "select reported_value, suggested_value, cause from quality.suggestions where form_id = 'local_fujian' "
            "and set_number = 1"
        ).fetchall()
    assert found == [(45, 2, "copied from last year")]

"""Declared corrections in the pipeline: checked against what was read, and refused whole."""

from __future__ import annotations

import pytest

from extractors import samples
from extractors.auditing.corrections import COLUMNS, CorrectionsError
from orchestration.lib import corrections

ROW = "guyuan-2019,national_2019,four,litigation.after_review,total,{},replace,2,reason,evidence,{},a person"


def declared(tmp_path, *rows):
    path = tmp_path / "corrections.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return path


def test_the_bundled_corrections_find_what_they_expect(audited):
    with audited.write() as connection:
        assert corrections.refresh(connection, samples.FOLDER / "corrections.csv") == {"proposed": 1}
        assert connection.execute(
            "select reported_value, corrected_value, is_applied, evidence_url like 'reports/%' from quality.corrections"
        ).fetchall() == [(0, 2, False, True)]
        assert connection.execute(
            "select count(*) from intermediate.int_corrected_facts where is_corrected"
        ).fetchone() == (0,)


def test_an_accepted_correction_stands_beside_the_reported_value(audited, tmp_path):
    with audited.write() as connection:
        corrections.refresh(connection, declared(tmp_path, ROW.format(0, "accepted")))
        found = connection.execute(
            "select declared_at, report_id is not null, corrected_value from raw.corrections where status = 'accepted'"
        ).fetchall()
        reported = connection.execute(
            "select reported_value from raw.facts where line_code = 'litigation.after_review' and column_code = 'total' "
            "and report_id = (select report_id from raw.corrections)"
        ).fetchall()
    assert found == [("corrections.csv:2", True, 2)]
    assert reported == [(0,)], "reported values never change"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            ROW.format(5, "accepted"),
            "corrections.csv:2: expects 5 in litigation.after_review x total, the report says 0",
        ),
        (
            ROW.format(0, "accepted").replace("guyuan-2019", "guyuan-1919"),
            "corrections.csv:2: no report was read from source",
        ),
        (ROW.format(0, "accepted").replace("total", "sum"), "corrections.csv:2: national_2019 table four has no cell"),
    ],
)
def test_a_correction_that_does_not_fit_changes_nothing(audited, tmp_path, row, words):
    with audited.read() as connection:
        before = connection.execute("from raw.corrections").fetchall()
    with pytest.raises(CorrectionsError, match=words), audited.write() as connection:
        corrections.refresh(connection, declared(tmp_path, row))
    with audited.read() as connection:
        assert connection.execute("from raw.corrections").fetchall() == before

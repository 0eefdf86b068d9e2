"""Bad input: a bad document is an outcome with a reason and the run goes on; a bad catalogue is refused before a byte is written."""

from __future__ import annotations

import hashlib
import shutil

import duckdb
import pytest

from extractors import samples
from extractors.fetching.archive import Archive
from tests.samples_builder import bad

HEADER = "source_id,agency_name,agency_kind,region_code,scope,report_year,location\n"
DOCUMENTS = {
    "empty": b"",
    "white_space": bad.white_space(),
    "rubbish": bad.binary_rubbish(),
    "no_report": bad.page_that_is_no_report(),
    "undecodable": bad.mixed_encodings(),
    "encrypted": bad.encrypted_pdf(),
    "scanned": bad.scanned_pdf(),
    "truncated_pdf": bad.truncated_pdf(),
    "zip": bad.zip_that_is_no_docx(),
    "old_word": bad.old_word(),
}
EXPECTED = {
    "missing": ("archive", "failed", "missing_file"),
    "folder": ("archive", "failed", "missing_file"),
    "empty": ("archive", "failed", "empty"),
    "dots": ("archive", "failed", "unsafe_location"),
    "absolute": ("archive", "failed", "unsafe_location"),
    "link": ("archive", "failed", "unsafe_location"),
    "address": ("archive", "failed", "unsupported_location"),
    "white_space": ("read", "quarantined", "empty"),
    "rubbish": ("read", "quarantined", "unknown_type"),
    "no_report": ("read", "quarantined", "not_a_report"),
    "undecodable": ("read", "quarantined", "undecodable"),
    "encrypted": ("read", "quarantined", "encrypted"),
    "scanned": ("read", "quarantined", "no_text_layer"),
    "truncated_pdf": ("read", "quarantined", "damaged"),
    "zip": ("read", "quarantined", "unknown_type"),
    "old_word": ("read", "quarantined", "unknown_type"),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory, pipeline):
    """A catalogue of every kind of bad source, with one good report among them."""
    folder = tmp_path_factory.mktemp("faults")
    outside = folder / "outside.txt"
    outside.write_text("a secret", encoding="utf-8")
    inside = folder / "inside"
    inside.mkdir()
    (inside / "folder").mkdir()
    (inside / "link").symlink_to(outside)
    locations = {
        "missing": "nowhere.html", "folder": "folder", "dots": "../outside.txt", "absolute": str(outside),
        "link": "link", "address": "ftp://example.org/report.html",
    }  # fmt: skip
    for name, data in DOCUMENTS.items():
        (inside / name).write_bytes(data)
        locations[name] = name
    shutil.copyfile(samples.FOLDER / "yanping-2018.txt", inside / "good.txt")
    rows = [f"{name},,,,,,{location}\n" for name, location in locations.items()]
    rows.insert(5, "good,南平市延平区人民政府办公室,,350702,,2018,good.txt\n")
    (inside / "catalog.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    return pipeline(folder / "home", inside / "catalog.csv")


@pytest.fixture(scope="module")
def outcomes(ran):
    with duckdb.connect(str(ran.home.published_db), read_only=True) as connection:
        rows = connection.execute("select source_id, step, status, reason, detail from raw.outcomes").fetchall()
    return {(source, step): (status, reason, detail) for source, step, status, reason, detail in rows}


def test_the_run_goes_on_to_the_good_report(ran):
    assert ran.status == 0, ran.said
    assert "1 of 17 sources" in ran.said
    with duckdb.connect(str(ran.home.published_db), read_only=True) as connection:
        assert connection.execute("select source_id from marts.fct_report").fetchall() == [("good",)]


@pytest.mark.parametrize("source", sorted(EXPECTED))
def test_each_bad_source_is_an_outcome_with_its_reason(source, outcomes, ran):
    step, status, reason = EXPECTED[source]
    assert outcomes[source, step][:2] == (status, reason)
    assert outcomes[source, step][2], "the detail says what was found"
    assert f"{source}: {reason}" in ran.said


def test_every_source_has_an_outcome_a_step(outcomes):
    assert {source for source, step in outcomes if step == "archive"} == {*EXPECTED, "good"}
    archived = {
        source for (source, step), (status, *_) in outcomes.items() if (step, status) == ("archive", "archived")
    }
    assert {source for source, step in outcomes if step == "read"} == archived


def test_what_lies_outside_was_not_archived(ran):
    archived = Archive(ran.home.archive)
    assert list(archived.sha256s()), "an empty archive would prove nothing"
    assert hashlib.sha256(b"a secret").hexdigest() not in archived


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEADER.replace("scope,", "") + "a,,,,2020,a.txt\n", 1, "column missing: scope"),
        (HEADER + "a,,,,,2020,a.txt\na,,,,,2021,b.txt\n", 3, "duplicate source_id 'a'"),
        (HEADER + "a,,,,,2020,a.txt\nb,,,,,MMXX,b.txt\n", 3, "bad report_year 'MMXX'"),
        (HEADER, 0, "no source"),
    ],
)
def test_a_bad_catalogue_is_refused_before_anything_is_written(tmp_path, pipeline, text, line, says):
    catalogue = tmp_path / "catalog.csv"
    catalogue.write_text(text, encoding="utf-8")
    ran = pipeline(tmp_path / "home", catalogue)
    assert ran.status == 2
    assert says in ran.said
    assert f"{catalogue}:{line}:" in ran.said if line else str(catalogue) in ran.said
    assert len(ran.said.splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_a_catalogue_that_went_bad_changes_nothing(built, pipeline, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in built.home.root.rglob("*") if p.is_file()}
    assert pipeline(built.home.root, tmp_path / "no such catalogue.csv").status == 2
    assert {p: p.stat().st_mtime_ns for p in built.home.root.rglob("*") if p.is_file()} == before

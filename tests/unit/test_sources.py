"""The catalogue of sources: what it accepts, and that every refusal names the file and the line. Nothing is fetched here."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import samples
from extractors.errors import CatalogueError
from extractors.sources import COLUMNS, FIRST_YEAR, LAST_YEAR, SCOPES, Source, load

HEADER = ",".join(COLUMNS)
GOOD = "a,某市人民政府,,511000,territory,2020,a.html"


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "catalog.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_a_row_becomes_a_source_that_knows_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, " b , , ,,,, https://example.org/b.html ")
    assert load(path) == (
        Source("a", "某市人民政府", "", "511000", "territory", 2020, "a.html", 2),
        Source("b", "", "", "", "", None, "https://example.org/b.html", 3),
    )


def test_a_byte_order_mark_and_more_columns_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.write_text(f"{HEADER},remark\n{GOOD},seen\n", encoding="utf-8-sig")
    assert [s.source_id for s in load(path)] == ["a"]


def test_only_a_line_end_ends_a_row(tmp_path: Path) -> None:
    path = written(tmp_path, "a,某市\u2028人民政府,,,,2020,a.html", "b,,,,,20,b.html")
    with pytest.raises(CatalogueError, match=":3: bad report_year '20'"):
        load(path)


def test_the_bundled_catalogue_names_only_files_that_exist() -> None:
    sources = load(samples.CATALOGUE)
    assert len(sources) == 8
    assert [s.location for s in sources if not (samples.FOLDER / s.location).is_file()] == []


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ([GOOD, "a,,,,,,b.html"], 3, "duplicate source_id 'a' (first on line 2)"),
        ([GOOD, ",,,,,,b.html"], 3, "source_id is empty"),
        ([GOOD, "b,,,,,,"], 3, "location is empty"),
        (["a,,,,,20x9,a.html"], 2, "bad report_year '20x9'"),
        (["a,,,,,2007,a.html"], 2, "bad report_year '2007'"),
        (["a,,,,,２０２０,a.html"], 2, "bad report_year"),
        (["a,,,51100,,2020,a.html"], 2, "region_code must be 6, 9 or 12 digits, found '51100'"),
        (["a,,,5110o0,,2020,a.html"], 2, "region_code"),
        (["a,,,,city,2020,a.html"], 2, "unknown scope 'city' (expected one of organ, office"),
        (["a,,,,2020,a.html"], 2, "number of cells differs from the header"),
        ([GOOD, "b,,,,,2020,b.html,more"], 3, "number of cells differs from the header"),
        (['a,"某市\n人民政府",,,,2020,a.html', "b,,,,,1999,b.html"], 4, "bad report_year '1999'"),
        (['a,"某市,,,,2020,a.html'], 2, "unexpected end of data"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(tmp_path: Path, rows: list[str], line: int, words: str) -> None:
    path = written(tmp_path, *rows)
    with pytest.raises(CatalogueError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert words in str(refused.value)


@pytest.mark.parametrize("missing", COLUMNS)
def test_a_missing_column_is_named(tmp_path: Path, missing: str) -> None:
    path = written(tmp_path, header=",".join(c for c in COLUMNS if c != missing))
    with pytest.raises(CatalogueError, match=f":1: column missing: {missing} "):
        load(path)


def test_an_empty_file_lacks_every_column(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.touch()
    with pytest.raises(CatalogueError, match=":1: column missing: source_id, agency_name"):
        load(path)


def test_a_catalogue_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no source in the catalogue"):
        load(written(tmp_path))


def test_a_catalogue_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.csv: no such catalogue"):
        load(tmp_path / "none.csv")


def test_a_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="not a UTF-8 CSV file"):
        load(tmp_path)


def test_another_encoding_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}\n".encode("gb18030"))
    with pytest.raises(CatalogueError, match="not a UTF-8 CSV file"):
        load(path)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12)
ROWS = st.tuples(
    WORDS,
    WORDS,
    st.sampled_from(("", "county_government")),
    st.sampled_from(("", "511000", "511002001", "511002001001")),
    st.sampled_from(("", *SCOPES)),
    st.one_of(st.just(""), st.integers(FIRST_YEAR, LAST_YEAR).map(str)),
    WORDS,
)


@given(rows=st.lists(ROWS, min_size=1, max_size=8, unique_by=lambda row: row[0]))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    path = tmp_path_factory.mktemp("catalogue") / "catalog.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    read_back = [
        (s.source_id, s.agency_name, s.agency_kind, s.region_code, s.scope, str(s.report_year or ""), s.location)
        for s in load(path)
    ]
    assert read_back == rows

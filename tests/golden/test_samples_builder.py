"""The builder of the samples: its layouts are those of the forms, its output repeats, its faults name known reasons."""

from __future__ import annotations

import pytest

from extractors import errors
from extractors.forms.catalogue import default
from tests.samples_builder import bad, layout
from tests.samples_builder.all import build_all
from tests.samples_builder.layout import Box, placed

BLOCKS = {3: (1, 2, 2, 2), 2: (1, 3, 3), 1: (1, 6)}


def named(line: str, column: str) -> str:
    return f"{line}/{column}"


@pytest.mark.parametrize("form", ["national_2019", "national_2021"])
@pytest.mark.parametrize("code", ["two", "three", "four"])
def test_a_layout_prints_every_cell_of_the_form_once_and_in_a_rectangle(form: str, code: str) -> None:
    table = default().table(form, code)
    rows = layout.two(table, named, BLOCKS, BLOCKS) if code == "two" else getattr(layout, code)(table, named)
    assert [b.text for _, _, b in placed(rows) if b.figure] == [named(x.code, c.code) for x, c in table.cells()]


def test_a_hole_in_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fill a rectangle"):
        placed([[Box("a", columns=2)], [Box("b")]])


def test_a_cell_over_another_is_refused() -> None:
    with pytest.raises(ValueError, match="'c' lies over another"):
        placed([[Box("a"), Box("b", rows=2)], [Box("c", columns=2)]])


def test_building_twice_gives_the_same_bytes() -> None:
    assert build_all() == build_all()


def test_faults_have_names_of_their_own_and_reasons_that_exist() -> None:
    known = {c.reason for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.DocumentError)}
    assert len({f.name for f in bad.FAULTS}) == len(bad.FAULTS)
    assert {r for f in bad.FAULTS for r in f.reasons} <= known

"""How yearly divisions become periods and territories, on made-up years."""

from __future__ import annotations

import pytest

from tests.tools.regions import OPEN, SuccessionFails, corrected, periods, states


def county(year: int, code: str, constant: str, name: str, city: str = "320700") -> dict[str, str]:
    return {
        "year": str(year), "rank": "3", "county_adcode": code, "county_id": constant, "county_name": name,
        "city_adcode": city, "city_name": "连云港市", "province_adcode": "320000", "province_name": "江苏省",
    }  # fmt: skip


def city(year: int) -> dict[str, str]:
    return county(year, "", "", "") | {"rank": "2", "city_id": "320700"}


def counties(rows: list[dict[str, str]]) -> list[tuple[str, str, str, int, int]]:
    return [
        (s.region_code, s.region_name, s.territory_id, start, end)
        for s, start, end in periods(states(rows))
        if s.level == "county"
    ]


def test_a_merger_makes_another_territory_and_a_new_code_does_not() -> None:
    rows = [city(2013), city(2014)]
    rows += [county(2013, "05", "06", "新浦区"), county(2013, "06", "06", "海州区"), county(2013, "21", "07", "赣榆县")]
    rows += [county(2014, "06", "06", "海州区"), county(2014, "07", "07", "赣榆区")]
    assert counties(rows) == [
        ("05", "新浦区", "06/05", 2013, 2013),
        ("06", "海州区", "06/06", 2013, 2013),
        ("06", "海州区", "06", 2014, OPEN),
        ("07", "赣榆区", "07", 2014, OPEN),
        ("21", "赣榆县", "07", 2013, 2013),
    ]


def test_the_part_that_grew_is_not_guessed() -> None:
    """Of three parts one goes: either of the others may have its land, so both are other territories."""
    rows = [city(y) for y in (2010, 2011)]
    rows += [county(2010, c, "A", c) for c in "ABC"] + [county(2011, c, "A", c) for c in "AB"]
    assert [t for *_, t, start, _ in counties(rows) if start == 2011] == ["A/A@2011", "A/B@2011"]


def test_a_gap_is_two_periods_and_a_missing_city_makes_the_province_the_parent() -> None:
    rows = [city(y) for y in (2010, 2011, 2012)] + [county(y, "A", "A", "甲县", "320000x") for y in (2010, 2012)]
    assert [(start, end) for *_, start, end in counties(rows)] == [(2010, 2010), (2012, OPEN)]
    assert {s.parent_code for s, *_ in periods(states(rows)) if s.level == "county"} == {"320000"}


@pytest.mark.parametrize(
    ("name", "government"),
    [
        ("海州区", "连云港市海州区人民政府"),
        ("东海县", "东海县人民政府"),
        ("神农架林区", "神农架林区人民政府"),
        ("某盟", "某盟行政公署"),
    ],
)
def test_what_a_government_is_called(name: str, government: str) -> None:
    ((state, *_),) = (p for p in periods(states([city(2010), county(2010, "A", "A", name)])) if p[0].level == "county")
    assert state.government_name == government


def test_a_declared_succession_fails_when_the_source_says_otherwise() -> None:
    declared = {"region_code": "05", "region_name": "新浦区", "found": "05", "constant_code": "06", "year": "2014"}
    (row,) = corrected([county(2013, "05", "05", "新浦区")], [declared])
    assert row["county_id"] == "06"
    with pytest.raises(SuccessionFails, match="the source says 新浦区 06"):
        corrected([county(2013, "05", "06", "新浦区")], [declared])
    with pytest.raises(SuccessionFails, match="not in the source: 05"):
        corrected([county(2013, "07", "07", "某区")], [declared])

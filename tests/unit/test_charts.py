"""Charts: what is drawn between which years, and what is not."""

from __future__ import annotations

from orchestration.lib.charts import Point, chart


def lines(*points: Point) -> list[tuple[float, float]]:
    made = chart(points)
    assert made is not None
    at = {x: year for x, _, year, _ in made.dots}
    return [(at[a], at[b]) for a, _, b, _ in made.lines]


def test_neighbouring_years_are_joined():
    assert lines(Point(2019, 1), Point(2020, 2), Point(2021, 3)) == [(2019, 2020), (2020, 2021)]


def test_no_line_crosses_a_break_or_a_missing_year():
    points = Point(2018, 1), Point(2019, 2, None, True), Point(2020, None, "blank"), Point(2021, 3), Point(2022, 4)
    assert lines(*points) == [(2021, 2022)]
    made = chart(points)
    assert made is not None
    assert [year for _, year in made.breaks] == [2019]
    assert [(year, why) for _, year, why in made.missing] == [(2020, "blank")]


def test_zero_is_a_value_and_lies_on_the_axis():
    made = chart([Point(2019, 0), Point(2020, 10)])
    assert made is not None
    assert made.dots[0][1] == made.bottom
    assert made.dots[1][1] < made.bottom


def test_all_zero_is_drawn_and_one_value_is_no_chart():
    made = chart([Point(2019, 0), Point(2020, 0)])
    assert made is not None
    assert {y for _, y, _, _ in made.dots} == {made.bottom}
    assert chart([Point(2019, 5), Point(2020, None, "absent")]) is None


def test_other_events_are_marked_and_the_line_goes_on():
    made = chart([Point(2020, 1), Point(2021, 2)], {2021})
    assert made is not None
    assert [year for _, year in made.notes] == [2021]
    assert len(made.lines) == 1

"""Error localisation: one planted error is found, with its cause; missing cells get the value that the rules imply."""

from decimal import Decimal

import pytest

from extractors.auditing import suggest as suggesting
from extractors.auditing.evaluate import evaluate
from extractors.auditing.suggest import suggest
from extractors.forms.catalogue import default
from extractors.model import Fact

FORMS = default()
THREE = FORMS.table("national_2019", "three")
COLUMNS = [c.code for c in THREE.columns]
Cells = dict[tuple[str, str], Decimal | None]


def consistent(seed: int = 7) -> Cells:
    """Table three of 2019 in which every identity holds, with figures that differ from each other."""
    cells: Cells = {}
    dispositions = [x.code for x in THREE.lines if x.parent == "processed.total"]
    for column_number, column in enumerate(COLUMNS[:-1]):
        for line_number, line in enumerate(dispositions):
            cells[line, column] = Decimal((seed * (line_number + 3) * (column_number + 2)) % 97 + 100)
        processed = sum(cells[x, column] or 0 for x in dispositions)
        cells["processed.total", column] = Decimal(processed)
        cells["requests.carried_out", column] = Decimal(column_number + 11)
        cells["requests.carried_in", column] = Decimal(column_number + 5)
        cells["requests.new", column] = Decimal(processed + 6)
    for line in THREE.lines:
        cells[line.code, "total"] = Decimal(sum(cells[line.code, c] or 0 for c in COLUMNS[:-1]))
    return cells


def facts(cells: Cells, missing: str = "blank") -> list[Fact]:
    return [
        Fact("national_2019", "three", line, column, value, None if value is not None else missing, "", "件", "")  # type: ignore[arg-type]
        for (line, column), value in cells.items()
    ]


def test_nothing_is_suggested_where_everything_holds() -> None:
    assert {r.verdict for r in evaluate(facts(consistent()), FORMS)} == {"holds"}
    assert suggest(facts(consistent()), FORMS) == ()


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda v: Decimal(str(v)[:-1]), "digit lost"),
        (lambda v: Decimal(str(v)[0] + str(v)[2] + str(v)[1]), "digits transposed"),
        (lambda v: v + 1000, "digit doubled"),
        (lambda v: v * 10_000, "unit slip"),
        (lambda v: -v, "sign lost"),
        (lambda v: v + 37, "unknown"),
    ],
)
def test_one_planted_error_is_found(change, cause) -> None:  # type: ignore[no-untyped-def]
    cells = consistent()
    key = ("denied.third_party", "research")
    truth = cells[key]
    assert truth is not None
    cells[key] = change(truth)
    (found,) = suggest(facts(cells), FORMS)
    assert ((found.line, found.column), found.suggested, found.kind) == (key, truth, "correction")
    assert (found.unique, found.cause) == (True, cause)
    assert set(found.identities) >= {"t3_processed[research]", "t3_row_total[denied.third_party]"}


@pytest.mark.parametrize("missing", ["blank", "illegible", "absent"])
def test_a_missing_cell_is_implied_when_row_and_column_agree(missing: str) -> None:
    cells = consistent()
    truth = cells["processed.total", "natural"]
    cells["processed.total", "natural"] = None
    (found,) = suggest(facts(cells, missing), FORMS)
    assert (found.kind, found.suggested, found.unique) == ("implied", truth, True)
    assert set(found.identities) == {"t3_flow[natural]", "t3_processed[natural]", "t3_row_total[processed.total]"}


def test_a_total_row_left_out_is_named_and_implied_by_its_columns() -> None:
    cells = consistent()
    truth = {c: cells["processed.total", c] for c in COLUMNS}
    cells.update({("processed.total", c): None for c in COLUMNS})
    found = suggest(facts(cells, "absent"), FORMS)
    assert {s.column: s.suggested for s in found} == truth
    assert {(s.line, s.kind, s.cause) for s in found} == {("processed.total", "implied", "total left out")}


def test_a_missing_cell_that_the_rules_leave_open_is_not_filled() -> None:
    cells = consistent()
    for line in ("granted", "partial"):
        for column in ("natural", "total"):
            cells[line, column] = None
    assert suggest(facts(cells), FORMS) == ()


def shifted(cells: Cells, lines: tuple[str, ...], step: int, columns: list[str]) -> None:
    """Write the figures of the lines one column further (1) or earlier (-1); the cell that they leave is blank."""
    for line in lines:
        old = [cells[line, c] for c in columns]
        new = [None, *old[:-1]] if step > 0 else [*old[1:], None]
        cells.update({(line, c): v for c, v in zip(columns, new, strict=True)})


@pytest.mark.parametrize("lines", [("denied.third_party",), ("denied.third_party", "denied.internal_affairs")])
@pytest.mark.parametrize(
    ("step", "columns", "lost"),
    [(1, COLUMNS[:-1], "other_org"), (-1, COLUMNS[:-1], "natural"), (-1, COLUMNS, "natural")],
    ids=["right beside the total", "left beside the total", "left with the total"],
)
def test_rows_that_stand_one_column_off_are_named(lines, step, columns, lost) -> None:  # type: ignore[no-untyped-def]
    """The figure that falls off the end was 0; where the total moved too, it is implied again."""
    cells = consistent()
    for line in lines:
        for total in (line, "processed.total", "requests.new"):
            cells[total, "total"] = (cells[total, "total"] or Decimal(0)) - (cells[line, lost] or Decimal(0))
        for total in ("processed.total", "requests.new"):
            cells[total, lost] = (cells[total, lost] or Decimal(0)) - (cells[line, lost] or Decimal(0))
        cells[line, lost] = Decimal(0)
    assert {r.verdict for r in evaluate(facts(cells), FORMS)} == {"holds"}
    truth = dict(cells)
    shifted(cells, lines, step, columns)
    found = [s for s in suggest(facts(cells), FORMS) if s.cause == "shifted column"]
    sets = {
        s.set_number: {(x.line, x.column): x.suggested for x in found if x.set_number == s.set_number} for s in found
    }
    wanted = {k: truth[k] for k in truth if truth[k] != cells[k]}
    assert wanted in sets.values()
    assert {s.reported for s in found} <= set(cells.values()), "reported values are as they were"


def test_what_the_solver_says_is_not_on_standard_output(capfd) -> None:  # type: ignore[no-untyped-def]
    """`ogi audit --format json` writes there; this report makes HiGHS talk."""
    cells = consistent()
    shifted(cells, ("denied.third_party",), 1, COLUMNS[:-1])
    cells["denied.third_party", "natural"] = Decimal(7)
    print("before")
    suggest(facts(cells), FORMS)
    print("after")
    assert capfd.readouterr().out == "before\nafter\n"


@pytest.mark.parametrize(("found_within", "sets"), [(0, 0), (1, 1)], ids=["the smallest set", "that there is no other"])
def test_what_is_not_proved_is_not_claimed(monkeypatch, found_within: int, sets: int) -> None:  # type: ignore[no-untyped-def]
    """A search that ends at its limit names no set, and calls none unique."""
    solve, asked = suggesting._solve, []

    def ends(*arguments):  # type: ignore[no-untyped-def]
        asked.append(arguments)
        if len(asked) > found_within:
            raise suggesting._NotProved
        return solve(*arguments)

    monkeypatch.setattr(suggesting, "_solve", ends)
    cells = consistent()
    cells["denied.third_party", "research"] = (cells["denied.third_party", "research"] or Decimal(0)) + 37
    found = suggest(facts(cells), FORMS)
    assert (len(found), any(s.unique for s in found)) == (sets, False)


def test_one_violated_sum_is_too_little_to_move_a_row() -> None:
    cells = consistent()
    cells["granted", "total"] = (cells["granted", "total"] or Decimal(0)) + 1
    cells["processed.total", "total"] = (cells["processed.total", "total"] or Decimal(0)) + 1
    assert "shifted column" not in {s.cause for s in suggest(facts(cells), FORMS)}


def test_a_figure_that_would_fall_off_keeps_the_row_where_it_is() -> None:
    cells = consistent()
    shifted(cells, ("denied.third_party",), 1, COLUMNS[:-1])
    cells["denied.third_party", "natural"] = Decimal(7)
    assert "shifted column" not in {s.cause for s in suggest(facts(cells), FORMS)}


def test_the_causes_told_from_two_figures() -> None:
    """A line total that says 0, and one that says the figure beside it."""
    cells = consistent()
    cells["granted", "total"] = Decimal(0)
    cells["partial", "total"] = cells["partial", "natural"]
    causes = {(s.line, s.column): s.cause for s in suggest(facts(cells), FORMS)}
    assert causes == {("granted", "total"): "total left out", ("partial", "total"): "neighbour's cell"}


def test_neighbours_exchanged_are_named_as_one_of_several() -> None:
    values = {"upheld": 1, "corrected": 0, "other_outcome": 0, "pending": 1, "total": 0}
    four = [
        Fact(
            "national_2019",
            "four",
            line,
            column,
            Decimal(values[column] if line == "litigation.after_review" else 0),
            None,
            "",
            "件",
            "",
        )
        for line in ("review", "litigation.direct", "litigation.after_review")
        for column in values
    ]
    found = suggest(four, FORMS)
    assert [(s.column, s.suggested, s.set_number, s.unique) for s in found] == [
        ("total", 2, 1, False), ("pending", 0, 2, False), ("total", 1, 2, False),
    ]  # fmt: skip
    assert {s.cause for s in found if s.set_number == 2} == {"neighbour's cell"}

"""The generator itself: its truths hold every hard identity, its bytes are reproducible, and it shares nothing with the reader."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from extractors.auditing.evaluate import evaluate
from extractors.forms.catalogue import default
from extractors.model import Fact
from tests.generator import FORMS, LAYOUTS, QUIRKS, generate, iterate

GENERATOR = Path(__file__).parents[1] / "generator"


@pytest.mark.parametrize("form", FORMS)
def test_every_hard_identity_of_a_truth_holds(form: str) -> None:
    catalogue = default()
    hard = {i.code for i in catalogue.identities if i.severity == "H"}
    for seed in range(40):
        truth = generate(seed, form=form, layout="html_plain", quirks=()).truth
        facts = [
            Fact(owner, table, line, column, value, None, str(value), "", "")
            for (table, line, column), value in truth.figures.items()
            for owner in [dict((t, f) for f, t in truth.tables)[table]]
        ]
        results = [r for r in evaluate(facts, catalogue) if r.identity in hard]
        assert results
        assert [r for r in results if r.verdict != "holds"] == []


def test_the_same_seed_gives_the_same_bytes_and_truth() -> None:
    for layout in LAYOUTS:
        first, second = generate(7, layout=layout), generate(7, layout=layout)
        assert first == second
    assert [g.data for g in iterate(5, 3)] == [g.data for g in iterate(9, 3)][:5]


def test_every_quirk_applies_somewhere_and_says_what_it_is() -> None:
    for quirk in QUIRKS.values():
        assert quirk.about
        layout = next(x for x in LAYOUTS if quirk.fits(x))
        applied = [
            quirk.name in generate(s, form=f, layout=layout, quirks=[quirk.name]).quirks
            for s in range(5)
            for f in FORMS
        ]
        assert any(applied), quirk.name


def test_a_quirk_that_the_layout_cannot_show_is_left_out() -> None:
    assert generate(1, layout="html_plain", quirks=["label_cut_by_page"]).quirks == ()


@pytest.mark.parametrize("asked", [{"form": "national_1999"}, {"layout": "papyrus"}, {"quirks": ["haste"]}])
def test_what_does_not_exist_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        generate(1, **asked)  # type: ignore[arg-type]


def test_the_printed_figures_are_those_of_the_truth_without_quirks() -> None:
    for layout in LAYOUTS:
        made = generate(11, form="national_2021", layout=layout, quirks=())
        assert sorted(made.required.elements()) == sorted(made.truth.figures.values())
        assert made.allowed == made.required


def test_the_generator_imports_the_catalogue_of_forms_and_nothing_else_of_the_library() -> None:
    seen = set()
    for path in GENERATOR.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                seen.add(node.module)
            elif isinstance(node, ast.Import):
                seen.update(alias.name for alias in node.names)
    assert {m for m in seen if m.split(".")[0] in ("extractors", "orchestration")} == {"extractors.forms.catalogue"}

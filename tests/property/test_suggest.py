"""Error localisation over any single error: a set of cells as small as one is found, and it repairs the table."""

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.auditing.evaluate import evaluate
from extractors.auditing.suggest import suggest
from tests.identities.test_suggest import FORMS, consistent, facts


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([k for k in consistent() if k[0] != "requests.carried_in"]), st.integers(min_value=1, max_value=90)
)
def test_any_single_error_is_found_or_a_smaller_set_does_not_exist(key: tuple[str, str], delta: int) -> None:
    cells = consistent()
    truth = cells[key]
    assert truth is not None
    cells[key] = truth + delta
    found = suggest(facts(cells), FORMS)
    first = [s for s in found if s.set_number == 1]
    repaired = cells | {(s.line, s.column): s.suggested for s in first}
    assert {r.verdict for r in evaluate(facts(repaired), FORMS)} == {"holds"}
    assert len(first) == 1
    if first[0].unique:
        assert ((first[0].line, first[0].column), first[0].suggested) == (key, truth)

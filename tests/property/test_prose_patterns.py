"""Patterns of forms/narrative against texts generated from them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.reading import prose


@pytest.mark.parametrize("pattern", prose._patterns(), ids=lambda p: p.line)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_what_a_pattern_matches_holds_one_of_its_words(pattern: prose._Pattern, data: st.DataObject) -> None:
    """Else a pattern would never be tried on it."""
    greedy = re.compile(pattern.expression.pattern.replace(")*+", ")*"))  # what Hypothesis can generate
    text = data.draw(
        st.from_regex(greedy, fullmatch=False, alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]))
    )
    assert any(word in text for word in pattern.anchors)

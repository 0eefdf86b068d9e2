"""Sentences as keys: what counts as one, and when two are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors import records
from extractors.model import Prose
from extractors.reading.read import read
from extractors.reading.sentences import SHORTEST, sentences
from extractors.sources import Source

SAMPLES = Path(__file__).resolve().parents[2] / "extractors" / "samples"
FIRST, SECOND = "甲" * 20 + "二〇二三年度", "乙" * 30


def keys(*paragraphs: str) -> list[str]:
    return [s.key for s in sentences([Prose(text, f"paragraph {n}") for n, text in enumerate(paragraphs, 1)])]


def test_a_sentence_is_found_again_wherever_it_stands() -> None:
    assert keys(f"{FIRST}。{SECOND}。") == keys(f"{FIRST};", SECOND)
    assert set(keys(f"一、{SECOND}。{FIRST}。")) & set(keys(FIRST)) == set(keys(FIRST))


def test_white_space_is_layout_and_every_other_character_counts() -> None:
    assert keys(f"  {FIRST[:9]}\u3000 {FIRST[9:]}\n。") == keys(f"{FIRST}。")
    assert keys(FIRST.replace("三", "四")) != keys(FIRST)
    assert keys(f"“{FIRST}”") != keys(FIRST)


@pytest.mark.parametrize(
    "text", ["五、政府信息公开工作存在的主要问题及改进情况", "字" * (SHORTEST - 1) + "……、、、、", "。;!", ""]
)
def test_headings_and_leaders_are_no_sentences(text: str) -> None:
    assert keys(text) == []


def test_a_page_that_holds_the_report_twice_says_it_once() -> None:
    (found,) = sentences([Prose(f"{FIRST}。{FIRST}。", "paragraph 1"), Prose(FIRST, "paragraph 9")])
    assert (found.characters, found.where) == (len(FIRST), "paragraph 1")


def test_characters_are_letters_and_digits() -> None:
    (found,) = sentences([Prose(f"“{FIRST}”,12。", "paragraph 1")])
    assert found.characters == len(FIRST) + 2


def test_the_rows_of_a_report_are_its_sentences() -> None:
    source = Source("neijiang-2020", "", "", "", "", None, "neijiang-2020.html", 2)
    reading = read((SAMPLES / "neijiang-2020.html").read_bytes())
    rows = records.of_report(source, "f" * 64, reading)["sentences"]
    assert len(rows) == len({key for _, _, key, *_ in rows}) > 3
    found = sentences(reading.document.prose)
    assert [row[1:] for row in rows] == [(2020, s.key, s.characters, s.where) for s in found]

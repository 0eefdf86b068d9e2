"""The site of the checks: nothing is loaded from elsewhere, every violated case leads to its evidence, foreign text is escaped."""

from __future__ import annotations

import re

import pytest

from extractors.auditing import comparisons
from extractors.forms.catalogue import default
from orchestration.lib import data_docs, identity_checks

REFERENCE = re.compile(r"""(?:https?:)?//[\w.-]+|\b(?:src|srcset|action|poster|background)\s*=|@import|url\(""", re.I)


def families():
    return identity_checks.families(default())


@pytest.fixture(scope="session")
def pages(built):
    return built.home.site / "checks"


def test_there_is_a_page_a_family_and_an_index_of_all(pages):
    assert {p.stem for p in pages.glob("*.html")} == {"index", *families()}
    index = (pages / "index.html").read_text(encoding="utf-8")
    for family, identities in families().items():
        page = (pages / f"{family}.html").read_text(encoding="utf-8")
        for identity in identities:
            assert f'href="{family}.html#{identity.code}"' in index
            assert f'id="{identity.code}"' in page
            assert identity.statement_zh in page


def test_no_page_refers_to_another_host_or_runs_anything(pages):
    for page in pages.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert REFERENCE.findall(text) == [], page.name
        assert "<script" not in text
        assert "<link" not in text
        assert " on" not in re.sub(r">[^<]*<", "><", text).replace(" only", ""), page.name


def test_the_suite_of_great_expectations_is_on_the_page(pages):
    page = (pages / "table_four.html").read_text(encoding="utf-8")
    suite = page.split("The suite as Great Expectations shows it")[1]
    assert "t4_total: total = upheld + corrected + other + pending" in suite
    assert "Failed" in suite


def test_a_violated_case_is_there_with_its_evidence(pages):
    page = (pages / "table_four.html").read_text(encoding="utf-8")
    assert "固原市" in page
    assert re.search(r'href="\.\./reports/[0-9a-f]{32}\.html#i-four-t4_total-litigation.after_review"', page)


def test_what_would_load_or_run_is_taken_out_and_words_stay():
    page = (
        "<html><head><link rel='stylesheet' href='https://cdn.example/x.css'></head><body onload='x()'><!-- https://a.example -->"
        "<script src='//b.example/y.js'>z()</script><img src='https://pixel.example/t.gif'><p class='c' style='background:url(x)'>"
        "kept <a href='https://c.example'>words</a></p><iframe src='x'></iframe></body></html>"
    )
    assert data_docs.offline(page) == '<p class="c">kept words</p>'


def test_text_of_a_report_is_escaped(tmp_path):
    identity = next(i for i in comparisons.default().identities if i.code == "n_review")
    rows = data_docs.Rows(
        ["agency", "sentence", "lhs", "evidence"], [("<b>甲</b>", "<script>x()</script>", None, '"><i>')]
    )
    page = data_docs.write(tmp_path, "prose", "<p>suite</p>", [data_docs.Entry(identity, {"violated": 1}, rows)])
    text = page.read_text(encoding="utf-8")
    assert "<script>x" not in text
    assert "<b>甲" not in text
    assert '"><i>' not in text
    assert "&lt;script&gt;x()" in text


@pytest.mark.parametrize("code", ["t4_total", "n_requests", "p13_numbers_only"])
def test_each_expectation_says_what_it_asks(code):
    identity = next(i for members in families().values() for i in members if i.code == code)
    asked = identity_checks.expectation(identity)
    assert identity.statement_zh in asked.description
    assert asked.severity.value == ("critical" if identity.severity == "H" else "warning")

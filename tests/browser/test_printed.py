"""Reports that an agency prints from its browser: Chromium's PDF of a page reads like the page."""

from __future__ import annotations

import pytest

from extractors import samples
from extractors.reading.read import read


@pytest.mark.parametrize("name", ["neijiang-2020", "shanghai-office-2019"])
def test_a_printed_page_reads_like_the_page(page, name):
    path = samples.CATALOGUE.parent / f"{name}.html"
    page.goto(path.as_uri())
    printed = read(page.pdf(format="A4", display_header_footer=True))
    shown = read(path.read_bytes())
    assert len([g for g in printed.document.grids if "pages" in g.where]) >= 1, "a table goes over a page break"
    assert {(f.form, f.table, f.line, f.column): (f.value, f.missing) for f in printed.facts} == {
        (f.form, f.table, f.line, f.column): (f.value, f.missing) for f in shown.facts
    }
    assert not printed.residue
    for said in ("agency_name", "report_year", "scope", "scope_cue", "title", "published_on", "site_code"):
        assert getattr(printed.identification, said) == getattr(shown.identification, said)

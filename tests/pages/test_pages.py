"""The pages without a browser: what they say, that every link leads somewhere, that nothing in a document acts on them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import html5lib
import pytest
from lxml import html

from orchestration.lib import evidence, site, site_rows
from orchestration.lib.evidence import Labels, evidence_link
from orchestration.lib.manifest import NAME
from orchestration.lib.site_rows import Details


def pages_of(folder: Path) -> list[Path]:
    """Every page of ours; dbt's documentation is its own."""
    return [page for page in sorted(folder.rglob("*.html")) if "dbt" not in page.relative_to(folder).parts]


@pytest.fixture(scope="module")
def copied(built, tmp_path_factory) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path, Path]]:
    """(connection to a copy of the work database, archive, folder for a site)."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copyfile(built.home.work_db, folder / "warehouse.duckdb")
    shutil.copytree(built.home.archive, folder / "archive")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        yield connection, folder / "archive", folder / "site"


@pytest.fixture
def changed(copied) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path, Path]]:
    """The same with a site that is up to date; what a test changes in the tables is undone."""
    connection, archive, folder = copied
    site.write(connection, folder, site.copies(archive))
    connection.execute("begin")
    yield connection, archive, folder
    connection.execute("rollback")


# what is there


def test_every_page_is_valid_html_and_its_ids_are_its_own(built):
    pages = pages_of(built.home.site)
    assert len(pages) > 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        html5lib.HTMLParser(strict=True).parse(text)
        ids = html.document_fromstring(text).xpath("//@id")
        assert len(ids) == len(set(ids)), page


def test_every_link_leads_to_a_page_and_a_place_that_exist(built):
    trees = {page: html.document_fromstring(page.read_text(encoding="utf-8")) for page in pages_of(built.home.site)}
    ids = {page: set(tree.xpath("//@id")) for page, tree in trees.items()}
    followed = 0
    for page, tree in trees.items():
        for address in tree.xpath("//@href | //@src"):
            parts = urlsplit(address)
            assert not parts.scheme, f"{page}: {address}"
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page}: {address}"
            if parts.fragment:
                assert unquote(parts.fragment) in ids[target], f"{page}: {address}"
            followed += 1
    assert followed > 1000


def test_nothing_comes_from_elsewhere(built):
    for page in pages_of(built.home.site):
        tree = html.document_fromstring(page.read_text(encoding="utf-8"))
        loaded = tree.xpath("//script/@src | //link/@href | //img/@src | //iframe/@src | //object/@data")
        assert all(not urlsplit(address).scheme and not address.startswith("//") for address in loaded), page
        assert not tree.xpath("//script[not(@src)] | //@style | //@*[starts-with(name(), 'on')]"), page
    styles = (built.home.site / "assets" / "site.css").read_text(encoding="utf-8")
    assert "@import" not in styles
    assert "url(" not in styles


def test_a_row_of_sql_leads_to_its_cell(built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        rows = connection.execute("select evidence_url, raw_text from marts.fct_report_lines").fetchall()
    trees = {}
    cells = 0
    for address, raw_text in rows:
        name, _, anchor = address.partition("#")
        if name not in trees:
            tree = html.document_fromstring((built.home.site / name).read_text(encoding="utf-8"))
            trees[name] = {node.get("id"): node for node in tree.xpath("//*[@id]")}
        if anchor:
            shown = "".join(trees[name][anchor].text_content().split())
            assert shown.startswith("".join(raw_text.split())[:20]) or not raw_text.strip() or shown, address
            assert trees[name][anchor].get("class") in evidence.STATES, address
            cells += 1
    assert len(trees) == 7
    assert cells > 700


def test_states_are_said_with_signs_not_by_colour_alone(built):
    seen, signs = set(), set()
    for page in (built.home.site / "reports").iterdir():
        tree = html.document_fromstring(page.read_text(encoding="utf-8"))
        for cell in tree.xpath("//td[starts-with(@id, 'c-') and @class]"):
            state, marks = cell.get("class"), cell.xpath("./*[@class='mark']")
            seen.add(state)
            signs |= {mark.text for mark in marks}
            assert all(mark.get("title") in mark.text_content() for mark in marks), (page, cell.get("id"))
            if state != "read":
                assert evidence.STATES[state][0] in {mark.text for mark in marks}, (page, cell.get("id"))
    assert seen <= set(evidence.STATES)
    assert signs >= {sign for state, (sign, _, _) in evidence.STATES.items() if state != "read"}


def test_violated_identity_shows_both_sides_and_leads_to_its_cells(built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        report_id, table, identity, member = connection.execute(
            "select report_id, form_table, identity_id, member from quality.fct_identity_results "
            "where identity_id = 't4_total' and verdict = 'violated'"
        ).fetchall()[0]
    path, _, anchor = evidence_link(report_id, identity=(table, identity, member)).partition("#")
    tree = html.document_fromstring((built.home.site / path).read_text(encoding="utf-8"))
    (row,) = tree.xpath("//tr[@id=$anchor]", anchor=anchor)
    left, operator, right, difference, verdict = (cell.text_content().strip() for cell in row.xpath("td")[1:])
    assert (left, operator, right, difference) == ("0", "=", "0 + 0 + 1 + 1 [2]", "-2")
    assert "violated" in verdict
    targets = [address.removeprefix("#") for address in row.xpath(".//a/@href")]
    assert len(targets) == 5
    for target in targets:
        (cell,) = tree.xpath("//td[@id=$target]", target=target)
        assert cell.get("class") in ("violated", "suggested")
        assert f"#{anchor}" in cell.xpath(".//a/@href")


def test_sides_of_every_violated_identity_are_those_of_the_warehouse(built):
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        rows = connection.execute(
            "select report_id, form_table, identity_id, member, lhs, rhs from quality.fct_identity_results "
            "where verdict = 'violated'"
        ).fetchall()
    assert {identity for _, _, identity, *_ in rows} >= {"t4_total", "p13_numbers_only"}
    for report_id, *identity, lhs, rhs in rows:
        path, _, anchor = evidence_link(report_id, identity=tuple(identity)).partition("#")
        tree = html.document_fromstring((built.home.site / path).read_text(encoding="utf-8"))
        left, _, right = (cell.text_content().strip() for cell in tree.xpath("//tr[@id=$a]/td", a=anchor)[1:4])
        for shown, side in ((left, lhs), (right, rhs)):
            assert Decimal(shown.rpartition("[")[2].rstrip("]")) == side, (identity, shown)


def test_prose_figures_are_marked_in_their_sentence(built):
    marked = 0
    for page in (built.home.site / "reports").iterdir():
        tree = html.document_fromstring(page.read_text(encoding="utf-8"))
        for quoted in tree.xpath("//figure[@class='quoted']"):
            figures = {b.text_content() for b in quoted.xpath(".//li/b")}
            words = "".join(m.text_content() for m in quoted.xpath(".//mark"))
            marked += bool(words)
            for figure in figures:
                assert figure in words or not figure.isdigit() or not words or "万" in words or "未" in words, page
    assert marked > 20


def test_start_page_names_coverage_violations_problems_and_other_sites(built):
    tree = html.document_fromstring((built.home.site / "index.html").read_text(encoding="utf-8"))
    shown = {
        row.xpath("string(th)").split()[0]: row.text_content() for row in tree.xpath("//table[@class='map']/tbody/tr")
    }
    assert "1/2" in shown["Jiangsu"]
    assert "1/1" in shown["Shanghai"]
    assert "答复总数 = 同意 + 部分 + 不予 + 其他" in tree.xpath("string(//h2[@id='violations']/following::table[1])")
    assert "blank_form" in tree.xpath("string(//h2[@id='problems']/following::table[1])")
    assert tree.xpath("//header//a[@href='dbt/index.html']")


def test_search_index_holds_every_agency_and_current_report(built):
    found = {}
    for shard in (built.home.site / "assets").glob("index-*.js"):
        text = shard.read_text(encoding="utf-8")
        assert text.startswith("ogiIndex(")
        for agency, _, _, years in json.loads(text.removeprefix("ogiIndex(").removesuffix(");\n")):
            found[agency] = {report for _, report, _ in years}
    with duckdb.connect(str(built.home.published_db), read_only=True) as connection:
        rows = connection.execute("select agency_id, report_id from marts.fct_report where is_current").fetchall()
    assert {(agency, report) for agency, reports in found.items() for report in reports} == set(rows)


# only what changed


def test_second_run_writes_nothing_and_one_cell_one_page(changed):
    connection, archive, folder = changed
    before = {page: page.stat().st_mtime_ns for page in pages_of(folder)}
    again = site.write(connection, folder, site.copies(archive))
    assert (again.written, again.removed) == (0, 0)
    assert again.total >= len(before)
    report_id = connection.execute("select max(report_id) from raw.cells").fetchall()[0][0]
    connection.execute("update raw.cells set cell_text = 'otherwise' where report_id = ? and row_no = 0", [report_id])
    assert site.write(connection, folder, site.copies(archive)).written == 1
    touched = [page for page in pages_of(folder) if page.stat().st_mtime_ns != before[page]]
    assert [page.stem for page in touched] == [report_id]
    assert "otherwise" in touched[0].read_text(encoding="utf-8")


def test_page_of_a_report_that_is_gone_is_removed(changed):
    connection, archive, folder = changed
    report_id, agency_id = connection.execute(
        "select report_id, agency_id from marts.fct_report order by all"
    ).fetchall()[0]
    connection.execute("delete from marts.fct_report where report_id = ?", [report_id])
    done = site.write(connection, folder, site.copies(archive))
    assert done.removed == 2
    assert not (folder / f"reports/{report_id}.html").exists()
    assert not (folder / f"agencies/{agency_id}.html").exists()
    assert report_id not in (folder / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"reports/x.html": 1}'])
def test_damaged_manifest_costs_time_and_nothing_else(changed, damage):
    connection, archive, folder = changed
    (folder / NAME).write_text(damage, encoding="utf-8")
    done = site.write(connection, folder, site.copies(archive))
    assert done.written == done.total


def test_page_that_was_cut_or_deleted_is_written_again(changed):
    connection, archive, folder = changed
    first, second = sorted((folder / "reports").iterdir())[:2]
    whole = first.read_bytes(), second.read_bytes()
    first.write_bytes(whole[0][:1000])
    second.unlink()
    assert site.write(connection, folder, site.copies(archive)).written == 2
    assert (first.read_bytes(), second.read_bytes()) == whole


def test_archived_copy_that_is_missing_shows_as_missing(changed, tmp_path):
    connection, archive, folder = changed
    report_id, sha256 = connection.execute("select report_id, sha256 from marts.fct_report order by all").fetchall()[0]
    page = folder / evidence_link(report_id)
    place = site.copies(archive)(sha256)
    assert place is not None
    assert place == html.fromstring(page.read_text(encoding="utf-8")).xpath("string(//dd[@id='archived']/code)")
    gone = tmp_path / "archive"
    shutil.copytree(archive, gone)
    for shard in gone.rglob("*.warc.gz"):
        shard.unlink()
    assert site.write(connection, folder, site.copies(gone)).written == 7
    said = html.fromstring(page.read_text(encoding="utf-8")).xpath("//dd[@id='archived']")[0]
    assert "missing" in said.text_content()
    assert not said.xpath("./code")


# neighbours


def test_neighbours_are_the_years_before_and_after_other_scopes_and_versions(changed):
    connection, archive, folder = changed
    ids = [row[0] for row in connection.execute("select report_id from marts.fct_report order by report_id").fetchall()]
    placed = [
        (2019, "office", True),
        (2018, "office", True),
        (2020, "office", True),
        (2019, "territory", True),
        (2019, "office", False),
    ]
    for report_id, (year, scope, current) in zip(ids, placed, strict=False):
        connection.execute(
            "update marts.fct_report set agency_id = 'one', report_year = ?, scope = ?, is_current = ? where report_id = ?",
            [year, scope, current, report_id],
        )
    site.write(connection, folder, site.copies(archive))
    tree = html.fromstring((folder / evidence_link(ids[0])).read_text(encoding="utf-8"))
    found = {
        (li.text.strip(": "), li.xpath("a/@href")[0].removesuffix(".html"))
        for li in tree.xpath("//nav[@id='neighbours']//li")
    }
    assert found == {
        ("last year", ids[1]), ("next year", ids[2]), ("same year, other scope", ids[3]), ("another version", ids[4])
    }  # fmt: skip


# other people's text


HOSTILE = (
    "<script>alert(1)</script>", "</td></table><h1>owned</h1>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}{% raw %}",
    "\u202egnitirw\u202c", "javascript:alert(1)", "a\u0000b\u000bc", "&lt;b&gt; &amp;", "长" * 5000, "\U0001fffe", "l\u2028m",
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(copied) -> tuple[site_rows.Reference, Labels]:
    reference = site_rows.reference(copied[0])
    return reference, Labels(reference)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_others_is_text(copied, shared, text):
    connection, _, _ = copied
    report = {name: text for name in site_rows.reports(connection)[0]}
    report |= {name: 1 for name in report if name.endswith("_count")}
    report |= {"report_id": "r", "agency_id": "a", "region_code": "110000", "report_year": 2020, "is_current": True}
    key = ("national_2019", "three", "granted", "total")
    details = Details(
        cells=[(1, 0, 0, 1, 1, text), (1, 0, 1, 1, 1, "5"), (1, 1, 0, 1, 1, text), (1, 1, 1, 1, 1, text)],
        grids=[(1, text)],
        facts=[(*key, "5", None, 1, 0, 1, None, None, None),
               ("narrative", "prose", "requests.received", "value", "5", None, None, None, None, text, text, text)],
        residue=[("three", text, text, text, 1, 1, 1)],
        results=[("t3_x", *key[:2], text, "=", "1", "2", "-1", "violated", text)],
        tables=[(*key[:2], text, text, 2)],
        suggestions=[(*key, "6", text, True, text, 1)],
    )  # fmt: skip
    page = evidence.report_page(evidence.environment(), shared[1], report, details, (), text)
    html5lib.HTMLParser(strict=True).parse(page)
    tree = html.document_fromstring(page)
    assert not tree.xpath("//script | //img | //b[.='b'] | //h1[.='owned']")
    assert len(tree.xpath("//h1")) == 1
    assert not [a for a in tree.xpath("//@href") if urlsplit(a).scheme]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u0000\u000b\u2028]", page)
    shown = evidence.visible(text)
    assert tree.xpath("string(//*[@id='c-1-0-0'])") == shown
    assert shown in tree.xpath("string(//*[@id='residue']/following::li[1])")
    assert shown in tree.xpath("string(//figure[@class='quoted']//p)")
    assert tree.xpath("string(//title)").strip().startswith(shown[:20].strip())


def test_only_web_addresses_become_links():
    for location in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "a/b.html", " http://x"):
        assert not evidence.web_address(location), location
    assert evidence.web_address("HTTPS://www.example.gov.cn/a?b=1&c=2")


def test_hidden_characters_are_named():
    assert evidence.visible("a\u202eb\ufeff") == "a⟦U+202E⟧b⟦U+FEFF⟧"
    assert evidence.visible("一、\n二\t三") == "一、\n二\t三"


# grids


def test_spans_and_gaps_become_rows_of_one_width(shared):
    cells = [
        (1, 0, 0, 3, 1, "tall, beyond the end"), (1, 0, 2, 1, 5, "wide"), (1, 1, 4, 1, 1, "x"), (1, 4, 0, 1, 1, "alone"),
    ]  # fmt: skip
    (grid,) = evidence.shown_grids(Details(cells=cells), shared[1])
    widths: list[int] = [0] * len(grid.rows)
    for line, row in enumerate(grid.rows):
        for cell in html.fromstring(f"<table><tr>{row}</tr></table>").xpath("//td | //th"):
            for reached in range(line, line + int(cell.get("rowspan", 1))):
                widths[reached] += int(cell.get("colspan", 1))
    assert widths == [3, 3, 3]
    assert not grid.statutory


def test_labels_head_columns_above_and_rows_beside_the_figures(shared):
    cells = [
        (1, 0, 0, 1, 1, "指标"),
        (1, 0, 1, 1, 1, "数"),
        (1, 1, 0, 1, 1, "予以公开"),
        (1, 1, 1, 1, 1, "5"),
        (1, 2, 0, 1, 1, "注"),
    ]
    facts = [("national_2019", "three", "granted", "total", "5", None, 1, 1, 1, None, None, None)]
    (grid,) = evidence.shown_grids(Details(cells=cells, facts=facts), shared[1])
    tree = html.fromstring("<table>" + "".join(f"<tr>{row}</tr>" for row in grid.rows) + "</table>")
    assert [(c.tag, c.get("scope")) for c in tree.xpath("//*[@id]")] == [
        ("th", "col"), ("th", "col"), ("th", "row"), ("td", None), ("td", None)
    ]  # fmt: skip
    assert tree.xpath("//*[@id='c-1-1-1']/a/@href") == ["../forms/national_2019.html#f.three.granted.x.total"]

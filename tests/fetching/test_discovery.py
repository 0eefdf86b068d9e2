"""Lists of reports: one example page of our own for each content system, and what is read from it. Nothing is fetched."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from extractors import sources
from extractors.errors import CatalogueError, Gone, NothingFound
from extractors.fetching import discovery, propose
from extractors.fetching.adapters import ADAPTERS
from extractors.fetching.adapters.page import Entry, is_report, year_of

LISTS = Path(__file__).parent / "lists"
AT = {
    "trs.html": "http://www.example.gov.cn/zfxxgk/nb/index.html",
    "visual_sitebuilder.html": "http://www.example.gov.cn/zfxxgk/nb.htm",
    "jpage.html": "http://www.example.gov.cn/col/col100/index.html",
    "gkmlpt.html": "http://www.example.gov.cn/gkmlpt/annual/index",
    "gkmlpt.json": "http://www.example.gov.cn/gkmlpt/api/all/4321?page=1&sid=758001",
    "year_menu.html": "http://www.example.gov.cn/zwgk/index.shtml",
    "anchors.html": "http://www.example.gov.cn/list.asp",
}


def rows_of(name: str) -> str:
    entries, more, adapter = discovery.listed(AT[name], (LISTS / name).read_bytes())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["kind", "year", "address", "title"])
    writer.writerows(["report", e.year or "", e.address, e.title] for e in entries)
    writer.writerows(["page", "", address, ""] for address in more)
    writer.writerow(["adapter", "", "", adapter])
    return out.getvalue()


@pytest.mark.parametrize("name", AT)
def test_list_is_read_as_expected(name):
    expected = LISTS / f"{name}.csv"
    found = rows_of(name)
    if not expected.exists():
        expected.write_text(found, encoding="utf-8")
        pytest.fail(f"{expected} was missing: written now, read it before you commit it")
    assert found == expected.read_text(encoding="utf-8")


def test_every_adapter_has_an_example_and_a_dated_history():
    read_as = {rows_of(name).splitlines()[-1].rpartition(",")[2] for name in AT}
    assert read_as == {adapter.NAME for adapter in ADAPTERS}
    for adapter in ADAPTERS:
        assert "History\n- 20" in (adapter.__doc__ or ""), adapter


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2020年内江市政府信息公开工作年度报告", 2020),
        ("二〇一九年政府信息公开年报", 2019),
        ("二0一八年政府信息公开年报", 2018),
        ("二○二三年政府信息公开年报", 2023),
        ("政府信息公开年报", None),
        ("12020年", None),
        ("第1999年", None),
    ],
)
def test_year_of_a_title(title, year):
    assert year_of(title) == year


def test_titles_of_other_things_are_no_reports():
    assert is_report("某局2020年政府信息公开工作年度报告")
    assert is_report("某局2020年度报告", listed=True)
    for title in (
        "某局2020年度报告",
        "关于做好2020年政府信息公开年度报告的通知",
        "图解2020年政府信息公开年报",
        "2020年财政预算公开",
        "企业年报公示公开",
    ):
        assert not is_report(title), title


def test_discovery_walks_the_pages_and_names_what_it_could_not_have():
    second = "http://www.example.gov.cn/zfxxgk/nb/index_1.html"
    third = "http://www.example.gov.cn/zfxxgk/nb/index_2.html"
    page = '<html><title>政府信息公开年报</title><a href="t20190101_1.html">2018年政府信息公开年度报告</a></html>'

    def fetch(address):
        if address == third:
            raise Gone(address)
        return address, (LISTS / "trs.html").read_bytes() if address == AT["trs.html"] else page.encode()

    found = discovery.discover(AT["trs.html"], fetch)
    assert found.pages == (AT["trs.html"], second)
    assert [at for at, _ in found.failures] == [third]
    assert [e.year for e in found.entries] == [2023, 2022, 2020, 2018]


def test_nothing_found_is_an_error_and_a_circle_of_pages_ends():
    page = '<html><a href="b.html">下一页</a><a href="a.html">下一页</a></html>'.encode()
    asked = []

    def fetch(address):
        asked.append(address)
        return address, page

    with pytest.raises(NothingFound, match=r"on 2 page"):
        discovery.discover("http://www.example.gov.cn/a.html", fetch)
    assert len(asked) == 2


def test_endless_lists_end_at_the_limit():
    def fetch(address):
        number = int(address.rpartition("/")[2].removesuffix(".html"))
        return (
            address,
            f'<html><a href="{number + 1}.html">下一页</a><a href="r{number}.html">{2000 + number % 30}年政府信息公开年报</a>'.encode(),
        )

    assert len(discovery.discover("http://www.example.gov.cn/1.html", fetch, max_pages=7).pages) == 7


ENTRY = Entry("https://www.example.gov.cn/nb/../../etc/passwd,2020.html", '某局,"2020"年报', 2020)


def test_proposed_rows_are_rows_of_a_catalogue(tmp_path):
    catalogue = tmp_path / "catalog.csv"
    proposed = discovery.rows([ENTRY], "某局")
    assert discovery.accept(catalogue, proposed) == 1
    assert discovery.accept(catalogue, proposed) == 0
    (source,) = sources.load(catalogue)
    assert (source.location, source.report_year, source.agency_name) == (ENTRY.address, 2020, "某局")
    assert source.source_id.replace("-", "").isalnum()  # names from the web never become paths
    assert discovery.rows([ENTRY], known=[ENTRY.address]) == []


def test_accepting_keeps_the_rows_and_columns_that_are_there(tmp_path):
    catalogue = tmp_path / "catalog.csv"
    text = ",".join((*sources.COLUMNS, "remark")) + "\na,某,,,,,a.html,seen"
    catalogue.write_text(text, encoding="utf-8")
    assert discovery.accept(catalogue, discovery.rows([ENTRY])) == 1
    assert catalogue.read_text(encoding="utf-8").startswith(text + "\n")
    assert len(sources.load(catalogue)) == 2
    catalogue.write_text(text + "\na,twice,,,,,b.html,", encoding="utf-8")
    with pytest.raises(CatalogueError, match="duplicate"):
        discovery.accept(catalogue, discovery.rows([ENTRY]))


def command(*arguments: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    propose.add_arguments(parser)
    return propose.run(parser.parse_args(arguments))


def test_the_command_prints_rows_adds_rows_and_says_when_there_are_none(tmp_path, capsys):
    page, catalogue = str(LISTS / "year_menu.html"), str(tmp_path / "catalog.csv")
    assert command(page, "--address", AT["year_menu.html"], "--agency", "某市") == propose.FOUND
    printed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(r["report_year"], r["agency_name"]) for r in printed] == [
        ("2022", "某市"),
        ("2021", "某市"),
        ("2020", "某市"),
    ]
    assert command(page, "--address", AT["year_menu.html"], "--catalog", catalogue, "--accept") == propose.FOUND
    assert len(sources.load(Path(catalogue))) == 3
    assert command(page, "--address", AT["year_menu.html"], "--catalog", catalogue) == propose.FOUND
    assert "0 of them new" in capsys.readouterr().err
    empty = tmp_path / "empty.html"
    empty.write_text("<html><body>无</body></html>", encoding="utf-8")
    assert command(str(empty)) == propose.NONE
    assert command("http://127.0.0.1/list.html") == propose.REFUSED
    assert "unsafe_address" in capsys.readouterr().err

"""Which agency a report is of: identifiers with their check digits, the register, and a resolver that never guesses."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.agencies import registry
from extractors.agencies.identifiers import (
    CREDIT_ALPHABET,
    ORGANISATION_ALPHABET,
    IndexNumber,
    classify_index_number,
    credit_check_digit,
    is_credit_code,
    is_organisation_code,
    is_site_code,
    organisation_check_digit,
    organisation_code,
    organisation_in_credit_code,
    site_area,
)
from extractors.agencies.registry import FOLDER, OPEN, RegistryError
from extractors.agencies.resolve import Resolution, Said, resolve

BODY_17 = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)
BODY_8 = st.text(ORGANISATION_ALPHABET, min_size=8, max_size=8)


@given(BODY_17)
def test_a_credit_code_has_exactly_one_check_character(body: str) -> None:
    assert [c for c in CREDIT_ALPHABET if is_credit_code(body + c)] == [credit_check_digit(body)]


@given(BODY_17, st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    """31 is prime and no weight is a multiple of it: every single error changes the check character."""
    wrong = body[:place] + other + body[place + 1 :]
    assert is_credit_code(wrong + credit_check_digit(body)) == (wrong == body)


@given(BODY_17, st.integers(0, 15))
def test_two_neighbours_changed_round_are_noticed(body: str, place: int) -> None:
    wrong = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert is_credit_code(wrong + credit_check_digit(body)) == (wrong == body)


@given(BODY_8)
def test_an_organisation_code_comes_back_with_or_without_its_hyphen(body: str) -> None:
    code = body + organisation_check_digit(body)
    assert is_organisation_code(code)
    assert organisation_code(f"{body}-{code[8]}") == code


@given(st.text("0123456789", min_size=7, max_size=7))
def test_a_lost_leading_zero_is_put_back_only_where_the_check_digit_proves_it(rest: str) -> None:
    code = f"0{rest}" + organisation_check_digit(f"0{rest}")
    assert organisation_code(code[1:]) == code
    wrong = next(c for c in "0123456789" if c != code[8])
    assert organisation_code(rest + wrong) is None


def test_the_code_of_the_field_that_lost_its_zero() -> None:
    assert organisation_code("14258248") == "014258248"


def test_the_check_character_of_a_published_example() -> None:
    """A code that is printed with explanations of GB 32100-2015."""
    assert is_credit_code("91350100M000100Y43")
    assert organisation_in_credit_code("91350100M000100Y43") == "M000100Y4"
    assert not is_credit_code("91350100M000100Y44")
    assert not is_credit_code("91350100M000100Y4")
    assert not is_credit_code("91350100M000100Y4O"), "O is not in the alphabet"


@pytest.mark.parametrize("text", ["", "1234", "I" * 17, "一" * 17])
def test_what_is_no_body_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"characters expected|not in the alphabet"):
        credit_check_digit(text)
    with pytest.raises(ValueError, match=r"characters expected|not in the alphabet"):
        organisation_check_digit(text)


def test_no_credit_code_has_no_organisation_code_inside() -> None:
    with pytest.raises(ValueError, match="no credit code"):
        organisation_in_credit_code("91350100M000100Y44")


@pytest.mark.parametrize(
    ("code", "site", "area"),
    [
        ("5110000003", True, "511000"),
        ("bm12345678", True, None),
        ("0110000003", False, None),
        ("511000000", False, None),
    ],
)
def test_a_site_code_starts_with_its_area(code: str, site: bool, area: str | None) -> None:
    assert (is_site_code(code), site_area(code)) == (site, area)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("91350100M000100Y43/2020-00012", IndexNumber("credit_code", "91350100M000100Y43")),
        ("014258248/2019-00003", IndexNumber("organisation_code", "014258248")),
        ("14258248/2019-00003", IndexNumber("organisation_code", "014258248")),
        ("01425824-8-2019-00003", IndexNumber("organisation_code", "014258248")),
        ("510600-2019-001003", IndexNumber("area_serial", "510600")),
        ("3212000002/2018-00115", IndexNumber("site_code", "3212000002")),
        ("kysrmzf/2020-00011", IndexNumber("letters", "kysrmzf")),
        ("14258249/2019-00003", IndexNumber("unknown", "14258249")),
        ("", IndexNumber("unknown", "")),
    ],
)
def test_what_an_index_number_starts_with(text: str, expected: IndexNumber) -> None:
    assert classify_index_number(text) == expected


@given(st.text(max_size=40))
def test_any_text_is_classified(text: str) -> None:
    assert classify_index_number(text).kind


def found(name: str, year: int, region: str = "", **more: str) -> tuple[str, str, tuple[str, ...]]:
    answer = resolve(Said(name, year, region, **more))
    return answer.result, answer.reason, answer.candidates


@pytest.mark.parametrize(
    ("name", "year", "region", "key"),
    [
        ("德阳市人民政府办公室", 2018, "510600", "office:510600"),
        ("连云港市海州区人民政府", 2015, "320706", "government:320706"),
        ("固原市人民政府办公室", 2019, "640400", "office:640400"),
        ("内江市人民政府", 2020, "511000", "government:511000"),
        ("南平市延平区人民政府办公室", 2018, "350702", "office:350702"),
        ("淮安市人民政府", 2024, "320800", "government:320800"),
        ("上海市人民政府办公厅", 2019, "310000", "office:310000"),
    ],
)
def test_the_agencies_of_the_seven_reports(name: str, year: int, region: str, key: str) -> None:
    assert found(name, year, region) == ("resolved", "name", (key,))
    assert found(name, year) == ("resolved", "name", (key,)), "the name alone is enough"


def test_haizhou_of_2013_and_of_2015_are_two_agencies() -> None:
    before, after = (resolve(Said("连云港市海州区人民政府", year, "320706")) for year in (2013, 2015))
    assert (before.agency_key, after.agency_key) == ("government:320706/320706", "government:320706")


def test_a_county_that_becomes_a_district_stays_one_agency() -> None:
    assert resolve(Said("赣榆县人民政府", 2013)).agency_key == resolve(Said("赣榆区人民政府", 2015)).agency_key
    assert resolve(Said("赣榆县人民政府", 2015)).result == "resolved", "an old name of the same territory"


def test_namesakes_are_told_apart_by_region_words_or_named() -> None:
    both = ("government:210902", "government:320706")
    assert found("海州区人民政府", 2015) == ("ambiguous", "same_name", both)
    assert found("海州区人民政府", 2015, "320706") == ("resolved", "name_and_region", both[1:])
    assert found("海州区人民政府", 2015, "320700") == ("resolved", "name_and_region", both[1:]), (
        "the prefecture is enough"
    )
    assert found("海州区人民政府", 2015, title="连云港市海州区2015年年度报告") == (
        "resolved",
        "name_and_region",
        both[1:],
    )
    assert found("海州区人民政府", 2015, site_code="2109000001") == ("resolved", "name_and_region", both[:1])
    assert found("江苏省海州区人民政府", 2015) == ("resolved", "name", both[1:])


def test_words_that_contradict_each_other_are_not_resolved() -> None:
    assert found("淮安市人民政府", 2024, "320700") == (
        "ambiguous", "name_against_region", ("government:320700", "government:320800")
    )  # fmt: skip


def test_an_abolished_agency_is_not_revived_and_its_heirs_are_named() -> None:
    result, reason, candidates = found("新浦区人民政府", 2015)
    assert (result, reason) == ("unknown", "not_valid_in_year")
    assert {"government:320706", "government:320706/320705"} <= set(candidates)
    assert found("国土资源部", 2018) == ("unknown", "not_valid_in_year", ("mlr", "mnr"))
    assert found("国土资源部", 2017) == ("resolved", "name", ("mlr",))


def test_who_is_not_in_the_register_is_unknown_with_the_governments_nearby() -> None:
    near = ("government:341881", "office:341881")
    assert found("宁国市财政局", 2020, "341881") == ("unknown", "not_in_register", near)
    assert found("某某局", 2020) == ("unknown", "not_in_register", ())


def test_the_bodies_of_the_state_council_by_year_full_and_short_name() -> None:
    for name, year, key in (
        ("应急管理部", 2018, "mem"),
        ("国家安全生产监督管理总局", 2017, "saws"),
        ("中华人民共和国交通运输部", 2020, "mot"),
        ("中华人民共和国海关总署", 2020, "customs"),
        ("国家发展改革委", 2012, "ndrc"),
        ("国家广电总局", 2012, "sarft"),
        ("国家广电总局", 2019, "nrta"),
        ("国家测绘局", 2010, "nasg"),
        ("国家矿山安全监察局", 2021, "nmsa"),
        ("国家林业和草原局", 2018, "nfga"),
    ):
        assert found(name, year) == ("resolved", "name", (key,)), name
    assert found("国家广电总局", 2015) == ("unknown", "not_valid_in_year", ("nrta", "sapprft", "sarft"))
    assert found("中华人民共和国上海海关", 2020) == ("unknown", "not_in_register", ())
    superior = {a.valid_from: a.superior_key for a in registry.default().agencies if a.key == "cnipa"}
    assert superior == {2008: "state_council", 2018: "samr", 2023: "state_council"}


def test_a_site_alone_does_not_decide() -> None:
    assert found("", 2020, site_code="5110000003") == ("ambiguous", "site_only", ("government:511000",))


def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "agencies"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder


def test_an_identifier_that_is_proved_decides_and_a_name_may_contradict_it(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    with (folder / "identifiers.csv").open("a", encoding="utf-8") as handle:
        handle.write("mnr,credit_code,91350100M000100Y43,2018,9999,made up\n")
    changed = registry.load(folder)
    number = "91350100M000100Y43/2020-1"
    assert resolve(Said("", 2020, index_number=number), changed) == Resolution("resolved", "identifier", ("mnr",))
    assert resolve(Said("", 2017, index_number=number), changed).result == "unknown", "not valid then"
    assert resolve(Said("海关总署", 2020, index_number=number), changed) == Resolution(
        "ambiguous", "name_against_identifier", ("customs", "mnr")
    )


@given(st.text(max_size=20), st.integers(1990, 2100), st.sampled_from(["", "320706", "99", "乱"]), st.text(max_size=12))
def test_any_words_get_an_answer_that_names_agencies_of_the_register(
    name: str, year: int, region: str, index: str
) -> None:
    known = {a.key for a in registry.default().agencies}
    answer = resolve(Said(name, year, region, index_number=index))
    assert set(answer.candidates) <= known
    assert (answer.agency_key is not None) == (answer.result == "resolved")


def test_every_government_is_found_by_its_own_name_and_division() -> None:
    """Over the whole register: a name with its division is one agency, or the register has named two alike."""
    register = registry.default().agencies
    listed = [a for a in register if ":" not in a.key]
    assert len(listed) > 90
    for agency in (*register[::17], *listed):
        answer = resolve(Said(agency.name, agency.valid_from, agency.region_code))
        assert agency.key in answer.candidates, agency
        assert answer.result == "resolved", (agency, answer)


@pytest.mark.parametrize(
    ("file", "row", "says"),
    [
        ("regions.csv", "320706,海州区,county,320700,320706,320706,某政府,2020,9999", "320706 is twice in 2020"),
        (
            "regions.csv",
            "320799,某区,county,320700,320706,320706,某政府,2016,9999",
            "territory 320706 is twice in 2016",
        ),
        (
            "agencies.csv",
            "mnr,自然资源部,state_council_department,central,320706,state_council,,2020,9999",
            "mnr is twice in 2020",
        ),
        (
            "agencies.csv",
            "x,某部,state_council_department,central,,state_council,,2020,2019",
            "valid from 2020 to 2019",
        ),
        ("agencies.csv", "x,某部,state_council_department,central,,nobody,,2020,9999", "no agency has the key nobody"),
        (
            "agencies.csv",
            "x,某局,state_council_department,central,,cbirc,,2020,9999",
            "the superior of x is not there in 2023",
        ),
        ("agencies.csv", "x,某局,state_council_department,central,,,mnr,2012,2020", "of x is not there in 2012"),
        ("aliases.csv", "nobody,某,2020,9999", "no agency has the key nobody"),
        ("successions.csv", "mnr,nobody,2020,merged,", "no agency has the key nobody"),
    ],
)
def test_a_register_that_contradicts_itself_is_refused_with_the_rows(
    tmp_path: Path, file: str, row: str, says: str
) -> None:
    folder = copied(tmp_path)
    with (folder / file).open("a", encoding="utf-8") as handle:
        handle.write(row + "\n")
    with pytest.raises(RegistryError, match=says) as caught:
        registry.load(folder)
    assert says.startswith("no agency") or "valid_from=" in str(caught.value), "the rows are shown"


def test_resolved_means_one_candidate() -> None:
    with pytest.raises(ValueError, match="one candidate"):
        Resolution("resolved", "name", ("a", "b"))


def test_divisions_of_the_file() -> None:
    with (FOLDER / "regions.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    in_year = {
        year: {r["region_code"]: r for r in rows if int(r["valid_from"]) <= year <= int(r["valid_to"])}
        for year in (2008, 2013, 2015, 2024)
    }
    assert {y: len(found) for y, found in in_year.items()} == {2008: 3226, 2013: 3220, 2015: 3218, 2024: 3213}
    before, after = (in_year[year]["320706"] for year in (2013, 2015))
    assert before["region_name"] == after["region_name"] == "海州区"
    assert before["constant_code"] == after["constant_code"] == "320706"
    assert (before["territory_id"], after["territory_id"]) == ("320706/320706", "320706")
    assert in_year[2013]["320705"]["constant_code"] == "320706", "新浦区 is part of today's 海州区"
    for year, found_then in in_year.items():
        for r in found_then.values():
            assert r["level"] == "province" or r["parent_code"] in found_then, (year, r)
    assert {r["valid_to"] for r in rows if r["region_code"] in in_year[2024] and int(r["valid_to"]) >= 2024} == {
        str(OPEN)
    }

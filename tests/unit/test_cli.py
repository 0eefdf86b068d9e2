"""`ogi audit`: exit status, the three formats, and files that cannot be audited."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.auditing.comparisons import ComparisonResult
from extractors.cli import Audit, main
from extractors.errors import Undecodable
from extractors.samples import FOLDER

SHANGHAI, YANPING = FOLDER / "shanghai-office-2019.html", FOLDER / "yanping-2018.txt"
NEIJIANG, GUYUAN = FOLDER / "neijiang-2020.html", FOLDER / "guyuan-2019.txt"


def test_nothing_violated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(NEIJIANG)]) == 0
    out = capsys.readouterr().out
    assert "national_2019 table three (table 2): 161 of 161 figures, 2 equal copies" in out
    assert "VIOLATED" not in out


def test_a_violation_is_said_in_words_with_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(YANPING), str(NEIJIANG)]) == 1
    assert "VIOLATED fj_replies [year]: 答复总数 = 同意 + 部分 + 不予 + 其他" in (out := capsys.readouterr().out)
    assert "0 against 2" in out


def test_a_defect_of_ours_over_one_file_leaves_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(data: bytes) -> object:
        raise IndexError("tuple index out of range") if data == SHANGHAI.read_bytes() else Undecodable("no text")

    monkeypatch.setattr("extractors.cli.read", read)
    assert main(["audit", str(SHANGHAI), str(YANPING)]) == 2
    out = capsys.readouterr().out
    assert "reader_error: IndexError at test_cli.py:" in out
    assert "undecodable: no text" in out


def test_json_has_the_shared_names(capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "--format", "json", str(GUYUAN)])
    (found,) = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "file",
        "agency",
        "report_year",
        "scope",
        "forms",
        "facts",
        "residue",
        "identities",
        "suggestions",
        "error",
    ]
    assert found["forms"] == {
        "two": "national_2019",
        "three": "national_2019",
        "four": "national_2019",
        "prose": "narrative",
    }
    assert all((f["value"] is None) == (f["missing"] is not None) for f in found["facts"])
    assert [r["text"] for r in found["residue"]] == ["0", "0", "3"]
    (bad,) = (i for i in found["identities"] if i["verdict"] == "violated")
    assert (bad["id"], bad["over"], bad["lhs"], bad["rhs"], bad["difference"]) == (
        "t4_total",
        "litigation.after_review",
        0,
        2,
        -2,
    )


def test_a_conflict_of_the_prose_is_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.html"
    text = NEIJIANG.read_text(encoding="utf-8")
    told.write_text(
        text.replace("受理并办结政府信息公开申请234件", "受理并办结政府信息公开申请235件"), encoding="utf-8"
    )
    assert main(["audit", str(told)]) == 1
    out = capsys.readouterr().out
    assert "VIOLATED n_requests [completed]: 正文所述申请数 = 新收" in out
    assert "系统2020年受理并办结政府信息公开申请235件；” (paragraph " in out
    assert "  prose: 2 holds, 1 violated\n" in out
    main(["audit", "--format", "json", str(told), str(NEIJIANG)])
    conflict, agreement = (
        [i for i in found["identities"] if i["id"] == "n_requests"] for found in json.loads(capsys.readouterr().out)
    )
    assert [(i["over"], i["lhs"], i["verdict"]) for i in conflict] == [("completed", 235, "violated")]
    assert [(i["over"], i["lhs"], i["rhs"], i["verdict"]) for i in agreement] == [("completed", 234, 234, "holds")]
    main(["audit", "--format", "html", str(told)])
    assert "受理并办结政府信息公开申请235件" in capsys.readouterr().out.split("The prose against the tables")[1]


@pytest.fixture
def years(tmp_path: Path) -> tuple[Path, Path]:
    """A report and the same a year later: what it carried out is not what the later one carried in."""
    later = tmp_path / "neijiang-2021.html"
    text = NEIJIANG.read_text(encoding="utf-8").replace("2020", "2021").replace("2019", "2020")
    later.write_text(text, encoding="utf-8")
    return NEIJIANG, later


def test_two_years_of_one_agency_are_compared(years: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    earlier, later = map(str, years)
    status = main(["audit", "--format", "json", later, earlier])
    second, first = json.loads(capsys.readouterr().out)
    assert (first["report_year"], second["report_year"]) == (2020, 2021)
    assert not [i for i in first["identities"] if "against" in i], "nothing is known of the year before it"
    across = {(i["id"], i["over"]): i for i in second["identities"] if "against" in i}
    assert {i["against"] for i in across.values()} == {earlier}
    assert {code for code, _ in across} == {
        "x_carry_over", "x_items", "p01_jump", "p03_repeated", "p03_prose_repeated", "p18_digit_short", "p19_unit_slip",
    }  # fmt: skip
    cells = {(f["line"], f["column"]): f["value"] for f in first["facts"] if f["table"] == "three"}
    for column in ("natural", "total"):
        found = across["x_carry_over", column]
        sides = cells["requests.carried_out", column], cells["requests.carried_in", column]
        assert (found["lhs"], found["rhs"]) == sides
        assert found["verdict"] == ("holds" if sides[0] == sides[1] else "violated")
    broken = [i for i in across.values() if i["verdict"] == "violated"]
    assert broken
    assert status == 1, "alone, both are without fault"
    assert main(["audit", later]) == 0


def test_a_report_that_repeats_last_years_is_suspected_and_not_accused(
    years: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sentences = (
        f"{a}{b}事项由各有关部门按照职责分工组织实施并持续推进落实到位。" for a in "甲乙丙丁" for b in "子丑寅卯辰"
    )
    copied = f"<p>{'</p><p>'.join(sentences)}</p></body>"
    earlier, later = str(tmp_path / "earlier.html"), str(years[1])
    for source, target in ((NEIJIANG, earlier), (years[1], later)):
        text = source.read_text(encoding="utf-8")
        Path(target).write_text(text.replace("</body>", copied), encoding="utf-8")
    main(["audit", earlier, later])
    out = capsys.readouterr().out
    assert f"IMPLAUSIBLE p03_prose_repeated [report] with {earlier}: 正文与上年报告逐字相同的部分不过半" in out
    assert f"IMPLAUSIBLE p03_repeated [table] with {earlier}" in out
    assert f"VIOLATED x_carry_over [total] with {earlier}" in out
    result = ComparisonResult(
        "p03_prose_repeated", "report", "report", "report", "", True, *map(Decimal, (50, 80, -30)), "violated"
    )
    assert not Audit("b.html", None, (), (), None, (("a.html", result),)).is_violated
    assert Audit("b.html", None, (), (), None, (("a.html", replace(result, identity="x_in_force")),)).is_violated


def test_text_and_page_name_the_other_file(years: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    earlier, later = map(str, years)
    main(["audit", earlier, later])
    text = capsys.readouterr().out
    assert f"with {earlier}: " in text
    assert "] with " + earlier + ": " in text
    main(["audit", "--format", "html", earlier, later])
    page = capsys.readouterr().out
    assert "With the report of the year before" in page
    assert "上年结转下年度继续办理 = 本年的上年结转" in page
    assert page.count(f"<td>{earlier}</td>") > 5


def test_another_agency_or_scope_or_year_is_not_compared(
    years: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.html"
    other.write_text(years[1].read_text(encoding="utf-8").replace("内江", "乐山"), encoding="utf-8")
    main(["audit", "--format", "json", *map(str, (NEIJIANG, other, GUYUAN))])
    found = json.loads(capsys.readouterr().out)
    assert not [i for f in found for i in f["identities"] if "against" in i]


def test_the_page_is_self_contained_and_shows_states(capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "--format", "html", str(GUYUAN), str(SHANGHAI)])
    out = capsys.readouterr().out
    assert "http://" not in out
    assert "https://" not in out
    for state in ("read", "blank", "ambiguous", "unplaced", "violated"):
        assert f'class="{state}"' in out, state


def test_markup_in_a_report_stays_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = (
        "<p>某某县人民政府2022年政府信息公开工作年度报告</p><table><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td>"
        "<td>现行有效件数</td></tr><tr><td>规章</td><td>1</td><td>0</td><td>&lt;script&gt;alert(1)&lt;/script&gt;</td></tr></table>"
    )
    (tmp_path / "<b>.html").write_text(hostile, encoding="utf-8")
    main(["audit", "--format", "html", str(tmp_path / "<b>.html")])
    out = capsys.readouterr().out
    assert "<script" not in out
    assert "<b>" not in out


def test_files_that_cannot_be_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 40)
    assert (
        main(
            [
                "audit",
                str(tmp_path / "empty"),
                str(tmp_path / "noise"),
                str(tmp_path / "none"),
                str(tmp_path),
                str(YANPING),
            ]
        )
        == 2
    )
    out = capsys.readouterr().out
    assert [
        w for w in ("not audited: empty", "not audited: unknown_type", "not audited: missing_file") if w not in out
    ] == []
    assert "VIOLATED fj_replies" in out


def test_many_files_go_to_all_cores_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "--format", "json", *[str(p) for p in [YANPING, GUYUAN] * 6]])
    found = json.loads(capsys.readouterr().out)
    assert [f["file"] for f in found] == [str(p) for p in [YANPING, GUYUAN] * 6]
    assert found[0]["facts"] == found[2]["facts"]

"""What a report says about itself: agency, year, period, date, scope, identifiers. The catalogue is not consulted here."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby, pairwise

from extractors.agencies import registry
from extractors.agencies.resolve import STATE
from extractors.forms.catalogue import FORMS_FOLDER
from extractors.model import Document, Identification
from extractors.reading.labels import simplify
from extractors.reading.numbers import fold, of_numerals

_NAME = r"[\u4e00-\u9fff]{2,30}?(?:\([\u4e00-\u9fff、]{2,20}\))?"
_BRACKETS = re.compile(r"\(.*\)$")
_ABOUT = re.compile(r"(?:关于(?:印发|公布|发布|公开)?)$")
_TAIL = r"(?:政府信息公开|信息公开|政务公开)(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:总结)?(?:报告|年报)"
_TITLE = re.compile(rf"(?:^|[^\d])(?P<year>20\d\d)(?!学年)年?度?(?P<name>{_NAME})?(?:关于)?{_TAIL}")
_TITLE_NAME_FIRST = re.compile(
    rf"(?P<name>{_NAME})(?:关于)?(?P<year>20\d\d)年?度?(?:[全本][省市区县州镇乡局委厅])?{_TAIL}"
)
_TITLE_YEAR_LAST = re.compile(rf"(?:^|\d)(?P<name>{_NAME})?{_TAIL}\((?P<year>20\d\d)年?度?\)")
_TITLE_YEAR_WITHIN = re.compile(
    rf"(?P<name>{_NAME})(?:政府信息公开|信息公开)(?:工作)?(?P<year>20\d\d)年?度?(?:年度)?(?:工作)?(?:总结)?(?:报告|年报)"
)
_TITLE_UNDATED = re.compile(rf"^(?P<name>{_NAME})(?:关于)?{_TAIL}$")
_TITLES = (_TITLE_NAME_FIRST, _TITLE_YEAR_LAST, _TITLE_YEAR_WITHIN, _TITLE)
_NEIGHBOUR = re.compile(
    r"^(?:[上下]一?[篇条页]|相关)|(?:栏目|专栏|目录|列表)$|20\d\d年?[-至—~]20\d\d年|[与较比同]20\d\d年"
)
"""Lines that name other reports, or several years."""
_PREFIX = re.compile(
    r"^(?:[现特兹](?:予|予以|向社会)?公布|现将|现就|关于|印发|转发|公示|公布|发布|一?图解|一图读懂|解读)+[:|]?"
)
_OFFICE = r"(?:政府|办公室|办公厅|委员会|管委会|办事处|[局厅署院])"
_MADE = re.compile(rf"^由?(.*{_OFFICE})?.{{0,6}}(?:编制|编写|撰写|公布|发布|制定)(?:了|的)?$")
"""What stands before a report in a sentence of who made it; the office may be `we`."""
_BY = re.compile(
    r"(?:报告|年报)(?:是)?由(?P<maker>[\u4e00-\u9fff]{4,30}?)(?:根据|依据|按照|编制|汇总)"
    rf"|,由?(?P<writer>[\u4e00-\u9fff]{{2,28}}?{_OFFICE})编制(?:并|和|、)?(?:公布|发布|公开)?了?(?:20\d\d年?度?{_TAIL}|本(?:年度)?报告)"
    rf"|(?:现|特|兹)(?:将|予以)?(?:公布|发布|公开|向社会公布)(?P<publisher>[\u4e00-\u9fff]{{4,30}}?)(?:20\d\d年?度?)?{_TAIL}"
)
_STANDALONE = re.compile(
    r"^(?!中共|中国共产党)[\u4e00-\u9fff]{2,28}?(?:人民政府(?:办公室|办公厅)?|委员会|管委会|[局厅署院]|街道办事处|海关|(?<=中国人民银行)[\u4e00-\u9fff]{2,20}[分支]行"
    r"|(?:消防救援|公安|交通警察|交警)[总支大]队|(?<=[省市县区州盟旗])[\u4e00-\u9fff]{2,12}(?:(?<![省市县区州盟旗纪])委|(?<!小组)办公室))$"
)
_PUBLISHER = re.compile(
    rf"(?:发布|公开|编制|制作)(?:机构|单位|部门|机关):?([\u4e00-\u9fff]{{2,28}}?{_OFFICE})(?![\u4e00-\u9fff、]*{_OFFICE})"
)
_CAPTION_YEAR = re.compile(r"^\(?(20\d\d)年度\)?$")
_PRESENTS = re.compile(r"[现特兹](?:将|予|公布)|编制|如下")
_REPORT_OF = re.compile(rf"(?<![与较比同])(20\d\d)(?!学年)年?度?{_TAIL}")
_PERIOD = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日(?:起)?,?(?:至|到|—|-)(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日")
_DATE = r"(20\d\d)[-年/.](\d{1,2})[-月/.](\d{1,2})(?!\d)"
_PUBLISHED = re.compile(rf"(?:(?:发布|公布|公开)(?:日期|时间)|发布于)[】\])]?:?{_DATE}")
_WRITTEN = re.compile(
    rf"(?:(?:发文|生成)(?:日期|时间)[】\])]?:?|(?:^|[^\u4e00-\u9fff]|来源:[^\n:]{{1,20}}?)(?:日期|时间):){_DATE}",
    re.MULTILINE,
)
_BEFORE_SOURCE = re.compile(
    rf"(?:^|[^\d]){_DATE}日?[\])】]?(?:(?:信息)?来源|(?:浏览|阅读|点击|访问)(?:次数|量|数)?):", re.MULTILINE
)
_STAMP = re.compile(
    rf"(?<!今天是)(?<!现在是)(?:^|[^\u4e00-\u9fff:]|(?:来源|作者)[^\n]{{0,30}}?|(?:更新|录入|上传|发表)(?:时间|日期):?){_DATE}日? ?\d{{1,2}}[时:]\d{{2}}"
    r"(?![^\n]{0,3},|[^\n]{0,6}(?:星期|周[一二三四五六日]))",
    re.MULTILINE,
)
_SIGNED = re.compile(rf"^\(?{_DATE}日?\)?$")
_ZERO = "〇零○◯Oo0ΟО"  # as it is typed: letters of three alphabets, too
_NUMERALS = str.maketrans(f"{_ZERO}一二三四五六七八九", f"{'0' * len(_ZERO)}123456789")
_YEAR_IN_WORDS = re.compile(rf"二[{_ZERO}][{_ZERO}一二][{_ZERO}一二三四五六七八九](?=年)")
_DAY_IN_WORDS = re.compile(r"(?<=年)([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日")
_SPACE_WITHIN = re.compile(r" (?!\d)|(?<!\d) ")
_INDEX = re.compile(r"索引号[:]?([0-9A-Za-z/\-_〔〕]+)")
_SITE_CODE = r"([0-9a-z]{10})"
_SITE = re.compile(rf"网站标识码[:]?{_SITE_CODE}")
_NO_PLACE = re.compile(
    r"^(?:本|我|[省市县区州盟旗镇乡])(?:人民)?(?:政府|机关|单位|[局厅委办])|^[局厅委办](?!公室)|^(?:政府)?信息公开"
)
_REGION_END = re.compile(r"(?:省|自治区|市|县|区|州|盟|旗|镇|乡)$")
_NO_GOVERNMENT = re.compile(r"(?:开发|工业|保护|实验|试验|示范|高新|管理|风景|景|度假|保税|合作|产业|园|社|小)区$")
"""Areas that are no divisions: no people's government stands over them."""
_REGION = re.compile(r"[\u4e00-\u9fff]{1,12}(?:省|自治区|市|县|区|州|盟|旗)")
_PRINTED_AT = re.compile(
    r"^\d{1,4}[/.]\d{1,2}[/.]\d{1,4},?\d{1,2}:\d{2}(?:[AP]M)?"
)  # a browser's stamp before the title
_TOP, _SMALL = 3, 24  # rows of a table, and cells of one that is looked at whole, in which it says what the document is
_HEAD = 12  # paragraphs in which a title may stand
_LONGEST_PIECE, _MOST_PIECES = 30, 3  # characters of a line of a title that is set in several, and how many


@cache
def _scope_cues() -> tuple[tuple[str, re.Pattern[str]], ...]:
    with (FORMS_FOLDER / "scope.csv").open(encoding="utf-8", newline="") as handle:
        return tuple((r["scope"], re.compile(r["pattern"])) for r in csv.DictReader(handle))


def identify(document: Document) -> Identification:
    """Identification from the text alone; a field is None where the text does not say."""
    lines = [_folded(p.text) for p in document.prose]
    named = [_folded(text) for text in (document.article, document.title) if text]
    head = named + lines[:_HEAD]
    whole = "\n".join(lines)
    dated = "\n".join(_spaced(p.text) for p in document.prose)
    tops = [(g, c) for g in document.grids for c in g.cells if c.row < _TOP or len(g.cells) <= _SMALL]
    cells = [_folded(c.text) for _, c in tops]
    rows = ("".join(_spaced(c.text) for _, c in row) for _, row in groupby(tops, key=lambda t: (t[0].number, t[1].row)))
    listed = "\n".join(rows)
    period = _PERIOD.search(whole)
    year, title_text, name = _titled(head, lines)
    if year is None:
        captions = [m[1] for line in [*lines, *cells] if (m := _CAPTION_YEAR.match(line))]
        year = int(captions[0]) if captions else (int(period[1]) if period else _year_of_sentences(lines))
    scope, cue = _scope(whole)
    published = (
        _PUBLISHED.search(dated)
        or _PUBLISHED.search(listed)
        or re.match(_DATE, document.published or "")
        or _WRITTEN.search(dated)
        or _WRITTEN.search(listed)
        or _STAMP.search(dated)
        or _BEFORE_SOURCE.search(dated)
    )
    published = published or next((m for line in reversed(lines) if (m := _SIGNED.match(line))), None)
    everything = whole + "\n" + "".join(cells)
    index = _INDEX.search(everything)
    site = _SITE.search(everything) or re.fullmatch(_SITE_CODE, (document.site or "").lower())
    return Identification(
        agency_name=_agency(whole, name, head) or _signed(lines) or _publisher(listed),
        report_year=year,
        scope=scope,
        scope_cue=cue,
        title=title_text or None,
        published_on=_iso(published.groups()[:3]) if published else None,
        period_start=_iso(period.group(1, 2, 3)) if period else None,
        period_end=_iso((period[4] or period[1], period[5], period[6])) if period else None,
        index_number=index[1] if index else None,
        site_code=site[1] if site else None,
    )


def _folded(text: str) -> str:
    """Folded, without white space, years in Chinese numerals as digits."""
    return _in_digits("".join(fold(simplify(text)).split()))


def _spaced(text: str) -> str:
    """The same with the space between two figures: of a day and an hour."""
    return _in_digits(_SPACE_WITHIN.sub("", " ".join(fold(simplify(text)).split())))


def _in_digits(plain: str) -> str:
    if "二" not in plain:
        return plain
    plain = _DAY_IN_WORDS.sub(lambda m: f"{of_numerals(m[1])}月{of_numerals(m[2])}日", plain)
    return _YEAR_IN_WORDS.sub(lambda m: m.group().translate(_NUMERALS), plain)


def _titled(head: Sequence[str], lines: Sequence[str]) -> tuple[int | None, str, str]:
    """(year, title, name) of the first line that reads like a title; the name may stand on the line above it.

    Where no title has a year, the name of one at the top: a list of reports is headed so, too, and is no report for that.
    """
    everything = [*head, *lines]
    first: tuple[int | None, str, str] | None = None
    for position, line in enumerate(everything):
        if first and position >= len(head):
            break
        if len(line) > 60 or "《" in line or _NEIGHBOUR.search(line):
            continue
        line = _PRINTED_AT.sub("", line)
        match = _title(line)
        if match is None and (whole := _set_in_lines(everything[position : len(head)])):
            line, match = whole, _title(whole)
        if match is None or (first and int(match["year"]) != first[0]):
            continue
        name = _name(match)
        if not _is_whole(name):
            name = "" if first else _name_above(everything[:position])
        first = (int(match["year"]), first[1] if first else line, name)
        if name:
            break
    if first:
        return first
    undated = next((m for line in head if not _NEIGHBOUR.search(line) and (m := _TITLE_UNDATED.match(line))), None)
    name = _name(undated) if undated else ""
    return None, "", name if _is_whole(name) else ""


def _year_of_sentences(lines: Sequence[str]) -> int | None:
    """The year of the only report that sentences present: 现将本街道2022年度政府信息公开工作情况报告如下."""
    years = {year for line in lines if _PRESENTS.search(line) for year in _REPORT_OF.findall(line)}
    return int(years.pop()) if len(years) == 1 else None


def _title(line: str) -> re.Match[str] | None:
    return next(filter(None, (title.search(line) for title in _TITLES)), None)


def _set_in_lines(head: Sequence[str]) -> str:
    """The title that the next lines are together and none of them is alone; empty where they are none."""
    for count in range(2, _MOST_PIECES + 1):
        pieces = head[:count]
        if len(pieces) < count or any(len(p) > _LONGEST_PIECE or _title(p) or _NEIGHBOUR.search(p) for p in pieces):
            return ""
        if _title("".join(pieces[1:])):  # it begins with the next line
            return ""
        if _title(whole := "".join(pieces)):
            return whole
    return ""


def _name(title: re.Match[str]) -> str:
    name = _ABOUT.sub("", _BRACKETS.sub("", _PREFIX.sub("", title["name"] or "")))
    if made := _MADE.match(name):
        name = made[1] or ""
    return f"{name}政府" if name.endswith("人民") else name  # 江西省人民政府信息公开年度报告: one 政府 stands for both


def _name_above(lines: Sequence[str]) -> str:
    """The agency that stands alone on the line above a title, with its region where that has a line of its own."""
    if not lines or not _is_office(lines[-1]):
        return ""
    if len(lines) > 1 and _is_office(lines[-2]):  # the last of a list
        return ""
    region = lines[-2] if len(lines) > 1 and _REGION.fullmatch(lines[-2]) else ""
    return region + lines[-1]


def _is_office(line: str) -> bool:
    """Whether a line is the name of an office and nothing else: by how it ends, or because the register has it (教育部)."""
    return bool(_STANDALONE.match(line)) or line.removeprefix(STATE) in registry.names()


def _is_whole(name: str) -> bool:
    """Whether a name in a title says whose office it is: 市政府办公室 alone does not."""
    return len(name) >= 3 and not _NO_PLACE.match(name)


def _agency(whole: str, named: str, head: Sequence[str]) -> str | None:
    """The agency of the title, else the one that says it made the report, else the only one that stands alone at the top."""
    if named:
        return f"{named}人民政府" if _REGION_END.search(named) and not _NO_GOVERNMENT.search(named) else named
    by = _BY.search(whole)
    if by and _is_whole(name := by["maker"] or by["writer"] or by["publisher"]):
        return name
    alone = {line for line in head if _is_office(line)}
    return alone.pop() if len(alone) == 1 else None


def _signed(lines: Sequence[str]) -> str | None:
    """The agency that stands alone on the line above the date at the end."""
    for above, line in pairwise(reversed(lines)):
        if _SIGNED.match(above):
            return line if _is_office(line) and _is_whole(line) else None
    return None


def _publisher(listed: str) -> str | None:
    """The agency that a table of metadata names as the one that published the report."""
    found = _PUBLISHER.search(listed)
    return found[1] if found and _is_whole(found[1]) else None


def _scope(whole: str) -> tuple[str | None, str]:
    """The first cue of scope.csv that the text has, with the words; cues stand there from strong to weak."""
    for scope, pattern in _scope_cues():
        if match := pattern.search(whole):
            return scope, match.group()
    return None, ""


def _iso(parts: Sequence[str | None]) -> str | None:
    year, month, day = (int(p) if p else 0 for p in parts)
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None


_LEVELS = {"province": "provincial", "prefecture": "prefecture", "county": "county"}


def kind_and_level(name: str, region_code: str) -> tuple[str, str]:
    """(agency_kind, agency_level) by the words of the name and the digits of the division code; empty if neither says."""
    level = ""
    if region_code:
        level = "province" if region_code[2:6] == "0000" else "prefecture" if region_code[4:6] == "00" else "county"
    if re.search(r"(?:镇|乡)人民政府$|街道办事处$", name):
        return "township_government", "township"
    if re.search(r"政府(?:办公室|办公厅)$", name):
        return "government_office", level
    if re.search(r"(?:管理委员会|管委会)$", name):
        return "development_zone", level
    if name.endswith("政府"):
        return (f"{_LEVELS[level]}_government" if level else ""), level
    if re.search(r"(?:局|委员会|厅|办公室)$", name):
        return (f"{_LEVELS[level]}_department" if level else ""), level
    return "", level

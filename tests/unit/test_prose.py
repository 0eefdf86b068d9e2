"""Sentences to quantities: what the patterns of forms/narrative read, and what its refusals leave to the sentence."""

from __future__ import annotations

import csv
import re
from decimal import Decimal

import pytest

from extractors.forms.catalogue import FORMS_FOLDER, default
from extractors.model import Prose
from extractors.reading import prose
from extractors.reading.numbers import of_numerals

NARRATIVE = default().table("narrative", "prose")
with (FORMS_FOLDER / "narrative" / "refusals.csv").open(encoding="utf-8", newline="") as handle:
    REFUSALS = list(csv.DictReader(handle))
HEADING = "三、依申请公开政府信息情况"


def stated(*sentences: str, agency: str | None = None) -> dict[str, Decimal | None]:
    paragraphs = [Prose(s, f"paragraph {i}") for i, s in enumerate(sentences)]
    return {f.line: f.value for f in prose.facts(paragraphs, NARRATIVE, 2013, agency) if f.column == prose.COLUMN}


@pytest.mark.parametrize("number", range(len(REFUSALS)), ids=[r["reason"] for r in REFUSALS])
def test_a_refusal_leaves_its_example_open_which_without_it_would_be_misread(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = REFUSALS[number]
    lines = re.compile(row["lines"])
    assert not [line for line in stated(row["example"]) if lines.fullmatch(line)]
    all_of = prose._refusals
    mine = re.compile(row["pattern"])

    def without(line: str) -> tuple[prose._Refusal, ...]:
        return tuple(r for r in all_of(line) if (r.region, r.expression) != (row["region"], mine))

    monkeypatch.setattr(prose, "_refusals", without)
    assert [line for line in stated(row["example"]) if lines.fullmatch(line)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("主动公开各类政府信息二十六条。", {"disclosed.total": 26}),
        ("主动公开政府信息14万9000条。", {"disclosed.total": 149000}),
        ("主动公开信息共1,204条,其中门户网站发布信息800条。", {"disclosed.total": 1204, "channel.website": 800}),
        ("省直单位公开98427条,市州公开1764827条。", {"disclosed.departments": 98427, "disclosed.lower_levels": 1764827}),
        ("制定规范性文件6件,公开规范性文件5件。", {"issued.normative": 6, "disclosed.normative": 5}),
        ("共接到信息公开申请:9件。", {"requests.received": 9}),
        ("没有收到公民、法人和其他组织的政府信息公开申请。", {"requests.received": 0}),
        ("受理信息公开申请总量为297件。", {"requests.received": 297}),
        ("申请中,以信函形式申请11件,通过当面递交4件,网上申请3宗。", {"requests.letter": 11, "requests.in_person": 4, "requests.online": 3}),
        ("申请答复86件,申请办结86件,3件结转至2014年。", {"requests.answered": 86, "requests.completed": 86, "requests.carried_out": 3}),
        ("其中“同意公开”的412件,“部分公开”31件,“不予公开”的18件。", {"replies.granted": 412, "replies.partial": 31, "replies.denied": 18}),
        ("信息不存在的5件,非本机关掌握的7件,不属于本机关职责范围8件。", {"replies.not_existing": 5, "replies.not_this_agency": None}),
        ("信息公开申请中,通过网络提出的四件,邮寄2件,通过在线平台申请6件,无传真申请。", {
            "requests.online": None, "requests.letter": 2, "requests.fax": 0}),
        ("较2011年增加3条。年内未收到公民、法人和其他组织的政府信息公开申请,上年无结转。", {"requests.received": 0, "requests.carried_in": 0}),
        ("全年无公民、法人或其他组织申请公开政府信息,没有对政府信息公开申请收取任何费用。", {"requests.received": 0, "request_fees": 0}),
        ("收到信息公开申请17件,均在法定期限内答复。17件申请均已按时办结。", {
            "requests.received": 17, "requests.answered": 17, "requests.completed": 17}),
        ("收到信息公开申请17件,15件按时办结,其中2件延期办结。", {"requests.received": 17}),
        ("信息公开申请5件,接受咨询30件,答复30件。", {}),
        ("信息公开申请9件(含上年度结转4件),已办结8件,结转2014年办理1件。", {
            "requests.carried_in": 4, "requests.completed": 8, "requests.carried_out": 1}),
        ("办理依申请公开件210件,其中上年结转11件、本年新收199件;年内答复203件,其余7件将按规定在2014年办结。", {
            "requests.carried_in": 11, "requests.received": 199, "requests.answered": 203, "requests.carried_out": 7}),
        ("因信息公开被申请行政复议7件,均维持;行政诉讼3件,法院均判决驳回原告诉讼请求。", {
            "review.total": 7, "review.upheld": 7, "litigation.total": 3, "litigation.upheld": 3}),
        ("以我局为被申请人的信息公开行政复议案件3件,尚未审结。", {"review.total": 3, "review.pending": 3}),
        ("信息公开行政复议2件,其中1件维持我局决定,1件被撤销并责令重新答复。", {"review.total": 2, "review.upheld": 1, "review.corrected": 1}),
        ("门户网站共发布各类信息6842条,其中规范性文件类4条。", {"channel.website": 6842, "category.normative": 4}),
        ("一年来,湖滨镇未收到书面或电子形式的政府信息公开申请,无上年度结转申请。", {"requests.received": 0, "requests.carried_in": 0}),
        ("受理公众政府信息公开申请325件,网上申请数2件。", {"requests.received": 325, "requests.online": 2}),
        ("信息公开申请总数2件。行政复议数量0件,行政诉讼数量0件。", {"requests.received": 2, "review.total": 0, "litigation.total": 0}),
        ("通过不同方式公开政府信息的总数为96条,其中县政府各部门公开60条,乡镇公开36条。", {
            "disclosed.total": 96, "disclosed.departments": 60, "disclosed.lower_levels": 36}),
        ("因信息公开引起行政诉讼2件,其中1件驳回起诉,1件未审结。", {
            "litigation.total": 2, "litigation.upheld": 1, "litigation.pending": 1}),
        ("行政复议6件,维持4件,尚在审理2件;行政诉讼2件,驳回原告诉讼请求1件。", {
            "review.total": 6, "review.upheld": 4, "review.pending": 2, "litigation.total": 2, "litigation.upheld": 1}),
        ("未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。", {"review.total": 0, "litigation.total": 0}),
        ("行政诉讼3件,未经行政复议直接起诉3件,结果维持2件。", {"litigation.total": 3, "litigation.upheld": 2}),
        ("共收取检索、复制、邮寄等费用1,284.5元。", {"request_fees": Decimal("1284.5")}),
        ("共收取成本费用3.7万元。", {"request_fees": 37000}),
        ("未向申请人收取任何费用。", {"request_fees": 0}),
        ("收到政府信息公开申请(含网上)120多件。", {}),
        ("主动公开政府信息上千条。", {"disclosed.total": None}),
        ("行政诉讼二件,结果维持一件;行政复议三件,结果维持两件。", {
            "litigation.total": 2, "litigation.upheld": 1, "review.total": 3, "review.upheld": 2}),
        ("主动公开政府信息234.5条。", {}),
        ("网络申请12件,占比较上年提高5%。", {"requests.online": 12}),
        ("2012年收到信息公开申请218件;其中当面申请200件。", {}),
        ("自2008年5月1日至2013年12月31日,主动公开政府信息8812条。", {}),
        ("2013年1月1日至12月31日,主动公开政府信息8812条。", {"disclosed.total": 8812}),
        ("五年来,主动公开政府信息8812条。", {}),
        ("2013年11月主动公开政府信息230条。", {}),
        ("没有发生因政府信息公开引起的行政复议和行政诉讼。", {"review.total": 0, "litigation.total": 0}),
        ("行政复议6件,3件被纠正,维持2件,其他1件。", {
            "review.total": 6, "review.corrected": 3, "review.upheld": 2, "review.other_outcome": 1}),
        ("行政诉讼3件,胜诉2件,败诉1件。", {"litigation.total": 3, "litigation.upheld": 2, "litigation.corrected": 1}),
        ("行政诉讼6件,直接起诉3件,结果维持2件;复议后起诉3件,结果维持2件。", {"litigation.total": 6, "litigation.upheld": None}),
        ("直接起诉的信息公开行政诉讼5件,复议后起诉的信息公开行政诉讼5件。", {"litigation.total": None}),
        ("2012年结转4件,其中网上申请2件。2件将于2014年答复。", {
            "requests.carried_in": 4, "requests.online": 2, "requests.carried_out": 2}),
        ("2013年结转4件。2件申请结转至2013年。", {}),
        ("未收取信息处理费。", {"processing_fee": 0}),
        ("通过局网站公开信息120条。", {"channel.website": 120}),
        ("属于商业秘密的3件,需补充更正的2件,通过其他途径办理的1件。", {
            "denied.trade_secret": 3, "replies.amend_request": 2, "replies.other_route": 1}),
        ("概况类20条,计划总结类15条,规范性文件类7条,动态类131条,财政预决算及资金使用类18条,其他类23条。", {
            "category.overview": 20, "category.plans": 15, "category.normative": 7, "category.activities": 131,
            "category.finance": 18, "category.other": 23}),
        ("工作动态648条;规范性文件17条;人事招录25条;其他238条。", {
            "category.activities": 648, "category.normative": 17, "category.personnel": 25, "category.other": 238}),
        ("按渠道划分,门户网站1422条,政务微博和微信886条。", {"channel.website": 1422, "channel.weibo_wechat": 886}),
        ("通过各类渠道公开政府信息1540条。", {"disclosed.total": 1540}),
        ("一年来,全市累计主动公开政府信息8.642万条。", {"disclosed.total": 86420}),
        ("截至年底,累计主动公开政府信息8.642万条。", {}),
        ("县直部门公布9230条,各乡镇公布4240条。", {"disclosed.departments": 9230, "disclosed.lower_levels": 4240}),
        ("街道主动公开政府信息642条。", {"disclosed.total": 642}),
        ("制发规范性文件6件,均已主动公开。", {"issued.normative": 6, "disclosed.normative": 6}),
        ("未制定规范性文件。", {"issued.normative": 0}),
        ("设立公共查阅点4处,其中县政务服务中心1处、县档案馆1处、县图书馆及其分馆2处。", {
            "resources.reading_points.service_centres": 1, "resources.reading_points.archives": 1,
            "resources.reading_points.libraries": 2}),
        ("网络、信函、传真、当面申请分别为92件、51件、8件和5件。", {
            "requests.online": 92, "requests.letter": 51, "requests.fax": 8, "requests.in_person": 5}),
        ("收到信息公开申请14件,网络、当面各10件、3件、1件。", {"requests.received": 14}),
        ("信息公开申请2件,一件通过传真提出,一件通过信函提出。", {"requests.fax": 1, "requests.letter": 1}),
        ("信息公开申请34件,34件申请均于15个工作日内书面答复,34件全数按时办结。", {
            "requests.answered": 34, "requests.completed": 34}),
        ("上年结转和结转下年均为0件。", {"requests.carried_in": 0, "requests.carried_out": 0}),
        ("收到信息公开申请143件,与2012年的167件相比下降14.4%,加上上年转入的9件,共需办理152件。", {
            "requests.received": 143, "requests.carried_in": 9}),
        ("40件申请中,17件同意公开,6件同意部分公开,4件不同意公开,6件信息不存在,1件告知通过其他途径办理。", {
            "replies.granted": 17, "replies.partial": 6, "replies.denied": 4, "replies.not_existing": 6,
            "replies.other_route": 1}),
        ("申请同意公开17件,不同意公开6件,信息不存在3件。", {
            "replies.granted": 17, "replies.denied": 6, "replies.not_existing": 3}),
        ("不同意公开的申请中,国家秘密5件、涉商业秘密8件、个人隐私14件。", {
            "denied.state_secret": 5, "denied.trade_secret": 8, "denied.privacy": 14}),
        ("不予公开的两件,一件涉及国家秘密,一件涉及个人隐私。", {
            "replies.denied": 2, "denied.state_secret": 1, "denied.privacy": 1}),
        ("申请内容涉及征地补偿的7件,其他2件。", {"subject.land": 7, "subject.other": 2}),
        ("15件申请中,11件涉及房屋征收,4件涉及其他。", {"subject.land": 11, "subject.other": 4}),
        ("没有发生信息处理费。依申请公开收费0元。", {"processing_fee": 0, "request_fees": 0}),
        ("收取复制费及邮寄费共计46元。", {"request_fees": 46}),
        ("信息公开复议案件98件,维持63件、纠正9件、其他结果16件、尚未审结10件。诉讼案件5宗,结果维持3宗。", {
            "review.total": 98, "review.upheld": 63, "review.corrected": 9, "review.other_outcome": 16, "review.pending": 10,
            "litigation.total": 5, "litigation.upheld": 3}),
        ("因信息公开被申请复议1件,复议机关撤销了原答复。", {"review.total": 1, "review.corrected": 1}),
        ("发生1件信息公开行政复议案件,已决定维持。", {"review.total": 1, "review.upheld": 1}),
        ("没有公民、法人和其他组织就我镇信息公开申请行政复议或提起行政诉讼。", {"review.total": 0, "litigation.total": 0}),
        ("行政复议、行政诉讼均为零。", {"review.total": 0, "litigation.total": 0}),
        ("新闻发布会全年举行47场。", {"response.press_conferences": 47}),
        ("计划全年主动公开500条。", {}),
        ("征求第三方意见,3件同意公开,2件不同意公开。", {}),
        ("定密审查中,国家秘密5件、商业秘密8件。", {}),
        ("行政复议中,2件涉及拆迁,1件涉及其他。", {}),
        ("市本级、各县分别公开12条、30条。", {}),
        ("累计主动公开政府信息2341条。其中2013年新增的主动公开政府信息312条。", {"disclosed.total": 312}),
        ("答复如下:同意公开的38件,不予公开的5件,其中涉及商业秘密的2件、涉及第三方个人隐私的3件;信息不存在的21件;"
         "非本机关职责权限范围的14件;申请内容不明确的4件;非政府信息的3件。", {
            "replies.granted": 38, "replies.denied": 5, "denied.trade_secret": 2, "denied.privacy": 3,
            "replies.not_existing": 21, "replies.not_this_agency": 14, "replies.amend_request": 4,
            "denied.not_government_information": 3}),
        ("其中:公开139件;部分公开12件;不公开28件;不属于我局78件;不存在35件。", {
            "replies.granted": 139, "replies.partial": 12, "replies.denied": 28, "replies.not_this_agency": 78,
            "replies.not_existing": 35}),
        ("收到政府信息公开申请三件,均为信函申请。", {"requests.received": 3, "requests.letter": 3}),
        ("收到申请6件,来人申请2件,来函申请1件,线上提交3件。", {
            "requests.received": 6, "requests.in_person": 2, "requests.letter": 1, "requests.online": 3}),
        ("收到群众要求公开政府信息的书面申请213份,有206份已办理完毕,7份按规定延期至2014年办理。", {
            "requests.received": 213, "requests.completed": 206, "requests.carried_out": 7}),
        ("67件申请在法定期限内,结转下年度办理。", {"requests.carried_out": 67}),
        ("县政府及各部门共接到政府信息公开申请9起。", {"requests.received": 9}),
        ("收到申请数28件。", {"requests.received": 28}),
        ("信息公开申请目前均已办结,其中同意公开的16件。", {"replies.granted": 16}),
        ("有1件因政府信息公开申请行政复议的案件,经复议维持原行政行为。", {"review.total": 1, "review.upheld": 1}),
        ("被提起行政诉讼3件,法院判决我局胜诉2件、败诉1件。", {
            "litigation.total": 3, "litigation.upheld": 2, "litigation.corrected": 1}),
        ("没有发生针对本机关有关政府信息公开的行政复议、诉讼和申诉案件。", {"review.total": 0, "litigation.total": 0}),
        ("无行政复议、行政诉讼发生。", {"review.total": 0, "litigation.total": 0}),
        ("申请人向人民法院提起行政诉讼1件。", {"litigation.total": 1}),
        ("依申请公开信息收取的费用1.24万元。", {"request_fees": 12400}),
        ("依申请公开没有产生任何收费。", {"request_fees": 0}),
        ("收取检索费0元、邮寄费0元、复制费156元。", {}),
        ("全系统共收到信息公开申请186宗,其中市局本级收到102宗。", {}),
        ("在档案馆、图书馆、政务服务中心设立查阅点3处。", {}),
        ("没有收到公开申请,当面、传真、网络、信函方式均为零。", {
            "requests.in_person": 0, "requests.fax": 0, "requests.online": 0, "requests.letter": 0}),
        ("申请:当面3件,网络2件,传真没有。", {"requests.in_person": 3, "requests.online": 2, "requests.fax": 0}),
        ("申请均同意公开,没有部分公开、不予公开的情况。", {"replies.partial": 0, "replies.denied": 0}),
        ("对申请不同意公开的6件,分别为涉及商业秘密4件、涉及国家秘密(地形图)1件、涉及个人隐私1件。", {
            "replies.denied": 6, "denied.trade_secret": 4, "denied.state_secret": 1, "denied.privacy": 1}),
        ("申请答复总数23件。", {"requests.answered": 23}),
        ("1件信息公开申请尚在办理期限内,结转2014年。", {"requests.carried_out": 1}),
        ("办结39件,结转下年1件。", {"requests.completed": 39, "requests.carried_out": 1}),
        ("重复申请答复2件。", {}),
        ("主动公开政府信息:1,906条;其中,机关部门公开:1,391条;街道公开:515条。", {
            "disclosed.total": 1906, "disclosed.departments": 1391, "disclosed.lower_levels": 515}),
        ("累计主动公开政府信息138条,其中2013年新公开86条。", {"disclosed.total": 86}),
        ("主动公开的形式:县政府门户网站301条。", {"channel.website": 301}),
        ("在政府网站公开255条,在部门网站公开153条,两网合计公开408条。", {}),
        ("全年接待居民查阅、咨询54人次。", {"resources.visitors": 54}),
        ("接待群众查阅档案321人次。", {}),
        ("因信息公开被复议两件,市政府维持一件、责令重新答复(纠错)一件。", {
            "review.total": 2, "review.upheld": 1, "review.corrected": 1}),
        ("信息公开行政复议1件,市政府经审理维持我局答复。行政诉讼1件,法院判决驳回其诉讼请求。", {
            "review.total": 1, "review.upheld": 1, "litigation.total": 1, "litigation.upheld": 1}),
        ("信息公开类行政复议3件,拆违类行政复议21件不在此列。", {}),
        ("依申请公开信息收取的费用全省合计8.37万元。", {"request_fees": 83700}),
        ("依申请公开全年零收费。", {"request_fees": 0}),
        ("依申请公开收取邮寄费一百一十二元五角。", {}),
        ("审核拟公开文件56件,同意公开50件,不予公开6件。", {}),
    ],
)  # fmt: skip
def test_wordings(text: str, found: dict[str, Decimal | None]) -> None:
    assert stated(HEADING, text) == found


@pytest.mark.parametrize(
    ("agency", "text", "found"),
    [
        ("朝阳市城乡规划局", "市教育局主动公开政府信息1204条。", {}),
        ("朝阳市教育局", "市教育局主动公开政府信息1204条。", {"disclosed.total": 1204}),
        ("朝阳市人民政府", "朝阳县收到信息公开申请12件。", {}),
        ("朝阳县人民政府", "全县收到信息公开申请12件,我局收到信息公开申请12件。", {"requests.received": 12}),
        (None, "市教育局主动公开政府信息1204条。", {"disclosed.total": 1204}),
    ],
)
def test_a_total_of_another_agency_is_not_this_report_s(agency: str | None, text: str, found: dict[str, int]) -> None:
    assert stated(text, agency=agency) == found


@pytest.mark.parametrize(
    ("words", "number"),
    [("十", 10), ("二十六", 26), ("一百零五", 105), ("两千三百", 2300), ("一万二千零三", 12003), ("十一万", 110_000),
     ("二〇一", 201), ("零", 0), ("三百二", None), ("万", None), ("一千二百三十四", 1234)],
)  # fmt: skip
def test_numerals(words: str, number: int | None) -> None:
    assert of_numerals(words) == number


def test_every_number_up_to_a_million_is_read_as_it_is_written() -> None:
    def written(n: int) -> str:
        if n >= 10_000:
            rest = n % 10_000
            return written(n // 10_000) + "万" + ("" if not rest else ("零" if rest < 1000 else "") + written(rest))
        out, gap = "", False
        for size, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, n = divmod(n, size)
            if digit:
                out += ("零" if gap and out else "") + "零一二三四五六七八九"[digit] + word
            gap = not digit
        return out

    for n in [*range(1, 12_000), *range(12_000, 1_000_000, 997)]:
        assert of_numerals(written(n)) == n

"""What an answer is, when its status does not tell: challenge, error page in disguise, wrong type. Fetches and keeps nothing.

The marks are those of protections and of error pages that government sites are known to use. A page with much text is never
taken for one of them: a report may well speak of 验证码 or of 404.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from extractors.errors import (
    BadResponse,
    ChallengePage,
    DocumentError,
    EmptyDocument,
    Forbidden,
    Gone,
    WrongContent,
)
from extractors.fetching.exchange import Exchange

_LOOK = 1 << 16
_ASCII = bytes(range(128))
_LONG = 1500  # characters of visible text above which a page is taken for what it says it is

_CHALLENGES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("瑞数 (Rivers Security)", re.compile(rb"\$_ts\s*=\s*window|_\$[a-z0-9]{2}\(\)|r='m'")),
    ("加速乐 (jsl)", re.compile(rb"__jsl_clearance|_jsl_clearance_s")),
    ("阿里云 (acw_sc)", re.compile(rb"acw_sc__v[23]|aliyun_waf_")),
    ("奇安信 (WZWS)", re.compile(rb"WZWS-RAY|/WZWSREL|wzws_cid|wzwsconfirm")),
    ("云锁 (yunsuo)", re.compile(rb"yunsuo_session_verify|security_session_verify")),
    ("安全狗 (safedog)", re.compile(rb"safedog[-_]|SafeDog")),
    ("Cloudflare", re.compile(rb"/cdn-cgi/challenge-platform|<title>Just a moment")),
    ("a test for persons", re.compile("滑动验证|人机验证|拖动滑块|请输入验证码|安全验证|正在进行安全检测|浏览器安全检查".encode())),
    ("a test for persons", re.compile("人机验证|滑动验证|请输入验证码|安全验证".encode("gb18030"))),
)  # fmt: skip
_WAF_HEADERS = ("cf-mitigated", "wzws-ray")

_ERROR_WORDS = (
    "页面不存在", "页面未找到", "找不到页面", "页面找不到", "网页不存在", "文件不存在", "文章不存在", "信息不存在或已删除", "您访问的页面", "您要访问的页面",
    "您所访问的页面", "你访问的页面", "内容不存在", "已被删除", "页面已删除", "栏目不存在", "无法找到该页", "无法找到该网页", "404 not found", "file not found",
    "page not found", "http 404", "error 404", "404错误", "404页面", "404-对不起",
)  # fmt: skip
_FAULT_WORDS = (
    "系统错误", "系统繁忙", "服务器错误", "服务器内部错误", "内部错误", "系统维护", "网站维护", "网站建设中", "访问出错", "出错了", "访问异常", "internal server error",
    "service unavailable", "bad gateway", "server error in", "runtime error", "whitelabel error page", "数据库连接失败", "网站已关闭", "站点已关闭",
)  # fmt: skip
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head|noscript|!--).*?(?:</\1\s*>|-->)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BARE_CODE = re.compile(r"\s*(404|403|500|502|503)\s*(-.*|错误|error|页面)?\s*", re.IGNORECASE)

_FILES = {
    "pdf": (b"%PDF",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "doc": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"{\\rtf", b"<?xml"),
    "xls": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"<?xml"),
    "wps": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"),
    "jpg": (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM"),
    "jpeg": (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM"),
    "png": (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"),
    "gif": (b"GIF8", b"\xff\xd8\xff", b"\x89PNG"),
}
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|script|meta)\b", re.IGNORECASE)


def fault(exchange: Exchange) -> DocumentError | None:
    """Why a final answer (no redirect, no 304, no 429, no 5xx) is no document; None when it may be one."""
    status, at = exchange.status, exchange.address
    challenge = _challenge(exchange)
    if challenge:
        return ChallengePage(f"{at}: status {status} with a challenge of {challenge}")
    if status in (404, 410):
        return Gone(f"{at}: status {status}")
    if status in (401, 403, 407, 451):
        return Forbidden(f"{at}: status {status}")
    if status != 200:
        return BadResponse(f"{at}: status {status}, which is no document")
    data = exchange.data
    if not data.strip(b" \t\r\n\x00"):
        return EmptyDocument(f"{at}: status 200 with {len(data)} bytes and nothing in them")
    return _wrong_type(exchange) or _disguised(exchange)


def is_html(data: bytes) -> bool:
    """Whether bytes look like a page, whatever they were declared to be."""
    head = data[:4096]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    return bool(_HTML.search(head)) and not head.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def suffix(address: str) -> str:
    """Lower-case file suffix that an address promises, or empty."""
    name = unquote(urlsplit(address).path).rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def _challenge(exchange: Exchange) -> str:
    data = exchange.data
    if exchange.status == 412 and b"<script" in data[:_LOOK]:
        return "瑞数 (Rivers Security)"
    if exchange.status == 521:
        return "加速乐 (jsl)"
    if any(exchange.header(name) for name in _WAF_HEADERS):
        return "a web application firewall"
    if _much_text(data) or len(data) > 1 << 18 or b"<" not in data[:512]:
        return ""
    for name, mark in _CHALLENGES:
        if mark.search(data) and (text := _visible(data)) is not None and len(text) < 400:
            return name
    return ""


def _wrong_type(exchange: Exchange) -> DocumentError | None:
    """A file that is a page instead: the most common disguise of an error."""
    promised = suffix(exchange.address)
    marks = _FILES.get(promised)
    data = exchange.data
    if marks is None or data.startswith(marks) or (promised == "pdf" and b"%PDF-" in data[:1024]):
        return None
    if promised in ("doc", "xls") and is_html(data) and (text := _visible(data)) is not None and len(text) > _LONG:
        return None  # Word and Excel save such "files", and sites publish them
    found = "a page" if is_html(data) else f"{data[:8]!r}"
    return WrongContent(f"{exchange.address}: promises {promised}, is {found}")


def _disguised(exchange: Exchange) -> DocumentError | None:
    data = exchange.data
    if len(data) > 1 << 20 or not is_html(data):
        return None
    title = _title(data)
    said = title
    if not _much_text(data) and (text := _visible(data)) is not None and len(text) < 400:
        said = f"{title} {text}"
    lower = said.lower()
    if any(word in lower for word in _ERROR_WORDS) or _BARE_CODE.fullmatch(title):
        return WrongContent(f"{exchange.address}: status 200, but the page says that there is none: {said[:60]!r}")
    if any(word in lower for word in _FAULT_WORDS):
        return WrongContent(f"{exchange.address}: status 200, but the page reports a fault: {said[:60]!r}")
    return None


def _much_text(data: bytes) -> bool:
    """More than some 1,500 Chinese characters, markup not counted. Costs a twentieth of looking for words."""
    return len(data.translate(None, _ASCII)) > 3 * _LONG


def _text(data: bytes) -> str | None:
    """Enough of a decoding to find words in; None where no encoding fits, which is the reader's to report."""
    for name in ("utf-8", "gb18030", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "big5"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return None


def _title(data: bytes) -> str:
    text = _text(data[: _LOOK // 4]) or data[: _LOOK // 4].decode("gb18030", "ignore")
    found = _TITLE.search(text)
    return " ".join(found.group(1).split()) if found else ""


def _visible(data: bytes) -> str | None:
    text = _text(data)
    return None if text is None else "".join(_TAG.sub(" ", _UNSEEN.sub(" ", text)).split())

"""What a page brings with it: attachments, images of scanned pages, the next pages of a paged article, where it sends on to.

Only addresses of the same site come out, and only so many. Fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urldefrag, urljoin, urlsplit, urlunsplit

import lxml.html

from extractors.documents.encoding import decode
from extractors.errors import DocumentError
from extractors.fetching.pages import is_html, suffix

_VERSION = "2"  # of what is found here: a note of another version is not used
DOCUMENTS = frozenset(("pdf", "doc", "docx", "xls", "xlsx", "wps", "et", "ofd", "rtf"))
IMAGES = frozenset(("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp"))

# One look at the bytes spares most pages the parser.
_WORTH = re.compile(
    rb"\.(?:pdf|docx?|xlsx?|wps|et|ofd|rtf)\b|createPageHTML\s*\(|http-equiv=[\"']?refresh|"
    + "|".join(("下一页", "下页", "后一页")).encode() + b"|" + "|".join(("下一页", "下页", "后一页")).encode("gb18030")
    + rb"|>[\s\[]{0,4}(?:\xe7\xac\xac|\xb5\xda)?2(?:\xe9\xa1\xb5|\xd2\xb3)?[\s\]]{0,4}</a"
    + rb"|<img[^>]{1,300}\.(?:jpe?g|png|gif|bmp|tiff?)",
    re.IGNORECASE,
)  # fmt: skip
_NEXT = re.compile(
    r"^[\s\[【<>«»\u25b6\u300b]*(?:下一页|下页|后一页|next(?:\s+page)?)[\s\]】<>«»\u25b6\u300b]*$", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(r"^[\s\[【]*第?(\d{1,3})页?[\s\]】]*$")
_NUMBERED = re.compile(r"[_-](\d{1,3})$")
_PAGE_KEYS = ("page", "p", "pageno", "pagenum", "pageindex", "curpage", "currentpage")
_TRS_PAGES = re.compile(
    r"createPageHTML\s*\(\s*(?:[\"'][\w-]+[\"']\s*,\s*)?(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*[\"']([\w.-]{1,120})[\"']\s*,\s*[\"'](\w{1,8})[\"']"
)
_REFRESH = re.compile(r"^\s*\d+\s*[;,]\s*url\s*=\s*[\"']?([^\"'>]+)", re.IGNORECASE)
_SCRIPT_MOVE = re.compile(
    r"\b(?:(?:window|document|self|top|parent)\.)?location(?:\.href|\.replace)?\s*(?:=|\()\s*[\"']([^\"']{1,500})[\"']"
)
_FURNITURE = re.compile(r"logo|icon|ico[_./-]|banner|btn|button|arrow|bullet|qr|ewm|weixin|wx|weibo|beian|gongan|nav|foot|head(?:er)?[_./-]|bg[_./-]|"
                        r"search|share|close|print|spacer|blank|red\.png|jiucuo|dangzheng|slh|wza", re.IGNORECASE)  # fmt: skip
_SCAN_TEXT = 800  # a page with less text than this may be a scan with a heading
_SUFFIXES = frozenset(("gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "ac.cn", "mil.cn", "gov.hk", "gov.mo"))


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses in the order of the page. `left_out` counts those beyond the limits."""

    attachments: tuple[str, ...]
    next_pages: tuple[str, ...]
    left_out: int

    def packed(self) -> str:
        """As a note to keep beside the page. `unpacked` undoes it."""
        return "\n".join(
            [_VERSION, str(self.left_out), *(f"a {x}" for x in self.attachments), *(f"n {x}" for x in self.next_pages)]
        )

    @classmethod
    def unpacked(cls, text: str | None) -> Links | None:
        """None for no note, or one of another version of this module."""
        version, left_out, *lines = (text or "\n").split("\n")
        if version != _VERSION:
            return None
        attachments, pages = (tuple(x[2:] for x in lines if x.startswith(kind)) for kind in ("a ", "n "))
        return cls(attachments, pages, int(left_out))


NONE = Links((), (), 0)


def linked(address: str, data: bytes, *, max_attachments: int = 30, max_pages: int = 20) -> Links:
    """Attachments and next pages of the page at `address`; none where `data` is no page or cannot be decoded."""
    if not is_html(data) or not _WORTH.search(data):
        return NONE
    try:
        text, _ = decode(data)
    except DocumentError:
        return NONE
    tree = _tree(text)
    if tree is None:
        return NONE
    base = _base(address, tree)
    files = list(_files(base, tree))
    if not files and _text_length(tree) < _SCAN_TEXT:
        files = list(_scans(base, tree))
    attachments = _clean(address, files)
    pages = [p for p in _clean(address, _next(base, tree, text)) if p not in attachments]
    left = max(0, len(attachments) - max_attachments) + max(0, len(pages) - max_pages)
    return Links(tuple(attachments[:max_attachments]), tuple(pages[:max_pages]), left)


def moved_to(address: str, data: bytes) -> str | None:
    """Where a page that is nothing but a signpost (meta refresh, a line of script) sends its reader, on the same site."""
    if len(data) > 8192 or not is_html(data):
        return None
    try:
        text, _ = decode(data)
    except DocumentError:
        return None
    tree = _tree(text)
    if tree is None:
        return None
    scripts = [str(e.text or "") for e in tree.iter("script")]
    if _text_length(tree) > 100:
        return None
    found = [m.group(1) for e in tree.iter("meta") if str(e.get("http-equiv", "")).lower() == "refresh"
             if (m := _REFRESH.match(str(e.get("content", ""))))]  # fmt: skip
    if not found:
        found = [
            m.group(1) for s in scripts if len(s) < 2000 and "cookie" not in s for m in [_SCRIPT_MOVE.search(s)] if m
        ]
    targets = _clean(address, [_joined(address, found[0])] if found else [])
    return targets[0] if targets else None


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one publisher's site, as far as their names tell (www. and zwgk.example.gov.cn are)."""
    return site(urlsplit(one).hostname or "") == site(urlsplit(other).hostname or "")


def site(host: str) -> str:
    """The part of a host's name that its owner registered; the host itself where it is a number."""
    try:
        return str(ip_address(host))
    except ValueError:
        labels = host.lower().rstrip(".").split(".")
    return ".".join(labels[-3 if ".".join(labels[-2:]) in _SUFFIXES else -2 :])


def clean(address: str) -> str | None:
    """An address as it is asked for: no fragment, no white space, non-ASCII escaped. None for what is not http or https."""
    try:
        parts = urlsplit(urldefrag(address.strip()).url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            return None
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    host = parts.hostname
    host = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=?~-._")
    return urlunsplit((parts.scheme, host + port, path, query, ""))


def joined(base: str, value: str) -> str | None:
    """An address as a page or a header at `base` writes it, made whole and clean. None for what is not http or https."""
    return clean(_joined(base, value))


def _clean(address: str, found: Iterable[str]) -> list[str]:
    """Of the site, without repetition and without the page itself."""
    kept: dict[str, None] = {}
    for raw in found:
        one = clean(raw)
        if one is not None and one != address and same_site(one, address):
            kept.setdefault(one)
    return list(kept)


def _files(base: str, tree: Any) -> Iterator[str]:
    for element in tree.iter("a", "iframe", "embed", "object", "area"):
        value = element.get("href") or element.get("src") or element.get("data")
        if not value:
            continue
        target = _joined(base, value)
        if suffix(target) in DOCUMENTS:
            yield target
            continue
        # viewers (viewer.html?file=/a/b.pdf) and download scripts that say the name of the file
        for values in parse_qs(urlsplit(target).query).values():
            if suffix(values[0]) in DOCUMENTS:
                yield _joined(base, values[0]) if "viewer" in target.lower() and "/" in values[0] else target
                break
        else:
            # 附件下载 without a suffix: the text of the link is the name of the file
            if element.tag == "a" and suffix("/" + _own_text(element)) in DOCUMENTS:
                yield target


def _scans(base: str, tree: Any) -> Iterator[str]:
    for element in tree.iter("img"):
        value = element.get("src") or element.get("data-src") or element.get("data-original")
        if not value or value.startswith("data:") or suffix(_joined(base, value)) not in IMAGES:
            continue
        sizes = [int(m.group()) for k in ("width", "height") if (m := re.match(r"\d+", element.get(k) or ""))]
        name = unquote(urlsplit(value).path)
        if any(s < 300 for s in sizes) or _FURNITURE.search(name):
            continue
        if any(a.tag in ("a", "nav", "header", "footer") for a in element.iterancestors()):
            continue
        yield _joined(base, value)


def _next(base: str, tree: Any, text: str) -> Iterator[str]:
    for found in _TRS_PAGES.finditer(text):
        count, _, stem, ending = found.groups()
        for number in range(1, min(int(count), 1000)):
            yield _joined(base, f"{stem}_{number}.{ending}")
    for element in tree.iter("a"):
        value = element.get("href")
        if not value:
            continue
        words, target = _own_text(element), _joined(base, value)
        page = _PAGE_NUMBER.match(words)
        if _NEXT.match(words or str(element.get("title", ""))) or (page and _is_page(base, target, int(page[1]))):
            yield target


def _is_page(address: str, target: str, number: int) -> bool:
    """Whether `target`, linked as a bare number, is that page of the article at `address`: the same name with the number.

    Pages are counted from 0 or 1: `a.html`, `a_1.html` or `a.html`, `a_2.html`; `a-1.html`, `a-2.html`; `a?id=7&page=2`.
    """
    try:
        here, there = urlsplit(address), urlsplit(target)
        if here.netloc != there.netloc or not number:
            return False
        if here.path == there.path:
            ours, theirs = (dict(parse_qsl(parts.query)) for parts in (here, there))
            key = next((k for k in theirs if k.lower() in _PAGE_KEYS), None)
            if key is None or theirs.pop(key) not in (str(number), str(number - 1)):
                return False
            ours.pop(key, None)
            return ours == theirs
    except ValueError:
        return False
    (stem, _, ending), (other, _, others_ending) = (p.path.rpartition(".") for p in (here, there))
    counted = _NUMBERED.search(other)
    if ending != others_ending or counted is None or int(counted[1]) not in (number, number - 1):
        return False
    return other[: counted.start()] in (stem, _NUMBERED.sub("", stem))


def _joined(base: str, value: str) -> str:
    try:
        return urljoin(base, value.strip().replace("\\", "/"))
    except ValueError:
        return ""


def _base(address: str, tree: Any) -> str:
    for element in tree.iter("base"):
        if element.get("href"):
            return _joined(address, element.get("href")) or address
    return address


def _own_text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def _text_length(tree: Any) -> int:
    for element in list(tree.iter("script", "style")):
        element.drop_tree()
    return len("".join("".join(tree.itertext()).split()))


def _tree(text: str) -> Any:
    try:
        return lxml.html.document_fromstring(text.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None

"""What the rules of feeds say of single values: addresses, dates, types, and texts that are HTML or are not."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from html.entities import name2codepoint
from html.parser import HTMLParser
from urllib.parse import urlsplit

from feedparser.sanitizer import _HTMLSanitizer

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC_822 = re.compile(
    r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} \w{3} \d{2}(\d{2})? \d\d:\d\d(:\d\d)? ([A-Z]{1,3}|[+-]\d{4})"
)
MIME = re.compile(r"[\w.+-]+/[\w.+-]+( *; *[\w.-]+=(\"[^\"]*\"|[\w.-]+))*")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
UNFIT = re.compile(r"[\s<>\"{}|\\^`]")  # for addresses
E_MAIL = re.compile(r"[\w.+'~-]+@[\w-]+(\.[\w-]+)+")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
END_TAG = re.compile(r"</(\w+)>")
ENTITY = re.compile(r"&(#?\w+)")
TAG = re.compile(r"urn:|tag:", re.IGNORECASE)
ADDRESSES = {"href", "src", "cite", "poster", "data", "action", "longdesc"}
UNSAFE = {"embed", "object", "applet", "script", "meta", "iframe", "frame", "base", "link", "style"}
NEWER = {"mark", "picture", "summary", "ruby", "rt", "rp", "bdi", "bdo", "main", "track", "wbr", "data"}
HTML = {*_HTMLSanitizer.acceptable_elements, *UNSAFE, *NEWER, "html", "head", "body", "title", "param"}
SAFE_STYLE = re.compile(r"\s*([\w-]+\s*:\s*[#\w\s.%-]+;?\s*)*")
UNSAFE_STYLE = re.compile(
    r"position|expression|behaviou?r|import|-moz-binding|left\s*:|top\s*:", re.IGNORECASE
)


def is_whole(address: str) -> bool:
    """Whether it leads to the same place from anywhere."""
    return bool(SCHEME.match(address)) and is_address(address)


def is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        assert parts.port is None or parts.port >= 0
    except ValueError:
        return False
    return not UNFIT.search(text) and (parts.scheme not in {"http", "https"} or bool(parts.hostname))


def is_rfc_3339(text: str) -> bool:
    try:
        return bool(RFC_3339.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def is_rfc_822(text: str) -> bool:
    """With the right day of the week, if one is named."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return False
    return bool(RFC_822.fullmatch(text)) and (text[3:4] != "," or at.strftime("%a") == text[:3])


def is_plausible(at: datetime) -> bool:
    """Of a time that is long before the web, or long after whoever reads this."""
    return 1970 <= at.year <= 2100


def looks_like_html(text: str, source: str = "") -> bool:
    """An end tag, or an entity unless `source` writes & as a number in base 16, which nobody takes for one."""
    if any(name.lower() in HTML for name in END_TAG.findall(text)):
        return True
    return "&#x" not in source and any(
        name in name2codepoint or name.startswith("#") for name in ENTITY.findall(text)
    )


class OfHtml(HTMLParser):
    """Collects into `found` what is wrong with a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)
        if self.rawdata.startswith("<"):  # an unfinished tag
            self.found.add("NotHtml")
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in UNSAFE:
            self.found.add("SecurityRisk")
        elif tag not in HTML:
            self.found.add("NotHtml")
        for name, value in attributes:
            self.found |= set(of_attribute(name, value or ""))

    def handle_pi(self, data: str) -> None:
        self.found.add("SecurityRisk")


def of_attribute(name: str, value: str) -> Iterator[str]:
    value = unescape(value).strip()
    if name.startswith("on") or (name in ADDRESSES and re.match(r"(java|vb)script:", value, re.IGNORECASE)):
        yield "SecurityRisk"
    if name == "style" and (UNSAFE_STYLE.search(value) or not SAFE_STYLE.fullmatch(value)):
        yield "DangerousStyleAttr"
    pieces = [piece.split()[0] for piece in value.split(",") if piece.strip()] if name == "srcset" else []
    if any(not SCHEME.match(address) for address in [*pieces, *([value] if name in ADDRESSES else [])]):
        yield "ContainsRelRef"


def of_html(text: str) -> set[str]:
    return OfHtml(text).found


def of_id(text: str) -> Iterator[str]:
    """Of an Atom id: a whole address, also of the kinds that lead nowhere."""
    if not text.strip():
        yield "NotBlank"
        yield "InvalidFullLink"
    elif text.startswith("tag:"):
        if not is_tag(text):
            yield "InvalidTAG"
    elif text.lower().startswith("urn:"):
        yield from of_urn(text)
    elif not is_whole(text):
        yield "InvalidLink"


def is_tag(text: str) -> bool:
    """RFC 4151"""
    found = re.fullmatch(
        r"tag:([a-z0-9.@_-]+),(\d{4}(?:-\d\d(?:-\d\d)?)?):[a-z0-9._~:@!$&'()*+,;=/?#%-]*", text, re.IGNORECASE
    )
    if not found:
        return False
    date = f"{found[2]}-01-01"[:10]
    try:
        return bool(datetime.fromisoformat(date))
    except ValueError:
        return False


def of_urn(text: str) -> Iterator[str]:
    if not re.fullmatch(r"urn:[a-z0-9][a-z0-9-]{1,31}:\S+", text, re.IGNORECASE):
        yield "InvalidURN"
    if re.match(r"urn:uuid:", text, re.IGNORECASE) and not re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text[9:], re.IGNORECASE
    ):
        yield "InvalidUUID"

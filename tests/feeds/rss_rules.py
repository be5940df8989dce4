"""Of RSS 2.0, with the Advisory Board's profile, content:encoded, and what else stands in a feed for the same twice."""

from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from tests.feeds import texts
from tests.feeds.atom_rules import ATOM

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC = "{http://purl.org/dc/elements/1.1/}"
NEEDED = {"title": "MissingTitle", "link": "MissingLink", "description": "MissingDescription"}
ONCE = {
    "channel": {
        "title", "link", "description", "language", "copyright", "pubDate", "lastBuildDate", "ttl", "docs",
        "generator", "image", "managingEditor", "webMaster", "textInput", "rating", "cloud", "skipDays", "skipHours",
    },
    "item": {"title", "link", "description", "author", "comments", "guid", "pubDate", "source"},
}  # fmt: skip
KNOWN = {
    "channel": {*ONCE["channel"], "category", "item"},
    "item": {*ONCE["item"], "category", "enclosure"},
}
ADDRESSES = ("link", "comments", "docs")
PLAIN = ("title", "category", "copyright", "generator", "source", "author")
CONTACTS = ("author", "managingEditor", "webMaster")
SAME = {  # of the core, and by which extensions the same is said
    "channel": {
        "copyright": f"{DC}rights", "managingEditor": f"{DC}creator", "pubDate": f"{DC}date",
        "language": f"{DC}language", "webMaster": f"{DC}publisher",
        "lastBuildDate": "{http://purl.org/dc/terms/}modified",
    },
    "item": {
        "author": f"{DC}creator", "category": f"{DC}subject", "pubDate": f"{DC}date", "source": f"{DC}source",
        "guid": f"{ATOM}id",
    },
}  # fmt: skip
PUBLISHED = f"{ATOM}published"
SHORTEST_GUID = 9  # digits: a number that is shorter may be another's as well


def of_rss(root: ET.Element, source: str) -> Iterator[str]:
    channels = root.findall("channel")
    if root.get("version") is None:
        yield "MissingAttribute"
    if len(channels) != 1:
        yield "DuplicateElement" if channels else "MissingElement"
    for channel in channels:
        yield from of_channel(channel, source)


def of_channel(channel: ET.Element, source: str) -> Iterator[str]:
    items = channel.findall("item")
    yield from (kind for name, kind in NEEDED.items() if channel.find(name) is None)
    yield from of_parts(channel, source)
    for item in items:
        yield from of_item(item, source)
    guids = Counter((item.findtext("guid") or "").strip() for item in items)
    if any(number > 1 for guid, number in guids.items() if guid):
        yield "DuplicateValue"
    if not [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]:
        yield "MissingSelf"
    language = channel.findtext("language")
    if language is not None and not texts.LANGUAGE.fullmatch(language):
        yield "InvalidLanguage"
    ttl = channel.findtext("ttl")
    if ttl is not None and not (ttl.isdecimal() and int(ttl)):
        yield "InvalidInteger" if ttl else "NotBlank"


def of_parts(element: ET.Element, source: str) -> Iterator[str]:
    """What channels and items have in common."""
    names = Counter(child.tag for child in element)
    if any(names[name] > 1 for name in ONCE[element.tag]):
        yield "DuplicateElement"
    if any(not str(name).startswith("{") and name not in KNOWN[element.tag] for name in names):
        yield "UndefinedElement"
    twice = {(core, other) for core, other in SAME[element.tag].items() if names[core] and names[other]}
    if twice or (element.tag == "item" and names["pubDate"] and names[PUBLISHED]):
        yield "DuplicateSemantics" if element.tag == "channel" else "DuplicateItemSemantics"
    for child in element:
        yield from of_part(child, source)
        if child.tag in PLAIN and texts.looks_like_html(child.text or "", source):
            yield "ContainsHTML"
    if element.tag == "channel" and texts.looks_like_html(element.findtext("description") or "", source):
        yield "ContainsHTML"


def of_part(child: ET.Element, source: str) -> Iterator[str]:
    text = child.text or ""
    if child.tag in {"pubDate", "lastBuildDate"}:
        yield from of_date(text)
    if child.tag in {"title", "category"} and not text.strip():
        yield "NotBlank"
    if child.tag in ADDRESSES:
        yield from of_address(text.strip())
    if child.tag in CONTACTS:
        yield from of_contact(text)


def of_address(text: str) -> Iterator[str]:
    if not texts.is_whole(text):
        yield "InvalidLink"
    elif not text.isascii():
        yield "UriNotIri"


def of_contact(text: str) -> Iterator[str]:
    if not texts.E_MAIL.match(unquote(text).strip().removeprefix("mailto:")):
        yield "InvalidContact"


def of_date(text: str) -> Iterator[str]:
    if not texts.is_rfc_822(text):
        yield "InvalidRFC2822Date"
    elif not texts.is_plausible(parsedate_to_datetime(text)):
        yield "ImplausibleDate"
    elif len(text.removeprefix(text[:5] if text[3:4] == "," else "").split()[2]) == 2:
        yield "ProblematicalRFC822Date"


def of_item(item: ET.Element, source: str) -> Iterator[str]:
    yield from of_parts(item, source)
    if item.find("title") is None and item.find("description") is None:
        yield "ItemMustContainTitleOrDescription"
    guid = item.find("guid")
    yield from {"MissingGuid"} if guid is None else of_guid(guid)
    yield from of_enclosures(item.findall("enclosure"))
    for name in ("description", CONTENT):
        yield from texts.of_html(item.findtext(name) or "")
    names = [child.tag for child in item]
    if CONTENT in names and "description" not in names[: names.index(CONTENT)]:
        yield "NeedDescriptionBeforeContent"
    from_where = item.find("source")
    if from_where is not None and from_where.get("url") is None:
        yield "MissingAttribute"
    elif from_where is not None and not texts.is_whole(from_where.get("url", "")):
        yield "InvalidFullLink"


def of_guid(guid: ET.Element) -> Iterator[str]:
    text, is_address = (guid.text or "").strip(), guid.get("isPermaLink", "true")
    if set(guid.attrib) - {"isPermaLink"}:
        yield "UnexpectedAttribute"
    if is_address not in {"true", "false"}:
        yield "InvalidBooleanAttribute"
    elif is_address == "true" and texts.TAG.match(text):
        yield "InvalidPermalink"
    elif is_address == "true" and not texts.is_whole(text):
        yield "InvalidHttpGUID"
    elif text.isdecimal() and len(text) < SHORTEST_GUID:
        yield "NotSufficientlyUnique"


def of_enclosures(enclosures: list[ET.Element]) -> Iterator[str]:
    if len(enclosures) > 1:
        yield "DuplicateEnclosure"
    for enclosure in enclosures:
        if {"url", "length", "type"} - set(enclosure.attrib):
            yield "MissingAttribute"
        length = enclosure.get("length", "0")
        if length.startswith("-"):
            yield "InvalidNonNegativeInteger"
        elif not length.isdecimal():
            yield "InvalidIntegerAttribute"
        if not texts.MIME.fullmatch(enclosure.get("type", "a/b")):
            yield "InvalidMIMEAttribute"
        if not texts.is_whole(enclosure.get("url", "http://a")):
            yield "InvalidURLAttribute"

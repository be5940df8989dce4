"""The schema of maps (https://www.sitemaps.org/schemas/sitemap/0.9/sitemap.xsd and siteindex.xsd), and the protocol."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.feeds import texts

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ORDER = {"url": ("loc", "lastmod", "changefreq", "priority"), "sitemap": ("loc", "lastmod")}
LINK = "{http://www.w3.org/1999/xhtml}link"  # after all else, says the schema: any of other names
INSIDE = {"urlset": "url", "sitemapindex": "sitemap"}
OFTEN = {"always", "hourly", "daily", "weekly", "monthly", "yearly", "never"}
DATE = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?"
)  # W3C's of dates and times
SHORTEST, LONGEST = 12, 2048  # characters of an address
MOST, LARGEST = 50_000, 50 * 1024 * 1024  # addresses, bytes


def broken(data: bytes) -> set[str]:
    """The rules that a map or an index breaks; a ParseError for what is no XML."""
    return {*of_size(data), *of_root(ET.fromstring(data))}  # noqa: S314 - of our own making


def of_size(data: bytes) -> Iterator[str]:
    data.decode()
    if len(data) > LARGEST:
        yield "too large"


def of_root(root: ET.Element) -> Iterator[str]:
    one = INSIDE.get(root.tag.removeprefix(SITEMAP))
    if not root.tag.startswith(SITEMAP) or one is None:
        yield "another root"
        return
    if not 1 <= len(root) <= MOST:
        yield "too many" if len(root) else "empty"
    for place in root:
        if place.tag != f"{SITEMAP}{one}":
            yield "another element"
        yield from of_place(place, ORDER[one])
    locations = Counter(place.findtext(f"{SITEMAP}loc") for place in root)
    hosts = {urlsplit(location or "")[:2] for location in locations}
    if any(number > 1 for number in locations.values()):
        yield "twice"
    if len(hosts) > 1:
        yield "another host"


def of_place(place: ET.Element, order: tuple[str, ...]) -> Iterator[str]:
    names = [child.tag.removeprefix(SITEMAP) for child in place]
    while names and names[-1] == LINK:
        names.pop()
    if any(name not in order for name in names):
        yield "another element"
    elif names != sorted(set(names), key=order.index):
        yield "another order"
    if names.count("loc") != 1:
        yield "no address"
    for child, name in zip(place[: len(names)], names, strict=True):
        if len(child) or child.attrib or not RULES.get(name, bool)(child.text or ""):
            yield f"a wrong {name}"


def is_location(text: str) -> bool:
    whole = texts.is_whole(text) and text.isascii() and text.startswith(("http://", "https://"))
    return whole and SHORTEST <= len(text) <= LONGEST


def is_date(text: str) -> bool:
    try:
        return bool(
            DATE.fullmatch(text) and datetime.fromisoformat(f"{text}-01-01"[:10] if len(text) < 10 else text)
        )
    except ValueError:
        return False


def is_priority(text: str) -> bool:
    return bool(re.fullmatch(r"0(\.\d+)?|1(\.0+)?", text))


RULES = {"loc": is_location, "lastmod": is_date, "changefreq": OFTEN.__contains__, "priority": is_priority}

"""Of JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), whose rules have no names: they are named as Atom's are."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.feeds import texts

VERSION = "https://jsonfeed.org/version/1.1"
TEXT, LIST = (str,), (list,)
FEED = {
    "version": TEXT, "title": TEXT, "home_page_url": TEXT, "feed_url": TEXT, "description": TEXT, "user_comment": TEXT,
    "next_url": TEXT, "icon": TEXT, "favicon": TEXT, "authors": LIST, "language": TEXT, "expired": (bool,),
    "hubs": LIST, "items": LIST,
}  # fmt: skip
ITEM = {
    "id": TEXT, "url": TEXT, "external_url": TEXT, "title": TEXT, "content_html": TEXT, "content_text": TEXT,
    "summary": TEXT, "image": TEXT, "banner_image": TEXT, "date_published": TEXT, "date_modified": TEXT,
    "authors": LIST, "tags": LIST, "language": TEXT, "attachments": LIST,
}  # fmt: skip
AUTHOR = {"name": TEXT, "url": TEXT, "avatar": TEXT}


def of_json(text: str) -> Iterator[str]:
    feed = json.loads(text)
    yield from of_object(feed, FEED, {"version", "title", "items"})
    if feed.get("version") != VERSION:
        yield "InvalidVersion"
    if not texts.LANGUAGE.fullmatch(feed.get("language", "en")):
        yield "InvalidLanguage"
    if feed.get("next_url") and feed["next_url"] == feed.get("feed_url"):
        yield "NextIsSelf"
    items = feed.get("items", [])
    for item in items:
        yield from of_item(item)
    if any(number > 1 for number in Counter(item.get("id") for item in items).values()):
        yield "DuplicateIds"


def of_object(told: Any, known: Mapping[str, tuple[type, ...]], needed: set[str]) -> Iterator[str]:
    """Of what every object has: names that are known or begin with _, values of their types, whole addresses."""
    if needed - set(told):
        yield "MissingElement"
    if any(name not in known and not name.startswith("_") for name in told):
        yield "UndefinedElement"
    for name, value in told.items():
        if name in known and not isinstance(value, known[name]):
            yield "InvalidType"
        elif name in {"url", "icon", "favicon", "avatar", "image"} or name.endswith("_url"):
            yield from set() if texts.is_whole(value) else {"InvalidLink"}
        elif name.startswith("date_") and not texts.is_rfc_3339(value):
            yield "InvalidRFC3339Date"


def of_item(item: Any) -> Iterator[str]:
    yield from of_object(item, ITEM, {"id"})
    if not {"content_html", "content_text"} & set(item):
        yield "MissingContent"
    yield from texts.of_html(item.get("content_html", ""))
    for author in item.get("authors", []):
        yield from of_object(author, AUTHOR, set())
        yield from set() if author else {"MissingElement"}
    if any(not isinstance(tag, str) or not tag.strip() for tag in item.get("tags", [])):
        yield "NotBlank"

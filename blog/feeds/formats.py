"""The formats of feeds: Atom (RFC 4287), RSS 2.0 with the whole text, JSON Feed 1.1; each in pages (RFC 5005)."""

import json
from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed, Rss201rev2Feed

from blog.feeds.entries import ATOM, Entry, Feed

TYPES = {ATOM: "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
CONTENT = "http://purl.org/rss/1.0/modules/content/"
CREATORS = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"


def mark_archive(feed: Any, handler: Any) -> None:
    """RFC 5005, 4: this document does not change any more."""
    if feed["is_archive"]:
        handler.addQuickElement("fh:archive", attrs={"xmlns:fh": HISTORY})


class Atom(Atom1Feed):
    def latest_post_date(self) -> datetime:
        at: datetime = self.feed["updated_at"]
        return at

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for relation, address in self.feed["links"].items():
            link = {"rel": relation, "href": address, "type": TYPES["atom"]}
            handler.addQuickElement("link", "", link)
        mark_archive(self.feed, handler)

    def item_attributes(self, item: Any) -> dict[str, str]:
        told = {"xml:lang": item["language"]} if item["language"] else {}
        return {**super().item_attributes(item), **told}

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, item)
        for name, address in item["others"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.addQuickElement("uri", address)
            handler.endElement("author")
        if item["replies"]:
            link = {"rel": "replies", "href": item["replies"], "type": TYPES["atom"]}
            handler.addQuickElement("link", "", link)


class Rss(Rss201rev2Feed):
    def latest_post_date(self) -> datetime:
        at: datetime = self.feed["updated_at"]
        return at

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:content": CONTENT, "xmlns:dc": CREATORS}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for relation, address in self.feed["links"].items():
            link = {"rel": relation, "href": address, "type": TYPES["rss"]}
            handler.addQuickElement("atom:link", "", link)
        mark_archive(self.feed, handler)

    def add_item_elements(self, handler: Any, item: Any) -> None:
        """A description comes before the whole text, whatever there is to say: some programs show no other."""
        super().add_item_elements(
            handler, {**item, "description": item["description"] or escape(item["title"])}
        )
        for name, _ in item["others"]:
            handler.addQuickElement("dc:creator", name)
        if item["language"]:
            handler.addQuickElement("dc:language", item["language"])
        handler.addQuickElement("content:encoded", item["content"])


def in_xml(kind: type[Atom] | type[Rss], feed: Feed) -> str:
    made = kind(
        title=feed.title,
        link=feed.home,
        description=feed.subtitle or feed.title,
        language=feed.language,
        feed_url=feed.address,
        feed_guid=feed.links.get("first") or feed.links["current"],
        is_archive=feed.is_archive,
        links=feed.links,
        updated_at=feed.updated_at,
    )
    for entry in feed.entries:
        made.add_item(**item_of(entry))
    return str(made.writeString("utf-8"))


def item_of(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "link": entry.address,
        "description": escape(entry.summary) or None,  # both formats take it for HTML
        "content": entry.html,
        "author_name": entry.author,
        "author_link": entry.author_address or None,
        "pubdate": entry.published_at,
        "updateddate": entry.updated_at,
        "unique_id": entry.id,
        "unique_id_is_permalink": True,
        "categories": entry.tags,
        "others": entry.others,
        "language": entry.language,
        "comments": f"{entry.address}#comments" if entry.comments else None,
        "replies": entry.comments,
    }


def in_json(feed: Feed) -> str:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.subtitle,
        "language": feed.language,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "next_url": feed.links.get("next"),
        "items": [json_item(entry) for entry in feed.entries],
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def json_item(entry: Entry) -> dict[str, Any]:
    told = {
        "id": entry.id,
        "url": entry.address,
        "title": entry.title,
        "summary": entry.summary,
        "date_published": entry.published_at.isoformat(),
        "date_modified": entry.updated_at.isoformat(),
        "authors": [author_of(entry), *({"name": name, "url": address} for name, address in entry.others)],
        "tags": list(entry.tags),
        "language": entry.language,
    }
    told = {name: value for name, value in told.items() if value}
    return {**told, "content_html": entry.html}  # asked for, also of a post without a word


def author_of(entry: Entry) -> dict[str, str]:
    return {"name": entry.author, **({"url": entry.author_address} if entry.author_address else {})}


WRITERS: dict[str, Callable[[Feed], str]] = {
    "atom": lambda feed: in_xml(Atom, feed),
    "rss": lambda feed: in_xml(Rss, feed),
    "json": in_json,
}

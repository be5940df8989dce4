"""Following all links of the site, as far as they lead to different routes."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from flask import Flask
from playwright.sync_api import APIRequestContext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

MISSING = "/there-is-no-such-page"
# All of them make a list shorter.
NARROWING = {"assignee", "due", "priority", "project_id", "status", "tag", "team"}
PIECES = {"/search/at-a-glance"}  # of a page, for a script to put in


def crawl(app: Flask, request: APIRequestContext, *, each: int = 2, most: int = 200) -> dict[str, str]:
    """The pages that whoever `request` is signed in as reaches by links, and the routes without arguments: path and
    HTML. Each route is visited `each` times with the same names in its query. No answer may be 500 or above.
    """
    walk = Walk(app, each)
    walk.note("/", MISSING, *routes_without_arguments(app))
    pages: dict[str, str] = {}
    broken = []
    while walk.waiting and len(pages) < most:
        path = walk.waiting.popleft()
        answer = request.get(path)
        if answer.status >= 500:
            broken.append(f"{path} answered {answer.status}")
        elif answer.headers.get("content-type", "").startswith("text/html") and path not in PIECES:
            pages[path] = answer.text()
            walk.note(*links(path, pages[path]))
    assert not broken, broken
    return pages


@dataclass
class Walk:
    """Where a walk has been, and where it still has to go."""

    app: Flask
    each: int
    waiting: deque[str] = field(default_factory=deque)
    seen: set[str] = field(default_factory=set)
    visits: Counter[str] = field(default_factory=Counter)

    def note(self, *paths: str) -> None:
        for path in paths:
            kind = self.kind(path)
            if kind and path not in self.seen and self.visits[kind] < self.each:
                self.seen.add(path)
                self.visits[kind] += 1
                self.waiting.append(path)

    def kind(self, path: str) -> str:
        """The route of a path with the names in its query; nothing for what no route reads."""
        parts = urlsplit(path)
        try:
            endpoint, _ = self.app.url_map.bind("").match(parts.path, method="GET")
        except RequestRedirect:
            endpoint = "redirect"
        except HTTPException:
            endpoint = "missing"
        asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        names = sorted({"narrowed" if name in NARROWING else name for name in asked})
        return "" if endpoint == "static" else " ".join([endpoint, *names])


def routes_without_arguments(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule


class Links(HTMLParser):
    """Collects where the links and the searches of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        leads = {"a": "href", "form": "action"}.get(tag)
        if leads and values.get(leads) and values.get("method", "get") == "get":
            self.found.append(str(values[leads]))


def links(path: str, html: str) -> list[str]:
    """The paths on the same site that a page leads to."""
    parser = Links()
    parser.feed(html)
    addresses = [urlsplit(urldefrag(urljoin(f"http://site{path}", href)).url) for href in parser.found]
    return [parts._replace(scheme="", netloc="").geturl() for parts in addresses if parts.netloc == "site"]

"""Pages for people who are not signed in, kept in each process and answered before Flask is entered.

A view says with `cached` that its page is meant for everybody, and on which parameters of the query it depends. Such a page
is made from the address alone: without cookies and with no header that a visitor sent. It holds as long as the site's
version, and is compressed once.
"""

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from http import HTTPStatus
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import brotli  # type: ignore[import-untyped]  # it has no types
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header, parse_date

from blog.site_version import Watch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])
Headers = list[tuple[str, str]]
Key = tuple[str, str, str]  # scheme, path, query

# For caches in front: one second, or as long as this server cannot be reached.
FOR_EVERYBODY = "public, max-age=0, s-maxage=1, stale-if-error=86400"
SURE_FOR = 0.5  # seconds after which the site's version has to be confirmed anew
OLD_FOR = 0.9  # seconds for which others get the old page while one makes the new one
AWAY_AFTER = 2.0  # seconds without a confirmation: the database is away, and old pages are better than none
WAIT_AT_MOST = 10.0  # seconds for whoever makes the same page just now
LONGEST_LIFE = 60.0  # seconds: nothing that only follows the clock stays wrong for long
OVERHEAD = 1_000  # bytes that an entry takes beside its texts
LONGEST_ADDRESS = 1_000
READS = {"GET", "HEAD"}
SPELLED = ("br", "gzip")
OF_ONE_ANSWER = {"X-Request-Id", "Server-Timing", "Date"}
IN_304 = {
    "Cache-Control",
    "Content-Location",
    "ETag",
    "Vary",
}  # RFC 9110, 15.4.5; the page has its own policy
OF_THE_SERVER = {
    "wsgi.version", "wsgi.url_scheme", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once",
    "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "REMOTE_ADDR",
}  # fmt: skip


def cached(*parameters: str) -> Callable[[View], View]:
    """The page of this view is the same for everybody, and depends on nothing but its path and these parameters."""

    def mark(view: View) -> View:
        vars(view)["cached_by"] = parameters
        return view

    return mark


def init_app(app: Flask) -> None:
    """Before whatever else wraps the application: what is in front of this may say where the visitor is."""
    megabytes = app.config["PAGE_CACHE_MB"]
    if megabytes:
        app.extensions["page_cache"] = cache = PageCache(app, app.wsgi_app, megabytes * 1_000_000)
        app.wsgi_app = cache  # type: ignore[method-assign]


def is_for_everybody(response: Response) -> bool:
    """Whether the view says so, and all went well. Whether it became personal nevertheless is asked elsewhere."""
    view = current_app.view_functions.get(request.endpoint or "")
    return hasattr(view, "cached_by") and response.status_code == HTTPStatus.OK


@dataclass(slots=True)
class Made:
    """An answer, as the application gave it."""

    status: str
    headers: Headers
    body: bytes
    is_kept: bool = field(init=False)  # which is asked with each visit

    def __post_init__(self) -> None:
        named = {name.lower(): value for name, value in self.headers}
        meant = named.get("cache-control") == FOR_EVERYBODY and "set-cookie" not in named
        self.is_kept = self.status.startswith("200 ") and meant

    @property
    def failed(self) -> bool:
        return self.status.startswith("5")


@dataclass(slots=True)
class Spelled:
    """A page in one encoding, ready to be sent: its headers, those of a 304, and its bytes."""

    headers: Headers
    unchanged: Headers
    tag: str
    body: bytes


@dataclass(slots=True)
class Entry:
    """A page that is kept, with the mark of the site's version and the time, both from before it was made."""

    made: Made
    mark: object
    at: float
    spelled: dict[str, Spelled] = field(default_factory=dict)
    size: int = OVERHEAD
    was_used: bool = False
    modified: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        self.modified = parse_date(dict(self.made.headers).get("Last-Modified"))

    def spell(self, encoding: str) -> Spelled:
        one = self.spelled.get(encoding)
        if one is None:
            one = self.spelled[encoding] = spelled(self.made, encoding)
        return one


def spelled(made: Made, encoding: str) -> Spelled:
    body = {"br": as_brotli, "gzip": as_gzip}.get(encoding, bytes)(made.body)
    headers = [(name, value) for name, value in made.headers if name not in {"Content-Length", "ETag"}]
    tag = f'"{hashlib.blake2b(made.body, digest_size=12).hexdigest()}-{encoding}"'
    if encoding in SPELLED:
        headers.append(("Content-Encoding", encoding))
    headers += [("ETag", tag), ("Content-Length", str(len(body)))]
    unchanged = [(name, value) for name, value in headers if name in IN_304]
    return Spelled(headers, unchanged, tag, body)


def as_brotli(text: bytes) -> bytes:
    return bytes(brotli.compress(text, quality=6))


def as_gzip(text: bytes) -> bytes:
    return gzip.compress(text, 6, mtime=0)


@lru_cache(maxsize=256)
def encoding_for(accepted: str) -> str:
    """The best that we have of what a browser takes (RFC 9110, 12.5.3)."""
    weights = dict(parse_accept_header(accepted)) if accepted else {}
    return next((name for name in SPELLED if weights.get(name, weights.get("*", 0)) > 0), "identity")


class PageCache:
    """A WSGI application in front of another, that keeps at most so many bytes."""

    def __init__(self, app: Flask, behind: "WSGIApplication", most: int) -> None:
        self.behind = behind
        self.host = urlsplit(app.config["SITE_URL"]).netloc
        self.cookie = f"{app.config['SESSION_COOKIE_NAME']}="
        self.watch, self.shelf = Watch(app), Shelf(most)
        self.hits = self.misses = 0
        self.turns = [threading.Lock() for _ in range(64)]
        self.parameters_of = lru_cache(maxsize=4096)(partial(parameters_of, app))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        key = self.key_of(environ)
        if key is None:
            return self.behind(environ, start_response)
        entry = self.shelf.entries.get(key)
        if entry is None or not self.is_fresh(entry):
            answer = self.renewed(key, entry, environ)
        else:
            self.hits += 1
            entry.was_used = True
            answer = Answer(entry)
        return answer.send(environ, start_response)

    def key_of(self, environ: "WSGIEnvironment") -> Key | None:
        """Of a page that may be kept; None for all else, and for whoever may be somebody."""
        if environ["REQUEST_METHOD"] not in READS or environ.get("HTTP_HOST") != self.host:
            return None
        if self.cookie in environ.get("HTTP_COOKIE", "") or "HTTP_AUTHORIZATION" in environ:
            return None
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if len(path) + len(query) > LONGEST_ADDRESS:
            return None
        parameters = self.parameters_of(path)
        if parameters is None:
            return None
        return environ["wsgi.url_scheme"], path, query and canonical(query, parameters)

    def is_fresh(self, entry: Entry) -> bool:
        at = monotonic()
        sure = at - self.watch.confirmed < SURE_FOR
        return entry.mark is self.watch.mark and sure and at - entry.at < LONGEST_LIFE

    def renewed(self, key: Key, old: Entry | None, environ: "WSGIEnvironment") -> "Answer":
        """One makes the page anew; others get the old one while it is not too old, or wait for the new one."""
        self.watch.begin()
        if old and self.is_away():
            return Answer(old, is_stale=True)
        turn = self.turns[hash(key) % len(self.turns)]
        is_ours = turn.acquire(blocking=False)
        if not is_ours and old and self.is_young(old):
            return Answer(old)
        is_ours = is_ours or turn.acquire(timeout=WAIT_AT_MOST)
        try:
            present = self.shelf.entries.get(key)
            if present and self.is_fresh(present):  # somebody made it while this one waited
                return Answer(present)
            return self.made(key, old, environ)
        finally:
            if is_ours:
                turn.release()

    def is_away(self) -> bool:
        return monotonic() - self.watch.confirmed > AWAY_AFTER

    def is_young(self, old: Entry) -> bool:
        """Whether it still held less than a second ago."""
        mark, confirmed = self.watch.before
        held = {id(mark): confirmed, id(self.watch.mark): self.watch.confirmed}.get(id(old.mark), 0.0)
        return monotonic() - held < OLD_FOR

    def made(self, key: Key, old: Entry | None, environ: "WSGIEnvironment") -> "Answer":
        self.misses += 1
        mark, at = self.watch.mark, monotonic()
        made = ask(self.behind, from_the_address_alone(key, environ, self.host))
        if made.failed and old:
            return Answer(old, is_stale=True)
        entry = Entry(made, mark, at)
        if made.is_kept:
            self.shelf.keep(key, entry)
        else:
            self.shelf.drop(key)
        return Answer(entry)


@dataclass(slots=True)
class Answer:
    """What a visitor is sent: a page, or word that the one which their browser has still holds (RFC 9110, 13.2.2)."""

    entry: Entry
    is_stale: bool = False

    def send(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        one = self.entry.spell(encoding_for(environ.get("HTTP_ACCEPT_ENCODING", "")))
        if self.entry.made.is_kept and self.is_known(one.tag, environ):
            start_response("304 NOT MODIFIED", self.marked(one.unchanged))
            return []
        start_response(self.entry.made.status, self.marked(one.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [one.body]

    def is_known(self, tag: str, environ: "WSGIEnvironment") -> bool:
        kept = environ.get("HTTP_IF_NONE_MATCH")
        if kept is not None:
            return tag in kept or kept.strip() == "*"
        since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
        return bool(since and self.entry.modified and self.entry.modified <= since)

    def marked(self, headers: Headers) -> Headers:
        """An old page that stands in for one that cannot be made says so (RFC 9211)."""
        return [*headers, ("Cache-Status", "masthead; hit; detail=stale")] if self.is_stale else headers


class Shelf:
    """The entries, of at most so many bytes: the oldest goes first, but whoever was used since the last look has a second
    chance (Corbató 1968, CLOCK).
    """

    def __init__(self, most: int) -> None:
        self.most, self.bytes = most, 0
        self.entries: dict[Key, Entry] = {}
        self.lock = threading.Lock()

    def keep(self, key: Key, entry: Entry) -> None:
        """In all encodings at once, so that its size is known."""
        entry.size += len(entry.made.body) + sum(len(entry.spell(encoding).body) for encoding in SPELLED)
        with self.lock:
            self.forget(key)
            self.entries[key] = entry
            self.bytes += entry.size
            while self.bytes > self.most:
                self.look_at_the_oldest()

    def drop(self, key: Key) -> None:
        with self.lock:
            self.forget(key)

    def forget(self, key: Key) -> None:
        gone = self.entries.pop(key, None)
        self.bytes -= gone.size if gone else 0

    def look_at_the_oldest(self) -> None:
        key, entry = next(iter(self.entries.items()))
        if entry.was_used:
            entry.was_used = False
            self.entries[key] = self.entries.pop(key)
        else:
            self.forget(key)


def parameters_of(app: Flask, path: str) -> tuple[str, ...] | None:
    """Of the view at this path, if its page may be kept."""
    text = path.encode("latin-1").decode(errors="replace")
    try:
        endpoint, _ = app.url_map.bind("localhost").match(text, method="GET")
    except HTTPException:
        return None
    found: tuple[str, ...] | None = getattr(app.view_functions[endpoint], "cached_by", None)
    return found


def canonical(query: str, parameters: tuple[str, ...]) -> str:
    """Without what the page does not depend on, in one order."""
    given = dict(
        reversed(parse_qsl(query, keep_blank_values=True))
    )  # the first of several, as the view sees it
    return urlencode([(name, given[name]) for name in parameters if name in given])


def from_the_address_alone(key: Key, environ: "WSGIEnvironment", host: str) -> "WSGIEnvironment":
    """What the application is asked for everybody: nothing that one visitor sent can be in the page."""
    asked = {name: value for name, value in environ.items() if name in OF_THE_SERVER}
    _, path, query = key
    return {
        **asked,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": host,
        "wsgi.input": BytesIO(),
    }


def ask(application: "WSGIApplication", environ: "WSGIEnvironment") -> Made:
    given: list[Any] = []

    def start(*said: Any) -> Any:
        given.append(said)

    parts = application(environ, start)
    try:
        body = b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
    status, headers = given[-1][:2]
    return Made(status, [(name, value) for name, value in headers if name not in OF_ONE_ANSWER], body)

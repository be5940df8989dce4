"""Hostile texts in parameters, paths, headers and bodies: none breaks the site, or leads away from it."""

import re
from io import BytesIO
from itertools import cycle, islice
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db
from blog.limits import HOUR, LIMITS, Limit, Rate
from blog.posts.models import Post
from blog.text import UNSEEN, stripped
from tests import make
from tests.conftest import visitor
from tests.corpora import corpus
from tests.hostile import (
    ODD,
    addresses,
    json_texts,
    several,
)
from tests.reading import fields_on, messages_on
from tests.visitor import Visitor


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "LIMITS", dict.fromkeys(LIMITS, Limit(Rate(10**6, HOUR))))


def test_names_and_passwords_of_nobody(alice: User, client: Visitor) -> None:
    for name, password in zip(several(5), reversed(several(6)), strict=False):
        answer = client.post("/login", data={"username": name, "password": password, "next": name})
        assert answer.status_code == 422
        assert fields_on(answer)["username"].value == stripped(name)
        assert messages_on(answer)


@pytest.mark.parametrize("engine_name", ["sqlite"])  # no database is asked where it leads
def test_signing_in_leads_nowhere_else(app: Flask, alice: User) -> None:
    for goal in [*addresses(), *ODD]:
        client = visitor(app)
        answer = client.post("/login", data={"username": "alice", "password": make.PASSWORD, "next": goal})
        if answer.status_code == 422 and UNSEEN.search(goal):
            continue
        assert answer.status_code == 302, goal
        assert re.fullmatch(r"/(?![/\\])[!-~]*", answer.location), goal
        asked = client.get("/login", query_string={"next": goal})
        assert asked.status_code in {302, 404}
        assert asked.status_code == 404 or re.fullmatch(r"/(?![/\\])[!-~]*", asked.location), goal


def test_filters(alice_client: Visitor) -> None:
    make.post(title="A title")
    names = ("q", "status", "author", "sort")
    columns = [islice(cycle(several(7)), place, place + len(several(8))) for place in range(4)]
    for values in zip(*columns, strict=True):
        answer = alice_client.get("/posts/", query_string=dict(zip(names, values, strict=True)))
        if any("\0" in value for value in values):
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200
        shown = fields_on(answer)
        assert shown["q"].value == values[0].strip()
        assert shown["author"].value == values[2].strip()


@pytest.mark.parametrize("address", ["/", "/posts/", "/tags/", "/authors/", "/tags/one", "/archive/2026/"])
def test_page_numbers(alice: User, alice_client: Visitor, address: str) -> None:
    make.post(alice, tags=["One"])
    for text in several(9):
        status = alice_client.get(address, query_string={"page": text}).status_code
        assert status == (200 if text in {"1", "01"} else 404), text


PATHS = (
    "/{}",
    "/posts/{}",
    "/posts/{}/edit",
    "/posts/{}/delete",
    "/p/{}",
    "/tags/{}",
    "/authors/{}",
    "/archive/{}/",
    "/archive/2026/{}/",
    "/comments/{}/delete",
    "/static/{}",
    "/style-{}.css",
)


def test_paths(engine_name: str, alice_client: Visitor) -> None:
    for number, text in enumerate([*several(10), *addresses()[:: 1 if engine_name == "sqlite" else 10]]):
        for path in PATHS[number % 3 :: 3]:
            address = path.format(quote(text, safe=""))
            answer = alice_client.get(address)
            assert answer.status_code in {200, 301, 302, 308, 404}, address
            if answer.status_code in {301, 302, 308}:
                assert urlsplit(answer.location).netloc in {"", "localhost"}, address
            assert "def load(" not in answer.text  # config.py


HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cache-Control",
    "Cookie",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Request-Id",
)


def test_headers(client: Visitor) -> None:
    slow = [path.read_text() for path in sorted(corpus("generated/redos").glob("*.txt"))]
    for text in [*several(11), *slow]:
        value = re.sub("[\r\n]", " ", text[:8000]).encode()[:8000].decode("latin-1")
        headers = dict.fromkeys(HEADERS, value) | {"Cookie": f"session={value}; remember_token={value}"}
        answer = client.get("/", headers=headers)
        assert answer.status_code == 200
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert client.get("/static/favicon.svg", headers=headers).status_code in {200, 206, 304, 416}


def test_hosts(client: Visitor) -> None:
    for host in json_texts("host_headers"):
        answer = client.get("/", headers={"Host": host})
        assert answer.status_code == (200 if host == "localhost" else 400), host
        assert "evil" not in answer.text


@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_bodies(alice_client: Visitor) -> None:
    """Of a form that is too large, Werkzeug leaves the files to the garbage collector, which closes and mentions them."""
    for path in sorted(corpus("generated/multipart").glob("*.bin")):
        kind, _, body = path.read_bytes().partition(b"\r\n\r\n")
        for address in ("/posts/new", "/posts/preview", "/login"):
            answer = alice_client.post(address, data=body, content_type=kind.decode())
            assert answer.status_code in {200, 302, 400, 413, 422}, path
    for path in sorted(corpus("generated/json_api").glob("*.json")):
        answer = alice_client.post("/posts/new", data=path.read_bytes(), content_type="application/json")
        assert answer.status_code == 422


def test_a_file_in_place_of_a_text(alice_client: Visitor) -> None:
    for name in ("title", "content", "tags", "published_at", "nonce"):
        answer = alice_client.post(
            "/posts/new", data={"title": "A title", name: (BytesIO(b"a file"), "file.txt")}
        )
        assert answer.status_code == (422 if name == "title" else 302)


@pytest.mark.parametrize(
    "encoded", [b"%ED%A0%80", b"%FF%FE", b"%C0%80", b"%F5%80%80%80", b"%", b"%zz", b"%00"]
)
def test_bytes_that_are_no_text(alice_client: Visitor, encoded: bytes) -> None:
    body = b"title=A+title&content=" + encoded
    answer = alice_client.post("/posts/new", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {302, 422}
    assert (answer.status_code == 422) == (encoded == b"%00")


def test_texts_that_are_too_long(alice_client: Visitor) -> None:
    assert alice_client.post("/posts/new", data={"title": "x", "content": "x" * 500_001}).status_code == 422
    assert alice_client.post("/posts/new", data={"title": "x", "content": "x" * 3_000_000}).status_code == 413
    assert alice_client.post("/posts/preview", data={"content": "x" * 3_000_000}).status_code == 413
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0

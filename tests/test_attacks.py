"""What attackers send: to every route, from collections of what worked elsewhere. Nothing breaks, nothing leaves the site."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask

from blog.accounts.models import User
from blog.accounts.sessions import path_on_this_site
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.conftest import visitor
from tests.corpora import corpus
from tests.program import program_of
from tests.routes import routes, samples
from tests.test_expired_forms import everything
from tests.visitor import Visitor, sign_in


def listed(name: str) -> list[str]:
    """A list of the collection."""
    return list(json.loads((corpus("generated") / "lists" / f"{name}.json").read_text()))


def lines_of(folder: str) -> list[str]:
    texts = [
        path.read_text(errors="replace")
        for path in corpus(folder).rglob("*.txt")
        if path.name != "SOURCE.txt"
    ]
    return [line for text in texts for line in text.splitlines() if line.strip()]


# Names of the site


def test_only_the_names_of_the_site_are_answered(app: Flask, app_with: Callable[..., Flask]) -> None:
    client = visitor(app_with(SITE_URL="https://good.example"))
    for host in (
        *listed("host_headers"),
        "good.example.",
        "",
        "a b",
        "\x7f",
        "[::1",
        "good.example:x",
        "ü.example",
    ):
        for address in ("/", "/nowhere", "/posts/none", "/healthz", "/static/favicon.svg", "/api/nowhere"):
            answer = client.get(address, headers={"Host": host})
            if host == "localhost":
                assert answer.status_code < 500
            else:
                assert answer.status_code == 400, (host, address)
                assert answer.text == "This site does not answer under that name.\n"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["good.example", "good.example:8443", "127.0.0.1", "localhost:5000"])
def test_the_names_of_the_site_are_answered(app_with: Callable[..., Flask], host: str) -> None:
    client = visitor(app_with(SITE_URL="https://good.example"))
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_no_page_names_the_host_that_was_asked_for(app_with: Callable[..., Flask], alice: User) -> None:
    client = visitor(app_with(SITE_URL="https://good.example"))
    sign_in(client, alice)
    for address in ("/", "/login", "/posts/new", "/nowhere"):
        assert "localhost:1234" not in client.get(address, headers={"Host": "localhost:1234"}).text


# Redirects

MORE = (
    "//[evil",
    "http://[",
    "//evil.example℀",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00//evil.example",
    " //evil.example",
    "\u3000//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/..//evil.example",
    "https://localhost@evil.example",
    "//localhost:80@evil.example",
    "http:evil.example",
    "/\ud800",
    "?x",
    "#x",
    ".",
)


def elsewhere() -> list[str]:
    found = [*listed("next_redirects"), *lines_of("urls"), *MORE]
    assert len(found) > 300
    return found


OURS = {
    "/": "/",
    "/posts/new": "/posts/new",
    "/posts/?status=draft&q=a+b": "/posts/?status=draft&q=a+b",
    "/tags/caf%C3%A9": "/tags/caf%C3%A9",
    "/tags/café": "/tags/caf%C3%A9",
    "/posts/a#comments": "/posts/a",
}


def stays(location: str) -> bool:
    """Whether a browser that reads this stays on the site: it drops tabs and line ends, and takes \\ for /."""
    read = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return read.startswith("/") and not read.startswith("//")


@pytest.mark.parametrize("address", OURS)
def test_a_path_of_this_site_is_gone_to(address: str) -> None:
    assert path_on_this_site(address) == OURS[address]


def test_an_address_elsewhere_is_never_gone_to() -> None:
    for address in elsewhere():
        path = path_on_this_site(address)
        assert path is None or (stays(path) and path.isascii()), address


def test_signing_in_leads_nowhere_else(app: Flask, alice_client: Visitor) -> None:
    for address in elsewhere():
        answer = alice_client.get("/login", query_string={"next": address.encode(errors="replace")})
        assert answer.status_code == (404 if "\0" in address else 302)
        assert stays(answer.headers.get("Location", "/")), address
    make.user("bob")
    typed = {"username": "bob", "password": make.PASSWORD}
    for address in ("//evil.example", "https://evil.example", "/\\evil.example", "//[evil"):
        assert visitor(app).post("/login", data={**typed, "next": address}).location == "/"
    assert visitor(app).post("/login", data={**typed, "next": "/posts/?page=2"}).location == "/posts/?page=2"


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/..", "/\\evil.example", "/%5cevil.example/"]
)
def test_no_address_is_sent_on_to_another_site(client: Visitor, path: str) -> None:
    for suffix in ("", "/", "/posts/new", "/tags"):
        answer = client.get("/", environ_overrides={"PATH_INFO": unquote(path + suffix)})
        assert answer.status_code in {301, 302, 308, 404}
        location = answer.headers.get("Location", "/").removeprefix("http://localhost")
        assert stays(location), path


# Addresses

UNHEARD_OF = (
    "0",
    "-1",
    "2147483648",
    "9" * 30,
    "1e3",
    "1.0",
    "%31%32%00",
    "%00",
    "x" * 5000,
    "..",
    "%2e%2e%2f",
    "'",
)
LETTERS = (
    "%00",
    "a%00b",
    "x" * 5000,
    "%ff%fe",
    "%ed%a0%80",
    "..%2f..%2fetc%2fpasswd",
    "' OR 1=1 --",
    "{{7*7}}",
)


@pytest.mark.parametrize("person", ["nobody", "owner"])
def test_an_address_that_nobody_made_leads_nowhere(app: Flask, person: str) -> None:
    client = visitor(app)
    if person == "owner":
        sign_in(client, make.user("root", role="owner"))
    values = samples(make.user("somebody"))
    every = (*UNHEARD_OF, *LETTERS)
    for number, rule in enumerate(app.url_map.iter_rules()):
        for name in rule.arguments:
            for wrong in every[number % 3 :: 3]:  # each of them in every third address
                address = filled(rule.rule, {**values, name: wrong})
                answer = client.get(address)
                expected = {401, 405} if takes_tokens(rule.rule) else {302, 308, 404, 405}
                assert answer.status_code in {404, *expected}, (address, answer.status_code)


def takes_tokens(address: str) -> bool:
    """Whether it is for programs: their sign-in is a token, and no cookie."""
    return address.startswith("/api/") and address not in {"/api/docs", "/api/openapi.json"}


def filled(rule: str, values: dict[str, Any]) -> str:
    return re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found: str(values[found[1]]), rule)


QUERIES = ("page", "q", "status", "author", "sort", "key", "next", "tag", "id")


def test_no_query_breaks_a_page(app: Flask, owner_client: Visitor, owner: User) -> None:
    program = program_of(app, owner)
    strings = [text for text in json.loads((corpus("strings") / "blns" / "blns.json").read_text()) if text]
    hostile = [
        *strings[::40],
        "\0",
        "%",
        "_" * 3000,
        "-1",
        "0",
        "9" * 40,
        "１",
        "1 ",
        "' OR 1=1",
        "a\nb",
        "\\",
        "%_",
    ]
    found = [
        route for route in routes(app, samples(make.user("somebody")), "GET") if "_" not in route.address
    ]
    for number, route in enumerate(found):
        for text in hostile[number % 4 :: 4]:  # each of them to every fourth page
            query = dict.fromkeys(QUERIES, text.encode(errors="replace"))
            client = program if takes_tokens(route.address) else owner_client
            answer = client.get(route.address.partition("?")[0], query_string=query)
            assert answer.status_code in {200, 301, 302, 308, 400, 404, 422}, (route, text)


def test_no_page_number_breaks_a_list(app: Flask, client: Visitor) -> None:
    samples(make.user("somebody"))
    for address in ("/", "/tags/", "/tags/one", "/authors/", "/authors/somebody", "/archive/2026/"):
        for number in (
            "2",
            "0",
            "-1",
            "x",
            "",
            "1.5",
            "999999999999",
            "9999999999999",
            "９",
            "1e1",
            "%00",
            "0x1",
        ):
            assert client.get(f"{address}?page={number}").status_code == 404, (address, number)


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 100, "GET "]
)
def test_a_method_that_no_route_takes_is_refused(app: Flask, owner_client: Visitor, method: str) -> None:
    before = everything()
    addresses = app.url_map.bind("localhost")
    for route in routes(app, samples(make.user("somebody")), "GET", "POST"):
        if method in addresses.allowed_methods(route.address.partition("?")[0]):
            continue
        answer = owner_client.open(route.address, method=method)
        assert answer.status_code == 405, route
        assert answer.headers["Allow"]
    assert set(before) == set(everything())


def test_no_header_changes_the_method(owner_client: Visitor, owner: User) -> None:
    post = make.post(owner)
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        owner_client.get(f"/posts/{post.id}/delete?_method=POST", headers={header: "POST"})
    assert db.session.get(Post, post.id)


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "session=x; remember_token=y|z"},
        {"Cookie": "session=" + "A" * 4000},
        {"Cookie": 'remember_token="1|' + "0" * 128 + '"'},
        {"Cookie": "\xff\xfe=\x00"},
        {"Accept-Language": ",;q=x," * 500},
        {"Accept-Encoding": "gzip;q=x, br;q=-1, *;q=9" + ",a" * 2000},
        {"If-None-Match": '"' * 1000},
        {"If-Modified-Since": "tomorrow"},
        {"Range": "bytes=0-,-1,5-2" + ",0-0" * 1000},
        {"Content-Type": "x" * 1000},
        {"Content-Length": "-1"},
        {"User-Agent": "{{7*7}}\u0080" * 50},
        {"Authorization": "Bearer " + "x" * 3000},
        {"Referer": "http://[::1"},
    ],
)
def test_no_header_breaks_a_page(client: Visitor, headers: dict[str, str]) -> None:
    for address in ("/", "/login", "/static/favicon.svg", "/nowhere"):
        encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        assert client.get(address, headers=encoded).status_code in {200, 206, 304, 404, 416}

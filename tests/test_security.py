"""What every answer says to browsers and caches, on every route; and what a request must bring to change anything."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, request
from werkzeug.http import parse_cookie, parse_options_header
from werkzeug.test import TestResponse

from blog.accounts.models import User
from blog.caching import FOR_EVERYBODY
from tests import make
from tests.conftest import visitor
from tests.reading import fields_on, without_search
from tests.routes import KEYS, Route, routes, samples
from tests.test_expired_forms import everything
from tests.visitor import Visitor, sign_in

POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "https:", "data:"],
    "media-src": ["'self'", "https:"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
LASTING = {"assets.styles", "static"}  # answers the same to everybody, for ever
FILES = "media.file"  # what was sent runs nothing at all
SECRET = {"posts.shared", "tasks.feed"}  # where they lead is told nobody
WITH_FORMS = {"comments.new", "comments.stop_mail", "notices.stop_mail"}  # that are sent elsewhere
WITH_SCRIPTS = {"accounts.login", "posts.show"}  # passkeys; a view is counted, and guests get their form
BEACONS = {"stats.count_view", "stats.count_end"}  # need no token: see blog.security.takes_beacons
PEOPLE = ("nobody", "reader", "author", "owner")


def browser(app: Flask, person: str) -> Visitor:
    client = visitor(app)
    if person != "nobody":
        sign_in(client, make.user(person, role=person))
    return client


def policy_of(answer: TestResponse) -> dict[str, list[str]]:
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {
        name: values.split() for name, _, values in (directive.partition(" ") for directive in directives)
    }


@pytest.mark.parametrize("person", PEOPLE)
def test_every_answer_says_what_a_browser_may_do_with_it(app: Flask, person: str) -> None:
    client = browser(app, person)
    for route in routes(app, samples(make.user("somebody")), "GET", "POST"):
        answer = client.open(route.address, method=route.method)
        policy = policy_of(answer)
        if route.endpoint == FILES and answer.status_code == 200:
            assert set(policy) == {"default-src", "frame-ancestors", "sandbox"}, route
            continue
        scripts = policy.pop("script-src")
        assert policy == POLICY, route
        assert scripts == ["'none'"] or re.fullmatch(r"'nonce-[\w-]{22}'", scripts[0]), route
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        wanted = "no-referrer" if route.endpoint in SECRET else "strict-origin-when-cross-origin"
        assert answer.headers["Referrer-Policy"] == wanted, route
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert answer.headers["Content-Type"], route
        assert "Server" not in answer.headers


def test_each_page_allows_its_own_scripts_and_no_other(alice_client: Visitor) -> None:
    seen = set()
    for _ in range(3):
        page = alice_client.get("/posts/new")
        (allowed,) = policy_of(page)["script-src"]
        nonces = set(re.findall(r"<script[^>]* nonce=\"([^\"]+)\"", page.text))
        assert {f"'nonce-{nonce}'" for nonce in nonces} == {allowed}
        assert page.text.count("<script") == len(re.findall(r"<script[^>]* nonce=", page.text))
        seen.add(allowed)
    assert len(seen) == 3


def public_pages(app: Flask) -> list[Route]:
    known = {name for name, view in app.view_functions.items() if vars(view).get("access") == "public"}
    found = routes(app, samples(make.user("somebody")), "GET", "HEAD")
    return [route for route in found if route.endpoint in known]


def test_readers_get_no_cookie_few_scripts_and_pages_that_may_be_kept(
    app: Flask, guarded_client: Visitor
) -> None:
    client = guarded_client
    forms = {rule.endpoint for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())}
    forms = (forms | WITH_FORMS) - SECRET  # which need no token
    for route in public_pages(app):
        client.delete_cookie("session")
        answer = client.open(route.address, method=route.method)
        assert answer.status_code < 500, route
        scripts = re.findall(r"<script(?! type=.application/ld\+json)", without_search(answer.text))
        assert not scripts or route.endpoint in WITH_SCRIPTS, route
        assert ("Set-Cookie" in answer.headers) == (route.endpoint in forms and answer.status_code == 200), (
            route
        )
        if route.endpoint in LASTING:
            assert "public" in answer.headers["Cache-Control"], route
        elif "Set-Cookie" not in answer.headers:
            for_everybody = answer.status_code == 200 and hasattr(
                app.view_functions[route.endpoint], "cached_by"
            )
            wanted = FOR_EVERYBODY if for_everybody else "private, no-store"
            assert answer.headers["Cache-Control"] == wanted, route
            assert "Cookie" in answer.headers["Vary"], route


@pytest.mark.parametrize("person", ["reader", "author", "owner"])
def test_what_somebody_sees_who_is_signed_in_is_kept_by_nobody(app: Flask, person: str) -> None:
    client = browser(app, person)
    for route in routes(app, samples(make.user("somebody")), "GET", "HEAD"):
        answer = client.open(route.address, method=route.method)
        if route.endpoint not in LASTING:
            assert answer.headers["Cache-Control"] == "private, no-store", route
        else:
            assert "Set-Cookie" not in answer.headers, route


def test_pages_with_a_form_are_kept_by_nobody(guarded_client: Visitor) -> None:
    """They hold a token of the session that begins with them."""
    for _ in range(2):
        assert guarded_client.get("/login").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path", ["/posts/new/x.css", "/account/x.css", "/account%2fx.css", "/account/;x.css"]
)
def test_a_private_page_is_not_also_at_an_address_that_caches_keep(alice_client: Visitor, path: str) -> None:
    answer = alice_client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private, no-store"


# Cookies


def cookies_of(answer: TestResponse) -> dict[str, dict[str, str | None]]:
    """The attributes of each cookie that is set, by its name."""
    found = {}
    for header in answer.headers.getlist("Set-Cookie"):
        pair, _, rest = header.partition(";")
        (name,) = parse_cookie(pair)
        attributes = (part.strip().partition("=") for part in rest.split(";"))
        found[name] = {key.lower(): value or None for key, _, value in attributes}
    return found


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    app: Flask, app_with: Callable[..., Flask], scheme: str
) -> None:
    make.user("alice")
    client = visitor(app_with(SITE_URL=f"{scheme}://localhost"))
    typed = {"username": "alice", "password": make.PASSWORD, "remember": "y"}
    cookies = cookies_of(client.post("/login", data=typed, base_url=f"{scheme}://localhost"))
    assert set(cookies) == {"__Host-session" if scheme == "https" else "session"}
    for attributes in cookies.values():
        assert attributes["expires"]  # for whoever asked to stay signed in
        assert "httponly" in attributes
        assert attributes["samesite"] == "Lax"
        assert ("secure" in attributes) == (scheme == "https")
        assert attributes["path"] == "/"
        assert "domain" not in attributes


def test_who_signs_in_takes_nothing_along_from_before(app: Flask, client: Visitor) -> None:
    """A session that somebody else had put into the browser is not theirs to share."""
    make.user("alice")
    with client.session_transaction() as planted:
        planted["csrf_token"] = "known to somebody else"
        planted["planted"] = "x"
    client.post("/login", data={"username": "alice", "password": make.PASSWORD})
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != "known to somebody else"


def test_strict_transport_is_asked_for_over_https_alone(app: Flask) -> None:
    client = visitor(app)
    asked = client.get("/", base_url="https://localhost").headers
    assert asked["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get("/").headers


# Forms


def test_nothing_is_changed_without_the_token_of_the_session(guarded_client: Visitor, owner: User) -> None:
    app = guarded_client.application
    sign_in(guarded_client, owner)
    found = routes(app, samples(owner), "POST", "PUT", "PATCH", "DELETE")
    assert len(found) > 10
    before = everything()
    for route in found:
        for token in (None, "", "x", "Im1hZGUgdXAi.aaaaaa.bbbbbb"):
            answer = guarded_client.open(route.address, method=route.method, data={"csrf_token": token or ""})
            assert answer.status_code in refusals(route), (route, answer.status_code)
            assert everything() == before, route


def refusals(route: Route) -> set[int]:
    """How a route may refuse somebody who is signed in, but sends no token; programs send another kind."""
    if route.address.startswith("/api/"):
        return {401}
    if route.endpoint in BEACONS:
        return {204}  # and counts nothing
    if route.endpoint in {"comments.stop_mail_at_once", "notices.stop_mail_at_once", *SECRET}:
        return {
            422
        }  # whoever has its address needs no token, but has to say what mail programs or people say
    return {302} if route.endpoint == "accounts.login" else {400, 404}


def test_the_token_of_another_session_is_not_taken(app: Flask, guarded_client: Visitor, owner: User) -> None:
    attacker = visitor(guarded_client.application)
    token = fields_on(attacker.get("/login"))["csrf_token"].value
    sign_in(guarded_client, owner)
    answer = guarded_client.post("/posts/new", data={"title": "Theirs", "csrf_token": token})
    assert answer.status_code == 400


def test_a_stranger_changes_nothing(app: Flask, client: Visitor) -> None:
    """Every route that changes something, without its token being asked for: by who is asking alone."""
    values = samples(make.user("somebody"))
    wrong = ("key", "mail_key", "comment_key", "subscription_key")
    values |= {name: dict.fromkeys(wrong, "not-the-key") for name in KEYS}
    found = routes(app, values, "POST", "PUT", "PATCH", "DELETE")
    before = everything()
    for route in found:
        answer = client.open(
            route.address, method=route.method, data={"title": "x", "content": "x", "key": "x"}
        )
        expected = {200} if route.endpoint == "accounts.passkey_question" else {302, 401, 403, 404, 422}
        expected = {204} if route.endpoint in BEACONS else expected
        assert answer.status_code in expected, (route, answer.status_code)
        assert everything() == before, route


# Proxies


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.1.1.1", "127.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 2.2.2.2, 1.1.1.1", "2.2.2.2"),
        (2, "1.1.1.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_as_many_proxies_are_believed_as_there_are(
    app: Flask, app_with: Callable[..., Flask], proxies: int, forwarded: str, expected: str
) -> None:
    site = app_with(TRUSTED_PROXIES=proxies)
    seen: list[tuple[str | None, str, str]] = []
    site.before_request(lambda: seen.append((request.remote_addr, request.scheme, request.host)))
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert visitor(site).get("/healthz", headers=headers).status_code == 200
    scheme = "https" if proxies == 1 else "http"
    assert seen == [(expected, scheme, "localhost")]


@pytest.mark.parametrize("header", ["X-Forwarded-Prefix", "X-Forwarded-Port", "Forwarded", "X-Original-URL"])
def test_no_header_moves_a_page(app_with: Callable[..., Flask], header: str) -> None:
    client = visitor(app_with(TRUSTED_PROXIES=1))
    plain, with_header = (client.get("/", headers=headers).text for headers in ({}, {header: "/evil"}))
    ours, theirs = (re.sub("[0-9a-f]{16}", "", without_search(page)) for page in (plain, with_header))
    assert theirs == ours


def test_an_answer_names_its_kind_and_its_letters(app: Flask, client: Visitor) -> None:
    for route in routes(app, samples(make.user("somebody")), "GET"):
        answer = client.get(route.address)
        kind, options = parse_options_header(answer.headers["Content-Type"])
        if kind.startswith("text/"):
            assert options["charset"] == "utf-8", route

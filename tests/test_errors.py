"""Every error, as a person and as a program meet it: told plainly, in the site's look, also where the database is away."""

import json
from collections.abc import Callable
from typing import Never

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from blog.access import public
from blog.accounts.models import User
from blog.errors import SENTENCES, Conflict, Forbidden, Invalid, NotFound, Problem, Unavailable
from tests import make
from tests.broken import out_of_reach
from tests.conftest import visitor
from tests.reading import fields_on, without_search
from tests.visitor import Visitor, sign_in

Fails = Callable[..., Flask]


@pytest.fixture
def failing(app_with: Callable[..., Flask]) -> Fails:
    """Makes a site as it ships, with addresses that fail: /fails/<status>, and /raises/<class>."""

    def make_one(**settings: object) -> Flask:
        site = app_with(PROPAGATE_EXCEPTIONS=False, **settings)
        for prefix in ("", "/api"):
            site.add_url_rule(f"{prefix}/fails/<int:status>", f"fails{prefix}", fail, methods=["GET", "POST"])
            site.add_url_rule(f"{prefix}/raises/<name>", f"raises{prefix}", raise_one)
        return site

    return make_one


@public
def fail(status: int) -> Never:
    abort(status)


PROBLEMS = {
    "not-found": NotFound(),
    "forbidden": Forbidden("Comments are closed."),
    "conflict": Conflict("Another post has this address.", field="slug"),
    "invalid": Invalid("A year has four digits."),
    "unavailable": Unavailable(),
    "secret": RuntimeError("the password of the database is hunter2"),
    "operational": OperationalError("SELECT hunter2", {}, Exception("hunter2")),
    "slow-down": TooManyRequests(retry_after=30),
}


@public
def raise_one(name: str) -> Never:
    raise PROBLEMS[name]


def test_an_error_is_a_page_of_the_site(failing: Fails) -> None:
    client = visitor(failing())
    for status, (title, detail) in SENTENCES.items():
        answer = client.get(f"/fails/{status}")
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
        assert f"<title>{title} – Masthead</title>" in answer.text
        assert f"<h1>{title}</h1>" in answer.text
        assert detail in answer.text
        assert '<link rel="stylesheet"' in answer.text
        assert '<meta name="robots" content="noindex">' in answer.text
        assert 'class="masthead-title"' in answer.text
        assert f"<code>{answer.headers['X-Request-Id']}</code>" in answer.text
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_error_is_a_page_of_the_site_while_the_database_is_away(
    away: Flask, app: Flask, alice: User, method: str
) -> None:
    """Also for somebody whose session says that they are signed in; what depends on who they are is left out."""
    client = visitor(away)
    take_session(client, visitor(app), alice)
    typed = {"content": "typed"} if method == "POST" else {}
    for status in SENTENCES:
        answer = client.open(f"/fails/{status}", method=method, data=typed)
        assert answer.status_code == (503 if status < 500 else status), status
        assert '<link rel="stylesheet"' in answer.text, status
        assert "Sign out" not in answer.text, status
        assert ("typed" in answer.text) == (method == "POST"), status
        assert answer.headers["Cache-Control"] == "private, no-store", status


@pytest.fixture
def away(app: Flask, failing: Fails) -> Flask:
    """A site with little patience, whose database cannot be reached."""
    options: dict[str, object] = {"connect_args": {}}
    return failing(DATABASE_URL=out_of_reach(app.config["DATABASE_URL"]), SQLALCHEMY_ENGINE_OPTIONS=options)


def take_session(client: Visitor, other: Visitor, user: User) -> None:
    sign_in(other, user)
    cookie = other.get_cookie("session")
    assert cookie
    client.set_cookie("session", cookie.value)


@pytest.mark.parametrize("person", ["nobody", "alice"])
def test_a_page_says_503_while_the_database_is_away(
    away: Flask, app: Flask, alice: User, person: str
) -> None:
    client = visitor(away)
    if person == "alice":
        take_session(client, visitor(app), alice)
    for address in ("/", "/nowhere", "/posts/none", "/readyz", "/login", "/tags/"):
        answer = client.get(address)
        assert answer.status_code == 503, address
        assert answer.headers["Retry-After"] == "5"
    assert client.get("/posts/new").status_code == (302 if person == "nobody" else 503)


def test_what_needs_no_database_answers_while_it_is_away(away: Flask, app: Flask, alice: User) -> None:
    client = visitor(away)
    take_session(client, visitor(app), alice)
    for address in ("/healthz", "/static/favicon.svg"):
        assert client.get(address).status_code == 200


def test_a_database_that_is_not_migrated_has_error_pages_too(empty_database: str, failing: Fails) -> None:
    answer = visitor(failing(DATABASE_URL=empty_database)).get("/")
    assert answer.status_code in {500, 503}
    assert '<link rel="stylesheet"' in answer.text


TOLD = {
    "forbidden": (403, "Comments are closed."),
    "conflict": (409, "Another post has this address."),
    "invalid": (422, "A year has four digits."),
    "not-found": (404, SENTENCES[404][1]),
    "unavailable": (503, SENTENCES[503][1]),
    "operational": (503, SENTENCES[503][1]),
    "slow-down": (429, SENTENCES[429][1]),
    "secret": (500, SENTENCES[500][1]),
}


def test_a_problem_is_told_to_people_and_to_programs(failing: Fails) -> None:
    client = visitor(failing())
    for name, (status, detail) in TOLD.items():
        page, told = client.get(f"/raises/{name}"), client.get(f"/api/raises/{name}")
        assert (page.status_code, told.status_code) == (status, status)
        assert "hunter2" not in page.text + told.text
        assert detail in page.text
        assert told.mimetype == "application/problem+json"
        problem = told.get_json()
        assert {"type", "title", "status", "detail"} <= set(problem)
        assert (problem["status"], problem["detail"]) == (status, detail)


def test_an_error_says_when_to_come_again(failing: Fails) -> None:
    client = visitor(failing())
    assert client.get("/raises/unavailable").headers["Retry-After"] == "5"
    assert client.get("/raises/slow-down").headers["Retry-After"] == "30"
    assert "Retry-After" not in client.get("/raises/secret").headers


def test_an_error_says_what_an_address_takes(failing: Fails) -> None:
    answer = visitor(failing()).put("/login")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_the_log_tells_what_the_page_does_not(failing: Fails, capsys: pytest.CaptureFixture[str]) -> None:
    answer = visitor(failing()).get("/raises/secret")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = [line for line in lines if "hunter2" in line.get("exception", "")]
    assert [line["request_id"] for line in told] == [answer.headers["X-Request-Id"]]
    assert "Traceback" in told[0]["exception"]


def test_a_failed_form_shows_what_was_typed_but_no_secret(failing: Fails) -> None:
    typed = {
        "title": "A title",
        "content": 'Text with "quotes" & <script>alert(1)</script>',
        "csrf_token": "c",
    }
    answer = visitor(failing()).post(
        "/fails/500", data={**typed, "password": "hunter2", "key": "hunter2", "tags": " "}
    )
    assert "hunter2" not in answer.text
    assert "<script" not in without_search(answer.text)
    assert [shown.value for shown in fields_on(answer).values()] == []
    assert "A title" in answer.text
    assert "Text with &#34;quotes&#34; &amp; &lt;script&gt;" in answer.text
    assert "Tags" not in answer.text.partition("What you typed")[2]


def test_a_form_that_met_a_busy_database_can_be_sent_again(failing: Fails) -> None:
    typed = {"title": "A title", "content": "Text", "nonce": "n"}
    client = visitor(failing())
    assert {
        name: shown.value for name, shown in fields_on(client.post("/fails/503", data=typed)).items()
    } == typed
    assert fields_on(client.post("/fails/503", data={**typed, "password": "hunter2"})) == {}
    assert fields_on(client.post("/fails/404", data=typed)) == {}


def test_an_expired_form_shows_what_was_typed(guarded_client: Visitor) -> None:
    answer = guarded_client.post("/posts/preview", data={"content": "Hours of work"})
    assert answer.status_code == 400
    assert "This form has expired" in answer.text
    assert "Hours of work" in answer.text


def test_a_body_that_is_too_large_is_not_read(app_with: Fails) -> None:
    answer = visitor(app_with(MAX_CONTENT_LENGTH=1000, WTF_CSRF_ENABLED=True)).post(
        "/login", data={"username": "x" * 2000}
    )
    assert answer.status_code == 413
    assert SENTENCES[413][0] in answer.text


@pytest.mark.parametrize("problem", [NotFound, Forbidden, Conflict, Unavailable])
def test_every_problem_has_words_of_its_own(problem: type[Problem]) -> None:
    assert (problem().title, problem().detail) == SENTENCES[problem.status]
    assert str(problem("As it was.")) == "As it was."


def test_an_error_page_leaves_the_session_as_it_was(failing: Fails) -> None:
    """What was to be told on the next page is told there, and no cookie is set for a page that failed."""
    client = visitor(failing())
    assert "Set-Cookie" not in client.get("/fails/404").headers
    with client.session_transaction() as kept:
        assert not kept
    make.post(title="Still here")
    assert client.get("/posts/still-here").status_code == 200

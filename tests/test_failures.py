"""A save that fails: the person keeps the text and is told plainly, the log gets the details, and the next one works."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.engines import options_for
from blog.errors import Conflict
from blog.posts.models import Post
from blog.tags.models import Tag
from tests import broken, make
from tests.conftest import visitor
from tests.reading import Shown, fields_on
from tests.visitor import Visitor, sign_in

NOTHING = Shown("", "")
TEXT = "What alice typed, at length."
Break = Callable[[str], AbstractContextManager[None]]


class Failure(NamedTuple):
    breaks: Break
    status: int
    sentence: str
    logged: str


OUT_OF_REACH = "The database is busy or out of reach, so nothing was saved."
NO_ROOM = "There is no room left on this site’s disk".replace("’", "&#39;")
READ_ONLY = "This site can only be read at the moment, so nothing was saved."


def killed_at(moment: str) -> Break:
    return lambda address: broken.killed(address, moment)


@contextmanager
def taken_meanwhile(address: str) -> Iterator[None]:
    """Somebody else takes the address "mine" before alice's post does."""
    make.post(title="Faster", slug="mine")
    yield


FAILURES = {
    "sqlite": {
        "a lock that another program holds": Failure(broken.locked, 503, OUT_OF_REACH, "database is locked"),
        "a full disk": Failure(broken.full, 503, NO_ROOM, "database or disk is full"),
        "a database that is only to be read": Failure(broken.read_only, 503, READ_ONLY, "readonly database"),
        "a broken constraint": Failure(
            taken_meanwhile, 409, "Another post has this address.", "uq_posts_slug"
        ),
    },
    "postgresql": {
        "a lock that another program holds": Failure(broken.locked, 503, OUT_OF_REACH, "lock timeout"),
        "a full disk": Failure(broken.full, 503, NO_ROOM, "No space left on device"),
        "a database that is only to be read": Failure(
            broken.read_only, 503, READ_ONLY, "read-only transaction"
        ),
        "a connection killed before it writes": Failure(
            killed_at("before"), 503, OUT_OF_REACH, "server closed the connection"
        ),
        "a connection killed before it commits": Failure(
            killed_at("commit"), 503, OUT_OF_REACH, "server closed the connection"
        ),
        "a broken constraint": Failure(
            taken_meanwhile, 409, "Another post has this address.", "uq_posts_slug"
        ),
    },
}
ALL = [pytest.param(engine, name, id=f"{engine}-{name}") for engine in FAILURES for name in FAILURES[engine]]


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def impatient(app: Flask, app_with: Callable[..., Flask]) -> Callable[[], Flask]:
    """Makes a site on the same database, as it ships, except that it waits for locks a quarter of a second."""
    address = app.config["DATABASE_URL"]
    return lambda: app_with(
        SQLALCHEMY_ENGINE_OPTIONS=options_for(address, wait=0.25), PROPAGATE_EXCEPTIONS=False
    )


def browser(app: Flask, user: User) -> Visitor:
    client = visitor(app)
    sign_in(client, user)
    return client


def write(client: Visitor, **fields: str) -> TestResponse:
    data = {"title": "Mine", "slug": "mine", "content": TEXT + broken.PLENTY, "status": "published", **fields}
    return client.post("/posts/new", data=data)


@pytest.mark.parametrize(("engine_name", "failure"), ALL, indirect=["engine_name"])
def test_a_post_that_cannot_be_saved(
    engine_name: str,
    failure: str,
    app: Flask,
    alice: User,
    impatient: Callable[[], Flask],
    capsys: pytest.CaptureFixture[str],
) -> None:
    breaks, status, sentence, logged = FAILURES[engine_name][failure]
    client = browser(impatient(), alice)
    with breaks(app.config["DATABASE_URL"]):
        answer = write(client)
    assert answer.status_code == status
    assert sentence in answer.text
    assert "<textarea" in answer.text
    assert TEXT in answer.text
    assert "Traceback" not in answer.text
    assert "psycopg2" not in answer.text
    assert "sqlite3" not in answer.text
    assert (answer.headers.get("Retry-After") == "5") == (status == 503)
    log = capsys.readouterr().err
    assert logged in log
    assert TEXT not in log
    assert all("event" in json.loads(line) for line in log.splitlines())
    assert db.session.scalars(select(Post.slug).where(Post.author_id == alice.id)).all() == []
    again = write(client, slug="mine-again")
    assert again.status_code == 302, again.text
    assert again.location == "/posts/mine-again"


FORMS = {
    "a new post": ("/posts/new", {"title": "Mine", "content": TEXT, "status": "draft"}),
    "a changed post": (
        "/posts/{post}/edit",
        {"title": "Mine", "slug": "old", "content": TEXT, "version": "1"},
    ),
    "a comment": ("/posts/{post}/comments", {"content": TEXT}),
    "a profile": ("/account/", {"display_name": "Alice", "biography": TEXT, "email": "alice@example.com"}),
    "the settings": (
        "/admin/settings",
        {"title": "Mine", "tagline": TEXT, "language": "en", "time_zone": "UTC", "posts_per_page": "5"}
        | {"theme_colour": "#123456", "comments_open": "y"},
    ),
}
ENGINES = pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)


@ENGINES
@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_cannot_be_saved_keeps_its_text(
    form: str, app: Flask, owner: User, impatient: Callable[[], Flask]
) -> None:
    address, data = FORMS[form]
    address = address.format(post=make.post(owner, slug="old").id)
    client = browser(impatient(), owner)
    with broken.locked(app.config["DATABASE_URL"]):
        answer = client.post(address, data=data)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert OUT_OF_REACH in answer.text
    assert TEXT in [shown.value for shown in fields_on(answer).values()]
    saved = client.post(address, data={**data, "nonce": fields_on(answer).get("nonce", NOTHING).value})
    assert saved.status_code == 302, saved.text


@ENGINES
@pytest.mark.parametrize("act", ["publish", "unpublish", "archive", "delete"])
def test_a_button_that_cannot_do_its_work_says_so(
    act: str, app: Flask, owner: User, impatient: Callable[[], Flask]
) -> None:
    address = f"/posts/{make.post(owner).id}/{act}"
    client = browser(impatient(), owner)
    with broken.locked(app.config["DATABASE_URL"]):
        answer = client.post(address)
    assert answer.status_code == 503
    assert OUT_OF_REACH in answer.text
    assert client.post(address).status_code == 302


@ENGINES
def test_a_post_sent_while_the_database_is_stopped_can_be_sent_again(
    app: Flask, alice: User, impatient: Callable[[], Flask]
) -> None:
    site = impatient()
    client = browser(site, alice)
    with stopped_for(site, app.config["DATABASE_URL"]):
        answer = write(client, content=TEXT, nonce="once")
    assert answer.status_code == 503
    assert TEXT in answer.text
    assert 'data-kind="success"' not in answer.text
    sent_again = {name: shown.value for name, shown in fields_on(answer).items()}
    assert sent_again["nonce"] == "once"
    assert client.post("/posts/new", data=sent_again).status_code == 302
    assert db.session.scalars(select(Post.content)).all() == [TEXT]


@ENGINES
def test_a_password_sent_while_the_database_is_stopped_is_in_no_page(
    app: Flask, impatient: Callable[[], Flask]
) -> None:
    site = impatient()
    with stopped_for(site, app.config["DATABASE_URL"]):
        answer = visitor(site).post("/login", data={"username": "alice", "password": make.PASSWORD})
    assert answer.status_code == 503
    assert make.PASSWORD not in answer.text
    assert "Send it again" not in answer.text


@contextmanager
def stopped_for(site: Flask, address: str) -> Iterator[None]:
    """Stopped, with no connection left open to it."""
    with site.app_context():
        db.engine.dispose()
    db.session.remove()
    db.engine.dispose()
    with broken.stopped(address):
        yield


@ENGINES
def test_a_failed_transaction_leaves_nothing_of_itself(app: Flask, alice: User) -> None:
    make.post(alice, slug="mine", tags=["Kept"])
    with pytest.raises(Conflict) as conflict, transaction():
        Post.write(by=alice, at=now(), title="Half", slug="mine", content="x", tags=["New", "Kept"])
    assert conflict.value.field == "slug"
    assert db.session.scalars(select(Tag.name)).all() == ["Kept"]
    assert db.session.scalar(select(func.count(Post.id))) == 1

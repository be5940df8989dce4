"""A draft by secret link: for whom, for how long, and nobody else."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from blog import logs
from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now
from blog.limits import MINUTE, Limit, Rate
from blog.posts.models import Post
from blog.posts.secret_links import MOST, SecretLink
from tests import make
from tests.conftest import visitor
from tests.queries import count_queries
from tests.test_expired_forms import everything
from tests.visitor import Visitor

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}


@pytest.fixture
def draft(clock: time_machine.Traveller, alice: User) -> Post:
    return make.post(alice, title="Tea at four", content="Water.\n\nLeaves.", status="draft")


def made(client: Visitor, post: Post, name: str = "Gwen", days: str = "7") -> str:
    """The path that the page tells, once."""
    page = client.post(f"/posts/{post.id}/links", data={"name": name, "days": days})
    assert page.status_code == 200
    (path,) = re.findall(r"http://localhost(/preview/[\w-]+)", page.text)
    return str(path)


def test_it_works(client: Visitor, alice_client: Visitor, draft: Post) -> None:
    path = made(alice_client, draft)
    page = client.get(path)
    assert page.status_code == 200
    assert "Tea at four" in page.text
    assert "Leaves." in page.text
    assert "For Gwen" in page.text
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert "Set-Cookie" not in page.headers
    assert "canonical" not in page.text


def test_nobody_can_read_the_key_again(alice_client: Visitor, draft: Post) -> None:
    key = made(alice_client, draft).removeprefix("/preview/")
    assert key not in alice_client.get(f"/posts/{draft.id}/links").text
    assert key not in repr(everything())


def test_a_form_that_is_sent_twice_makes_one(alice_client: Visitor, draft: Post) -> None:
    form = {"name": "Gwen", "days": "7", "nonce": "twice"}
    pages = [alice_client.post(f"/posts/{draft.id}/links", data=form) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 302]
    assert db.session.scalars(select(SecretLink.name)).all() == ["Gwen"]


@pytest.mark.parametrize(
    ("wrong", "field"), [({"name": " "}, "name"), ({"name": "x" * 81}, "name"), ({"days": "400"}, "days")]
)
def test_what_is_wrong_is_told(alice_client: Visitor, draft: Post, wrong: dict[str, str], field: str) -> None:
    page = alice_client.post(f"/posts/{draft.id}/links", data={"name": "Gwen", "days": "7", **wrong})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text


def test_there_are_not_too_many(alice_client: Visitor, draft: Post) -> None:
    lasts = timedelta(days=1)
    values = {"post_id": draft.id, "name": "x", "created_at": now(), "expires_at": now() + lasts}
    db.session.add_all(SecretLink(key_hash=f"{number:064}", **values) for number in range(MOST))
    page = alice_client.post(f"/posts/{draft.id}/links", data={"name": "Gwen", "days": "7"})
    assert page.status_code == 409


def test_it_shows_the_change_that_waits(client: Visitor, alice: User) -> None:
    post = make.post(alice, title="Tea", content="Old.")
    make.revision(post, title="Tea anew", content="New.", wait=True)
    page = client.get(f"/preview/{make.secret_link(post).key}")
    assert "Tea anew" in page.text
    assert "New." in page.text
    assert "Old." not in page.text


# Nobody else


def test_what_is_wrong_withdrawn_expired_or_deleted_is_not_found(
    client: Visitor, alice_client: Visitor, draft: Post, clock: time_machine.Traveller
) -> None:
    link = make.secret_link(draft, days=1)
    path = f"/preview/{link.key}"
    other = f"/preview/{make.secret_link(draft).key}"
    gone = [f"{path}x", f"{path}/", "/preview/x", "/preview/%00"]
    alice_client.post(f"/posts/{draft.id}/links/{link.id}/withdraw")
    gone.append(path)
    for address in gone:
        page = client.get(address)
        assert page.status_code == 404
        assert "Tea at four" not in page.text
        assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert client.get(other).status_code == 200
    alice_client.post(f"/posts/{draft.id}/delete")
    assert client.get(other).status_code == 404
    alice_client.post(f"/posts/{draft.id}/restore")
    assert client.get(other).status_code == 200
    clock.shift(timedelta(days=14))
    assert client.get(other).status_code == 404
    assert client.post(other, data={"name": "x", "content": "y", "mark": "z"}).status_code == 404


def test_a_link_is_withdrawn_by_whoever_may_publish_the_post(
    bob_client: Visitor, editor_client: Visitor, draft: Post
) -> None:
    link = make.secret_link(draft)
    other = make.secret_link(make.post())
    assert bob_client.get(f"/posts/{draft.id}/links").status_code == 404
    assert bob_client.post(f"/posts/{draft.id}/links/{link.id}/withdraw").status_code == 404
    assert editor_client.post(f"/posts/{draft.id}/links/{other.id}/withdraw").status_code == 404
    assert editor_client.post(f"/posts/{draft.id}/links/{link.id}/withdraw").status_code == 302
    db.session.refresh(link)
    assert link.withdrawn_at
    assert "withdrawn" in editor_client.get(f"/posts/{draft.id}/links").text
    actions = db.session.scalars(select(Entry.action).where(Entry.thing == "secret link")).all()
    assert "withdrew a secret link" in actions


def test_it_is_in_no_map_and_no_list(client: Visitor, draft: Post) -> None:
    key = str(make.secret_link(draft).key)
    for address in ("/", "/sitemap.xml", "/feed.atom", "/search?q=leaves"):
        assert key not in client.get(address).text
    assert "Disallow: /preview/" in client.get("/robots.txt").text


# Opening


def test_it_tells_when_it_was_last_opened(
    client: Visitor, alice_client: Visitor, draft: Post, clock: time_machine.Traveller
) -> None:
    link = make.secret_link(draft)
    path = f"/preview/{link.key}"
    assert "not yet" in alice_client.get(f"/posts/{draft.id}/links").text
    client.head(path)
    alice_client.get(path)
    db.session.refresh(link)
    assert link.opened_at is None
    client.get(path)
    db.session.refresh(link)
    first = link.opened_at
    assert first == now()
    clock.shift(59)
    client.get(path)
    db.session.refresh(link)
    assert link.opened_at == first
    clock.shift(1)
    client.get(path)
    db.session.refresh(link)
    assert link.opened_at == now()


def test_a_second_look_within_the_minute_writes_nothing(client: Visitor, draft: Post) -> None:
    path = f"/preview/{make.secret_link(draft).key}"
    client.get(path)
    with count_queries() as queries:
        client.get(path)
    written = [query for query in queries if not query.lstrip().startswith("SELECT")]
    assert all("counts" in query for query in written)


def test_guessing_is_limited(app_with: Callable[..., Flask], draft: Post) -> None:
    client = visitor(app_with(LIMITS={"preview": Limit(Rate(3, MINUTE), reads=True)}))
    path = f"/preview/{make.secret_link(draft).key}"
    answers = [client.get(address).status_code for address in ("/preview/a", "/preview/b", path, path)]
    assert answers == [404, 404, 200, 429]


# Logs


def test_no_log_has_the_key(
    app_with: Callable[..., Flask], draft: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    app, key = app_with(), str(make.secret_link(draft).key)
    for address in (f"/preview/{key}", f"/preview/{key}/?x=1"):
        with app.test_request_context(address):
            try:
                raise ValueError(f"failed at {address}")
            except ValueError:
                app.logger.exception("Exception on %s [GET]", address)
    told = capsys.readouterr().err
    assert told.count("/preview/(hidden)") >= 4
    assert key not in told


@pytest.mark.parametrize("server", logs.SERVERS)
def test_no_server_writes_it_down(app: Flask, server: str, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger(server).warning('"%s" %s', "GET /preview/the-key?note=3 HTTP/1.1", 200)
    logging.getLogger(server).warning('"%s" %s', "GET /posts/tea HTTP/1.1", 200)
    assert caplog.messages == ['"GET /preview/(hidden)?note=3 HTTP/1.1" 200', '"GET /posts/tea HTTP/1.1" 200']


def test_the_page_of_an_error_does_not_have_it(
    app_with: Callable[..., Flask],
    draft: Post,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client, key = visitor(app_with(PROPAGATE_EXCEPTIONS=False)), str(make.secret_link(draft).key)

    def fail(html: str) -> None:
        raise ValueError(f"/preview/{key} {html}")

    monkeypatch.setattr("blog.posts.guests.paragraphs", fail)
    page = client.get(f"/preview/{key}")
    told = capsys.readouterr().err
    assert page.status_code == 500
    assert "(hidden)" in told
    assert key not in page.text + told
    assert page.headers["Cache-Control"] == "private, no-store"


def test_it_costs_as_many_queries_however_many_notes(client: Visitor, draft: Post) -> None:
    link = make.secret_link(draft)
    path = f"/preview/{link.key}"
    make.note(draft, link=link)
    client.get(path)

    def cost() -> int:
        with count_queries() as queries:
            client.get(path)
        return len(queries)

    first = cost()
    for place in (0, 1, 1):
        make.note(draft, place=place, link=link)
    assert cost() == first


def test_no_trace_of_the_key_is_stored_with_a_note(client: Visitor, draft: Post) -> None:
    link = make.secret_link(draft)
    key = str(link.key)
    mark = re.findall(r'name="mark"[^>]*value="(\w+)"', client.get(f"/preview/{key}?note=0").text)[0]
    sent = {"name": "Gwen", "content": "Hm.", "mark": mark, "nonce": "one"}
    assert client.post(f"/preview/{key}?note=0", data=sent).status_code == 302
    tables = db.session.execute(text("SELECT location FROM submissions")).scalars().all()
    assert tables
    assert key not in repr(everything())

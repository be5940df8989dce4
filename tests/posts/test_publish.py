"""Publishing, taking back and archiving, each by one button."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.at_once import at_once, meet_after
from tests.reading import messages_on

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("publish", "draft", "published"),
        ("publish", "archived", "published"),
        ("publish", "published", "published"),
        ("unpublish", "published", "draft"),
        ("unpublish", "draft", "draft"),
        ("archive", "published", "archived"),
        ("archive", "draft", "archived"),
    ],
)
def test_it_works(alice, alice_client, act, before, after):
    post = make.post(alice, status=before)
    answer = alice_client.post(f"/posts/{post.id}/{act}")
    assert (answer.status_code, answer.location) == (302, f"/posts/{post.id}/edit")
    assert (post.status, post.version) == (after, 1 if before == after else 2)
    assert messages_on(alice_client.get(answer.location))


@pytest.mark.parametrize("act", ["publish", "unpublish", "archive", "delete"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("client", 302),
        ("charlie_client", 403),
        ("bob_client", 404),
        ("editor_client", 302),
        ("admin_client", 302),
    ],
)
def test_only_the_author_and_whoever_edits_all_may(app, request, alice, act, who, status):
    post = make.post(alice, status="draft" if act == "publish" else "published")
    untouched = select(Post.id).where(Post.id == post.id, Post.version == 1)
    answer = request.getfixturevalue(who).post(f"/posts/{post.id}/{act}")
    assert answer.status_code == status
    assert (db.session.scalar(untouched) is None) == (who in {"editor_client", "admin_client"})


@pytest.mark.parametrize("act", ["publish", "unpublish", "archive"])
def test_an_address_that_changes_something_cannot_be_visited(alice, alice_client, act):
    post = make.post(alice)
    assert alice_client.get(f"/posts/{post.id}/{act}").status_code == 405


def test_publishing_sets_the_time_once(clock, alice, alice_client):
    post = make.post(alice, status="draft")
    for act in ("publish", "unpublish", "publish", "archive", "publish"):
        alice_client.post(f"/posts/{post.id}/{act}")
        clock.shift(60)
    assert post.published_at == NOON


def test_a_time_that_was_chosen_is_kept(clock, alice, alice_client, client):
    post = make.post(alice, slug="soon", status="draft", published_at=NOON + timedelta(days=1))
    answer = alice_client.post(f"/posts/{post.id}/publish")
    assert "it appears on January 16, 2026" in messages_on(alice_client.get(answer.location))
    assert post.published_at == NOON + timedelta(days=1)
    assert client.get("/posts/soon").status_code == 404


@pytest.mark.parametrize("act", ["publish", "archive"])
def test_pressed_twice_at_once_it_is_done_once(app, monkeypatch, as_, alice, act):
    post = make.post(alice, status="draft")
    address, browsers = f"/posts/{post.id}/{act}", [as_(alice), as_(alice)]
    meet_after(monkeypatch, Post, "editable_by")
    answers = at_once(app, *(lambda one=one: one.post(address) for one in browsers))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert post.version == 2

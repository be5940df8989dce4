"""Guests comment: with a name, what their browser proves, and a link by which they change it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blog import settings
from blog.comments import proofs
from blog.comments.models import Comment
from blog.db import db
from blog.keys import key_of
from blog.posts.models import Post
from tests import make
from tests.reading import fields_on, links_on
from tests.visitor import Visitor

MAIL = "zoe@example.com"


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work of browsers, made light."""
    monkeypatch.setattr(proofs.is_done, "__defaults__", (4,))
    monkeypatch.setattr(proofs.work, "__defaults__", (4,))


@pytest.fixture
def post(clock: Any, alice: Any) -> Post:
    settings.save(guests_comment=True)
    return make.post(alice, slug="post")


def filled_in(client: Visitor, post: Post, **fields: Any) -> dict[str, Any]:
    """What a browser with script sends."""
    form = {
        name: field.value for name, field in fields_on(client.get(f"/posts/{post.id}/comments/new")).items()
    }
    del form["wants_mail"]
    form["proof"] = proofs.work(form["opened"])
    return {**form, "guest_name": "Zoë", "content": "Well *said*.", **fields}


def send(client: Visitor, clock: Any, post: Post, after: float = 20, **fields: Any) -> Any:
    sent = filled_in(client, post, **fields)
    clock.shift(timedelta(seconds=after))
    return client.post(f"/posts/{post.id}/comments", data=sent)


def the_comment() -> Comment:
    db.session.expire_all()
    return db.session.scalars(select(Comment).order_by(Comment.id.desc()).limit(1)).one()


def test_it_works(post, client, clock):
    answer = send(client, clock, post, email=MAIL)
    assert answer.status_code == 302
    comment = the_comment()
    assert (comment.status, comment.author_id, comment.guest_name) == ("approved", None, "Zoë")
    page = client.get("/posts/post")
    assert "<em>said</em>" in page.text
    assert "<bdi>Zoë</bdi> <span>(guest)</span>" in page.text
    assert MAIL not in page.text
    assert "stands under the post" in client.get(answer.location).text


def test_the_page_of_the_post_holds_no_key_and_sets_no_cookie(post, client):
    page = client.get("/posts/post")
    assert links_on(page, f"/posts/{post.id}/comments/new")
    assert "csrf_token" not in page.text
    assert 'name="nonce"' not in page.text
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize(
    ("fields", "after", "status", "because"),
    [
        ({"proof": ""}, 20, "held", "no proof"),
        ({"proof": "-"}, 20, "held", "no proof"),
        ({"opened": ""}, 20, "held", "no proof"),
        ({"opened": "made.up"}, 20, "held", "no proof"),
        ({"nonce": "another"}, 20, "held", "no proof"),
        ({}, 1, "held", "too fast"),
        ({}, 90_000, "held", "no proof"),
        ({"homepage": "http://example.com"}, 20, "spam", "trap"),
        ({"content": "http://a.example http://b.example http://c.example"}, 20, "held", "links"),
    ],
)
def test_what_speaks_against_it_holds_it(post, client, clock, fields, after, status, because):
    answer = send(client, clock, post, after, **fields)
    assert answer.status_code == 302
    assert (the_comment().status, the_comment().held_because) == (status, because)
    assert "once somebody has looked at it" in client.get(answer.location).text
    assert f'id="comment-{the_comment().id}"' not in client.get("/posts/post").text


def test_work_is_shown_once(post, client, clock):
    sent = filled_in(client, post)
    clock.shift(timedelta(seconds=20))
    address = f"/posts/{post.id}/comments"
    assert client.post(address, data=sent).status_code == 302
    assert client.post(address, data={**sent, "content": "Another."}).status_code == 409


def test_work_for_one_post_is_none_for_another(post, alice, client, clock):
    sent = filled_in(client, make.post(alice))
    clock.shift(timedelta(seconds=20))
    client.post(f"/posts/{post.id}/comments", data=sent)
    assert the_comment().held_because == "no proof"


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        ({"guest_name": " "}, "guest_name", "Give a name."),
        ({"guest_name": "x" * 81}, "guest_name", "80"),
        ({"email": "zoe"}, "email", "not an e-mail address"),
        ({"wants_mail": "y"}, "wants_mail", "Give an e-mail address"),
        ({"content": ""}, "content", "Write something"),
    ],
)
def test_what_is_wrong_is_told_at_the_field(post, client, clock, fields, name, message):
    answer = send(client, clock, post, **fields)
    assert answer.status_code == 422
    assert message in fields_on(answer)[name].error
    assert db.session.scalar(select(Comment.id)) is None


@pytest.mark.parametrize("held", ["never", "first", "always"])
def test_the_settings_say_what_is_held(post, client, clock, held):
    settings.save(comments_held=held)
    db.session.commit()
    send(client, clock, post, email=MAIL)
    assert the_comment().held_because == ("" if held == "never" else held)
    the_comment().status = "approved"
    db.session.commit()
    send(client, clock, post, email=MAIL)
    assert the_comment().held_because == ("always" if held == "always" else "")
    send(client, clock, post, email=MAIL, guest_name="Zelda")
    assert the_comment().held_because == ("" if held == "never" else held)


def test_where_guests_do_not_comment_they_are_asked_to_sign_in(post, client, clock):
    sent = filled_in(client, post)
    settings.save(guests_comment=False)
    db.session.commit()
    assert client.post(f"/posts/{post.id}/comments", data=sent).status_code == 403
    assert "content" not in fields_on(client.get(f"/posts/{post.id}/comments/new"))


def test_so_many_days_after_publication_nobody_comments(post, client, alice_client, clock):
    settings.save(comment_days=7)
    db.session.commit()
    sent = filled_in(client, post)
    clock.shift(timedelta(days=8))
    assert client.post(f"/posts/{post.id}/comments", data=sent).status_code == 403
    assert alice_client.post(f"/posts/{post.id}/comments", data={"content": "Late."}).status_code in {
        302,
        403,
    }
    assert "Comments are closed." in client.get("/posts/post").text
    assert db.session.scalar(select(Comment.id)) is None


def test_guests_are_limited(post, client, clock):
    answers = [send(client, clock, post, 3, content=f"Well {number}.").status_code for number in range(11)]
    assert answers == [*[302] * 10, 429]


# Changing it


def test_for_ten_minutes_it_can_be_changed_by_its_link(post, client, clock):
    address = send(client, clock, post).location
    assert fields_on(client.get(address))["content"].value == "Well *said*."
    assert client.post(address, data={"content": "Better *said*."}).status_code == 302
    page = client.get("/posts/post").text
    assert "Better <em>said</em>" in page
    assert "changed" in page
    clock.shift(timedelta(minutes=10))
    assert "content" not in fields_on(client.get(address))
    assert client.post(address, data={"content": "Too late."}).status_code == 409
    assert the_comment().content == "Better *said*."


def test_what_it_is_changed_to_is_judged_anew(post, client, clock):
    address = send(client, clock, post).location
    client.post(address, data={"content": "http://a.example http://b.example http://c.example"})
    assert (the_comment().status, the_comment().held_because) == ("held", "links")


@pytest.mark.parametrize("key", ["x", "1.x", "WzFd.AAAA"])
def test_another_key_opens_nothing(post, client, key):
    assert client.get(f"/comments/own/{key}").status_code == 404


def test_the_key_of_a_guest_opens_nothing_of_others(post, client, alice):
    comment = make.comment(post, alice)
    key = key_of("comment of a guest", comment.id)
    assert client.get(f"/comments/own/{key}").status_code == 404

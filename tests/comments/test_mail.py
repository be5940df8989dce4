"""Letters about comments: to authors and to whoever asked, together, and ended by one click."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blog import mail
from blog.comments import digests, subscriptions
from blog.comments.models import Comment
from blog.comments.subscriptions import Subscription
from blog.db import db, now, transaction
from blog.mail import Letter
from blog.posts.models import Post
from tests import make
from tests.post_office import PostOffice
from tests.queries import count_queries
from tests.reading import fields_on

LATER = timedelta(minutes=11)


@pytest.fixture
def post(clock: Any, alice: Any) -> Post:
    return make.post(alice, title="Owls", slug="post")


def say(client: Any, post: Post, **fields: Any) -> None:
    assert client.post(f"/posts/{post.id}/comments", data=fields).status_code == 302


def told(clock: Any) -> list[tuple[str, str]]:
    """To whom is written by the next digest, and what about."""
    before = db.session.scalar(select(Letter.id).order_by(Letter.id.desc()).limit(1)) or 0
    clock.shift(LATER)
    with transaction():
        digests.tell()
    found = select(Letter.recipient, Letter.subject).where(Letter.id > before).order_by(Letter.recipient)
    return [(row.recipient, row.subject) for row in db.session.execute(found)]


def letter(to: str = "%") -> Letter:
    newest = select(Letter).where(Letter.recipient.like(to)).order_by(Letter.id.desc())
    return db.session.scalars(newest.limit(1)).one()


def path_in(text: str, beginning: str) -> str:
    return next(word for word in text.split() if beginning in word).removeprefix("http://localhost")


def test_it_works(post, alice, charlie_client, clock):
    say(charlie_client, post, content="Well *said*.")
    say(charlie_client, post, content="Once more.")
    with transaction():
        digests.tell()
    assert db.session.scalar(select(Letter.id)) is None  # it may still be changed
    assert told(clock) == [("alice@example.com", "2 new comments on “Owls”")]
    assert "Charlie: Well said." in letter().body
    assert "http://localhost/posts/post#comment-" in letter().body
    assert told(clock) == []


def test_whoever_asked_is_told_of_what_came_after(post, charlie_client, bob_client, clock):
    say(charlie_client, post, content="Before.")
    say(bob_client, post, content="Mine.", wants_mail="y")
    clock.shift(1)
    say(charlie_client, post, content="After.")
    assert told(clock) == [
        ("alice@example.com", "3 new comments on “Owls”"),
        ("bob@example.com", "1 new comment on “Owls”"),
    ]
    link = path_in(letter("bob%").body, "/comments/subscription/")
    assert "come by mail." in bob_client.get(link).text
    bob_client.post(link, data={"act": "end"})
    say(charlie_client, post, content="Later.")
    assert [to for to, _ in told(clock)] == ["alice@example.com"]


def test_nobody_is_told_of_what_readers_do_not_see(post, alice, charlie, clock):
    make.guests_comment(post, status="held")
    make.guests_comment(post, status="spam")
    gone = make.comment(post, charlie)
    gone.trash(by=alice, at=now())
    draft = make.comment(make.post(alice, status="draft"), charlie)
    draft.created_at = gone.created_at = now()
    db.session.commit()
    assert told(clock) == []


def test_what_is_approved_later_is_told_then(post, alice_client, clock):
    comment = make.guests_comment(post, status="held")
    assert told(clock) == []
    alice_client.post("/comments/bulk", data={"one": f"approve {comment.id}"})
    assert [to for to, _ in told(clock)] == ["alice@example.com"]


def test_a_guest_is_asked_first_and_only_for_what_is_shown(post, alice_client, charlie_client, client, clock):
    comment = make.guests_comment(post, guest_email="zoe@example.com", status="held")
    with transaction():
        subscriptions.subscribe(comment)
        subscriptions.ask_guests()
    assert db.session.scalar(select(Letter.id)) is None
    alice_client.post("/comments/bulk", data={"one": f"approve {comment.id}"})
    with transaction():
        subscriptions.ask_guests()
        subscriptions.ask_guests()
    asked = db.session.scalars(select(Letter)).one()
    assert asked.recipient == "zoe@example.com"
    clock.shift(1)
    say(charlie_client, post, content="After.")
    assert [to for to, _ in told(clock)] == ["alice@example.com"]
    link = path_in(asked.body, "/comments/subscription/")
    assert db.session.scalars(select(Subscription.confirmed_at)).one() is None
    client.get(link)
    assert db.session.scalars(select(Subscription.confirmed_at)).one() is None  # reading a link is no answer
    client.post(link, data={"act": "confirm"})
    say(charlie_client, post, content="Then.")
    assert [to for to, _ in told(clock)] == ["alice@example.com", "zoe@example.com"]


def test_one_click_ends_all_of_it(
    post, opened: PostOffice, guarded_client, charlie_client, bob_client, clock, alice
):
    say(bob_client, post, content="Mine.", wants_mail="y")
    clock.shift(1)
    say(charlie_client, post, content="After.")
    assert len(told(clock)) == 2
    mail.send(letter_id=letter("bob%").id)
    (received,) = opened.received
    assert received.recipients == ["bob@example.com"]
    assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = received.message["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost")
    guarded_client.get(address)
    assert guarded_client.post(address, data={}).status_code == 422
    assert guarded_client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    say(charlie_client, post, content="Later.")
    assert [to for to, _ in told(clock)] == ["alice@example.com"]


def test_one_click_of_a_guest_ends_what_came_to_that_address(post, charlie_client, guarded_client, clock):
    guest = {"email": "zoe@example.com", "confirmed_at": now(), "created_at": now()}
    db.session.add(Subscription(post_id=post.id, **guest))
    db.session.add(Subscription(post_id=make.post().id, **guest))
    db.session.commit()
    clock.shift(1)
    say(charlie_client, post, content="After.")
    assert [to for to, _ in told(clock)] == ["alice@example.com", "zoe@example.com"]
    stop = letter("zoe%").unsubscribe.removeprefix("http://localhost")
    page = guarded_client.get(stop)
    assert "zoe@example.com gets no more of it" in page.text
    answer = guarded_client.post(
        stop.removesuffix("/stop"), data={"csrf_token": fields_on(page)["csrf_token"].value}
    )
    assert answer.status_code == 302
    assert all(db.session.scalars(select(Subscription.ended_at)).all())


def test_whoever_wants_none_gets_none(post, alice, alice_client, charlie_client, clock):
    page = alice_client.get("/account/")
    form = {name: field.value for name, field in fields_on(page).items()}
    kept = {name: form[name] for name in ("display_name", "biography", "language", "time_zone")}
    alice_client.post("/account/", data=kept)
    say(charlie_client, post, content="Well.")
    assert told(clock) == []


def test_letters_cost_no_more_queries_for_more_comments(post, charlie, clock):
    def queries(number: int) -> int:
        for _ in range(number):
            make.comment(post, charlie).created_at = now()
        db.session.commit()
        clock.shift(LATER)
        with count_queries() as statements, transaction():
            digests.tell()
        return len(statements)

    queries(1)
    assert queries(2) == queries(20)


def test_addresses_that_never_answer_are_forgotten(post, clock):
    comment = make.guests_comment(post, guest_email="zoe@example.com")
    with transaction():
        subscriptions.subscribe(comment)
    clock.shift(timedelta(days=8))
    with transaction():
        subscriptions.forget()
    assert db.session.scalar(select(Subscription.id)) is None
    assert db.session.scalars(select(Comment.id)).all() == [comment.id]

"""Authors find at the bell what was said under their posts; letters of it are those about comments alone."""

from typing import Any

import pytest
from sqlalchemy import select

from blog.comments import writing
from blog.comments.models import Comment, Status
from blog.comments.proofs import Sent
from blog.db import db, transaction
from blog.jobs import Job
from blog.notices.models import Kind, Notice
from blog.posts.models import Post
from tests import make
from tests.program import program_of
from tests.reading import links_on


@pytest.fixture
def post(clock: Any, alice: Any) -> Post:
    return make.post(alice, title="Owls", slug="post")


def say(client: Any, post: Post, content: str = "Well said.") -> int:
    answer = client.post(f"/posts/{post.id}/comments", data={"content": content})
    assert answer.status_code == 302
    return int(answer.location.partition("#comment-")[2])


def told() -> list[tuple[str, int, int | None]]:
    found = select(Notice.kind, Notice.user_id, Notice.comment_id).order_by(Notice.user_id)
    return [(row.kind, row.user_id, row.comment_id) for row in db.session.execute(found)]


def leads_to(client: Any, comment_id: int) -> str:
    assert links_on(client.get("/notices/"), f"/comments/{comment_id}")
    return str(client.get(f"/comments/{comment_id}").location)


def test_it_works(post, alice, alice_client, charlie_client):
    number = say(charlie_client, post)
    assert told() == [(Kind.UNDER_POST, alice.id, number)]
    page = alice_client.get("/notices/").text
    assert "Charlie wrote a comment on" in page
    assert "Owls" in page
    assert leads_to(alice_client, number) == f"/posts/post#comment-{number}"
    assert db.session.scalar(select(Job.id).where(Job.name == "notices.mail")) is None


def test_every_author_is_told_but_whoever_wrote_it(post, alice, bob, charlie, bob_client):
    found = Post.whole(select(Post).where(Post.id == post.id)).execution_options(populate_existing=True)
    db.session.scalars(found).one().be_by([alice, bob, charlie])
    db.session.commit()
    number = say(bob_client, post)
    assert told() == [(Kind.UNDER_POST, alice.id, number), (Kind.UNDER_POST, charlie.id, number)]


def test_what_waits_leads_to_the_queue_and_then_to_the_post(post, alice_client, charlie_client):
    number = say(charlie_client, post, "See www.a.example, www.b.example and www.c.example")
    assert leads_to(alice_client, number) == "/comments/?status=held"
    own = charlie_client.get(f"/comments/{number}")
    assert own.location == f"/posts/post#comment-{number}"
    alice_client.post("/comments/bulk", data={"one": f"approve {number}"})
    assert leads_to(alice_client, number) == f"/posts/post#comment-{number}"


def write_as_guest(post: Post, **form: str) -> Status:
    sent = Sent(**{"opened": "", "proof": "", "nonce": "", "trap": "", **form})
    with transaction():
        return Status(writing.write(post, "Well said.", guest=("Zoë", None), sent=sent).status)


def test_guests_are_named_by_their_comment_alone_and_spam_is_not_told(post, alice_client):
    assert write_as_guest(post, trap="http://example.com") == Status.SPAM
    assert told() == []
    assert write_as_guest(post) == Status.HELD
    page = alice_client.get("/notices/").text
    assert "A guest wrote a comment on" in page
    assert "Zoë" not in page


def test_what_was_taken_for_spam_is_told_once_it_is_shown(post, alice, editor_client):
    assert write_as_guest(post, trap="http://example.com") == Status.SPAM
    number = db.session.scalars(select(Comment.id)).one()
    for act in ("approve", "spam", "approve"):
        assert editor_client.post("/comments/bulk", data={"one": f"{act} {number}"}).status_code == 302
    assert told() == [(Kind.UNDER_POST, alice.id, number)]


def test_programs_that_show_it_tell_of_it_too(post, alice, editor, app):
    assert write_as_guest(post, trap="http://example.com") == Status.SPAM
    number = db.session.scalars(select(Comment.id)).one()
    assert program_of(app, editor).post(f"/api/comments/{number}/approve").status_code == 200
    assert told() == [(Kind.UNDER_POST, alice.id, number)]


def test_who_shows_a_comment_is_not_told_of_it(post, alice_client):
    assert write_as_guest(post, trap="http://example.com") == Status.SPAM
    number = db.session.scalars(select(Comment.id)).one()
    alice_client.post("/comments/bulk", data={"one": f"approve {number}"})
    assert told() == []


def test_where_the_comment_is_not_written_nobody_is_told(post, charlie):
    writing.write(post, "Well said.", by=charlie)
    assert len(told()) == 1
    db.session.rollback()
    assert told() == []


def test_what_was_deleted_is_not_told(post, alice_client, charlie_client):
    number = say(charlie_client, post)
    assert alice_client.post(f"/comments/{number}/delete").status_code == 302
    page = alice_client.get("/notices/").text
    assert "Something that you no longer find here" in page
    assert "Owls" not in page
    assert alice_client.get(f"/comments/{number}").status_code == 404

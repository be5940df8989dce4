"""/api/comments: the same rules as on the pages."""

import pytest
from sqlalchemy import select

from blog import settings
from blog.comments.models import Comment
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.program import program_of


@pytest.fixture
def post(alice) -> Post:
    return make.post(alice, slug="post")


def test_it_works(app, post, charlie):
    program = program_of(app, charlie)
    made = program.post(f"/api/posts/{post.id}/comments", json={"content": "Well *said*."})
    assert made.status_code == 201
    told = made.get_json()
    assert (told["author"], told["status"], told["post_id"]) == ("charlie", "approved", post.id)
    assert told["url"] == f"http://localhost/posts/post#comment-{told['id']}"
    answer = {"content": "To myself.", "post_id": post.id, "parent_id": told["id"]}
    assert program.post("/api/comments", json=answer).get_json()["parent_id"] == told["id"]
    assert len(program.get(f"/api/posts/{post.id}/comments").get_json()) == 2
    assert program.get("/api/comments?q=myself").headers["X-Total-Count"] == "1"
    address = f"/api/comments/{told['id']}"
    assert program.patch(address, json={"content": "Better."}).get_json()["content"] == "Better."
    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == 404
    assert program.post(f"{address}/restore").status_code == 200


def test_what_waits_is_told_to_its_writer_and_to_whoever_moderates(app, post, alice, bob, charlie, editor):
    settings.save(comments_held="always")
    db.session.commit()
    made = (
        program_of(app, charlie).post("/api/comments", json={"content": "Hm.", "post_id": post.id}).get_json()
    )
    address = f"/api/comments/{made['id']}"
    found = {name: program_of(app, person).get(address).status_code for name, person in
             {"charlie": charlie, "alice": alice, "editor": editor, "bob": bob}.items()}  # fmt: skip
    assert found == {"charlie": 200, "alice": 200, "editor": 200, "bob": 404}
    assert program_of(app, charlie).post(f"{address}/approve").status_code == 403
    assert program_of(app, bob).post(f"{address}/approve").status_code == 404
    assert program_of(app, alice).post(f"{address}/approve").get_json()["status"] == "approved"
    assert program_of(app, bob).get(address).status_code == 200
    assert program_of(app, bob).post(f"{address}/spam").status_code == 403
    assert program_of(app, editor).post(f"{address}/spam").get_json()["status"] == "spam"
    assert program_of(app, bob).get("/api/comments").get_json() == []


def test_nobody_is_told_the_address_of_a_guest(app, post, editor):
    comment = make.guests_comment(post, guest_email="zoe@example.com")
    answer = program_of(app, editor).get(f"/api/comments/{comment.id}")
    assert (answer.get_json()["author"], answer.get_json()["author_name"]) == (None, "Zoë")
    assert "zoe@" not in answer.text


def test_only_the_writer_changes_the_words_and_not_for_long(app, clock, post, charlie, editor):
    made = (
        program_of(app, charlie).post("/api/comments", json={"content": "Hm.", "post_id": post.id}).get_json()
    )
    address = f"/api/comments/{made['id']}"
    assert program_of(app, editor).put(address, json={"content": "Mine."}).status_code == 403
    clock.shift(600)
    assert program_of(app, charlie).put(address, json={"content": "Late."}).status_code == 409
    assert db.session.scalars(select(Comment.content)).all() == ["Hm."]


def test_where_comments_are_closed_programs_write_none(app, post, charlie):
    settings.save(comments_open=False)
    db.session.commit()
    sent = {"content": "Hm.", "post_id": post.id}
    assert program_of(app, charlie).post("/api/comments", json=sent).status_code == 403


def test_what_is_gone_is_not_answered(app, post, alice, charlie):
    comment = make.comment(post, alice)
    comment.trash(by=alice, at=now())
    db.session.commit()
    sent = {"content": "Hm.", "post_id": post.id, "parent_id": comment.id}
    answer = program_of(app, charlie).post("/api/comments", json=sent)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (409, ["parent_id"])


def test_an_author_says_and_changes_something_under_a_post_of_somebody_else(app, alice, bob) -> None:
    """Who moderates there is asked of the database, which knows all of its authors."""
    post, program = make.post(alice), program_of(app, bob)
    said = program.post(f"/api/posts/{post.id}/comments", json={"content": "Well."})
    assert said.status_code == 201
    changed = program.patch(f"/api/comments/{said.get_json()['id']}", json={"content": "Better."})
    assert (changed.status_code, changed.get_json()["content"]) == (200, "Better.")

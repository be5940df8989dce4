"""The history of a post, told to programs."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from blog.db import db
from blog.posts.models import Post
from blog.posts.revisions import Revision
from tests import make
from tests.program import program_of


@pytest.fixture
def post(clock, alice, editor) -> Post:
    made = make.post(alice, title="Tea", content="One.", tags=["Rain"], status="draft")
    return make.revision(made, editor, content="One two.", note="More of it")


def told_by(answer: TestResponse) -> Any:
    return answer.json


def test_it_works(app, post, alice):
    program = program_of(app, alice)
    answer = program.get(f"/api/posts/{post.id}/revisions")
    assert [(told["number"], told["by"], told["note"]) for told in told_by(answer)] == [
        (2, "editor", "More of it"),
        (1, "alice", ""),
    ]
    assert (told_by(answer)[0]["words_added"], "content" in told_by(answer)[0]) == (1, False)
    first = told_by(program.get(f"/api/posts/{post.id}/revisions/1"))
    assert (first["content"], first["tags"], first["published_at"]) == ("One.", ["Rain"], None)


def test_restored_it_is_saved_once_more(app, post, alice):
    answer = program_of(app, alice).post(f"/api/posts/{post.id}/revisions/1/restore")
    assert answer.status_code == 200, answer.text
    db.session.refresh(post)
    assert post.content == "One."
    newest = db.session.scalars(Revision.of_post(post.id).limit(1)).one()
    assert (newest.number, newest.note) == (3, "Revision 1 restored")


def test_it_is_for_those_who_edit_the_post(app, post, bob, charlie, editor):
    address = f"/api/posts/{post.id}/revisions"
    assert program_of(app, editor).get(address).status_code == 200
    assert program_of(app, bob).get(address).status_code == 404
    assert program_of(app, charlie).get(address).status_code == 403
    assert program_of(app, bob).post(f"{address}/1/restore").status_code == 404


def test_also_when_others_may_read_it(app, post, alice, bob, clock):
    program_of(app, alice).post(f"/api/posts/{post.id}/publish")
    assert program_of(app, bob).get(f"/api/posts/{post.id}").status_code == 200
    assert program_of(app, bob).get(f"/api/posts/{post.id}/revisions/1").status_code == 404
    assert program_of(app, bob).post(f"/api/posts/{post.id}/revisions/1/restore").status_code == 404


def test_what_is_not_there_is_not_found(app, post, alice):
    assert program_of(app, alice).get(f"/api/posts/{post.id}/revisions/3").status_code == 404
    assert program_of(app, alice).get("/api/posts/999/revisions").status_code == 404


def test_a_change_that_waits_is_published_or_discarded(app, clock, alice):
    post, program = make.post(alice, title="Tea", content="Old."), program_of(app, alice)
    make.revision(post, content="New.", wait=True)
    assert program.patch(f"/api/posts/{post.id}", json={"content": "Other."}).status_code == 409
    assert program.post(f"/api/posts/{post.id}/revisions/1/restore").status_code == 409
    assert told_by(program.post(f"/api/posts/{post.id}/publish", json={}))["content"] == "New."
    make.revision(post, content="Newer.", wait=True)
    assert told_by(program.post(f"/api/posts/{post.id}/discard"))["content"] == "New."

"""Taking a comment away."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import db
from tests import make
from tests.at_once import at_once, meet_after
from tests.reading import links_on
from tests.visitor import Visitor

# Charlie's comment under alice's post: who may delete it.
ANSWERS = {
    "client": 302,
    "bob_client": 404,
    "dora_client": 404,
    "alice_client": 200,
    "charlie_client": 200,
    "editor_client": 200,
    "admin_client": 200,
}


@pytest.fixture
def comment(alice, charlie) -> Comment:
    return make.comment(make.post(alice, slug="post"), charlie, "Well *said*.")


@pytest.fixture
def dora_client(as_: Callable[[User], Visitor]) -> Visitor:
    """Another reader."""
    return as_(make.user("dora", role="reader"))


def there_is_one() -> bool:
    return db.session.scalar(select(Comment.id).where(Comment.is_there())) is not None


def test_it_works(comment, charlie_client):
    address = f"/comments/{comment.id}/delete"
    assert "<em>said</em>" in charlie_client.get(address).text
    assert there_is_one()
    answer = charlie_client.post(address)
    assert (answer.status_code, answer.location) == (302, "/posts/post#comments")
    assert "The comment is deleted." in charlie_client.get("/posts/post").text
    assert not there_is_one()


@pytest.mark.parametrize("who", ANSWERS)
def test_who_may(app, request, comment, who):
    browser, address = request.getfixturevalue(who), f"/comments/{comment.id}/delete"
    offered = bool(links_on(browser.get("/posts/post"), address))
    assert offered == (ANSWERS[who] == 200)
    assert browser.get(address).status_code == ANSWERS[who]
    assert browser.post(address).status_code == (302 if offered else ANSWERS[who])
    assert there_is_one() != offered


@pytest.mark.parametrize("number", [0, 10**12])
def test_what_is_not_there_is_not_found(charlie_client, number):
    assert charlie_client.get(f"/comments/{number}/delete").status_code == 404


def test_deleted_by_two_at_once_it_is_gone_without_a_fault(
    app, monkeypatch, comment, alice_client, charlie_client
):
    address = f"/comments/{comment.id}/delete"
    meet_after(monkeypatch, Comment, "trash")
    answers = at_once(app, lambda: alice_client.post(address), lambda: charlie_client.post(address))
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    assert not there_is_one()

"""/api/users: deleting somebody, and what becomes of what they wrote."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.posts.models import Post
from tests import make
from tests.program import program_of


def test_whoever_wrote_nothing_is_deleted(app: Flask, admin: User, charlie: User) -> None:
    make.comment(author=charlie)
    assert program_of(app, admin).delete(f"/api/users/{charlie.id}").status_code == 204
    assert db.session.scalar(User.named("charlie")) is None


def test_what_becomes_of_posts_has_to_be_said(app: Flask, admin: User, alice: User) -> None:
    make.post(alice), make.post(alice, status="draft")
    answer = program_of(app, admin).delete(f"/api/users/{alice.id}")
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("#has-posts")
    assert "2 posts" in answer.get_json()["detail"]
    assert program_of(app, admin).delete(f"/api/users/{alice.id}?with_posts=false").status_code == 409


def test_posts_go_to_another_or_with_them(app: Flask, admin: User, alice: User, bob: User) -> None:
    post = make.post(alice)
    version, program = post.version, program_of(app, admin)
    assert program.delete(f"/api/users/{alice.id}?posts_to={bob.id}").status_code == 204
    assert (post.author_id, post.version) == (bob.id, version + 1)
    assert program.delete(f"/api/users/{bob.id}?with_posts=true").status_code == 204
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0


@pytest.mark.parametrize("who", ["nobody", "oneself", "a reader", "somebody deactivated"])
def test_not_everybody_takes_over_posts(
    app: Flask, admin: User, alice: User, bob: User, charlie: User, who: str
) -> None:
    make.post(alice)
    with transaction():
        db.session.merge(bob).deactivate(now())
    heir = {"nobody": 10**6, "oneself": alice.id, "a reader": charlie.id, "somebody deactivated": bob.id}[who]
    answer = program_of(app, admin).delete(f"/api/users/{alice.id}?posts_to={heir}")
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["posts_to"]
    assert db.session.scalar(User.named("alice"))

"""Deleting an account: it has to be said what becomes of the posts."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.audit import Entry
from blog.comments.models import Comment
from blog.db import db, now, transaction
from blog.posts.models import Post
from tests import make
from tests.visitor import Visitor


def delete(client: Visitor, person: User, **data: Any) -> Any:
    return client.post(f"/admin/people/{person.id}/delete", data=data)


def is_here(name: str) -> bool:
    return db.session.scalar(User.named(name)) is not None


def test_it_works(admin_client: Visitor, charlie: User) -> None:
    make.comment(author=charlie)
    page = admin_client.get(f"/admin/people/{charlie.id}/delete").text
    assert "so does the comment they wrote" in page
    assert "posts_to" not in page
    assert delete(admin_client, charlie).headers["Location"] == "/admin/people"
    assert not is_here("charlie")
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 0
    assert "charlie is deleted." in admin_client.get("/admin/people").text


def test_it_says_how_many_posts_there_are_and_asks(admin_client: Visitor, alice: User) -> None:
    make.post(alice), make.post(alice, status="draft")
    assert "<strong>2 posts</strong>" in admin_client.get(f"/admin/people/{alice.id}/delete").text
    answer = delete(admin_client, alice)
    assert answer.status_code == 409
    assert 'id="posts_to-error"' in answer.text
    assert "alice wrote 2 posts" in answer.text
    assert is_here("alice")


def test_posts_go_to_another(admin_client: Visitor, alice: User, bob: User) -> None:
    post = make.post(alice)
    version = post.version
    assert delete(admin_client, alice, posts_to="BOB").status_code == 302
    assert not is_here("alice")
    assert (post.author_id, post.version) == (bob.id, version + 1)
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.action, entry.label, entry.after) == ("deleted", "alice", {"posts": 1, "posts_to": "bob"})


def test_or_with_them(admin_client: Visitor, alice: User) -> None:
    make.post(alice)
    assert delete(admin_client, alice, with_posts="y").status_code == 302
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0


@pytest.mark.parametrize("heir", ["nobody", "alice", "charlie", "bob"])
def test_not_everybody_takes_them_over(
    admin_client: Visitor, alice: User, bob: User, charlie: User, heir: str
) -> None:
    """Not whoever is not here, nor the same person, a reader, or somebody deactivated."""
    make.post(alice)
    with transaction():
        db.session.merge(bob).deactivate(now())
    answer = delete(admin_client, alice, posts_to=heir)
    assert answer.status_code == 422
    assert 'id="posts_to-error"' in answer.text
    assert f'value="{heir}"' in answer.text
    assert is_here("alice")


def test_it_cannot_be_both(admin_client: Visitor, alice: User, bob: User) -> None:
    make.post(alice)
    assert delete(admin_client, alice, posts_to="bob", with_posts="y").status_code == 422
    assert is_here("alice")


def test_the_last_owner_stays(owner_client: Visitor, owner: User) -> None:
    answer = delete(owner_client, owner, with_posts="y")
    assert answer.status_code == 409
    assert "last owner" in answer.text
    assert is_here("owner")


def test_an_admin_deletes_no_owner(app: Flask, admin_client: Visitor, owner: User) -> None:
    make.user("other", role="owner")
    assert admin_client.get(f"/admin/people/{owner.id}/delete").status_code == 403
    assert delete(admin_client, owner).status_code == 403
    assert is_here("owner")


def test_whoever_deletes_themselves_is_out(app: Flask, admin: User, admin_client: Visitor) -> None:
    assert delete(admin_client, admin).status_code == 302
    assert not is_here("admin")
    assert admin_client.get("/admin/people").status_code == 302

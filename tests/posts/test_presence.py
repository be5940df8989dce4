"""Who else has the same post open in an editor."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db, transaction
from blog.posts import presence
from blog.posts.models import Post
from blog.posts.presence import OpenEditor
from tests import make
from tests.visitor import Visitor

TAB, OTHER_TAB = "a" * 24, "b" * 24


@pytest.fixture
def post(clock: time_machine.Traveller, alice: User) -> Post:
    return make.post(alice)


def is_there(client: Visitor, post: Post, tab: str = TAB, **query: str) -> list[str]:
    """Tells so, and is told who else is."""
    about = {"json": [], "query_string": {"tab": tab, **query}}
    answer: Any = client.post(f"/posts/{post.id}/journal", **about)
    assert answer.status_code == 200
    names: list[str] = answer.json["others"]
    return names


def opened(client: Visitor, post: Post) -> str:
    return client.get(f"/posts/{post.id}/edit").text


def test_it_works(alice_client: Visitor, editor_client: Visitor, owner_client: Visitor, post: Post) -> None:
    assert is_there(alice_client, post) == []
    assert "Also editing this post: Alice." in opened(editor_client, post)
    assert is_there(editor_client, post) == ["Alice"]
    assert is_there(owner_client, post) == ["Alice", "Editor"]
    assert is_there(alice_client, post) == ["Editor", "Owner"]


def test_whoever_is_silent_for_a_minute_is_gone(
    alice_client: Visitor, editor_client: Visitor, post: Post, clock: time_machine.Traveller
) -> None:
    is_there(alice_client, post)
    clock.shift(59)
    assert is_there(editor_client, post) == ["Alice"]
    clock.shift(1)
    assert is_there(editor_client, post) == []
    is_there(alice_client, post)
    assert is_there(editor_client, post) == ["Alice"]


def test_whoever_leaves_is_gone_at_once(alice_client: Visitor, editor_client: Visitor, post: Post) -> None:
    is_there(alice_client, post)
    is_there(alice_client, post, OTHER_TAB)
    is_there(alice_client, post, leaving="1")
    assert is_there(editor_client, post) == ["Alice"]
    is_there(alice_client, post, OTHER_TAB, leaving="1")
    assert is_there(editor_client, post) == []


def test_ones_own_other_tab_is_told_of(alice_client: Visitor, post: Post) -> None:
    assert "in another tab" not in opened(alice_client, post)
    is_there(alice_client, post)
    assert "in another tab" in opened(alice_client, post)


def test_another_post_is_another_matter(
    alice_client: Visitor, editor_client: Visitor, post: Post, alice: User
) -> None:
    is_there(alice_client, make.post(alice))
    assert is_there(editor_client, post) == []


def test_only_who_may_edit_is_told(
    bob_client: Visitor, charlie_client: Visitor, client: Visitor, post: Post
) -> None:
    about = {"json": [], "query_string": {"tab": TAB}}
    answers = [
        each.post(f"/posts/{post.id}/journal", **about) for each in (bob_client, charlie_client, client)
    ]
    assert [answer.status_code for answer in answers] == [404, 403, 403]
    assert db.session.scalar(select(func.count()).select_from(OpenEditor)) == 0


def test_who_is_gone_is_forgotten(alice_client: Visitor, post: Post, clock: time_machine.Traveller) -> None:
    is_there(alice_client, post)
    clock.shift(timedelta(seconds=61))
    is_there(alice_client, post, OTHER_TAB)
    with transaction():
        presence.forget()
    assert db.session.scalars(select(OpenEditor.tab)).all() == [OTHER_TAB]

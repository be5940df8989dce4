"""Deleting a post, and what goes with it."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from blog.accounts.models import User
from blog.db import Model, db, now
from blog.errors import Conflict
from blog.posts.addresses import keep_address
from blog.posts.models import Post
from blog.tags.models import Tag
from tests import make
from tests.reading import messages_on

TABLES = ("users", "posts", "tags", "comments", "former_addresses", "post_tags")


def rows() -> dict[str, int]:
    counts = (select(func.count()).select_from(db.metadata.tables[name]).scalar_subquery() for name in TABLES)
    return dict(zip(TABLES, db.session.execute(select(*counts)).one(), strict=True))


@pytest.fixture
def full(alice, bob, charlie) -> Post:
    """Alice's post with two tags, two comments and a former address, beside a post of bob's with as much."""
    posts = [
        make.post(author, slug=author.username, tags=["Tea", author.username]) for author in (alice, bob)
    ]
    for post in posts:
        make.comment(post, charlie)
        make.comment(post, bob)
        keep_address(post.id, f"once-{post.slug}")
    db.session.commit()
    assert rows() == {"users": 3, "posts": 2, "tags": 3, "comments": 4, "former_addresses": 2, "post_tags": 4}
    return posts[0]


WITHOUT_THE_POST = {"users": 3, "posts": 1, "tags": 3, "comments": 2, "former_addresses": 1, "post_tags": 2}
WITHOUT_ALICE = {**WITHOUT_THE_POST, "users": 2}
WITHOUT_BOB = {**WITHOUT_ALICE, "comments": 1}  # his own post with its two, and the one under alice's
WITHOUT_THE_TAG = {"users": 3, "posts": 2, "tags": 2, "comments": 4, "former_addresses": 2, "post_tags": 2}


def test_it_works(full, alice_client):
    address, title = f"/posts/{full.id}/delete", full.title
    assert "the 2 comments under it" in alice_client.get(address).text
    all_of_it = rows()
    answer = alice_client.post(address)
    assert (answer.status_code, answer.location) == (302, "/posts/")
    assert f"“{title}” is deleted." in messages_on(alice_client.get("/posts/"))
    assert rows() == all_of_it
    assert (full.status, full.status_before, full.deleted_by_id) == ("deleted", "published", full.author_id)
    assert alice_client.get(f"/posts/{full.slug}").status_code == 404


def test_restored_it_is_as_it_was(full, alice):
    before = full.version
    full.trash(by=alice, at=now())
    db.session.commit()
    full.restore()
    db.session.commit()
    assert (full.status, full.status_before, full.deleted_at, full.deleted_by_id) == (
        "published",
        None,
        None,
        None,
    )
    assert full.version == before + 2


def test_what_is_in_the_trash_is_not_published_from_there(full, alice):
    full.trash(by=alice, at=now())
    db.session.commit()
    for act in (full.publish, full.unpublish, full.archive):
        with pytest.raises(Conflict):
            act(now())


def test_others_may_not_even_ask(app, request, full):
    for who, status in (
        ("client", 302),
        ("charlie_client", 403),
        ("bob_client", 404),
        ("editor_client", 200),
    ):
        assert request.getfixturevalue(who).get(f"/posts/{full.id}/delete").status_code == status


def test_deleted_twice_it_is_not_found(full, alice_client):
    address = f"/posts/{full.id}/delete"
    assert [alice_client.post(address).status_code for _ in range(2)] == [302, 404]


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("DELETE FROM posts WHERE slug = 'alice'", WITHOUT_THE_POST),
        ("DELETE FROM users WHERE username = 'alice'", WITHOUT_ALICE),
        ("DELETE FROM users WHERE username = 'bob'", WITHOUT_BOB),
        ("DELETE FROM tags WHERE slug = 'tea'", WITHOUT_THE_TAG),
    ],
)
def test_deleted_by_sql_it_takes_along_what_belongs_to_it(full, statement, left):
    db.session.execute(text(statement))
    assert rows() == left


@pytest.mark.parametrize(
    ("model", "name", "left"),
    [
        (Post, Post.slug == "alice", WITHOUT_THE_POST),
        (User, User.username == "alice", WITHOUT_ALICE),
        (User, User.username == "bob", WITHOUT_BOB),
        (Tag, Tag.slug == "tea", WITHOUT_THE_TAG),
    ],
    ids=["post", "alice", "bob", "tag"],
)
def test_deleted_as_an_object_it_does_the_same(full, model: type[Model], name, left):
    db.session.delete(db.session.scalars(select(model).where(name)).one())
    db.session.commit()
    assert rows() == left


@pytest.mark.parametrize(
    ("take_away", "table", "left"),
    [
        (
            lambda post, author: post.comments.remove(db.session.scalar(post.comments.select().limit(1))),
            "comments",
            3,
        ),
        (lambda post, author: author.posts.remove(post), "posts", 1),
        (
            lambda post, author: post.former_addresses.remove(
                db.session.scalar(post.former_addresses.select())
            ),
            "former_addresses",
            1,
        ),
    ],
    ids=["comment", "post", "former address"],
)
def test_what_is_taken_from_its_owner_is_deleted(
    full, alice, take_away: Callable[[Post, User], None], table, left
):
    take_away(full, alice)
    db.session.commit()
    assert rows()[table] == left

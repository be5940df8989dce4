"""Several authors of one post, in an order: whose it is, where it is listed, who may change what."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from blog.accounts.leaving import leave
from blog.accounts.models import User
from blog.db import db, now
from blog.posts.authorship import MOST_AUTHORS, post_authors
from blog.posts.models import Post
from tests import make
from tests.interchange.site import clear, last_line, run
from tests.queries import count_queries
from tests.reading import fields_on, messages_on, posts_on
from tests.visitor import Visitor


@pytest.fixture
def post(alice: User, bob: User) -> Post:
    return written(make.post(alice, slug="tea", title="Tea", content="Leaves."), alice, bob)


def written(post: Post, *people: User) -> Post:
    found = Post.whole(select(Post).where(Post.id == post.id)).execution_options(populate_existing=True)
    whole = db.session.scalars(found).one()
    whole.be_by(people)
    db.session.commit()
    return whole


def names(post: Post) -> list[str]:
    found = select(User.username).join(post_authors, post_authors.c.user_id == User.id)
    mine = found.where(post_authors.c.post_id == post.id)
    return list(db.session.scalars(mine.order_by(post_authors.c.position)))


def saved(client: Visitor, post: Post, **changed: Any) -> Any:
    page = client.get(f"/posts/{post.id}/edit")
    form = {
        name: field.value for name, field in fields_on(page).items() if name not in {"q", "wait", "preview"}
    }
    return client.post(f"/posts/{post.id}/edit", data={**form, **changed})


def test_it_works(client: Visitor, alice_client: Visitor, alice: User, bob: User) -> None:
    page = alice_client.get("/posts/new")
    assert fields_on(page)["authors"].value == "alice"
    form = {"title": "Tea", "content": "Leaves.", "status": "published", "authors": " alice ,BOB,alice"}
    assert alice_client.post("/posts/new", data=form).status_code == 302
    post = db.session.scalars(select(Post)).one()
    assert names(post) == ["alice", "bob"]
    assert (post.author_id, post.version) == (alice.id, 1)
    shown = " ".join(client.get("/posts/tea").text.split())
    assert re.search('rel="author">Alice</a> and <a [^>]*href="/authors/bob"', shown)
    for author in ("alice", "bob"):
        assert posts_on(client.get(f"/authors/{author}")) == ["tea"]
    assert client.get("/authors/").text.count("/authors/bob") == 1


def test_the_order_changes_and_the_first_is_the_author(editor_client: Visitor, post: Post, bob: User) -> None:
    version = post.version
    assert saved(editor_client, post, authors="bob, alice", title="Tea anew").status_code == 302
    db.session.refresh(post)
    assert names(post) == ["bob", "alice"]
    assert (post.author_id, post.version, post.title) == (bob.id, version + 1, "Tea anew")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ("nobody", 409),
        ("alice, charlie", 409),
        (", ".join(f"u{n}" for n in range(MOST_AUTHORS + 1)), 422),
    ],
)
def test_who_is_not_here_or_may_not_write_is_told(
    alice_client: Visitor, charlie: User, post: Post, wrong: str, status: int
) -> None:
    page = saved(alice_client, post, authors=wrong)
    assert page.status_code == status
    assert fields_on(page)["authors"].error
    assert names(post) == ["alice", "bob"]


def test_an_empty_field_changes_nothing(alice_client: Visitor, post: Post) -> None:
    assert saved(alice_client, post, authors=" , ").status_code == 302
    assert names(post) == ["alice", "bob"]


# Who may


def test_a_co_author_edits_publishes_and_deletes(bob_client: Visitor, post: Post) -> None:
    assert saved(bob_client, post, content="More leaves.").status_code == 302
    assert bob_client.post(f"/posts/{post.id}/unpublish").status_code == 302
    assert bob_client.get("/posts/tea").status_code == 200
    assert bob_client.post(f"/posts/{post.id}/delete").status_code == 302
    assert "Tea" in bob_client.get("/trash").text
    assert bob_client.post(f"/posts/{post.id}/restore").status_code == 302


def test_a_co_author_adds_others_and_takes_nobody_away(bob_client: Visitor, post: Post, owner: User) -> None:
    assert saved(bob_client, post, authors="alice, bob, owner").status_code == 302
    for wrong in ("alice", "bob, alice, owner", "alice, bob", "owner"):
        assert saved(bob_client, post, authors=wrong).status_code == 403
    assert names(post) == ["alice", "bob", "owner"]


def test_the_first_takes_others_away_and_gives_nothing_away(alice_client: Visitor, post: Post) -> None:
    assert saved(alice_client, post, authors="bob").status_code == 403
    assert saved(alice_client, post, authors="bob, alice").status_code == 302
    assert saved(alice_client, post, authors="alice").status_code == 403  # bob is the first now
    assert names(post) == ["bob", "alice"]


def test_nobody_writes_in_the_name_of_another(alice_client: Visitor, bob: User) -> None:
    form = {"title": "Tea", "content": "x", "status": "draft", "authors": "bob"}
    assert alice_client.post("/posts/new", data=form).status_code == 403
    assert db.session.scalars(select(Post.id)).all() == []


def test_a_member_of_the_team_changes_no_authors(bob_client: Visitor, alice: User, bob: User) -> None:
    draft = make.post(alice, status="draft", team=make.team(alice, bob))
    assert 'name="authors"' not in bob_client.get(f"/posts/{draft.id}/edit").text
    assert saved(bob_client, draft, authors="alice, bob").status_code == 403
    assert saved(bob_client, draft, content="Mine.").status_code == 302


# Two who edit


def test_what_two_change_is_merged_or_asked(
    alice_client: Visitor, editor_client: Visitor, post: Post, owner: User
) -> None:
    pages = [client.get(f"/posts/{post.id}/edit") for client in (alice_client, editor_client)]
    first, second = [
        {name: field.value for name, field in fields_on(page).items() if name not in {"q", "wait", "preview"}}
        for page in pages
    ]
    address = f"/posts/{post.id}/edit"
    assert editor_client.post(address, data={**second, "authors": "alice, bob, owner"}).status_code == 302
    late = alice_client.post(address, data={**first, "title": "Green tea"}, follow_redirects=True)
    assert "changed the authors meanwhile" in messages_on(late)
    assert names(post) == ["alice", "bob", "owner"]
    again = alice_client.post(address, data={**first, "nonce": "2", "title": "Tea", "authors": "alice"})
    assert again.status_code == 409
    assert 'name="choose-authors"' in again.text
    assert "alice, bob, owner" in again.text


# Lists, and what keeps them


def test_lists_follow_the_state_of_the_post(client: Visitor, post: Post) -> None:
    for change, listed in ((post.unpublish, []), (post.publish, ["tea"]), (post.archive, [])):
        change(now())
        db.session.commit()
        assert posts_on(client.get("/authors/bob")) == listed


def test_statements_keep_them_too(client: Visitor, post: Post, bob: User) -> None:
    db.session.execute(update(Post).values(author_id=bob.id, version=Post.version + 1))
    db.session.commit()
    assert names(post) == ["bob"]
    db.session.execute(update(Post).values(status="draft", version=Post.version + 1))
    db.session.commit()
    assert db.session.scalars(select(post_authors.c.listed_at)).all() == [None]


def test_a_page_of_an_author_is_a_range_of_one_index(engine_name: str, post: Post, bob: User) -> None:
    found = Post.visible_by(bob.id, now()).order_by(*Post.newest_written).limit(20)
    if engine_name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
        db.session.execute(text("SET LOCAL enable_bitmapscan = off"))
    explained = "EXPLAIN " if engine_name == "postgresql" else "EXPLAIN QUERY PLAN "
    statement = found.compile(db.engine, compile_kwargs={"literal_binds": False})
    plan = db.session.connection().exec_driver_sql(
        explained + str(statement),
        statement.params
        if engine_name == "postgresql"
        else tuple(statement.construct_params()[name] for name in statement.positiontup or ()),
    )
    told = "\n".join(" ".join(map(str, row)) for row in plan)
    assert "ix_post_authors_user_id_listed_at_post_id" in told
    assert "COVERING" in told or "Index Only" in told
    assert "TEMP B-TREE" not in told
    assert "Sort" not in told


@pytest.mark.parametrize("address", ["/", "/authors/alice", "/feed.json", "/posts/tea"])
def test_it_costs_as_many_queries_however_many_authors(
    client: Visitor, post: Post, alice: User, bob: User, editor: User, owner: User, address: str
) -> None:
    with count_queries() as few:
        client.get(address)
    written(post, alice, bob, editor, owner)
    with count_queries() as many:
        client.get(address)
    assert len(many) == len(few)


def test_feeds_name_them_all(client: Visitor, post: Post) -> None:
    atom, rss = client.get("/feed.atom").text, client.get("/authors/bob/feed.rss").text
    assert atom.count("<author>") == 2
    assert rss.count("</dc:creator>") == 2
    items = json.loads(client.get("/feed.json").text)["items"]
    assert [author["name"] for author in items[0]["authors"]] == ["Alice", "Bob"]


def test_search_finds_by_each_of_them(client: Visitor, post: Post, alice: User, bob: User) -> None:
    assert posts_on(client.get("/search?q=author:bob")) == ["tea"]
    bob.display_name = "Zelda"
    db.session.commit()
    assert posts_on(client.get("/search?q=author:zelda")) == ["tea"]
    written(post, alice)
    assert posts_on(client.get("/search?q=author:zelda")) == []


def test_the_desk_finds_by_each_of_them(bob_client: Visitor, post: Post) -> None:
    assert str(post.id) in posts_on(bob_client.get("/posts/?author=bob"))


# Leaving


def test_when_the_first_leaves_the_next_is_first(post: Post, alice: User, bob: User) -> None:
    alone = make.post(alice).id
    assert leave(alice, with_posts=True) == 1
    db.session.commit()
    assert names(post) == ["bob"]
    assert db.session.scalars(select(Post.author_id)).all() == [bob.id]
    assert db.session.get(Post, alone) is None


def test_when_another_leaves_the_post_stays(post: Post, bob: User) -> None:
    leave(bob)
    db.session.commit()
    assert names(post) == ["alice"]


def test_they_are_exported_and_come_back(app: Flask, tmp_path: Path, post: Post) -> None:
    post.credited = ["Ann, the Elder"]
    db.session.commit()
    last_line(run(app, "export", "markdown", tmp_path))
    clear()
    assert last_line(run(app, "import", "markdown", tmp_path)).startswith("taken: 1")
    back = db.session.scalars(select(Post)).one()
    assert (names(back), back.credited) == (["alice", "bob"], ["Ann, the Elder"])


def test_usernames_are_offered(
    alice_client: Visitor, charlie_client: Visitor, bob: User, charlie: User
) -> None:
    for typed, offered in (("b", ["bob"]), ("BOB", ["bob"]), ("charlie", []), ("%", []), ("", [])):
        assert alice_client.get("/posts/new/authors", query_string={"q": typed}).json == offered
    assert charlie_client.get("/posts/new/authors?q=b").status_code == 403

"""The trash: who finds what there, and how it is restored, or goes for good."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog import settings
from blog.accounts.models import User
from blog.audit import Entry
from blog.comments.models import Comment
from blog.db import db, now, transaction
from blog.posts import purging
from blog.posts.models import Post
from blog.posts.revisions import Revision
from blog.trash import purge
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.program import program_of
from tests.reading import fields_on, messages_on, posts_on
from tests.visitor import Visitor, sign_in


def entries(action: str) -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.action == action).order_by(Entry.id)))


@pytest.fixture
def lost(alice: User, charlie: User) -> Post:
    """A tagged post of alice's with a comment, in the trash."""
    post = make.post(alice, title="Lost", slug="lost", tags=["Tea"])
    make.comment(post, charlie, "I was here.")
    post.trash(by=alice, at=now())
    db.session.commit()
    return post


def test_it_works(alice: User, alice_client: Visitor, client: Visitor, charlie: User) -> None:
    """Deleted, undone, deleted, restored: it is as it was."""
    post = make.post(alice, title="Lost", slug="lost", tags=["Tea"])
    make.comment(post, charlie, "I was here.")
    alice_client.post(f"/posts/{post.id}/delete")
    assert (post.status, post.status_before, post.deleted_by_id) == ("deleted", "published", alice.id)
    page = alice_client.get("/posts/")
    assert "“Lost” is deleted." in messages_on(page)
    assert f'action="/posts/{post.id}/restore"' in messages_on(page)
    assert posts_on(page) == []
    for address in ("/posts/lost", f"/p/{post.id}"):
        assert client.get(address).status_code == alice_client.get(address).status_code == 404
    back = alice_client.post(f"/posts/{post.id}/restore")
    assert back.location == f"/posts/{post.id}/edit"
    assert "I was here." in client.get("/posts/lost").text
    assert posts_on(client.get("/tags/tea")) == ["lost"]
    assert (post.status, post.status_before, post.deleted_at) == ("published", None, None)
    assert [entry.label for entry in entries("deleted") + entries("restored")] == ["Lost", "Lost"]


def test_undo_needs_no_script_and_brings_its_token(guarded_client: Visitor, alice: User) -> None:
    post = make.post(alice)
    sign_in(guarded_client, alice)
    token = fields_on(guarded_client.get(f"/posts/{post.id}/delete"))["csrf_token"].value
    guarded_client.post(f"/posts/{post.id}/delete", data={"csrf_token": token})
    message = messages_on(guarded_client.get("/posts/"))
    assert 'name="csrf_token"' in message
    assert guarded_client.post(f"/posts/{post.id}/restore").status_code == 400
    assert guarded_client.post(f"/posts/{post.id}/restore", data={"csrf_token": token}).status_code == 302
    assert post.status == "published"


@pytest.mark.parametrize("status", ["draft", "published", "archived"])
def test_it_comes_back_in_the_status_that_it_had(alice, alice_client, status):
    post = make.post(alice, status=status)
    before = (post.status, post.published_at, post.slug)
    alice_client.post(f"/posts/{post.id}/delete")
    alice_client.post(f"/posts/{post.id}/restore")
    assert (post.status, post.published_at, post.slug) == before


def test_its_addresses_stay_taken_meanwhile(alice, alice_client, client, lost):
    for address in ("lost", "was"):
        if address == "was":
            lost.restore()
            db.session.flush()
            lost.move("was")
            db.session.flush()
            lost.trash(by=alice, at=now())
            db.session.commit()
        given = {"title": "Other", "content": "Words.", "slug": address, "status": "published"}
        assert alice_client.post("/posts/new", data=given).status_code == 409
    assert client.get("/posts/lost").status_code == 404
    alice_client.post(f"/posts/{lost.id}/restore")
    assert client.get("/posts/lost").location == "/posts/was"


@pytest.mark.parametrize(
    ("who", "sees", "status"),
    [("alice", True, 302), ("bob", False, 404), ("editor", True, 302), ("charlie", False, 403)],
)
def test_authors_find_what_is_theirs_and_editors_everything(request, lost, who, sees, status):
    client = request.getfixturevalue(f"{who}_client")
    assert ("Lost" in client.get("/trash").text) == sees
    assert client.get(f"/posts/{lost.id}/purge").status_code == (200 if sees else status)
    assert client.post(f"/posts/{lost.id}/restore").status_code == status


def test_it_tells_who_when_and_until_when(alice, alice_client, editor, clock):
    post = make.post(alice, title="Lost")
    post.trash(by=editor, at=now())
    db.session.commit()
    page = alice_client.get("/trash").text
    assert "by Editor" in page
    assert "January 15, 2026" in page
    assert "April 15, 2026" in page


def test_nobody_else_is_told_what_is_in_it(client):
    assert client.get("/trash").location == "/login?next=/trash"


# For good


def test_it_goes_for_good_after_asking(alice_client, lost, bob):
    address = f"/posts/{lost.id}/purge"
    assert "Delete “Lost” for good?" in alice_client.get(address).text
    assert alice_client.post(address).location == "/trash?of=posts"
    for model in (Post, Comment, Revision):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
    (entry,) = entries("deleted for good")
    assert (entry.thing, entry.label, entry.before) == ("post", "Lost", {"author": "alice"})
    assert entry.actor_name == "alice"
    assert alice_client.post(address).status_code == 404


def test_what_is_not_in_the_trash_does_not_go(alice, alice_client):
    post = make.post(alice)
    assert alice_client.post(f"/posts/{post.id}/purge").status_code == 404
    with transaction():
        assert purging.purge(Post.id == post.id) == 0
    assert db.session.get(Post, post.id)


def test_it_is_emptied_of_what_is_theirs(alice, bob, alice_client, editor_client, lost):
    kept = make.post(bob, title="His")
    kept.trash(by=bob, at=now())
    make.post(alice, title="Alive")
    comment = make.comment(make.post(bob), alice)
    comment.trash(by=alice, at=now())
    db.session.commit()
    page = alice_client.get("/trash/empty").text
    assert "1 post" in page
    assert "1 comment" in page
    alice_client.post("/trash/empty")
    assert "2 things are gone" in messages_on(alice_client.get("/trash"))
    assert set(db.session.scalars(select(Post.title)).all()) >= {"His", "Alive"}
    assert db.session.scalar(select(func.count()).select_from(Post)) == 3
    editor_client.post("/trash/empty")
    assert db.session.scalar(select(func.count()).select_from(Post)) == 2


def test_after_its_days_it_goes_by_itself(app: Flask, alice, clock, lost):
    make.post(alice, title="Alive")
    comment = make.comment(make.post(alice), alice)
    comment.trash(by=alice, at=now())
    db.session.commit()
    with transaction():
        settings.save(trash_days=10)
    clock.shift(timedelta(days=10))
    with transaction():
        purge()
    assert db.session.get(Post, lost.id)
    clock.shift(timedelta(seconds=1))
    with transaction():
        purge()
    assert db.session.scalar(select(Post.id).where(Post.title == "Lost")) is None
    assert db.session.scalar(select(Comment.id)) is None
    assert [entry.thing for entry in entries("deleted for good")] == ["post", "comment"]


def test_how_long_it_is_kept_is_a_setting(admin_client, admin):
    page = fields_on(admin_client.get("/admin/settings"))
    assert page["trash_days"].value == "90"
    typed = {name: field.value for name, field in page.items()}
    assert admin_client.post("/admin/settings", data={**typed, "trash_days": "0"}).status_code == 422
    assert admin_client.post("/admin/settings", data={**typed, "trash_days": "7"}).status_code == 302
    assert settings.site().trash_days == 7


# Commands


def run(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["posts", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_command_purges(app, alice, clock):
    for days in (5, 15, 25):
        post = make.post(alice)
        post.trash(by=alice, at=now() - timedelta(days=days))
    db.session.commit()
    assert run(app, "purge", "--older-than", "10") == "2 deleted for good\n"
    assert db.session.scalar(select(func.count()).select_from(Post)) == 1
    assert len(entries("deleted for good")) == 2


def test_a_command_archives_drafts_that_nobody_touches(app, alice, client, clock):
    old = make.post(alice, slug="old", status="draft")
    seen = make.post(alice, slug="seen")
    seen.unpublish(now())
    db.session.commit()
    clock.shift(timedelta(days=400))
    for slug in ("old", "seen"):
        post = db.session.scalars(select(Post).where(Post.slug == slug)).one()
        post.updated_at = now() - timedelta(days=399)
    make.post(alice, slug="new", status="draft")
    db.session.commit()
    assert run(app, "archive-drafts", "--older-than", "365") == "2 archived\n"
    assert (old.status, seen.status) == ("archived", "archived")
    assert client.get("/posts/old").status_code == client.get("/posts/seen").status_code == 404
    assert run(app, "archive-drafts", "--older-than", "365") == "0 archived\n"


# Races


def test_restored_twice_at_once_it_is_back(app, alice, lost):
    clients, address = [visitor(app) for _ in range(2)], f"/posts/{lost.id}/restore"
    for one in clients:
        sign_in(one, alice)
    answers = at_once(app, *(lambda one=one: one.post(address) for one in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    assert lost.status == "published"


def test_restored_while_it_is_purged_it_is_back_or_gone(app, alice, lost):
    post_id = lost.id
    keeper = visitor(app)
    sign_in(keeper, alice)

    def take_away() -> int:
        with transaction():
            return purging.purge_deleted(now() + timedelta(seconds=1))

    answer, gone = at_once(app, lambda: keeper.post(f"/posts/{post_id}/restore"), take_away)
    db.session.expire_all()
    found = db.session.get(Post, post_id)
    if answer.status_code == 302:
        assert gone == 0
        assert found is not None
        assert found.status == "published"
    else:
        assert (answer.status_code, gone, found) == (404, 1, None)


# By a program


def test_a_program_deletes_and_restores(app, alice, bob):
    post = make.post(alice, title="Lost")
    program, address = program_of(app, alice), f"/api/posts/{post.id}"
    before = program.get(address).get_json()
    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == program.delete(address).status_code == 404
    assert program.get("/api/posts").get_json() == []
    assert program_of(app, bob).post(f"{address}/restore").status_code == 404
    after = program.post(f"{address}/restore").get_json()
    assert after == {**before, "updated_at": after["updated_at"]}
    assert program.post(f"{address}/restore").status_code == 404

"""What is kept of a post's text, save by save."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from blog.posts.revisions import Revision
from tests import make

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def draft(author: User, **fields: Any) -> Post:
    return make.post(author, at=NOON, **{"title": "Tea", "content": "One.", "status": "draft", **fields})


def save(post: Post, by: User, *, minutes: int = 0, **fields: Any) -> Post:
    db.session.commit()
    found = Post.whole(select(Post).where(Post.id == post.id))
    read = db.session.scalars(found.execution_options(populate_existing=True)).one()
    kept = {"title": read.title, "content": read.content, "slug": "", "status": read.status, "tags": []}
    at = NOON + timedelta(minutes=minutes)
    read.edit(by=by, at=at, version=read.version, **{**kept, **fields})
    db.session.commit()
    return read


def history(post: Post) -> list[tuple[int | None, str, str]]:
    """Number, text and note, newest first."""
    found = db.session.scalars(Revision.of_post(post.id))
    return [(revision.number, revision.content, revision.note) for revision in found]


def test_the_first_save_is_the_first_revision(alice):
    post = draft(alice, tags=["Rain", "Tea"])
    revision = db.session.scalars(Revision.of_post(post.id)).one()
    assert (revision.number, revision.version, revision.by_id) == (1, 1, alice.id)
    assert (revision.title, revision.content, revision.tags) == ("Tea", "One.", ["Rain", "Tea"])
    assert (revision.created_at, revision.published_at) == (NOON, None)


def test_what_one_person_saves_within_ten_minutes_is_one_revision(alice):
    post = draft(alice)
    save(post, alice, minutes=4, content="Two.")
    save(post, alice, minutes=9, content="Three.")
    assert history(post) == [(1, "Three.", "")]
    save(post, alice, minutes=11, content="Four.")
    assert history(post) == [(2, "Four.", ""), (1, "Three.", "")]


def test_a_save_by_another_is_a_revision_of_its_own(alice, editor):
    post = draft(alice)
    save(post, editor, minutes=1, content="Two.")
    save(post, alice, minutes=2, content="Three.")
    assert [text for _, text, _ in history(post)] == ["Three.", "Two.", "One."]


def test_a_save_with_a_name_is_a_revision_of_its_own(alice):
    post = draft(alice)
    save(post, alice, minutes=1, content="Two.", note="For the printer")
    save(post, alice, minutes=2, content="Three.")
    assert history(post) == [(3, "Three.", ""), (2, "Two.", "For the printer"), (1, "One.", "")]


def test_publishing_closes_a_revision(alice):
    post = draft(alice)
    post.publish(NOON + timedelta(minutes=1))
    save(post, alice, minutes=2, content="Two.")
    assert [text for _, text, _ in history(post)] == ["Two.", "One."]
    seen = db.session.scalars(Revision.of_post(post.id).with_only_columns(Revision.published_at)).all()
    assert seen == [NOON + timedelta(minutes=2), NOON + timedelta(minutes=1)]


def test_what_was_to_appear_later_and_did_not_counts_as_unseen(alice):
    post = draft(alice, status="published", published_at=NOON + timedelta(hours=1))
    post.unpublish(NOON + timedelta(minutes=5))
    db.session.commit()
    assert db.session.scalars(Revision.of_post(post.id)).one().published_at is None


def test_a_save_that_changes_nothing_is_none(alice):
    post = draft(alice)
    save(post, alice, minutes=60, status="archived")
    assert history(post) == [(1, "One.", "")]


def test_what_came_without_history_begins_it_with_the_text_until_now(alice, editor):
    post = Post(author_id=alice.id, slug="tea", title="Tea", content="Taken in.", html="", updated_at=NOON)
    db.session.add(post)
    db.session.commit()
    save(post, editor, content="Changed.")
    assert history(post) == [(2, "Changed.", ""), (1, "Taken in.", "")]


def test_every_text_that_somebody_may_have_opened_stays_to_be_merged_from(alice):
    post = draft(alice)
    opened = post.version
    for minute in range(1, 5):
        save(post, alice, minutes=minute, content=f"After {minute}.")
    base = Revision.base_of(post.id, opened)
    newest = Revision.base_of(post.id, post.version)
    assert base
    assert newest
    assert (base.content, newest.content) == ("One.", "After 4.")
    assert len(history(post)) == 1

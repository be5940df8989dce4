"""What follows when a post appears."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blog.db import db, now
from blog.jobs import Job
from blog.posts import following
from blog.posts.models import Post
from tests import make
from tests.letters import ALICE, letters_to, link_in
from tests.working import do_jobs

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The posts that a feature was told of."""
    seen: list[int] = []
    monkeypatch.setattr(following, "FOLLOWING", [lambda post: seen.append(post.id)])
    return seen


def scheduled(author: Any, *, after: timedelta = AN_HOUR) -> Post:
    return make.post(author, title="Tea", slug="tea", published_at=NOON + after)


def due() -> list[datetime]:
    found = select(Job.due_at).where(Job.name == "posts.appeared", Job.is_open()).order_by(Job.id)
    return list(db.session.scalars(found))


def test_it_works(clock, alice, followed):
    post = scheduled(alice)
    assert due() == [NOON + AN_HOUR]
    do_jobs()
    assert followed == []
    clock.shift(AN_HOUR)
    do_jobs()
    do_jobs()
    assert followed == [post.id]


def test_what_is_published_at_once_is_followed_at_once(clock, alice, followed):
    post = make.post(alice)
    do_jobs()
    assert followed == [post.id]
    assert letters_to(ALICE) == []


def test_its_author_hears_that_it_appeared(clock, alice):
    scheduled(alice)
    clock.shift(AN_HOUR)
    do_jobs()
    letter = letters_to(ALICE)[0]
    assert (letter.subject, link_in(letter)) == ("“Tea” is out", "/posts/tea")


def test_another_time_takes_the_place_of_the_first(clock, alice, followed):
    post = scheduled(alice)
    post.published_at = NOON + 2 * AN_HOUR
    db.session.commit()
    assert due() == [NOON + 2 * AN_HOUR]
    clock.shift(AN_HOUR)
    do_jobs()
    assert followed == []


def test_what_was_taken_back_is_not_followed_until_it_is_published_again(clock, alice, followed):
    post = scheduled(alice)
    post.unpublish(now())
    clock.shift(AN_HOUR)
    do_jobs()
    assert followed == []
    post.publish(now())
    do_jobs()
    assert followed == [post.id]


def test_what_is_in_the_trash_stays_there(clock, alice, followed):
    post = scheduled(alice)
    post.trash(by=alice, at=now())
    clock.shift(AN_HOUR)
    do_jobs()
    assert (followed, post.status) == ([], "deleted")


def test_a_save_that_leaves_the_time_alone_asks_for_nothing(clock, alice, followed):
    post = make.post(alice)
    do_jobs()
    make.revision(post, title="Another")
    assert due() == []


def test_what_an_import_takes_in_is_not_news(clock, alice, followed):
    db.session.add(
        Post(
            author_id=alice.id,
            slug="old",
            title="Old",
            content="",
            html="",
            status="published",
            published_at=NOON,
            origin="x",
        )
    )
    do_jobs()
    assert followed == []


def test_a_start_catches_up_with_what_fell_due_meanwhile(clock, alice, followed):
    posts = [make.post(alice, published_at=NOON + number * AN_HOUR).id for number in range(1, 4)]
    clock.shift(timedelta(days=3))
    do_jobs()
    assert followed == posts

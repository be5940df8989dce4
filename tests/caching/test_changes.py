"""Whatever changes what readers see: the pages that are kept show it at once."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep

import pytest
from flask import Flask
from werkzeug.test import Client

from blog import site_version
from blog.accounts.models import User
from blog.bulk import insert_many
from blog.db import db, now
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.settings import save
from tests import make
from tests.caching.looking import cache_of, change_title, get, made
from tests.stats.beacons import Reader, counted


def author_of(post: Post) -> User:
    return db.session.get_one(User, post.author_id)


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        (lambda post: change_title(post.id), "Anew"),
        (lambda post: make.post(title="Anew"), "Anew"),
        (lambda post: post.trash(by=author_of(post), at=now()), None),
        (lambda post: save(title="Anew"), "Anew"),
        (lambda post: setattr(author_of(post), "display_name", "Anew"), "Anew"),
    ],
    ids=["in bulk", "a new post", "the trash", "the settings", "a name"],
)
def test_a_change_is_seen_at_once(kept: Flask, change: Callable[[Post], object], sign: str | None) -> None:
    post = make.post(title="As before")
    assert "As before" in get(kept).text
    change(post)
    assert (sign in get(kept).text) if sign else ("As before" not in get(kept).text)


def test_what_is_copied_in_bulk_is_seen(kept: Flask) -> None:
    get(kept, "/tags/")
    post = make.post(tags=["One"])
    get(kept, "/tags/")
    state = cache_of(kept).watch.state
    listed = {"post_id": post.id, "tag_id": make.tag("Two").id, "listed_at": post.published_at}
    insert_many(post_tags, [listed])
    assert "Two" in get(kept, "/tags/").text
    assert cache_of(kept).watch.state > state


def test_a_change_that_is_taken_back_raises_nothing(kept: Flask) -> None:
    post = make.post()
    get(kept)
    state = cache_of(kept).watch.state
    change_title(post.id)
    db.session.rollback()
    make.journal(author_of(post))  # which readers do not see
    get(kept)
    assert (cache_of(kept).watch.state, made(kept)) == (state, 1)


def test_a_scheduled_post_comes_to_the_second(kept: Flask) -> None:
    moment = now() + timedelta(seconds=1)
    make.post(title="Later", status=Status.PUBLISHED, published_at=moment)
    while now() < moment:
        page = get(kept).text
        assert "Later" not in page or now() >= moment
    assert "Later" in get(kept).text


def test_the_thread_looks_without_being_asked(kept: Flask) -> None:
    make.post(title="First")
    get(kept)
    make.post(title="Second")
    db.session.commit()
    began = monotonic()
    while "Second" not in Client(kept.wsgi_app).get("/", base_url="http://localhost").text:
        assert monotonic() - began < 1
        sleep(0.01)


def test_a_view_changes_no_page(kept: Flask) -> None:
    post = make.post()
    get(kept)
    for number in range(3):
        Reader(kept, f"192.0.2.{number}").opens(post)
    get(kept)
    assert (counted(post)[0], made(kept)) == (3, 1)


def test_every_table_that_no_page_shows_is_there() -> None:
    assert set(db.metadata.tables) >= site_version.UNSEEN

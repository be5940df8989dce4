"""Posts by tag, and the list of tags."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.reading import links_on, numbers_on, posts_on

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_it_works(clock, alice, bob, client):
    make.post(alice, slug="one", tags=["Café & Bar", "Tea"], at=NOON - timedelta(days=1))
    make.post(bob, slug="two", tags=["Tea"])
    make.post(bob, slug="none")
    assert posts_on(client.get("/tags/tea")) == ["two", "one"]
    answer = client.get("/tags/cafe-bar")
    assert posts_on(answer) == ["one"]
    assert "Café &amp; Bar</h1>" in answer.text


def test_the_list_has_each_tag_of_a_published_post_by_name_and_with_its_number(alice, client):
    make.post(alice, tags=["Tea", "Rain"])
    make.post(alice, tags=["Tea"])
    make.post(alice, tags=["Draft"], status="draft")
    make.tag("Unused")
    assert [link.text for link in links_on(client.get("/tags/"), "/tags/.")] == ["Rain", "Tea"]
    assert numbers_on(client.get("/tags/"), "/tags/.") == {"/tags/rain": 1, "/tags/tea": 2}


def test_no_tag_no_page(client):
    assert client.get("/tags/none").status_code == 404


def test_tags_beside_a_title_are_by_name_however_they_were_written(alice, client):
    make.post(alice, tags=["b", "c", "a"])
    assert [link.text for link in links_on(client.get("/"), "/tags/.")] == ["a", "b", "c"]


def test_a_tag_follows_its_posts_also_when_they_are_changed_by_sql(clock, alice, client):
    """The database itself keeps the times by which the posts of a tag are listed."""
    post = make.post(alice, slug="post", tags=["Tea"], status="draft")
    steps = [
        ("status = 'published', published_at = '2026-01-01 00:00:00+00:00'", ["post"]),
        ("published_at = '2026-01-16 00:00:00+00:00'", []),
        ("published_at = '2026-01-02 00:00:00+00:00'", ["post"]),
        ("status = 'archived'", []),
    ]
    for change, listed in steps:
        db.session.execute(text(f"UPDATE posts SET {change}"))  # noqa: S608 - from the lines above
        assert posts_on(client.get("/tags/tea")) == posts_on(client.get("/")) == listed
    assert db.session.get(Post, post.id) is post


def test_a_tag_that_is_added_later_lists_the_post_by_its_time(clock, alice, alice_client, client):
    for days in (3, 1, 2):
        make.post(
            alice, slug=f"{days}-days-ago", tags=["Tea"] if days != 2 else [], at=NOON - timedelta(days=days)
        )
    late = db.session.query(Post).filter_by(slug="2-days-ago").one()
    form = {"title": late.title, "tags": "Tea", "status": "published", "version": "1"}
    alice_client.post(f"/posts/{late.id}/edit", data=form)
    assert posts_on(client.get("/tags/tea")) == ["1-days-ago", "2-days-ago", "3-days-ago"]

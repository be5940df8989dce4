"""Feeds: of the site, a tag, an author, and of what is said under a post; in three formats, in pages."""

import json
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from sqlalchemy import text

from blog.db import db
from tests import make
from tests.feeds.rules import OF_TITLES, broken
from tests.queries import count_queries

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
KINDS = ("atom", "rss", "json")
PATHS = ("/feed", "/tags/tea/feed", "/authors/alice/feed", "/p/{id}/feed")
every_kind = pytest.mark.parametrize("kind", KINDS)


def items(answer):
    """[(id, address, title, html), …] of a feed in any format, as a program reads them."""
    if answer.mimetype == "application/feed+json":
        told = answer.get_json(force=True)["items"]
        return [(item["id"], item["url"], item["title"], item["content_html"]) for item in told]
    found = feedparser.parse(
        answer.data, response_headers={"content-type": answer.content_type}, sanitize_html=False
    )
    assert not found.bozo, found.bozo_exception
    return [(entry.id, entry.link, entry.title, entry.content[0].value) for entry in found.entries]


@every_kind
def test_it_works(clock, alice, client, kind):
    make.post(alice, slug="one", title="One & <two>", content="Words *of* it.", at=NOON - timedelta(days=1))
    late = make.post(alice, slug="two", title="Late", tags=["Tea"])
    comment = make.comment(late, content="Well *said*.")
    answer = client.get(f"/feed.{kind}")
    assert answer.status_code == 200
    late_id = f"http://localhost/p/{late.id}"
    assert [item[:3] for item in items(answer)] == [
        (late_id, "http://localhost/posts/two", "Late"),
        (f"http://localhost/p/{late.id - 1}", "http://localhost/posts/one", "One & <two>"),
    ]
    assert items(answer)[1][3].strip() == "<p>Words <em>of</em> it.</p>"
    assert [item[0] for item in items(client.get(f"/tags/tea/feed.{kind}"))] == [late_id]
    assert len(items(client.get(f"/authors/alice/feed.{kind}"))) == 2
    ((comment_id, address, _, html),) = items(client.get(f"/p/{late.id}/feed.{kind}"))
    assert comment_id == f"{late_id}#comment-{comment.id}"
    assert address == f"http://localhost/posts/two#comment-{comment.id}"
    assert "<em>said</em>" in html


@every_kind
def test_only_what_readers_see_is_in_it(clock, alice, alice_client, kind):
    make.post(alice, title="Draft", status="draft", tags=["Tea"])
    make.post(alice, title="Archived", status="archived", tags=["Tea"])
    make.post(alice, title="Scheduled", tags=["Tea"], published_at=NOON + timedelta(seconds=1))
    for path in PATHS[:3]:
        if path != "/tags/tea/feed":
            assert items(alice_client.get(f"{path}.{kind}")) == []
    clock.shift(timedelta(seconds=1))
    for path in PATHS[:3]:
        assert [item[2] for item in items(alice_client.get(f"{path}.{kind}"))] == ["Scheduled"]


def test_comments_of_what_nobody_reads_have_no_feed(alice, alice_client):
    for status in ("draft", "archived"):
        post = make.post(alice, status=status)
        assert alice_client.get(f"/p/{post.id}/feed.atom").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/feed.xml", "/tags/none/feed.atom", "/authors/none/feed.rss", "/p/0/feed.json", "/feed.atom?page=2"],
)
def test_what_is_not_there(client, path):
    assert client.get(path).status_code == 404


@every_kind
def test_an_entry_stays_the_same_when_its_address_changes(alice, client, kind):
    post = make.post(alice, slug="one")
    (before,) = items(client.get(f"/feed.{kind}"))
    post.slug = "two"
    db.session.commit()
    (after,) = items(client.get(f"/feed.{kind}"))
    assert after[0] == before[0]
    assert after[1] == "http://localhost/posts/two"


@every_kind
def test_addresses_in_the_text_lead_there_from_anywhere(alice, client, kind):
    written = '![a](/media/1.png) [b](#there) [c](other) [d](https://example.com/?a=1&b=2) <q cite="/q">e</q>'
    make.post(alice, slug="one", content=written)
    ((_, _, _, html),) = items(client.get(f"/feed.{kind}"))
    for whole in (
        'src="http://localhost/media/1.png"',
        'href="http://localhost/posts/one#there"',
        'href="http://localhost/posts/other"',
        'href="https://example.com/?a=1&amp;b=2"',
        'cite="http://localhost/q"',
    ):
        assert whole in html


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_the_rules_of_feeds_are_kept(clock, alice, client, kind):
    post = make.post(alice, tags=["Tea", "Rain"], at=NOON - timedelta(days=1))
    make.post(alice, tags=["Tea"], title="<b>", excerpt="a < b")
    make.comment(post)
    make.comment(post)
    for path in PATHS:
        assert broken(client.get(f"{path.format(id=post.id)}.{kind}").text) == set(), path


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_they_are_kept_with_nothing_in_it(alice, client, kind):
    answer = client.get(f"/feed.{kind}")
    assert broken(answer.text) == set()
    assert items(answer) == []


def test_a_json_feed_has_what_its_version_asks_for(clock, alice, client):
    make.post(alice, title="One", tags=["Tea"])
    told = json.loads(client.get("/feed.json").text)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert (told["home_page_url"], told["feed_url"]) == ("http://localhost/", "http://localhost/feed.json")
    (item,) = told["items"]
    assert item["date_published"] == "2026-01-15T12:00:00+00:00"
    assert item["authors"] == [{"name": "Alice", "url": "http://localhost/authors/alice"}]
    assert item["tags"] == ["Tea"]


# Pages


def links_of(answer):
    if answer.mimetype == "application/feed+json":
        return {"next": answer.get_json(force=True).get("next_url")}
    return {link["rel"]: link["href"] for link in feedparser.parse(answer.data).feed.links}


@every_kind
def test_pages_lead_to_all_posts_by_their_links(clock, alice, client, kind):
    for number in range(45):
        make.post(alice, slug=f"post-{number}", at=NOON - timedelta(days=number))
    found, address = [], f"http://localhost/feed.{kind}"
    while address:
        answer = client.get(address.removeprefix("http://localhost"))
        found += [item[1] for item in items(answer)]
        address = links_of(answer).get("next")
    assert found == [f"http://localhost/posts/post-{number}" for number in range(45)]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_page_names_its_neighbours(clock, alice, client, kind):
    for number in range(45):
        make.post(alice, at=NOON - timedelta(days=number))
    here = f"http://localhost/feed.{kind}"
    links = links_of(client.get(f"/feed.{kind}?page=2"))
    assert links["self"] == f"{here}?page=2"
    assert (links["first"], links["previous"]) == (here, here)
    assert (links["next"], links["last"]) == (f"{here}?page=3", f"{here}?page=3")


@every_kind
@pytest.mark.parametrize("path", PATHS)
def test_the_number_of_queries_stays(clock, alice, client, kind, path):
    def queries():
        address = f"{path.format(id=post.id)}.{kind}"
        client.get(address)  # the settings are read once, and posts are counted once, until something changes
        with count_queries() as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    post = make.post(alice, tags=["Tea"])
    make.comment(post)
    before = queries()
    for _ in range(3):
        make.post(alice, tags=["Tea", "Rain"])
        make.comment(post)
    assert queries() == before <= 6


# Only what is new


@every_kind
def test_whoever_has_it_gets_nothing_again(clock, alice, client, kind):
    make.post(alice)
    path = f"/feed.{kind}"
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    make.post(alice)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_by_time_as_well(clock, alice, client):
    make.post(alice, at=NOON - timedelta(days=1))
    db.session.execute(text("UPDATE posts SET updated_at = '2026-01-14 12:00:00+00:00'"))
    db.session.commit()
    told = client.get("/feed.atom")
    assert told.last_modified == NOON - timedelta(days=1)
    asked = {"If-Modified-Since": told.headers["Last-Modified"]}
    assert client.get("/feed.atom", headers=asked).status_code == 304
    post = make.post(alice)
    db.session.execute(
        text("UPDATE posts SET updated_at = '2026-01-15 12:00:00+00:00' WHERE id = :id"), {"id": post.id}
    )
    db.session.commit()
    assert client.get("/feed.atom", headers=asked).status_code == 200


def test_no_time_is_told_while_others_may_come_with_the_same(clock, alice, client):
    make.post(alice, published_at=NOON - timedelta(seconds=30))
    db.session.execute(text("UPDATE posts SET updated_at = '2026-01-15 11:59:30+00:00'"))
    db.session.commit()
    assert client.get("/feed.atom").last_modified is None
    clock.shift(timedelta(minutes=1))
    assert client.get("/feed.atom").last_modified is not None


def test_a_scheduled_post_is_news_when_its_time_comes(clock, alice, client):
    make.post(alice, at=NOON - timedelta(days=2))
    make.post(alice, published_at=NOON + timedelta(hours=1))
    db.session.execute(text("UPDATE posts SET updated_at = '2026-01-13 12:00:00+00:00'"))
    db.session.commit()
    told = client.get("/feed.rss")
    asked = {"If-Modified-Since": told.headers["Last-Modified"]}
    clock.shift(timedelta(hours=1, minutes=2))
    assert client.get("/feed.rss", headers=asked).status_code == 200


def test_shared_caches_keep_packed_and_plain_ones_apart(alice, client):
    for _ in range(5):
        make.post(alice)
    answer = client.get("/feed.atom", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    tag = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client.get("/feed.atom", headers=tag).status_code == 304


# What leads to them


def test_pages_tell_of_their_feeds(alice, client):
    post = make.post(alice, slug="one", tags=["Tea"])
    pages = {
        "/": "/feed.atom",
        "/tags/tea": "/tags/tea/feed.atom",
        "/authors/alice": "/authors/alice/feed.atom",
        "/posts/one": f"/p/{post.id}/feed.atom",
    }
    for page, feed in pages.items():
        assert f'href="{feed}"' in client.get(page).text.partition("</head>")[0], page


def test_a_draft_tells_of_no_feed_of_its_comments(alice, alice_client):
    post = make.post(alice, slug="one", status="draft")
    assert f"/p/{post.id}/feed.atom" not in alice_client.get("/posts/one").text


# Hostile texts


@every_kind
def test_characters_that_xml_cannot_hold_are_told_as_a_sign(alice, client, kind):
    """They cannot be typed, but may stand in a database that somebody else has filled."""
    post = make.post(alice, title="x", tags=["Tea"])
    db.session.execute(
        text("UPDATE posts SET title = :odd, html = :odd, teaser = :odd"), {"odd": "a\x0bb\ufffe\x1bc"}
    )
    db.session.execute(text("UPDATE users SET display_name = :odd"), {"odd": "A\x08B"})
    db.session.commit()
    ((_, _, title, html),) = items(client.get(f"/feed.{kind}"))
    assert title == html == "a\ufffdb\ufffd\ufffdc"
    assert client.get(f"/p/{post.id}/feed.{kind}").status_code == 200


@every_kind
def test_a_canary_sings_in_no_feed(alice, client, kind):
    """One value in every field: it comes out as text, and never as markup."""
    canary = "\"'><script>alert(1)</script><!--]]>&amp;"
    alice.display_name, alice.biography = canary[:80], canary
    post = make.post(alice, title=canary, content=canary, excerpt=canary, tags=["Tea"])
    db.session.execute(text("UPDATE tags SET name = :canary"), {"canary": canary[:50]})
    db.session.commit()
    make.comment(post, content=canary)
    for path in PATHS:
        answer = client.get(f"{path.format(id=post.id)}.{kind}")
        assert items(answer)
        if kind == "json":
            assert all("<script" not in item["content_html"] for item in json.loads(answer.text)["items"])
        else:
            assert "<script" not in answer.text
            assert broken(answer.text) <= OF_TITLES
            assert all("<script" not in item[3] for item in items(answer))


@every_kind
def test_what_is_in_the_trash_is_in_no_feed(clock, alice, editor, client, kind):
    post, other = make.post(alice, tags=["Tea"]), make.post(alice)
    comment = make.comment(other)
    post.trash(by=editor, at=NOON)
    comment.trash(by=editor, at=NOON)
    db.session.commit()
    assert items(client.get(f"/tags/tea/feed.{kind}")) == []
    assert len(items(client.get(f"/feed.{kind}"))) == 1
    assert items(client.get(f"/p/{other.id}/feed.{kind}")) == []
    assert client.get(f"/p/{post.id}/feed.{kind}").status_code == 404

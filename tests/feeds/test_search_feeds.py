"""Feeds of what a search finds, and archives: pages that stay as they are (RFC 5005, 4)."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from blog.feeds import entries, views
from tests import make
from tests.feeds.rules import broken
from tests.feeds.test_read_feeds import every_kind, items, links_of
from tests.hostile import ODD
from tests.queries import count_queries

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch):
    for module in (entries, views):
        monkeypatch.setattr(module, "PER_PAGE", 2)


def titles(answer):
    assert answer.status_code == 200
    return [item[2] for item in items(answer)]


@every_kind
def test_it_works(clock, alice, client, kind):
    make.post(alice, title="Old owl", at=NOON - timedelta(days=1))
    make.post(alice, title="Tea", content="With an owl.")
    make.post(alice, title="Owl draft", status="draft")
    make.post(alice, title="Rain")
    assert titles(client.get(f"/search/feed.{kind}?q=owl")) == ["Tea", "Old owl"]  # newest first
    assert titles(client.get(f"/search/feed.{kind}?q=owl+-tea")) == ["Old owl"]
    for q in ("", "zebra", "tag:"):
        assert titles(client.get(f"/search/feed.{kind}", query_string={"q": q})) == []


def test_the_page_of_a_search_leads_to_it(alice, client):
    assert 'href="/search/feed.atom?q=owl"' in client.get("/search?q=owl").text
    assert "/search/feed.atom" not in client.get("/search").text


@every_kind
def test_who_is_signed_in_gets_the_same(alice, alice_client, client, kind):
    make.post(alice, title="Owl draft", status="draft")
    assert titles(alice_client.get(f"/search/feed.{kind}?q=owl")) == []


@pytest.mark.parametrize("kind", ["atom", "rss"])
@pytest.mark.parametrize("q", ["owl", "<b>&\"'", "東京 tag:x", "zebra"])
def test_the_rules_of_feeds_are_kept(alice, client, kind, q):
    for _ in range(3):
        make.post(alice, title="Owl", content="東京", tags=["X"])
    for more in ({}, {"page": 1}, {"archive": 1}):
        answer = client.get(f"/search/feed.{kind}", query_string={"q": q, **more})
        if answer.status_code != 404:
            assert broken(answer.text) == set()
            links = links_of(answer)
            assert all("q=" in address for relation, address in links.items() if relation in {"self", "next"})


def test_any_query_has_an_answer(alice, client):
    for q in ODD:
        answer = client.get("/search/feed.atom", query_string={"q": q})
        assert answer.status_code == (404 if "\0" in q else 200), q


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_archives_hold_everything_and_stay_as_they_are(clock, alice, client, kind):
    for number in range(5):
        make.post(alice, slug=f"post-{number}", at=NOON - timedelta(days=number))
    first = client.get(f"/feed.{kind}")
    assert ET.fromstring(first.text).find(f".//{ARCHIVE}") is None  # noqa: S314 - of our own making
    links, found = links_of(first), {item[1] for item in items(first)}
    pages = {}
    while "prev-archive" in links:
        address = links["prev-archive"].removeprefix("http://localhost")
        pages[address] = client.get(address)
        assert ET.fromstring(pages[address].text).find(f".//{ARCHIVE}") is not None  # noqa: S314 - as above
        assert broken(pages[address].text) == set()
        links = links_of(pages[address])
        assert links["current"] == f"http://localhost/feed.{kind}"
        found |= {item[1] for item in items(pages[address])}
    assert list(pages) == [f"/feed.{kind}?archive=2", f"/feed.{kind}?archive=1"]
    assert found == {f"http://localhost/posts/post-{number}" for number in range(5)}
    make.post(alice)
    before = pages[f"/feed.{kind}?archive=1"]
    assert client.get(f"/feed.{kind}?archive=1").data == before.data
    for other in ("0", "4", "x", ""):
        assert client.get(f"/feed.{kind}?archive={other}").status_code == 404


def test_the_number_of_queries_stays(clock, alice, client):
    def queries():
        with count_queries() as statements:
            client.get("/search/feed.atom?q=owl")
        return [statement for statement in statements if "counts" not in statement]

    make.post(alice, title="Owl", tags=["Tea"])
    before = len(queries())
    for _ in range(3):
        make.post(alice, title="Owl", tags=["Tea"])
    assert len(queries()) == before <= 8

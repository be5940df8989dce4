"""What programs read of a page: canonical address, Open Graph, structured data, microformats."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import mf2py
import pytest

from blog import settings
from blog.db import db
from tests import make
from tests.hostile import scripts

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Head(HTMLParser):
    """{property or name: content} of the page, its links by relation, and its structured data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.data: Any = None
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "meta" and "content" in found:
            self.meta[found.get("property") or found["name"]] = found["content"]
        if tag == "link":
            self.links[found["rel"]] = found["href"]
        self.inside = tag == "script" and found.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.data = json.loads(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


@pytest.fixture
def post(clock, alice):
    about: dict[str, Any] = {
        "title": "On “tea” & <rain>",
        "excerpt": "Short, and <told>.",
        "tags": ["Rain", "Tea"],
    }
    return make.post(alice, slug="tea", content="Words of it.", **about)


def test_it_works(post, client):
    head = Head(client.get("/posts/tea").text)
    assert head.links["canonical"] == head.meta["og:url"] == "http://localhost/posts/tea"
    assert head.meta["og:type"] == "article"
    assert head.meta["og:title"] == head.meta["twitter:title"] == "On “tea” & <rain>"
    assert head.meta["og:description"] == head.meta["description"] == "Short, and <told>."
    assert head.meta["article:published_time"] == "2026-01-15T12:00:00+00:00"
    assert head.meta["article:author"] == "http://localhost/authors/alice"
    assert head.meta["twitter:card"] == "summary_large_image"
    assert head.meta["og:image"] == head.meta["twitter:image"]
    picture = client.get(head.meta["og:image"].removeprefix("http://localhost"))
    assert (picture.status_code, picture.mimetype) == (200, "image/png")


def test_structured_data_is_what_schema_org_asks_of_a_post(post, client):
    told = Head(client.get("/posts/tea").text).data
    assert (told["@context"], told["@type"]) == ("https://schema.org", "BlogPosting")
    assert told["headline"] == "On “tea” & <rain>"
    assert told["url"] == told["mainEntityOfPage"] == "http://localhost/posts/tea"
    assert told["author"] == [{"@type": "Person", "name": "Alice", "url": "http://localhost/authors/alice"}]
    assert told["publisher"]["name"] == "Masthead"
    assert datetime.fromisoformat(told["datePublished"]) == NOON
    assert datetime.fromisoformat(told["dateModified"]) >= NOON
    assert told["keywords"] == ["Rain", "Tea"]
    assert (told["wordCount"], told["inLanguage"]) == (3, "en")
    assert told["image"].startswith(f"http://localhost/p/{post.id}/picture-")


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028'\"\\"])
def test_no_title_ends_the_script(alice, client, text):
    post = make.post(alice, title=f"A {text}", excerpt=text, tags=[text[:40]])
    head = Head(client.get(f"/posts/{post.slug}").text)
    assert head.data["headline"] == f"A {text}".strip()
    assert head.meta["og:title"] == f"A {text}"


def test_hostile_titles_are_only_text(alice, client):
    post = make.post(alice, slug="one")
    for text in scripts()[::60]:
        title = " ".join(text.split())[:200]
        db.session.execute(db.update(type(post)).values(title=title))
        db.session.commit()
        page = client.get("/posts/one").text
        assert Head(page).data["headline"] == title
        kinds = re.findall(r"<script[^>]*>", page)
        assert len(kinds) == 3, title  # the structured data, the count of views, and the search


@pytest.mark.parametrize("state", ["draft", "archived", "scheduled"])
def test_what_readers_do_not_find_says_nothing_of_itself(clock, alice, alice_client, client, state):
    about = {"status": state} if state != "scheduled" else {"published_at": NOON + timedelta(hours=1)}
    post = make.post(alice, **about)
    page = alice_client.get(f"/posts/{post.slug}").text
    assert "og:image" not in page
    assert "ld+json" not in page


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Masthead"),
        ("/tags/rain", "Rain"),
        ("/authors/alice", "Alice"),
        ("/archive/2026/", "2026"),
        ("/archive/", "Archive – Masthead"),
        ("/tags/", "Tags – Masthead"),
        ("/authors/", "Authors – Masthead"),
        ("/teams/", "Teams – Masthead"),
    ],
)
def test_lists_have_one_address_and_a_title(post, client, path, title):
    head = Head(client.get(f"{path}?utm_source=x").text)
    assert head.links["canonical"] == head.meta["og:url"] == f"http://localhost{path}"
    assert head.meta["og:title"] == title


def test_each_page_of_a_list_is_its_own(clock, alice, client):
    settings.save(posts_per_page=1)
    for _ in range(2):
        make.post(alice)
    assert Head(client.get("/?page=2").text).links["canonical"] == "http://localhost/?page=2"


def test_a_page_with_a_refused_comment_has_the_address_of_the_post(post, charlie_client):
    answer = charlie_client.post(f"/posts/{post.id}/comments", data={"content": ""})
    assert Head(answer.text).links["canonical"] == "http://localhost/posts/tea"


# Microformats: http://microformats.org/wiki/microformats2


def items_on(answer, path):
    found = mf2py.parse(doc=answer.text, url=f"http://localhost{path}")["items"]
    return {item["type"][0]: item for item in found}


def test_a_post_is_an_entry(post, client):
    entry = items_on(client.get("/posts/tea"), "/posts/tea")["h-entry"]["properties"]
    assert entry["name"] == ["On “tea” & <rain>"]
    assert entry["url"] == entry["uid"] == ["http://localhost/posts/tea"]
    assert [datetime.fromisoformat(time) for time in entry["published"]] == [NOON]
    assert entry["category"] == ["Rain", "Tea"]
    assert "Words of it." in entry["content"][0]["value"]
    (author,) = entry["author"]
    assert author["type"] == ["h-card"]
    assert author["properties"] == {"name": ["Alice"], "url": ["http://localhost/authors/alice"]}


@pytest.mark.parametrize(
    ("path", "name"), [("/", "Masthead"), ("/tags/rain", "Rain"), ("/authors/alice", "Alice")]
)
def test_a_list_is_a_feed_of_entries(post, alice, client, path, name):
    make.post(alice, tags=["Rain"])
    feed = items_on(client.get(path), path)["h-feed"]
    assert feed["properties"]["name"] == [name]
    entries = [entry["properties"] for entry in feed["children"]]
    assert entries[1]["url"] == ["http://localhost/posts/tea"]
    assert entries[1]["name"] == ["On “tea” & <rain>"]
    assert entries[1]["summary"] == ["Short, and <told>."]
    assert all(entry["author"][0]["type"] == ["h-card"] for entry in entries)

"""The list of whoever writes: everything that they may see, by words, author, status and order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from blog.accounts.models import User
from tests import make
from tests.reading import links_on, posts_on

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def titles(answer: TestResponse) -> list[str]:
    """The titles in the table, in its order."""
    return [link.text for link in links_on(answer, "/posts/[^?]") if link.address != "/posts/new"]


def counts(answer: TestResponse) -> dict[str, str]:
    """How many posts each status has, as the page tells: {"All": "6", …}."""
    words = [link.text.split() for link in links_on(answer, r"/posts/(\?|$)")]
    return {name: number for name, number in (pair for pair in words if len(pair) == 2) if number.isdigit()}


@pytest.fixture
def posts(clock, alice, bob) -> None:
    fields: list[tuple[User, str, dict[str, Any]]] = [
        (alice, "Hers", {}),
        (alice, "Her draft", {"status": "draft"}),
        (alice, "Her plan", {"published_at": NOON + timedelta(days=1)}),
        (alice, "Her past", {"status": "archived"}),
        (bob, "His", {"content": "Many more words than the others."}),
        (bob, "His draft", {"status": "draft"}),
        (bob, "His plan", {"published_at": NOON + timedelta(days=1)}),
        (bob, "His past", {"status": "archived"}),
    ]
    for hours, (author, title, more) in enumerate(fields):
        make.post(author, title=title, at=NOON - timedelta(hours=hours + 1), **more)


def test_it_works(posts, alice_client):
    answer = alice_client.get("/posts/")
    assert titles(answer) == ["His past", "His", "Her past", "Her plan", "Her draft", "Hers"]
    assert counts(answer) == {"All": "6", "Drafts": "1", "Scheduled": "1", "Published": "2", "Archived": "2"}


def test_whoever_edits_all_sees_all(posts, editor_client):
    answer = editor_client.get("/posts/")
    assert len(titles(answer)) == 8
    assert counts(answer) == {"All": "8", "Drafts": "2", "Scheduled": "2", "Published": "2", "Archived": "2"}


@pytest.mark.parametrize(("who", "status"), [("client", 302), ("charlie_client", 403)])
def test_readers_and_strangers_may_not(app, request, who, status):
    assert request.getfixturevalue(who).get("/posts/").status_code == status


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "draft"}, ["Her draft"]),
        ({"status": "scheduled"}, ["Her plan"]),
        ({"status": "published"}, ["His", "Hers"]),
        ({"status": "archived"}, ["His past", "Her past"]),
        ({"status": "gone"}, []),
        ({"author": "bob"}, ["His past", "His"]),
        ({"author": "BOB "}, ["His past", "His"]),
        ({"author": "nobody"}, []),
        ({"q": "hIs"}, ["His past", "His"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "past", "author": "alice", "status": "archived"}, ["Her past"]),
        ({"sort": "title"}, ["Her draft", "Her past", "Her plan", "Hers", "His", "His past"]),
        ({"sort": "-word_count", "status": "published"}, ["His", "Hers"]),
        ({"sort": "-published_at", "author": "alice", "status": "published"}, ["Hers"]),
        (
            {"sort": "content; DROP TABLE posts"},
            ["His past", "His", "Her past", "Her plan", "Her draft", "Hers"],
        ),
    ],
    ids=str,
)
def test_it_is_narrowed_and_ordered(posts, alice_client, asked, found):
    answer = alice_client.get("/posts/", query_string=asked)
    assert answer.status_code == 200
    assert titles(answer) == found
    assert counts(answer)["All"] == "6"


def test_a_filter_cannot_look_behind_what_one_may_see(posts, alice_client):
    for asked in (
        {"q": "His draft"},
        {"author": "bob", "status": "draft"},
        {"author": "bob", "status": "scheduled"},
    ):
        assert titles(alice_client.get("/posts/", query_string=asked)) == []


def test_the_title_leads_to_the_editor_where_one_may_edit(posts, alice_client):
    links = posts_on(alice_client.get("/posts/"))
    assert [link.isdigit() for link in links] == [False, False, True, True, True, True]


def test_pages_keep_what_was_asked_for(clock, monkeypatch, alice, alice_client):
    monkeypatch.setattr("blog.posts.desk.PER_PAGE", 2)
    for number in range(5):
        make.post(alice, title=f"Tea {number}")
    asked = {"q": "tea", "sort": "title"}
    pages = [
        titles(alice_client.get("/posts/", query_string={**asked, "page": number})) for number in (1, 2, 3)
    ]
    assert pages == [["Tea 0", "Tea 1"], ["Tea 2", "Tea 3"], ["Tea 4"]]
    links = links_on(alice_client.get("/posts/", query_string=asked))
    assert titles(alice_client.get(*(link.address for link in links if link.rel == "next"))) == pages[1]

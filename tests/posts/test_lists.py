"""What holds for every list of posts: the home page, tags, authors, the archive, the desk."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from blog import settings
from blog.accounts.models import User
from blog.db import db
from tests import make
from tests.queries import count_queries
from tests.reading import links_on, numbers_on, posts_on

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
PUBLIC = {"/": 3, "/tags/tea": 3, "/authors/alice": 5, "/archive/2026/": 3, "/archive/2026/01/": 3}
NAMES = {"/tags/": 3, "/authors/": 3, "/archive/": 3}
DESK = {"/posts/": 6, "/posts/?q=post&author=alice&status=published&sort=title": 6}


def fill(author: User, number: int, at: datetime = NOON) -> None:
    for minutes in range(number):
        make.post(author, tags=["Tea", f"{minutes}"], at=at - timedelta(minutes=minutes))


def paged_by(number: int) -> None:
    settings.save(posts_per_page=number)
    db.session.commit()


@pytest.fixture(params=PUBLIC)
def path(request: pytest.FixtureRequest) -> str:
    """Each list of published posts."""
    return str(request.param)


# What a list costs


@pytest.mark.parametrize(("path", "queries"), [*PUBLIC.items(), *NAMES.items(), *DESK.items()])
def test_it_asks_the_database_the_same_however_much_there_is(
    clock, alice, client, alice_client, path, queries
):
    """And never for the texts."""
    paged_by(3)
    browsers = [alice_client] if path in DESK else [client, alice_client]
    for _ in range(2):
        fill(alice, 4)
        for browser in browsers:
            browser.get(
                path
            )  # what holds until something changes is read once: the settings, and how many there are
            with count_queries() as asked:
                answer = browser.get(path)
            assert answer.status_code == 200
            assert len(asked) == queries + (browser is alice_client), asked
            assert not [one for one in asked if re.search(r"posts\.(content|html)\b", one)]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_each_page_asks_the_same(clock, alice, client, path, number):
    paged_by(2)
    fill(alice, 7)
    client.get(path)
    with count_queries() as asked:
        assert len(posts_on(client.get(f"{path}?page={number}"))) == (1 if number == 4 else 2)
    assert len(asked) == PUBLIC[path], asked


# Pages


def test_pages_are_the_list_newest_first(clock, alice, client, path):
    paged_by(3)
    fill(alice, 3, NOON - timedelta(days=1))
    fill(alice, 4)
    make.post(alice, tags=["Tea"], at=NOON - timedelta(minutes=2))  # two of one moment: the later id is first
    pages = [posts_on(client.get(f"{path}?page={number}")) for number in (1, 2, 3)]
    assert list(map(len, pages)) == [3, 3, 2]
    together = [int(slug.removeprefix("post-")) for page in pages for slug in page]
    first = min(together)
    assert [number - first for number in together] == [3, 4, 7, 5, 6, 0, 1, 2]


def test_the_first_page_is_the_one_without_a_number(clock, alice, client, path):
    paged_by(3)
    fill(alice, 4)
    assert posts_on(client.get(path)) == posts_on(client.get(f"{path}?page=1"))
    assert [link.address for link in links_on(client.get(path)) if link.rel == "next"] == [f"{path}?page=2"]
    assert [link.address for link in links_on(client.get(f"{path}?page=2")) if link.rel == "prev"] == [path]


@pytest.mark.parametrize("number", ["3", "0", "abc"])
def test_a_page_that_is_none_is_not_found(clock, alice, client, alice_client, path, number):
    paged_by(3)
    fill(alice, 4)
    assert client.get(path, query_string={"page": number}).status_code == 404
    assert alice_client.get("/posts/", query_string={"page": number}).status_code == 404


def test_an_empty_list_has_one_page(clock, alice, make_tag_tea, client, path):
    assert (client.get(path).status_code, client.get(f"{path}?page=2").status_code) == (200, 404)
    assert posts_on(client.get(path)) == []


@pytest.fixture
def make_tag_tea(alice: User) -> None:
    make.post(alice, tags=["Tea"], status="draft")


# What is in no list

HIDDEN = {
    "draft": {"status": "draft"},
    "dated draft": {"status": "draft", "published_at": NOON - timedelta(days=40)},
    "archived": {"status": "archived", "published_at": NOON - timedelta(days=40)},
    "scheduled": {"status": "published", "published_at": NOON + timedelta(seconds=1)},
    "for another year": {"status": "published", "published_at": NOON + timedelta(days=400)},
}


@pytest.mark.parametrize("fields", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_not_published_is_in_no_list_and_no_count(clock, alice, bob, client, alice_client, fields):
    make.post(alice, slug="seen", tags=["Tea"], at=NOON - timedelta(days=1))
    make.post(bob, slug="unseen", tags=["Tea", "Unheard"], **fields)
    for path in [*PUBLIC, "/authors/bob", "/archive/2027/", "/archive/2025/"]:
        for browser in (client, alice_client):
            assert posts_on(browser.get(path)) in (["seen"], []), path
    assert "/tags/unheard" not in client.get("/tags/").text
    assert "/authors/bob" not in client.get("/authors/").text
    for path in NAMES:
        assert set(numbers_on(client.get(path), f"{path}.").values()) == {1}


def test_what_was_scheduled_is_in_every_list_when_its_time_has_come(clock, alice, client, path):
    make.post(alice, slug="soon", tags=["Tea"], published_at=NOON + timedelta(seconds=1))
    assert posts_on(client.get(path)) == []
    clock.shift(1)
    assert posts_on(client.get(path)) == ["soon"]


@pytest.mark.parametrize("act", ["unpublish", "archive"])
def test_what_is_taken_back_leaves_every_list_and_returns_to_it(
    clock, alice, client, alice_client, path, act
):
    post = make.post(alice, slug="post", tags=["Tea"])
    for verb, listed in ((act, []), ("publish", ["post"]), (act, [])):
        assert alice_client.post(f"/posts/{post.id}/{verb}").status_code == 302
        assert posts_on(client.get(path)) == listed

"""Reading a post."""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from tests import make
from tests.queries import count_queries
from tests.reading import links_on, posts_on

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def neighbours_on(answer: TestResponse) -> dict[str, str]:
    """{"prev": slug, "next": slug} as far as the page has them."""
    links = links_on(answer, "/posts/")
    return {link.rel: link.address.removeprefix("/posts/") for link in links if link.rel}


def test_it_works(alice, client):
    post = make.post(alice, title="A <quiet> morning", content="# Tea\n\nand *rain*", tags=["Rain", "Tea"])
    make.comment(post, content="Well *said*.")
    page = client.get("/posts/a-quiet-morning")
    assert page.status_code == 200
    assert "A &lt;quiet&gt; morning</h1>" in page.text
    assert "<em>rain</em>" in page.text
    assert [link.text for link in links_on(page, "/tags/.")] == ["Rain", "Tea"]
    assert links_on(page, "/authors/alice")[0].text == "Alice"
    assert "<em>said</em>" in page.text


# Rows: who asks. Columns: the status of alice's post.
ANSWERS = {
    "client": {"published": 200, "archived": 200, "draft": 404, "scheduled": 404},
    "charlie_client": {"published": 200, "archived": 200, "draft": 404, "scheduled": 404},
    "bob_client": {"published": 200, "archived": 200, "draft": 404, "scheduled": 404},
    "alice_client": {"published": 200, "archived": 200, "draft": 200, "scheduled": 200},
    "editor_client": {"published": 200, "archived": 200, "draft": 200, "scheduled": 200},
    "admin_client": {"published": 200, "archived": 200, "draft": 200, "scheduled": 200},
}


@pytest.mark.parametrize("who", ANSWERS)
def test_who_finds_what(clock, app, request, alice, who):
    posts = {
        "published": make.post(alice, slug="published"),
        "archived": make.post(alice, slug="archived", status="archived"),
        "draft": make.post(alice, slug="draft", status="draft"),
        "scheduled": make.post(alice, slug="scheduled", published_at=NOON + timedelta(seconds=1)),
    }
    browser = request.getfixturevalue(who)
    assert {slug: browser.get(f"/posts/{slug}").status_code for slug in posts} == ANSWERS[who]
    short = {slug: browser.get(f"/p/{post.id}") for slug, post in posts.items()}
    assert {slug: answer.status_code for slug, answer in short.items()} == {
        slug: 301 if status == 200 else status for slug, status in ANSWERS[who].items()
    }
    assert all(answer.location in {None, f"/posts/{slug}"} for slug, answer in short.items())
    commented = {slug: browser.post(f"/posts/{post.id}/comments", data={}) for slug, post in posts.items()}
    assert (404 in {answer.status_code for answer in commented.values()}) == (
        who in {"client", "charlie_client", "bob_client"}
    )


def test_a_scheduled_post_appears_when_its_time_has_come(clock, alice, client):
    make.post(alice, slug="soon", published_at=NOON + timedelta(seconds=1))
    assert client.get("/posts/soon").status_code == 404
    clock.shift(1)
    assert client.get("/posts/soon").status_code == 200


@pytest.mark.parametrize(("status", "indexed"), [("published", True), ("archived", False)])
def test_search_engines_keep_what_is_published(alice, client, status, indexed):
    make.post(alice, slug="post", status=status)
    assert ('content="noindex"' not in client.get("/posts/post").text) == indexed


@pytest.mark.parametrize(
    "path", ["/posts/none", "/posts/none/", "/p/1", "/p/0", f"/p/{2**31}", "/p/one", "/posts/%00"]
)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


# Neighbours in time


def test_a_post_knows_its_neighbours(clock, alice, client):
    for day, slug in enumerate(["first", "second", "third"]):
        make.post(alice, slug=slug, at=NOON + timedelta(days=day - 5))
    assert neighbours_on(client.get("/posts/first")) == {"next": "second"}
    assert neighbours_on(client.get("/posts/second")) == {"prev": "first", "next": "third"}
    assert neighbours_on(client.get("/posts/third")) == {"prev": "second"}


def test_posts_of_the_same_moment_are_neighbours_in_the_order_of_the_lists(clock, alice, client):
    slugs = ["first", "second", "third"]
    for slug in slugs:
        make.post(alice, slug=slug)
    assert posts_on(client.get("/")) == slugs[::-1]
    assert neighbours_on(client.get("/posts/first")) == {"next": "second"}
    assert neighbours_on(client.get("/posts/second")) == {"prev": "first", "next": "third"}
    assert neighbours_on(client.get("/posts/third")) == {"prev": "second"}


def test_what_is_in_no_list_is_no_neighbour_and_has_none(clock, alice, client, alice_client):
    make.post(alice, slug="before", at=NOON - timedelta(days=9))
    make.post(alice, slug="draft", status="draft", published_at=NOON - timedelta(days=8))
    make.post(alice, slug="archived", status="archived", published_at=NOON - timedelta(days=7))
    make.post(alice, slug="after", at=NOON - timedelta(days=6))
    make.post(alice, slug="scheduled", published_at=NOON + timedelta(days=1))
    assert neighbours_on(client.get("/posts/before")) == {"next": "after"}
    assert neighbours_on(client.get("/posts/after")) == {"prev": "before"}
    for slug in ("draft", "archived", "scheduled"):
        assert neighbours_on(alice_client.get(f"/posts/{slug}")) == {}


def test_its_page_asks_the_database_the_same_however_much_there_is(
    clock, alice, client, charlie, charlie_client
):
    post = make.post(alice, slug="read", tags=["Tea", "Rain"])
    for _ in range(2):  # the second time there is twice as much
        for number in range(3):
            make.post(alice, tags=["Tea"], at=NOON - timedelta(days=number - 1))
            make.comment(post, charlie)
        for browser, queries in ((client, 3), (charlie_client, 4)):
            browser.get("/posts/read")  # the settings are read once, until something changes
            with count_queries() as asked:
                assert browser.get("/posts/read").status_code == 200
            assert len(asked) == queries, asked
            assert not [one for one in asked if "posts.content" in one]

"""Telling readers that, when and how a post was changed since publication."""

from datetime import timedelta

import pytest

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.queries import count_queries
from tests.reading import fields_on

HOUR = timedelta(hours=1)
CHANGES = "/posts/cats/changes"


@pytest.fixture
def post(alice: User) -> Post:
    """Written with a secret, published without, corrected once."""
    written = make.post(alice, slug="cats", content="A secret cat.", status="draft", at=now() - 4 * HOUR)
    make.revision(
        written, content="The cat sat on the mat.", status="published", note="Go", at=now() - 3 * HOUR
    )
    return make.revision(
        written,
        content="The dog sat on the mat.",
        shows_corrections=True,
        note="It was a dog",
        at=now() - 2 * HOUR,
    )


def test_it_works(post, client):
    page = client.get("/posts/cats")
    assert "Changed since publication" in page.text
    assert f'href="{CHANGES}"' in page.text
    changes = client.get(CHANGES)
    text = " ".join(changes.text.split())
    assert "The <del>cat</del><ins>dog</ins> sat on the mat." in text
    assert "It was a dog" in text
    assert "secret" not in text


def test_only_posts_that_say_so(post, client):
    make.revision(post, shows_corrections=False)
    assert "Changed since publication" not in client.get("/posts/cats").text
    assert client.get(CHANGES).status_code == 404


def test_not_before_there_is_a_change(alice, client):
    make.post(alice, slug="cats", shows_corrections=True)
    assert "Changed since publication" not in client.get("/posts/cats").text
    assert client.get(CHANGES).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("client", 404),
        ("charlie_client", 404),
        ("bob_client", 404),
        ("alice_client", 200),
        ("editor_client", 200),
    ],
)
def test_of_what_is_not_readable_nothing_is_told(request, post, who, status):
    make.revision(post, status="draft", content="Another secret.")
    page = request.getfixturevalue(who).get(CHANGES)
    assert page.status_code == status
    assert "Another secret" not in page.text


def test_a_former_address_leads_on(post, client):
    post.move("dogs")
    db.session.commit()
    answer = client.get(CHANGES)
    assert (answer.status_code, answer.location) == (301, "/posts/dogs/changes")
    assert client.get(answer.location).status_code == 200
    assert client.get("/posts/birds/changes").status_code == 404


def test_what_comes_later_is_not_told_before(alice, client):
    post = make.post(alice, slug="cats", content="One.", shows_corrections=True, published_at=now() + HOUR)
    make.revision(post, content="Two.", note="So")
    assert client.get(CHANGES).status_code == 404


def test_what_was_a_draft_in_between_is_not_told(post, client):
    make.revision(post, status="draft", content="Between the lines: a secret.", note="Not for readers")
    make.revision(post, status="published", content="The bird sat on the mat.")
    text = client.get(CHANGES).text
    assert "secret" not in text
    assert "Not for readers" not in text
    assert "bird" in text


def test_readers_pages_take_one_query_more_only_where_it_says_so(post, client):
    def queries() -> int:
        with count_queries() as statements:
            assert client.get("/posts/cats").status_code == 200
        return len(statements)

    more = queries()
    make.revision(post, shows_corrections=False)
    assert queries() == more - 1


def test_the_box_is_kept_where_it_is_not_sent(alice, alice_client):
    post = make.post(alice, slug="cats", shows_corrections=True)
    alice_client.post(f"/posts/{post.id}/edit", data={"title": "After"})
    assert (post.title, post.shows_corrections) == ("After", True)
    alice_client.post(f"/posts/{post.id}/edit", data={"shows_corrections": "n"})
    assert not post.shows_corrections
    alice_client.post(f"/posts/{post.id}/edit", data={"shows_corrections": ["n", "y"]})
    assert post.shows_corrections


def test_the_page_sets_no_cookie(post, client):
    answer = client.get(CHANGES)
    assert "Set-Cookie" not in answer.headers
    assert fields_on(answer) == {}

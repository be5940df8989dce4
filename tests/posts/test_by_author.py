"""Posts by author, and the list of authors."""

from tests import make
from tests.reading import links_on, numbers_on, posts_on


def test_it_works(alice, bob, client):
    alice.biography = "Writes about <tea>."
    make.post(alice, slug="hers")
    make.post(bob, slug="his")
    answer = client.get("/authors/alice")
    assert posts_on(answer) == ["hers"]
    assert "Alice</h1>" in answer.text
    assert "Writes about &lt;tea&gt;." in answer.text
    assert "alice@example.com" not in answer.text


def test_a_name_is_found_however_it_is_written(alice, client):
    assert client.get("/authors/ALICE").status_code == 200
    assert client.get("/authors/alic").status_code == 404


def test_the_list_has_whoever_published_something(alice, bob, charlie, client):
    make.post(alice)
    make.post(alice)
    make.post(bob, status="draft")
    assert [link.text for link in links_on(client.get("/authors/"), "/authors/.")] == ["Alice"]
    assert numbers_on(client.get("/authors/"), "/authors/.") == {"/authors/alice": 2}


def test_whoever_published_nothing_has_an_empty_page(charlie, client):
    assert posts_on(client.get("/authors/charlie")) == []

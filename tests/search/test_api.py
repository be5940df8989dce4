"""/api/search: what programs find."""

import pytest

from tests import make
from tests.program import program_of


@pytest.fixture
def posts(alice, bob):
    make.post(alice, slug="rain", title="On rain", content="Quiet streets.")
    make.post(bob, slug="tea", title="On tea", content="Drunk in the rain.", tags=["Tea"])
    make.post(bob, slug="draft", title="On rain again", status="draft")


def found(program, q, **more):
    answer = program.get("/api/search", query_string={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return answer


def test_it_works(posts, app, alice):
    answer = found(program_of(app, alice), "rain")
    assert [row["slug"] for row in answer.json] == ["rain", "tea"]
    first = answer.json[0]
    assert first["url"] == "http://localhost/posts/rain"
    assert (first["author"], first["status"], first["excerpt"]) == ("alice", "published", "Quiet streets.")
    assert first["rank"] > answer.json[1]["rank"] > 0
    assert answer.headers["X-Total-Count"] == "2"


def test_drafts_are_for_those_who_may_read_them(posts, app, alice, bob, editor):
    assert len(found(program_of(app, alice), "rain").json) == 2
    assert len(found(program_of(app, bob), "rain").json) == 3
    assert len(found(program_of(app, editor), "rain").json) == 3


def test_pages_and_filters(posts, app, alice):
    program = program_of(app, alice)
    assert [row["slug"] for row in found(program, "rain tag:tea").json] == ["tea"]
    first = found(program, "rain", limit=1)
    assert [row["slug"] for row in first.json] == ["rain"]
    assert 'rel="next"' in first.headers["Link"]
    assert [row["slug"] for row in found(program, "rain", limit=1, page=2).json] == ["tea"]
    following = first.headers["Link"].partition('>; rel="next"')[0].rpartition("<")[2]
    second = program.get(following.removeprefix("http://localhost"))
    assert second.json
    assert [row["slug"] for row in second.json] == ["tea"]
    assert [row["slug"] for row in found(program, "rain", sort="published_at").json] == ["rain", "tea"]


@pytest.mark.parametrize("q", ["", "?!", '"', "-", "(", "' OR 1=1 --", "a:b & c | !d <-> e*", "x" * 200])
def test_any_query_gets_an_answer(posts, app, alice, q):
    assert found(program_of(app, alice), q).json == []


def test_nobody_is_told_nothing(posts, client):
    assert client.get("/api/search?q=rain").status_code == 401

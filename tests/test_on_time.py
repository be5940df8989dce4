"""What is scheduled appears at its second: in lists, feeds, the search and the API, with no worker running."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from blog.db import db
from blog.jobs import Job
from blog.posts.models import Post
from tests import make
from tests.letters import ALICE, letters_to
from tests.program import Program, program_of
from tests.reading import posts_on
from tests.working import do_jobs

DUE = datetime(2026, 1, 15, 13, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def post(clock: Any, alice: Any) -> Post:
    return make.post(alice, title="Samovar", slug="samovar", tags=["Tea"], published_at=DUE)


def where_it_is(client: Any, program: Program) -> dict[str, bool]:
    pages = ("/", "/tags/tea", "/authors/alice", "/archive/2026/01/", "/search?q=samovar")
    texts = ("/feed.atom", "/feed.rss", "/feed.json", "/tags/tea/feed.atom", "/sitemap.xml")
    found = {address: posts_on(client.get(address)) == ["samovar"] for address in pages}
    found |= {address: "/posts/samovar" in client.get(address).text for address in texts}
    found["/posts/samovar"] = client.get("/posts/samovar").status_code == 200
    for address in ("/api/posts", "/api/search?q=samovar"):
        told: Any = program.get(address).json
        found[address] = [one["slug"] for one in told] == ["samovar"]
    return found


def test_it_works(app: Any, clock: Any, post: Post, client: Any, charlie: Any) -> None:
    program = program_of(app, charlie)
    clock.move_to(DUE - A_SECOND)
    assert not any(where_it_is(client, program).values()), where_it_is(client, program)
    clock.move_to(DUE)
    assert all(where_it_is(client, program).values()), where_it_is(client, program)


def test_its_jobs_wait_for_a_worker(clock: Any, post: Post) -> None:
    waiting = select(func.count(Job.id)).where(Job.name == "posts.appeared", Job.is_open())
    clock.move_to(DUE + timedelta(days=2))
    assert db.session.scalar(waiting) == 1
    assert letters_to(ALICE) == []
    do_jobs()
    assert db.session.scalar(waiting) == 0
    assert [letter.subject for letter in letters_to(ALICE)] == ["“Samovar” is out"]

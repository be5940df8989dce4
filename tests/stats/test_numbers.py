"""The page of numbers, its tables as CSV, and the same by the API, against sums made in plain Python."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from blog.accounts.models import User
from blog.db import db, transaction
from blog.posts.models import Post
from blog.stats import rolling
from blog.stats.days import AuthorDay, PostDay, ReferralDay, SiteDay
from blog.stats.models import Referral, View
from blog.stats.tables import TABLES, answer, asked_by
from tests import make
from tests.program import program_of
from tests.queries import count_queries
from tests.stats.sums import Seen, by, store
from tests.visitor import Visitor

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


def roll_up() -> None:
    with transaction():
        rolling.roll_up(NOON, "UTC")


@pytest.fixture
def read(clock: Any, alice: Any, bob: Any) -> tuple[Post, Post]:
    """Two posts of two authors that were read on two days."""
    mine = make.post(alice, title="Of mine", content="one two three")
    theirs = make.post(
        bob, title="=Of theirs", content="one two three four five", at=NOON - timedelta(days=60)
    )
    make.post(bob, content="six", at=NOON - timedelta(days=61))
    make.comment(mine)
    store(
        [
            Seen(mine.id, TODAY, "a", 3, True),
            Seen(mine.id, YESTERDAY, "b", 1, False),
            Seen(theirs.id, TODAY, "a", 2, False),
        ],
        [(mine.id, TODAY, "news.example", 3), (theirs.id, TODAY, "forum.example", 1)],
    )
    roll_up()
    return mine, theirs


def table_of(client: Visitor, name: str, query: str = "") -> list[dict[str, str]]:
    told = client.get(f"/stats/{name}.csv{query}")
    assert told.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(told.text)))


def test_it_works(read: tuple[Post, Post], editor_client: Visitor) -> None:
    page = editor_client.get("/stats/")
    assert page.status_code == 200
    for told in ("Of mine", "news.example", "Alice", "January 2026", "<svg", "33 %", "<title", "<desc"):
        assert told in page.text
    days = table_of(editor_client, "days")
    assert [(row["day"], row["views"], row["visitors"], row["visits"]) for row in days[-2:]] == [
        ("2026-01-14", "1", "1", "1"),
        ("2026-01-15", "5", "1", "2"),
    ]
    assert [row["host"] for row in table_of(editor_client, "referrers")] == ["news.example", "forum.example"]
    posts = table_of(editor_client, "posts")
    assert [(row["title"], row["view_count"], row["comments"]) for row in posts] == [
        ("Of mine", "4", "1"),
        ("'=Of theirs", "2", "0"),  # no spreadsheet takes it for a formula
    ]


def test_authors_see_their_own(
    read: tuple[Post, Post], alice_client: Visitor, charlie_client: Visitor
) -> None:
    page = alice_client.get("/stats/").text
    assert "Of mine" in page
    assert "Of theirs" not in page
    assert "Bob" not in page
    assert "forum.example" not in page
    assert [row["views"] for row in table_of(alice_client, "days")[-2:]] == ["1", "3"]
    assert [row["username"] for row in table_of(alice_client, "authors")] == ["alice"]
    assert charlie_client.get("/stats/").status_code == 403
    assert 'href="/stats/"' in page
    assert 'href="/stats/"' not in charlie_client.get("/").text


def test_words_and_comments_and_who_wrote_more_than_the_mean(
    read: tuple[Post, Post], editor_client: Visitor
) -> None:
    alice, bob = sorted(table_of(editor_client, "authors"), key=lambda row: row["username"])
    assert (alice["posts"], alice["mean_words"], alice["comments_per_post"]) == ("1", "3.0", "1.0")
    assert (bob["posts"], bob["mean_words"], bob["fewest_words"], bob["most_words"]) == ("2", "3.0", "1", "5")
    assert (alice["mean_posts"], alice["above_the_mean"], bob["above_the_mean"]) == ("1.5", "false", "true")
    months = table_of(editor_client, "months")
    assert [(row["month"], row["posts"], row["posts_so_far"]) for row in months] == [
        ("2026-01-01", "1", "3"),
        ("2025-11-01", "2", "2"),
    ]


def test_the_api_tells_the_same(
    app: Flask, read: tuple[Post, Post], editor: Any, alice: Any, charlie: Any
) -> None:
    told: Any = program_of(app, editor).get("/api/stats?days=7").json
    assert told["totals"]["views"] == 6
    assert told["totals"]["share_read_to_the_end"] == pytest.approx(1 / 3)
    assert told["totals"]["rolled_at"] == "2026-01-15T12:00:00+00:00"
    assert [day["views"] for day in told["days"][-2:]] == [1, 5]
    hers: Any = program_of(app, alice).get("/api/stats").json
    assert hers["totals"]["views"] == 4
    assert program_of(app, charlie).get("/api/stats").status_code == 403
    assert program_of(app, editor).get("/api/stats?days=0").status_code == 422


def test_a_period_that_is_none_is_not_found(read: tuple[Post, Post], editor_client: Visitor) -> None:
    assert editor_client.get("/stats/?days=365").status_code == 200
    for wrong in ("0", "31", "x"):
        assert editor_client.get(f"/stats/?days={wrong}").status_code == 404
        assert editor_client.get(f"/stats/days.csv?days={wrong}").status_code == 404
    assert editor_client.get("/stats/salts.csv").status_code == 404


def test_before_anything_was_counted_it_says_so(app: Flask, editor_client: Visitor) -> None:
    assert "Nothing was counted yet" in editor_client.get("/stats/").text


def test_it_asks_the_database_the_same_however_much_there_is(
    clock: Any, app: Flask, editor_client: Visitor, alice_client: Visitor
) -> None:
    for _ in range(2):
        posts = [make.post() for _ in range(3)]
        seen = [
            Seen(post.id, TODAY - timedelta(days=day), f"{day}", 1, True)
            for post in posts
            for day in range(4)
        ]
        store(seen, [(post.id, TODAY, f"host-{post.id}.example", 1) for post in posts])
        roll_up()
        for browser in (editor_client, alice_client):
            with count_queries() as asked:
                assert browser.get("/stats/").status_code == 200
            assert len(asked) == 8, asked
            assert not [one for one in asked if "post_views" in one or "posts.content" in one]


VISITS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 9), st.sampled_from("abc"), st.integers(1, 5), st.booleans()),
    max_size=20,
)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS, lengths=st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_numbers_are_those_of_plain_python(
    clock: Any, app: Flask, visits: list[Any], lengths: list[int]
) -> None:
    for table in (View, Referral, PostDay, AuthorDay, ReferralDay, SiteDay, Post, User):
        db.session.execute(delete(table))
    editor, author = make.user(role="editor"), make.user()
    months = [date(2025, 11, 5), date(2026, 1, 5), date(2026, 1, 6)]
    posts = [
        make.post(
            author if number else editor,
            content="word " * words,
            at=datetime(*day.timetuple()[:3], tzinfo=UTC),
        )
        for number, (words, day) in enumerate(zip(lengths, months, strict=True))
    ]
    kept = store(Seen(posts[number].id, TODAY - timedelta(days=ago), *rest) for number, ago, *rest in visits)
    roll_up()
    for person, theirs in ((editor, posts), (author, posts[1:])):
        mine = [row for row in kept if row.post_id in {post.id for post in theirs}]
        agree(person, mine, [lengths[posts.index(post)] for post in theirs])


def agree(person: User, rows: list[Seen], lengths: list[int]) -> None:
    asked = asked_by(person, 7)
    found = {name: answer(table.question(asked)) for name, table in TABLES.items()}
    sums = by([row for row in rows if row.day >= asked.since], "day")
    told = {row.day: (row.views, row.visitors, row.visits, row.ends) for row in found["days"] if row.views}
    assert told == sums
    week = [sum(row.views for row in rows if row.day == day.day) for day in found["days"]]
    if len(week) == 7:
        assert found["days"][-1].usual_views == pytest.approx(sum(week) / 7)
    read = by(rows, "post_id")
    assert {row.id: (row.view_count, row.end_count) for row in found["posts"]} == {
        post_id: (views, ends) for post_id, (views, _, _, ends) in read.items()
    }
    assert sum(row.posts for row in found["months"]) == len(lengths)
    assert sum(row.posts * row.mean_words for row in found["authors"]) == pytest.approx(sum(lengths))
    assert min(row.fewest_words for row in found["months"]) == min(lengths)
    assert max(row.most_words for row in found["authors"]) == max(lengths)
    mean = len(db.session.scalars(select(Post.id)).all()) / 2
    assert {row.above_the_mean for row in found["authors"] if row.posts > mean} <= {True}

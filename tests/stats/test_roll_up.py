"""Rolling up, forgetting, and proving that it all agrees."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from blog.db import db, transaction
from blog.jobs import TASKS
from blog.posts.models import Post
from blog.stats import rolling
from blog.stats.days import AuthorDay, AuthorMonth, PostDay, ReferralDay, SiteDay
from blog.stats.models import Counter, Referral, Salt, View
from tests import make
from tests.stats.beacons import Reader, counted
from tests.stats.sums import Seen, by, store

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = NOON.date()


def roll_up(at: datetime = NOON) -> None:
    with transaction():
        rolling.roll_up(at, "UTC")


def work() -> None:
    """What a worker does every ten minutes."""
    with transaction():
        TASKS["stats.roll_up"].function()


def rows_of(table: Any, *keys: str) -> dict[Any, tuple[int, ...]]:
    columns = [getattr(table, name) for name in keys]
    visits = [] if table is PostDay else [table.visits]
    found = db.session.execute(select(*columns, table.views, table.visitors, *visits, table.ends)).all()
    return {tuple(row[: len(keys)]) if len(keys) > 1 else row[0]: tuple(row[len(keys) :]) for row in found}


def reconcile(app: Flask) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["stats", "reconcile"])
    db.session.rollback()
    return result.exit_code, result.output


def test_it_works(clock: Any, app: Flask, alice: Any) -> None:
    post = make.post(alice, content="one two three")
    make.comment(post)
    Reader(app).opens(post, "https://news.example/")
    Reader(app).ends(post)
    Reader(app, "192.0.2.9").opens(post)
    db.session.commit()
    work()
    assert rows_of(PostDay, "post_id", "day") == {(post.id, TODAY): (2, 2, 1)}
    assert rows_of(AuthorDay, "author_id", "day") == {(alice.id, TODAY): (2, 2, 2, 1)}
    assert rows_of(SiteDay, "day")[TODAY] == (2, 2, 2, 1)
    assert db.session.execute(select(ReferralDay.host, ReferralDay.views)).all() == [("news.example", 1)]
    month = db.session.scalars(select(AuthorMonth)).one()
    assert (month.month, month.posts, month.words, month.comments) == (date(2026, 1, 1), 1, 3, 1)
    assert db.session.scalar(select(Counter.recent_views)) == 2
    assert TASKS["stats.roll_up"].period == timedelta(minutes=10)
    assert reconcile(app) == (
        0,
        "All numbers agree. 2 views; 1 counters, 2 rows with visitors, 1 sums of days.\n",
    )


PEOPLE = st.sampled_from(["a", "b", "c"])
DAYS = st.integers(0, 4).map(lambda number: TODAY - timedelta(days=number))
VISITS = st.lists(st.tuples(st.integers(0, 3), DAYS, PEOPLE, st.integers(1, 9), st.booleans()), max_size=25)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS)
def test_sums_are_those_of_plain_python(clock: Any, app: Flask, visits: list[Any]) -> None:
    for table in (View, Referral, PostDay, AuthorDay, ReferralDay, SiteDay, Post):
        db.session.execute(delete(table))
    authors = [make.user(), make.user()]
    posts = [make.post(authors[number % 2]) for number in range(4)]
    author_of = {post.id: post.author_id for post in posts}
    kept = store(Seen(posts[number].id, *rest) for number, *rest in visits)
    roll_up()
    expected = {
        key: (views, visitors, ends) for key, (views, visitors, _, ends) in by(kept, "post_id", "day").items()
    }
    assert rows_of(PostDay, "post_id", "day") == expected
    theirs = {
        (author, day): sums
        for author in author_of.values()
        for day, sums in by([row for row in kept if author_of[row.post_id] == author], "day").items()
    }
    assert rows_of(AuthorDay, "author_id", "day") == theirs
    seen = {day: sums for day, sums in rows_of(SiteDay, "day").items() if sums != (0, 0, 0, 0)}
    assert seen == by(kept, "day")
    recent = {row.post_id: row.recent_views for row in db.session.scalars(select(Counter))}
    assert recent == {post_id: sums[0] for post_id, sums in by(kept, "post_id").items()}
    assert reconcile(app)[0] == 0


def test_every_day_has_a_sum_also_without_a_view(clock: Any, app: Flask) -> None:
    post = make.post()
    store([Seen(post.id, TODAY - timedelta(days=3), "a", 1, False)])
    roll_up()
    assert sorted(rows_of(SiteDay, "day")) == [TODAY - timedelta(days=number) for number in (3, 2, 1, 0)]


def test_what_comes_in_just_before_midnight_is_in_the_sum_of_its_day(clock: Any, app: Flask) -> None:
    post = make.post()
    yesterday = TODAY - timedelta(days=1)
    store([Seen(post.id, yesterday, "a", 1, False)])
    roll_up()
    store([Seen(make.post().id, yesterday, "b", 2, True)])
    roll_up()
    assert rows_of(SiteDay, "day")[yesterday] == (3, 2, 2, 1)


def test_months_are_those_of_the_clock_of_the_site(clock: Any, app: Flask, alice: Any) -> None:
    make.post(alice, at=datetime(2025, 12, 31, 12, tzinfo=UTC))
    make.post(alice, status="draft")
    make.post(alice, published_at=NOON + timedelta(days=1))
    with transaction():
        rolling.roll_up(NOON, "Pacific/Auckland")
    assert db.session.execute(select(AuthorMonth.month, AuthorMonth.posts)).all() == [(date(2026, 1, 1), 1)]


def test_of_many_hosts_the_greatest_keep_their_names(
    clock: Any, app: Flask, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "MOST_HOSTS", 2)
    post, other = make.post(alice), make.post(alice)
    hosts = [("a.example", 5), ("b.example", 3), ("c.example", 2), ("", 1)]
    store([], [(post.id, TODAY, host, views) for host, views in hosts])
    store([], [(other.id, TODAY, "c.example", 2)])
    roll_up()
    found = db.session.execute(select(ReferralDay.host, ReferralDay.views)).all()
    assert {row.host: row.views for row in found} == {"a.example": 5, "c.example": 4, "": 4}


# Forgetting


def test_rows_and_salts_go_and_the_sums_stay(clock: Any, app: Flask) -> None:
    post = make.post()
    Reader(app).opens(post, "https://news.example/")
    db.session.commit()
    work()
    clock.shift(timedelta(days=29))
    work()
    assert db.session.scalar(select(func.count()).select_from(View)) == 1
    assert db.session.scalars(select(Salt)).all() == []  # nobody has come today; yet those of before are gone
    clock.shift(timedelta(days=1))
    work()
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in (View, Referral)] == [
        0,
        0,
    ]
    assert counted(post) == (1, 1, 0)
    assert rows_of(PostDay, "post_id", "day") == {(post.id, TODAY): (1, 1, 0)}
    assert db.session.scalar(select(Counter.recent_views)) == 0
    assert reconcile(app)[0] == 0


def test_nothing_goes_before_it_was_summed_up(clock: Any, app: Flask) -> None:
    """As when no worker ran for months."""
    post = make.post()
    Reader(app).opens(post)
    clock.shift(timedelta(days=90))
    work()
    assert rows_of(PostDay, "post_id", "day") == {(post.id, TODAY): (1, 1, 0)}
    assert db.session.scalar(select(func.count()).select_from(View)) == 0
    assert reconcile(app)[0] == 0


# Proving


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (update(Counter).values(view_count=Counter.view_count + 1), "its counter is off by +1 views"),
        (update(Counter).values(end_count=5), "its counter is off by +4 ends"),
        (update(PostDay).values(views=PostDay.views - 1), "its sum of the day is off by -1 views"),
        (update(SiteDay).where(SiteDay.views > 0).values(views=9), "by its authors is off by +7 views"),
        (
            update(SiteDay).where(SiteDay.views > 0).values(visitors=9),
            "the visitors of the site is off by +7",
        ),
        (update(View).values(views=View.views + 1), "its counter is off by -"),
        (delete(View).where(View.ended), "its counter is off by"),
        (update(ReferralDay).values(views=7), "the sum of other sites is off by +6 views"),
    ],
)
def test_it_finds_what_was_altered_by_sql(clock: Any, app: Flask, statement: Any, told: str) -> None:
    clock.move_to(NOON - timedelta(days=5))
    post = make.post()
    Reader(app).opens(post, "https://news.example/")
    Reader(app).ends(post)
    Reader(app, "192.0.2.9").opens(post)
    clock.move_to(NOON)
    work()
    clock.move_to(NOON + timedelta(days=2))
    work()
    assert reconcile(app)[0] == 0
    db.session.execute(statement, execution_options={"synchronize_session": False})
    code, output = reconcile(app)
    assert code == 1, output
    assert told in output


def test_what_belonged_to_a_post_that_is_gone_is_still_in_the_sums(
    clock: Any, app: Flask, alice: Any
) -> None:
    post, other = make.post(alice), make.post()
    for read in (post, other):
        Reader(app).opens(read, "https://news.example/")
    work()
    db.session.execute(text("DELETE FROM posts WHERE id = :id"), {"id": post.id})
    db.session.commit()
    assert reconcile(app)[0] == 0
    clock.shift(timedelta(days=1))
    work()
    assert rows_of(SiteDay, "day")[TODAY] == (2, 1, 2, 0)
    db.session.execute(text("DELETE FROM users WHERE id = :id"), {"id": alice.id})
    db.session.commit()
    assert reconcile(app)[0] == 0

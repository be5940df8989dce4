"""One transaction, whole or not at all, told plainly where it fails; and times, in UTC wherever they come from."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    Integer,
    String,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import Model, db, now, one_at_a_time, transaction, utc_now
from blog.errors import Conflict, Invalid, NotFound, Problem
from blog.posts.models import Post
from blog.settings import Settings
from blog.tags.models import Tag
from tests import make
from tests.at_once import at_once
from tests.broken import every_connection


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# Whole or not at all


def test_what_the_block_did_is_committed(app: Flask, alice: User) -> None:
    with transaction():
        alice.display_name = "Alice Liddell"
    db.session.rollback()
    assert alice.display_name == "Alice Liddell"


class Mishap(Exception):
    """Raised by tests."""


@pytest.mark.parametrize(
    "error", [Mishap("why"), NotFound(), KeyboardInterrupt(), SystemExit(1), OverflowError()]
)
def test_any_error_rolls_back_and_goes_on_as_it_is(app: Flask, alice: User, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, transaction():  # noqa: PT012 - what is raised is the test's own
        alice.display_name = "Nobody"
        db.session.add(Tag(name="One", slug="one"))
        db.session.flush()
        raise error
    assert raised.value is error
    assert error.__cause__ is None
    assert alice.display_name == "Alice"
    assert count(Tag) == 0


def broken_unique(alice: User) -> None:
    db.session.add(Tag(name="SQL", slug="sql"))
    db.session.add(Tag(name="sql", slug="sql"))


def broken_check(alice: User) -> None:
    alice.display_name = ""


def broken_reference(alice: User) -> None:
    db.session.execute(insert(Comment).values(post_id=999, author_id=alice.id, content="x", html=""))


def missing_value(alice: User) -> None:
    db.session.execute(insert(Tag).values(slug="one"))


def impossible_value(alice: User) -> None:
    """PostgreSQL refuses it by its type, SQLite by the CHECK."""
    alice.display_name = "x" * 81


FAILURES: dict[Callable[[User], None], type[Problem]] = {
    broken_unique: Conflict,
    broken_check: Conflict,
    broken_reference: Conflict,
    missing_value: Conflict,
    impossible_value: Problem,
}


@pytest.mark.parametrize("fail", FAILURES)
def test_what_the_database_refuses_is_a_problem_and_the_session_goes_on(
    app: Flask, alice: User, fail: Callable[[User], None]
) -> None:
    with pytest.raises(FAILURES[fail]) as raised, transaction():
        fail(alice)
    assert raised.value.detail
    assert "constraint" not in raised.value.detail
    assert raised.value.__cause__ is not None
    with transaction():
        alice.display_name = "Alice again"
    assert db.session.scalars(select(User.display_name)).all() == ["Alice again"]
    assert count(Tag) == 0


def elsewhere(statement: Any) -> None:
    """Execute and commit it in another session."""
    with Session(db.engine) as session:
        session.execute(statement)
        session.commit()


def test_a_post_that_somebody_else_saved_is_a_conflict_of_versions(app: Flask, alice: User) -> None:
    post = make.post(alice)
    assert post.version == 1
    elsewhere(update(Post).values(version=7, title="Theirs"))
    with pytest.raises(Conflict) as conflict, transaction():
        post.title = "Mine"
    assert conflict.value.field == "version"
    assert post.title == "Theirs"


def test_a_value_that_does_not_fit_is_invalid(app: Flask, alice: User, engine_name: str) -> None:
    with pytest.raises(Problem) as problem, transaction():
        impossible_value(alice)
    assert isinstance(problem.value, Invalid if engine_name == "postgresql" else Conflict)


def test_nothing_that_people_wrote_is_in_the_log(
    app_with: Callable[..., Flask], alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL tells whole rows in its errors, with e-mail addresses and hashes of passwords."""
    with app_with(LOG_LEVEL="DEBUG").app_context():
        for fail in FAILURES:
            with pytest.raises(Problem), transaction():
                fail(db.session.get_one(User, alice.id))
    log = capsys.readouterr().err
    assert log.count("rolled back") == len(FAILURES)
    assert "ck_users_display_name is broken" in log
    assert str(alice.email) not in log
    assert str(alice.password_hash) not in log


# Two at once


def test_people_who_count_at_once_lose_nothing(app: Flask) -> None:
    """Reading a number, then writing it with one more, in a transaction that holds the row."""
    db.session.add(Settings(posts_per_page=1))
    db.session.commit()

    def count_up() -> None:
        for _ in range(10):
            with transaction():
                row = db.session.scalars(select(Settings).with_for_update()).one()
                row.posts_per_page += 1

    assert at_once(app, *[count_up] * 6) == [None] * 6
    db.session.expire_all()
    assert db.session.get_one(Settings, 1).posts_per_page == 61


def test_who_asks_for_the_same_name_waits(app: Flask) -> None:
    """Neither sees a world in which the other is half way."""
    seen: list[int] = []

    def make_the_only_tag() -> None:
        with transaction():
            one_at_a_time("the only tag")
            seen.append(count(Tag))
            time.sleep(0.1)
            db.session.add(Tag(name="One", slug=f"one-{count(Tag)}"))

    assert at_once(app, *[make_the_only_tag] * 3) == [None] * 3
    assert sorted(seen) == [0, 1, 2]


def test_a_read_before_a_write_does_not_fail_because_another_wrote_between(app: Flask, alice: User) -> None:
    """SQLite's own transactions do: the second would have to forget what it saw."""
    with transaction():
        assert count(Tag) == 0
    assert db.session.scalar(select(User.display_name)) == "Alice"  # a transaction that has read
    elsewhere_in_a_thread(app, alice.id)
    alice.biography = "Written after."
    db.session.commit()
    found = db.session.execute(select(User.display_name, User.biography)).one()
    assert tuple(found) == ("Changed between", "Written after.")


def elsewhere_in_a_thread(app: Flask, user_id: int) -> None:
    change = update(User).where(User.id == user_id).values(display_name="Changed between")
    assert at_once(app, lambda: elsewhere(change)) == [None]


# Times

ZONES = [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-11))]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [1900, 1969, 2026, 2199])
def test_a_time_comes_back_as_it_was_in_utc(app: Flask, alice: User, zone: timezone, year: int) -> None:
    at = datetime(year, 3, 29, 1, 30, 15, 123456, tzinfo=zone)
    alice.deactivated_at = at
    db.session.commit()
    stored = db.session.scalar(select(User.deactivated_at))
    assert stored == at
    assert stored.tzinfo is UTC
    assert db.session.scalar(select(User.id).where(User.deactivated_at == at)) == alice.id


def test_a_time_without_a_zone_is_refused(app: Flask, alice: User) -> None:
    alice.deactivated_at = datetime(2026, 1, 15)  # noqa: DTZ001 - the mistake that is refused
    with pytest.raises(StatementError, match="a time without a zone"):
        db.session.commit()
    db.session.rollback()


def test_the_time_is_told_in_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_the_database_tells_the_same_time(app: Flask) -> None:
    """Also a server whose own zone is another, as that of the tests is."""
    told_by_database = db.session.scalar(select(utc_now()))
    assert told_by_database is not None
    assert abs(now() - told_by_database) < timedelta(seconds=30)
    assert told_by_database.tzinfo is UTC


def test_times_of_both_clocks_are_in_one_order(app: Flask) -> None:
    """SQLite compares them as texts, so they have to be written alike."""
    early, late = make.user("early"), make.user("late")
    for user, at in ((early, now() - timedelta(minutes=2)), (late, now() + timedelta(minutes=2))):
        db.session.execute(update(User).where(User.id == user.id).values(created_at=at))
    make.user("between")
    found = db.session.scalars(select(User.username).order_by(User.created_at)).all()
    assert found == ["early", "between", "late"]


def test_a_change_moves_the_time_of_change_and_nothing_else_does(app: Flask, alice: User) -> None:
    db.session.execute(update(User).values(updated_at=now() - timedelta(days=1)))
    db.session.commit()
    before = alice.updated_at
    alice.biography = alice.biography
    db.session.commit()
    assert alice.updated_at == before
    alice.biography = "New."
    db.session.commit()
    assert alice.updated_at > before


# Deleting


def test_rows_go_with_what_they_belong_to_also_when_deleted_by_sql(app: Flask, alice: User) -> None:
    post = make.post(alice, tags=["One"])
    make.comment(post, make.user("bob"))
    db.session.execute(text("DELETE FROM users WHERE username = 'alice'"))
    db.session.commit()
    assert [count(model) for model in (Post, Comment, Tag)] == [0, 0, 1]
    assert db.session.scalar(text("SELECT count(*) FROM post_tags")) == 0
    assert count(User) == 1


def test_rows_go_with_what_they_belong_to_when_deleted_as_objects(app: Flask, alice: User) -> None:
    make.comment(make.post(alice), alice)
    with transaction():
        db.session.delete(alice)
    assert [count(model) for model in (User, Post, Comment)] == [0, 0, 0]


def test_both_engines_keep_texts_as_they_are(app: Flask) -> None:
    typed = "“Ünïcödé” 日本 🎉\t\n  spaces  "
    assert db.session.scalar(select(cast(literal(typed), String))) == typed
    assert db.session.scalar(select(cast(literal("7"), Integer))) == 7


def test_statements_hide_their_values(app: Flask, engine_name: str) -> None:
    broken = "PRAGMA query_only=ON" if engine_name == "sqlite" else "SET default_transaction_read_only = on"
    mended = broken.replace("ON", "OFF").replace("= on", "= off")
    with every_connection(broken, mended), pytest.raises(Problem) as problem, transaction():
        db.session.add(Tag(name="a private thought", slug="a-private-thought"))
    assert "private" not in str(problem.value.__cause__)

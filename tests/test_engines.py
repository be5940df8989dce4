"""How the two databases are opened: what is in force, who waits for whom and how long, and what reading never does."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, make_url, select, update

import blog.engines
from blog.accounts.models import User
from blog.db import db, transaction
from blog.engines import make_folder_for, options_for
from blog.errors import Unavailable
from blog.tags.models import Tag
from config import WrongSetting
from tests import make
from tests.at_once import at_once
from tests.broken import file_of, locked, read_only, sqlite_lock_of_another
from tests.conftest import visitor
from tests.postgres import connect
from tests.routes import routes, samples
from tests.visitor import Visitor, sign_in

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    given = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "engine_name" in metafunc.fixturenames and "engine_name" not in given:
        metafunc.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)


# What is in force

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: what was saved survives a power cut
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "temp_store": 2,
    "cache_size": -16000,
}


@only_sqlite
@pytest.mark.parametrize("pragma", PRAGMAS)
def test_sqlite_is_opened_so_that_nothing_is_lost(app: Flask, pragma: str) -> None:
    for _ in range(2):
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == PRAGMAS[pragma]
        db.engine.dispose()


PARAMETERS = {"TimeZone": "UTC", "lock_timeout": "5s", "statement_timeout": "1min"}


@only_postgresql
@pytest.mark.parametrize("parameter", PARAMETERS)
def test_postgresql_is_opened_with_limits(app: Flask, parameter: str) -> None:
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {parameter}").scalar() == PARAMETERS[parameter]


@only_postgresql
def test_a_connection_that_the_server_has_ended_is_replaced_before_it_is_used(app: Flask) -> None:
    assert db.session.scalar(select(1)) == 1
    db.session.rollback()
    with closing(connect(make_url(app.config["DATABASE_URL"]))) as other:
        other.cursor().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert db.session.scalar(select(1)) == 1


def test_the_folder_of_a_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is one in instance/, where Flask-SQLAlchemy looks for it."""
    monkeypatch.setattr(blog.engines, "INSTANCE", tmp_path)
    for address in (
        "sqlite:///a/blog.db",
        f"sqlite:///{tmp_path}/b/blog.db",
        "sqlite:///file:c/blog.db?uri=true",
    ):
        make_folder_for(address)
    make_folder_for("sqlite://")
    make_folder_for("sqlite:///:memory:")
    make_folder_for("postgresql+psycopg2:///d/blog")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]
    with pytest.raises(WrongSetting, match=r"^DATABASE_URL: its folder cannot be made"):
        make_folder_for("sqlite:////dev/null/blog.db")


# Who waits for whom


@contextmanager
def held_for(address: str, seconds: float) -> Iterator[None]:
    """Another program writes for so long."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        with sqlite_lock_of_another(file_of(address), seconds):
            yield
        return
    with closing(connect(url)) as connection:
        connection.cursor().execute(f"SET idle_in_transaction_session_timeout = {round(seconds * 1000)}")
        connection.cursor().execute("UPDATE users SET biography = ''")
        yield


def test_who_writes_waits_for_another_who_writes(app: Flask, alice: User) -> None:
    db.session.commit()
    with held_for(app.config["DATABASE_URL"], 1.5):
        started = time.monotonic()
        with transaction():
            db.session.execute(update(User).values(display_name="Alice Liddell"))
        waited = time.monotonic() - started
    assert 0.5 < waited < 5
    assert alice.display_name == "Alice Liddell"


def test_who_has_waited_for_too_long_is_told_so(
    app: Flask, app_with: Callable[..., Flask], alice: User
) -> None:
    address = app.config["DATABASE_URL"]
    db.session.commit()
    site = app_with(SQLALCHEMY_ENGINE_OPTIONS=options_for(address, wait=0.25))
    with site.app_context(), locked(address):
        started = time.monotonic()
        with pytest.raises(Unavailable), transaction():
            db.session.execute(update(User).values(display_name="Nobody"))
        assert time.monotonic() - started < 3
        assert db.session.scalar(select(User.display_name)) == "Alice"  # who only reads does not wait


@only_sqlite
def test_control_a_transaction_that_takes_its_lock_late_does_fail(app: Flask) -> None:
    """What `lock_for_writing` is for: the driver's own way does not survive a write between its read and its write."""
    path = file_of(app.config["DATABASE_URL"])
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as late,
        closing(sqlite3.connect(path)) as other,
    ):
        late.execute("BEGIN")
        late.execute("SELECT count(*) FROM tags")
        other.execute("INSERT INTO tags (name, slug) VALUES ('One', 'one')")
        other.commit()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            late.execute("INSERT INTO tags (name, slug) VALUES ('Two', 'two')")


@only_sqlite
def test_a_savepoint_takes_the_lock_first(app: Flask) -> None:
    seen: list[str] = []
    with watching(seen):
        assert db.session.scalar(select(func.count(Tag.id))) == 0
        with db.session.begin_nested():
            db.session.add(Tag(name="One", slug="one"))
        db.session.commit()
    assert [seen[0], *seen[2:4]] == ["BEGIN", "COMMIT", "BEGIN IMMEDIATE"]
    assert [statement.split()[0] for statement in seen[4:7]] == ["SAVEPOINT", "INSERT", "RELEASE"]


@only_sqlite
def test_a_lock_that_was_not_got_can_be_asked_for_again(app: Flask, app_with: Callable[..., Flask]) -> None:
    address = app.config["DATABASE_URL"]
    site = app_with(SQLALCHEMY_ENGINE_OPTIONS=options_for(address, wait=0.05))
    with site.app_context():
        for _ in range(2):
            with locked(address), pytest.raises(Unavailable), transaction():
                db.session.add(Tag(name="One", slug="one"))
        with transaction():
            db.session.add(Tag(name="One", slug="one"))
    assert db.session.scalar(select(func.count(Tag.id))) == 1


def test_many_who_write_at_once_all_get_their_turn(app: Flask, alice: User) -> None:
    user_id = alice.id
    db.session.commit()

    def write() -> None:
        for _ in range(5):
            with transaction():
                longer = User.biography + "."
                db.session.execute(update(User).where(User.id == user_id).values(biography=longer))

    assert at_once(app, *[write] * 8) == [None] * 8
    assert alice.biography == "." * 40


# What reading never does


@contextmanager
def watching(seen: list[str]) -> Iterator[None]:
    """Every statement that reaches a driver, also those that begin and end transactions."""

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


COUNTED = {
    "search.page",
    "search.at_a_glance",
    "feeds.of_search",
    "posts.picture",
    "posts.shared",
    "search.former",
}  # how often they are asked is limited, and so it is written down


@pytest.mark.parametrize("person", ["nobody", "reader", "author", "owner"])
def test_what_is_only_read_is_never_written_nor_locked(app: Flask, person: str) -> None:
    """On every route, for everybody: by the statements, and by a database that would refuse to write."""
    client = browser(app, person)
    found = routes(app, samples(make.user("somebody")), "GET", "HEAD")
    with read_only(app.config["DATABASE_URL"]):
        for route in found:
            seen: list[str] = []
            with watching(seen):
                answer = client.open(route.address, method=route.method)
            assert answer.status_code < 500, (route, answer.text)
            if route.endpoint in COUNTED:
                continue
            assert {statement.split()[0] for statement in seen} <= {"BEGIN", "SELECT", "WITH", "PRAGMA"}, (
                route,
                seen,
            )
            assert "BEGIN IMMEDIATE" not in seen, route
            assert not [statement for statement in seen if "FOR UPDATE" in statement], route


def browser(app: Flask, person: str) -> Visitor:
    client = visitor(app)
    if person != "nobody":
        sign_in(client, make.user(person, role=person))
    return client

"""Who reads from the replica: those who are not signed in, and only while they change nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, text

from blog import settings
from blog.db import db, now, transaction
from blog.posts.models import Post
from tests import make
from tests.conftest import empty, make_app, running, visitor
from tests.visitor import Visitor, sign_in

TITLES = ("primary", "replica")


@pytest.fixture(scope="module")
def two_databases(new_database: Callable[[str], str]) -> Callable[[str], list[str]]:
    """The addresses of two migrated databases on an engine."""

    @cache
    def make_two(engine_name: str) -> list[str]:
        addresses = [new_database(engine_name) for _ in TITLES]
        for address in addresses:
            with running(make_app(address)):
                upgrade()
        return addresses

    return make_two


@pytest.fixture
def app(engine_name: str, two_databases: Callable[[str], list[str]]) -> Iterator[Flask]:
    """A site whose two databases tell different titles: "primary" and "replica"."""
    addresses = two_databases(engine_name)
    for title, address in zip(TITLES, addresses, strict=True):
        with running(make_app(address)):
            empty(db.engine)
            settings.save(title=f"the {title}")
            db.session.commit()
    app = make_app(addresses[0], DATABASE_REPLICA_URL=addresses[1])
    with running(app):
        yield app


def reads_from(client: Visitor, address: str = "/") -> str:
    page = client.get(address, follow_redirects=True).text
    return "replica" if "the replica" in page else "primary" if "the primary" in page else "neither"


@pytest.mark.parametrize("address", ["/", "/tags/", "/authors/", "/archive/", "/login", "/nowhere"])
def test_a_reader_is_answered_by_the_replica(client: Visitor, address: str) -> None:
    assert reads_from(client, address) == "replica"


def test_somebody_who_is_signed_in_is_answered_by_the_primary(alice_client: Visitor) -> None:
    assert reads_from(alice_client) == "primary"


def test_who_begins_a_session_sees_at_once_what_they_did(app: Flask, client: Visitor) -> None:
    make.user("alice")  # the replica has not heard of her yet
    answer = client.post(
        "/login", data={"username": "alice", "password": make.PASSWORD}, follow_redirects=True
    )
    assert "the primary" in answer.text


def test_what_is_sent_is_answered_by_the_primary(client: Visitor) -> None:
    answer = client.post("/login", data={"username": "nobody", "password": "none at all"})
    assert answer.status_code == 422
    assert "the primary" in answer.text


def test_who_signed_out_reads_from_the_replica_again(alice_client: Visitor) -> None:
    alice_client.post("/logout")
    assert reads_from(alice_client) == "primary"  # shows the message that the session still holds
    assert reads_from(alice_client) == "replica"


def test_what_was_written_is_read_from_the_primary(app: Flask) -> None:
    """Even within a request that began as a read."""
    with app.test_request_context("/"):
        app.preprocess_request()
        assert settings.site().title == "the replica"
        with transaction():
            settings.save(tagline="written")
        assert settings.site().tagline == "written"


def test_commands_use_the_primary(app: Flask) -> None:
    assert settings.site().title == "the primary"


def test_nothing_is_ever_written_to_the_replica(app: Flask, client: Visitor) -> None:
    sign_in(client, make.user("alice"))
    client.post("/posts/new", data={"title": "On the primary", "content": "x", "status": "published"})
    counts = {key: count(engine) for key, engine in db.engines.items()}
    assert counts == {None: 1, "replica": 0}


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM posts")) or 0)


def test_the_replica_is_opened_like_the_primary(app: Flask, engine_name: str) -> None:
    """With the same limits of time, in the same zone, and with values kept out of the log."""
    for engine in db.engines.values():
        assert engine.hide_parameters
        with engine.connect() as connection:
            if engine_name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
            else:
                assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "5s"
                assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"


def test_a_site_that_lost_its_replica_says_that_it_is_not_ready(app: Flask, client: Visitor) -> None:
    assert client.get("/readyz").status_code == 200
    assert ready_after(client, "UPDATE alembic_version SET version_num = 'old ' || version_num") == 503
    assert ready_after(client, "UPDATE alembic_version SET version_num = substr(version_num, 5)") == 200


def ready_after(client: Visitor, statement: str) -> int:
    """What /readyz answers once this was done to the replica."""
    with closing(db.engines["replica"].raw_connection()) as connection:
        connection.cursor().execute(statement)
        connection.commit()
    return client.get("/readyz").status_code


def test_a_site_without_a_replica_reads_from_its_one_database(app_with: Callable[..., Flask]) -> None:
    assert reads_from(visitor(app_with(DATABASE_REPLICA_URL=""))) == "primary"


def test_posts_of_the_primary_are_not_looked_for_in_the_replica(
    client: Visitor, alice_client: Visitor
) -> None:
    make.post(title="Not yet copied", at=now())
    assert client.get("/posts/not-yet-copied").status_code == 404
    assert alice_client.get("/posts/not-yet-copied").status_code == 200
    assert db.session.query(Post).count() == 1

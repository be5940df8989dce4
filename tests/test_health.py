"""What watches over the site asks: is there a process, and can it do its work?"""

from collections.abc import Callable

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from blog.db import db
from tests.broken import out_of_reach, stopped
from tests.conftest import make_app, running, visitor
from tests.queries import count_queries
from tests.visitor import Visitor


def test_a_process_that_runs_says_so_without_asking_the_database(client: Visitor) -> None:
    with count_queries() as queries:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
    assert queries == []


def test_a_site_that_can_do_its_work_says_so(client: Visitor) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")


def test_a_site_without_its_tables_says_what_is_missing_until_they_are_there(empty_database: str) -> None:
    app = make_app(empty_database)
    with running(app):
        answer = visitor(app).get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the database is not migrated\n")
        upgrade()
        assert visitor(app).get("/readyz").status_code == 200


@pytest.mark.parametrize("version", ["0001", "from a newer program"])
def test_a_database_of_another_version_is_not_ready(empty_database: str, version: str) -> None:
    app = make_app(empty_database)
    with running(app):
        upgrade()
        db.session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        db.session.commit()
        assert visitor(app).get("/readyz").text == "the database is not migrated\n"


def test_a_site_whose_database_is_away_is_alive_but_not_ready(
    app: Flask, app_with: Callable[..., Flask]
) -> None:
    client = visitor(
        app_with(DATABASE_URL=out_of_reach(app.config["DATABASE_URL"]), SQLALCHEMY_ENGINE_OPTIONS={})
    )
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
    assert answer.headers["Retry-After"] == "5"


def test_a_site_is_ready_again_when_its_database_is(app: Flask, app_with: Callable[..., Flask]) -> None:
    site = app_with()
    client = visitor(site)
    assert client.get("/readyz").status_code == 200
    with site.app_context():
        db.engine.dispose()
    db.session.remove()
    db.engine.dispose()
    with stopped(app.config["DATABASE_URL"]):
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/").status_code == 200

"""Queries that take long are logged, all are added up for whoever runs the site, and developers see those of a page."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog import slowness
from blog.db import db
from blog.jobs import TASKS
from blog.slowness import Collected, QueryNote, add_to_table
from tests import make
from tests.conftest import visitor
from tests.visitor import Visitor, sign_in

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Collected:
    """As of a process whose last write was long ago."""
    fresh = Collected(written=time.monotonic() - 100)
    monkeypatch.setattr(slowness, "COLLECTED", fresh)
    return fresh


@pytest.fixture
def noting(app_with: Callable[..., Flask], collected: Collected) -> Flask:
    return app_with(QUERIES_ARE_NOTED=True)


def notes() -> dict[tuple[str, int], int]:
    db.session.rollback()
    found = select(QueryNote.route, QueryNote.number, func.count()).group_by(
        QueryNote.route, QueryNote.number
    )
    return {(row[0], row[1]): row[2] for row in db.session.execute(found)}


def test_it_works(noting: Flask, collected: Collected, admin: Any) -> None:
    visitor(noting).get("/")
    assert set(notes()) == {("/", 1)}
    visitor(noting).get("/")
    assert set(notes()) == {("/", 1)}  # the next minute has not passed
    collected.written -= 100
    visitor(noting).get("/tags/nothing")
    assert {("/", 2), ("/tags/<slug>", 1)} <= set(notes())  # the same statements are one row
    client = visitor(noting)
    sign_in(client, admin)
    page = client.get("/admin/queries")
    assert page.status_code == 200
    assert "/tags/&lt;slug&gt;" in page.text
    assert "The slowest" in page.text
    assert "The most frequent" in page.text


def test_nothing_is_noted_where_nothing_is_to_be(app: Flask, collected: Collected, client: Visitor) -> None:
    client.get("/")
    assert notes() == {}
    assert collected.sums == {}


def test_processes_add_to_each_other(app: Flask) -> None:
    for numbers in ([2, 300, 200], [1, 900, 900], [4, 40, 10]):
        with db.engine.begin() as connection:
            add_to_table(connection, {("/", "SELECT 1"): numbers}, NOON)
    row = db.session.execute(QueryNote.of_the_last_hour(NOON)).one()
    assert (row.number, row.total, row.slowest, row.route) == (
        7,
        pytest.approx(1.24),
        pytest.approx(0.9),
        "/",
    )
    assert row.mean == pytest.approx(1.24 / 7)


def test_it_shows_the_last_hour_and_forgets_what_was_before(
    clock: Any, app: Flask, admin_client: Visitor
) -> None:
    for hours, route in ((0, "/now"), (0.9, "/lately"), (1.1, "/before"), (3, "/long-ago")):
        with db.engine.begin() as connection:
            add_to_table(connection, {(route, "SELECT 1"): [1, 1, 1]}, NOON - timedelta(hours=hours))
    page = admin_client.get("/admin/queries").text
    assert [name for name in ("/now", "/lately", "/before", "/long-ago") if name in page] == [
        "/now",
        "/lately",
    ]
    TASKS["slowness.forget"].function()
    db.session.commit()
    assert sorted(route for route, _ in notes()) == ["/before", "/lately", "/now"]


def test_a_process_collects_only_so_much(collected: Collected) -> None:
    asked = [slowness.Asked(f"SELECT {number}", 0.001) for number in range(slowness.MOST + 50)]
    collected.add("/", asked)
    collected.add("/", asked[:1])
    assert len(collected.sums) == slowness.MOST
    assert collected.sums[("/", "SELECT 0")][0] == 2


def test_lists_of_values_are_one_statement_however_long(collected: Collected) -> None:
    for values in ("(?)", "(?, ?)", "(%(id_1)s, %(id_2)s)"):
        collected.add("/", [slowness.Asked(f"SELECT 1 WHERE id IN {values}", 0.001)])
    assert list(collected.sums) == [("/", "SELECT 1 WHERE id IN (…)")]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_slow_is_logged_with_its_route_and_no_values(
    app: Flask, monkeypatch: pytest.MonkeyPatch, client: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("blog").propagate = True
    try:
        with caplog.at_level(logging.WARNING, "blog.slowness"):
            client.get("/posts/secret-slug")
            assert caplog.records == []
            monkeypatch.setitem(app.config, "SLOW_QUERY_MS", 0)
            client.get("/posts/secret-slug")
    finally:
        logging.getLogger("blog").propagate = False
    assert caplog.records
    assert all(" at /posts/<slug>: " in record.getMessage() for record in caplog.records)
    assert "SELECT posts.id" in caplog.text
    assert "secret-slug" not in caplog.text


def test_only_admins_see_them(
    app: Flask, client: Visitor, editor_client: Visitor, admin_client: Visitor
) -> None:
    assert client.get("/admin/queries").status_code == 302
    assert editor_client.get("/admin/queries").status_code == 403
    assert "Nothing is noted yet" in admin_client.get("/admin/queries").text


# While developing

DEVELOPMENT = {"SERVER_SOFTWARE": "Werkzeug/3.1"}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_developer_sees_the_queries_of_a_page(app_with: Callable[..., Flask]) -> None:
    make.post(slug="one")
    answer = visitor(app_with(DEBUG=True)).get("/posts/one", environ_overrides=DEVELOPMENT)
    assert answer.headers["Server-Timing"].startswith("db;dur=")
    assert 'class="queries"' in answer.text
    assert "FROM posts" in answer.text
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nobody_else_does(app_with: Callable[..., Flask], client: Visitor, owner_client: Visitor) -> None:
    """Neither on a server for readers whose environment says FLASK_DEBUG, nor on one for development without it."""
    make.post(slug="one")
    left_on = visitor(app_with(DEBUG=True))
    for browser, server in ((client, DEVELOPMENT), (owner_client, DEVELOPMENT), (left_on, {})):
        answer = browser.get("/posts/one", environ_overrides=server)
        assert "Server-Timing" not in answer.headers
        assert 'class="queries"' not in answer.text

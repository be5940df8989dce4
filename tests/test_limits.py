"""How often something may be tried: by whom, from where, by how many at once, and what happens where none can count."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from blog import limits
from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.engines import options_for
from blog.limits import HOUR, MINUTE, Count, Limit, Rate, limited
from tests import make
from tests.conftest import visitor
from tests.limited import TWICE, Site, counts, from_, sites, try_often
from tests.queries import count_queries
from tests.reading import fields_on
from tests.visitor import sign_in

WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def site(app_with: Callable[..., Flask]) -> Site:
    return sites(app_with)


def test_it_works(site: Site) -> None:
    assert try_often(visitor(site()), 4) == [200, 200, 429, 429]
    assert counts() == {"comment: 127.0.0.1": 2}


def test_a_person_is_told_in_the_look_of_the_site_and_can_send_it_again(site: Site) -> None:
    client = visitor(site(Limit(Rate(1, 10 * MINUTE))))
    try_often(client, 1)
    answer = client.post("/tried", data={"content": "Hours of work"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert '<link rel="stylesheet"' in answer.text
    assert "Slow down a little" in answer.text
    assert "try again in 10 minutes." in answer.text
    assert fields_on(answer)["content"].value == "Hours of work"


def test_a_program_is_told_as_json(site: Site) -> None:
    client = visitor(site(Limit(Rate(1, 10 * MINUTE))))
    try_often(client, 1)
    answer = client.post("/api/tried")
    assert answer.status_code == 429
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (9000, "3 hours"),
    ],
)
def test_a_time_is_told_in_words(seconds: int, words: str) -> None:
    assert limits.in_words(seconds) == words


def test_time_begins_with_the_first_try_and_heals(clock: time_machine.Traveller, site: Site) -> None:
    client = visitor(site(Limit(Rate(2, MINUTE))))
    assert try_often(client, 1) == [200]
    clock.shift(40)
    assert try_often(client, 1) == [200]
    answer = client.post("/tried")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "20")
    clock.shift(19)
    assert client.post("/tried").headers["Retry-After"] == "1"
    clock.shift(1)
    assert try_often(client, 3) == [200, 200, 429]


def test_who_is_refused_writes_nothing(site: Site) -> None:
    client = visitor(site())
    try_often(client, 2)
    with count_queries() as statements:
        try_often(client, 1)
    assert [statement for statement in statements if statement.startswith(WRITES)] == []


def test_reading_is_neither_counted_nor_limited(site: Site) -> None:
    client = visitor(site())
    with count_queries() as statements:
        assert [client.get("/tried").status_code for _ in range(5)] == [200] * 5
    assert [statement for statement in statements if statement.startswith(WRITES)] == []
    try_often(client, 3)
    assert client.get("/tried").status_code == 200


def test_reading_is_limited_where_the_limit_says_so(site: Site) -> None:
    client = visitor(site(Limit(Rate(2, HOUR), reads=True)))
    assert [client.get("/tried").status_code for _ in range(3)] == [200, 200, 429]


def test_a_form_that_is_refused_unread_does_not_count(app_with: Callable[..., Flask]) -> None:
    """Another site could send it in the name of each of its visitors."""
    client = visitor(app_with(WTF_CSRF_ENABLED=True, LIMITS={"sign in": TWICE}))
    for _ in range(4):
        assert client.post("/login", data={"username": "alice", "password": make.PASSWORD}).status_code in {
            400,
            422,
        }
    assert counts() == {}


# From where


def test_each_address_has_its_own_count(site: Site) -> None:
    client = visitor(site())
    assert try_often(client, 3, **from_("192.0.2.1")) == [200, 200, 429]
    assert try_often(client, 3, **from_("192.0.2.2")) == [200, 200, 429]


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "no address", True),
    ],
)
def test_of_ipv6_the_network_counts(site: Site, one: str, another: str, same: bool) -> None:
    client = visitor(site(Limit(Rate(1, HOUR))))
    assert try_often(client, 1, **from_(one)) == [200]
    assert try_often(client, 1, **from_(another)) == [429 if same else 200]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "X_Forwarded_For"])
def test_another_address_in_a_header_does_not_help(site: Site, header: str) -> None:
    client = visitor(site())
    answers = [
        client.post("/tried", headers={header: f"192.0.2.{number}"}).status_code for number in range(4)
    ]
    assert answers == [200, 200, 429, 429]


def test_behind_a_proxy_what_the_visitor_puts_before_its_word_does_not_help(site: Site) -> None:
    client = visitor(site(TRUSTED_PROXIES="1"))
    for number in range(4):
        told = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.7"}
        assert client.post("/tried", headers=told).status_code == (200 if number < 2 else 429)
    assert client.post("/tried", headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 200
    assert set(counts()) == {"comment: 198.51.100.7", "comment: 198.51.100.8"}


# For whose account

TWICE_A_PERSON = Limit(Rate(100, HOUR), Rate(2, HOUR))


def test_an_account_is_counted_from_wherever_it_is_used(site: Site, alice: User, bob: User) -> None:
    made = site(TWICE_A_PERSON)
    for user in (alice, bob):
        client = visitor(made)
        sign_in(client, user)
        answers = [try_often(client, 1, **from_(f"192.0.2.{number}")) for number in range(3)]
        assert answers == [[200], [200], [429]]
    assert try_often(visitor(made), 3, **from_("192.0.2.9")) == [200, 200, 200]  # nobody has no account


def test_who_is_refused_for_one_count_uses_up_nothing_of_the_other(site: Site, alice: User) -> None:
    client = visitor(site(Limit(Rate(2, HOUR), Rate(3, HOUR))))
    sign_in(client, alice)
    assert try_often(client, 5) == [200, 200, 429, 429, 429]
    assert try_often(client, 2, **from_("192.0.2.1")) == [200, 429]
    assert counts() == {"comment: 127.0.0.1": 2, "comment: 192.0.2.1": 1, f"comment: person {alice.id}": 3}


def test_a_person_with_one_connection_to_the_database_is_counted_by_it(
    site: Site, alice: User, app: Flask
) -> None:
    """Whoever signed in has read from it by then; if they waited for a second one, so would all the others."""
    options = options_for(app.config["DATABASE_URL"], wait=1)
    one = {**options, "pool_size": 1, "max_overflow": 0, "pool_timeout": 1}
    client = visitor(site(TWICE_A_PERSON, SQLALCHEMY_ENGINE_OPTIONS=one))
    sign_in(client, alice)
    assert try_often(client, 3) == [200, 200, 429]
    assert client.get("/tried").text == f"GET by {alice.id}"


def test_a_try_is_not_counted_within_a_transaction(site: Site) -> None:
    with site().test_request_context("/tried", method="POST"), transaction():
        db.session.add(Count(key="saved", number=1, expires_at=now()))
        with pytest.raises(RuntimeError):
            limits.count("comment")
    assert counts() == {"saved": 1}


# Only what fails

FAILURES = Limit(Rate(2, HOUR), failures=True)


def test_where_only_failures_count_who_succeeds_may_come_back(site: Site) -> None:
    client = visitor(site(FAILURES))
    assert try_often(client, 10) == [200] * 10
    assert try_often(client, 1, "/fails") == [422]
    assert try_often(client, 10) == [200] * 10
    assert try_often(client, 2, "/fails") == [422, 429]
    assert try_often(client, 1) == [429]
    assert counts() == {"comment: 127.0.0.1": 2}


# Where nobody can count


@contextmanager
def counts_locked() -> Iterator[None]:
    """Another transaction holds the counts (on SQLite: the whole database), and does not end."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE counts IN EXCLUSIVE MODE"))
        else:
            connection.exec_driver_sql("DELETE FROM counts WHERE key = 'nothing'")
        yield


@contextmanager
def counts_missing() -> Iterator[None]:
    """An older schema, as between the moment of an update and its migration."""
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE counts RENAME TO missing"))
    try:
        yield
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE missing RENAME TO counts"))


@pytest.mark.parametrize("broken", [counts_locked, counts_missing])
@pytest.mark.parametrize("strict", [True, False])
def test_without_counts_only_what_guards_an_account_is_refused(
    app: Flask, site: Site, capsys: pytest.CaptureFixture[str], broken: Any, strict: bool
) -> None:
    quick = options_for(app.config["DATABASE_URL"], wait=0.25)
    client = visitor(site(Limit(Rate(2, HOUR), strict=strict), SQLALCHEMY_ENGINE_OPTIONS=quick))
    with broken():
        answer = client.post("/tried")
    assert answer.status_code == (503 if strict else 200)
    assert (answer.headers.get("Retry-After") == "5") == strict
    if not strict:
        assert "not counted: comment" in [
            json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()
        ]
    assert try_often(client, 3) == [200, 200, 429]


def test_comments_are_limited(app_with: Callable[..., Flask], alice: User) -> None:
    post = make.post()
    client = visitor(
        app_with(LIMITS={"comment": Limit(Rate(9, HOUR), Rate(2, HOUR))}, PROPAGATE_EXCEPTIONS=False)
    )
    sign_in(client, alice)
    answers = [
        client.post(f"/posts/{post.id}/comments", data={"content": "Well."}).status_code for _ in range(3)
    ]
    assert answers == [302, 302, 429]


# As it ships


def test_a_name_that_is_in_no_table_is_a_mistake_at_the_start() -> None:
    with pytest.raises(LookupError):
        limited("no such thing")


def test_what_guards_an_account_is_strict_and_counts_failures() -> None:
    guards = {name for name, limit in limits.LIMITS.items() if limit.strict}
    assert guards == {"sign in", "second step"}
    assert all(limits.LIMITS[name].failures and limits.LIMITS[name].account for name in guards)


def test_only_what_costs_or_could_be_guessed_is_counted_when_it_is_read() -> None:
    assert [name for name, limit in limits.LIMITS.items() if limit.reads] == ["drawing", "preview", "search"]


def test_counts_whose_time_is_over_are_deleted(clock: time_machine.Traveller, app: Flask) -> None:
    for hours in (-1, 0, 1):
        db.session.add(Count(key=f"{hours}", number=1, expires_at=now() + timedelta(hours=hours)))
    limits.forget()
    assert counts() == {"1": 1}


def test_pages_for_readers_write_nothing(app: Flask) -> None:
    post = make.post(tags=["One"])
    for address in ("/", f"/posts/{post.slug}", "/tags/", "/tags/one", "/archive/", "/login", "/nowhere"):
        with count_queries() as statements:
            visitor(app).get(address)
        assert [statement for statement in statements if statement.startswith(WRITES)] == [], address

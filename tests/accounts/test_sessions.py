"""Sessions: how long they last, where they are listed, and how they end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter as monotonic

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

from blog.accounts.devices import device_of
from blog.accounts.models import User
from blog.accounts.sign_ins import SignIn, forget
from blog.afterwards import impatient
from blog.db import db, now, transaction
from tests import make
from tests.conftest import visitor
from tests.queries import count_queries
from tests.reading import messages_on
from tests.visitor import sign_in

RIGHT = {"username": "alice", "password": make.PASSWORD}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sessions_of(user: User) -> list[SignIn]:
    db.session.commit()
    return list(db.session.scalars(select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.id)))


@contextmanager
def another_connection(app: Flask) -> Iterator[Connection]:
    with app.app_context(), db.engine.connect() as connection:
        yield connection


def is_signed_in(client) -> bool:
    return bool(client.get("/account/").status_code == 200)


@pytest.fixture
def forgetful(app, alice, clock):
    """A browser in which alice signed in, not to stay."""
    client = visitor(app)
    client.post("/login", data=RIGHT)
    return client


# How long


def test_who_stays_signed_in_does_so_for_sixty_days(alice_client, clock) -> None:
    clock.shift(timedelta(days=59, hours=23))
    assert is_signed_in(alice_client)
    clock.shift(timedelta(hours=1))
    assert not is_signed_in(alice_client)


def test_else_a_day_without_use_ends_it(forgetful, clock) -> None:
    clock.shift(timedelta(hours=23))
    assert is_signed_in(forgetful)
    clock.shift(timedelta(hours=23))
    assert is_signed_in(forgetful)
    clock.shift(timedelta(hours=24))
    assert not is_signed_in(forgetful)


def test_and_two_weeks_end_it_however_much_it_is_used(forgetful, clock) -> None:
    for _ in range(13):
        clock.shift(timedelta(hours=23, minutes=50))
        assert is_signed_in(forgetful)
    clock.shift(timedelta(hours=23, minutes=50))
    assert is_signed_in(forgetful)
    clock.shift(timedelta(hours=3))
    assert not is_signed_in(forgetful)


def test_what_is_over_is_forgotten(alice_client, bob_client, alice, clock) -> None:
    clock.shift(timedelta(days=30))
    sign_in(visitor(alice_client.application), alice)
    clock.shift(timedelta(days=31))
    with transaction():
        forget()
    assert len(db.session.scalars(select(SignIn)).all()) == 1


# What it costs


def test_a_reader_without_a_session_asks_nothing_of_it(client) -> None:
    make.post()
    with count_queries() as statements:
        client.get("/")
    assert not [statement for statement in statements if "sign_ins" in statement]


def test_a_reader_whose_cookie_only_guards_a_form_asks_nothing_either(guarded_client) -> None:
    guarded_client.get("/login")
    assert guarded_client.get_cookie("session")
    with count_queries() as statements:
        guarded_client.get("/archive/")
    assert not [statement for statement in statements if "sign_ins" in statement or "users" in statement]


def test_a_person_is_loaded_with_the_session_by_one_query(alice_client) -> None:
    with count_queries() as statements:
        alice_client.get("/account/sessions")
    assert len([statement for statement in statements if "users" in statement]) == 1


# The last use


def test_the_last_use_is_written_at_most_every_five_minutes(alice_client, alice, clock) -> None:
    began = now()
    for minutes in (1, 3):
        clock.shift(timedelta(minutes=minutes))
        with count_queries() as statements:
            alice_client.get("/account/")
        assert not [statement for statement in statements if statement.startswith("UPDATE")]
    assert sessions_of(alice)[0].last_used_at == began
    clock.shift(timedelta(minutes=1))
    alice_client.get("/account/", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    (session,) = sessions_of(alice)
    assert session.last_used_at == now()
    assert session.address == "192.0.2.7"


def test_it_is_written_once_the_answer_is_out(alice_client, alice, clock) -> None:
    began = now()
    clock.shift(timedelta(hours=1))
    answer = alice_client.get("/account/", buffered=False)
    assert sessions_of(alice)[0].last_used_at == began
    answer.close()
    assert sessions_of(alice)[0].last_used_at == now()


def test_who_reads_does_not_wait_for_who_writes(alice_client, alice, clock) -> None:
    """The use is noted another time."""
    began = now()
    identity = alice.id
    clock.shift(timedelta(hours=1))
    with another_connection(alice_client.application) as connection:
        connection.execute(update(SignIn).where(SignIn.user_id == identity).values(device="held"))
        started = monotonic()
        assert is_signed_in(alice_client)
        assert monotonic() - started < 3  # a writer would wait for five seconds
        connection.rollback()
    assert sessions_of(alice)[0].last_used_at == began
    assert is_signed_in(alice_client)
    assert sessions_of(alice)[0].last_used_at == now()


def test_it_leaves_connections_as_patient_as_they_were(app) -> None:
    if db.engine.dialect.name == "sqlite":
        for _ in range(2):
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
            with impatient(db.engine) as connection:
                assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 50
    else:
        with impatient(db.engine) as connection:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "50ms"
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "5s"


def test_a_session_that_has_ended_is_not_written_again(alice_client, alice, clock) -> None:
    clock.shift(timedelta(hours=1))
    alice_client.post("/logout")
    assert sessions_of(alice) == []


# The list


def test_each_is_listed_with_device_address_and_last_use(app, alice, clock) -> None:
    here = visitor(app)
    here.post(
        "/login", data=RIGHT, headers={"User-Agent": FIREFOX}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    clock.shift(timedelta(minutes=30))
    there = visitor(app)
    there.post("/login", data=RIGHT, environ_base={"REMOTE_ADDR": "192.0.2.2"})
    page = there.get("/account/sessions").text
    assert "Firefox on Windows" in page
    assert "192.0.2.1" in page
    assert "192.0.2.2" in page
    assert page.count("(this one)") == 1
    assert page.index("(this one)") < page.index("Firefox on Windows")  # the one used last comes first


def test_one_is_ended(app, alice, as_) -> None:
    here, there = as_(alice), as_(alice)
    first = sessions_of(alice)[0].id
    answer = there.post(f"/account/sessions/{first}/end", follow_redirects=True)
    assert "That session is over." in messages_on(answer)
    assert not is_signed_in(here)
    assert is_signed_in(there)


def test_all_others_are_ended(alice, bob_client, as_) -> None:
    here, *others = (as_(alice) for _ in range(4))
    here.post("/account/sessions/end-others")
    assert [is_signed_in(client) for client in (here, *others)] == [True, False, False, False]
    assert is_signed_in(bob_client)


def test_somebody_elses_is_not_found(alice_client, bob, bob_client) -> None:
    foreign = sessions_of(bob)[0].id
    assert alice_client.post(f"/account/sessions/{foreign}/end").status_code == 404
    assert alice_client.post("/account/sessions/999999/end").status_code == 404
    assert is_signed_in(bob_client)


def test_being_deactivated_ends_them_at_once(alice_client, alice) -> None:
    with transaction():
        alice.deactivate(now())
    assert not is_signed_in(alice_client)
    alice.deactivated_at = None
    db.session.commit()
    assert not is_signed_in(alice_client)  # they do not come back with the person


def test_a_new_password_by_the_command_ends_all(alice_client, alice, app) -> None:
    run = app.test_cli_runner().invoke(
        args=["users", "password", "alice", "--password-stdin"], input="a sentence that nobody guesses\n"
    )
    assert run.exit_code == 0, run.output
    assert not is_signed_in(alice_client)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/131.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/131.0 Mobile Safari/537.36 EdgA/131.0", "Edge on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script>", "An unknown device"),
        ("", "An unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_told_in_a_few_words(agent: str, words: str) -> None:
    assert device_of(agent) == words

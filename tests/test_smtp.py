"""Mail servers: slow ones, those that refuse, and who may listen on the way."""

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog import jobs, settings, smtp
from blog.db import db, now, transaction
from blog.errors import Unavailable
from blog.jobs import ATTEMPTS, Job
from tests.letters import the_letter, write
from tests.post_office import PostOffice, certificate
from tests.working import do_jobs

Clock = time_machine.Traveller


def test_a_server_that_is_down_is_tried_again(clock: Clock, app: Flask, office: PostOffice) -> None:
    write()
    for _ in range(3):
        assert do_jobs() == ["failed"]
        assert do_jobs() == []
        clock.shift(timedelta(hours=1))
    assert the_letter().sent_at is None
    with office.open():
        assert do_jobs() == ["done"]
        clock.shift(timedelta(days=1))
        assert do_jobs() == []
    assert len(office.received) == 1
    assert the_letter().sent_at


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_server_that_wants_it_later_gets_it_later(
    clock: Clock, app: Flask, opened: PostOffice, step: str
) -> None:
    opened.answers[step] = ["451 4.7.1 Greylisted, try again later"]
    write()
    assert do_jobs() == ["failed"]
    error = db.session.scalar(select(Job.error))
    assert error == "NotNow: The mail server said: 451 4.7.1 Greylisted, try again later"
    assert the_letter().given_up_at is None
    clock.shift(timedelta(minutes=1))
    assert do_jobs() == ["done"]
    assert len(opened.received) == 1


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_server_that_will_never_take_it_is_not_asked_again(
    clock: Clock, app: Flask, opened: PostOffice, step: str
) -> None:
    opened.answers[step] = ["550 5.1.1 No such person"]
    write()
    assert do_jobs() == ["failed"]
    assert the_letter().given_up_at
    assert the_letter().error == "The mail server said: 550 5.1.1 No such person"
    clock.shift(timedelta(days=1))
    assert do_jobs() == []
    assert opened.received == []


def test_a_letter_that_was_given_up_can_be_sent_after_all(app: Flask, opened: PostOffice) -> None:
    opened.answers["DATA"] = ["554 Not from you"]
    write()
    do_jobs()
    job = db.session.scalars(select(Job)).one()
    job.try_again(now())
    assert do_jobs() == ["done"]
    assert the_letter().sent_at
    assert the_letter().given_up_at is None
    assert the_letter().error == ""


def test_a_server_that_never_answers_is_given_up_at_last(
    clock: Clock, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        write()
        for _ in range(ATTEMPTS):
            assert do_jobs() == ["failed"]
            clock.shift(timedelta(days=1))
    assert the_letter().given_up_at
    assert "timed out" in the_letter().error


def test_a_slow_server_keeps_nobody_from_writing(app: Flask, opened: PostOffice) -> None:
    """While it thinks, no transaction is open: SQLite has one writer."""

    def somebody_writes() -> None:
        with app.app_context(), transaction():
            settings.save(tagline="written meanwhile")

    opened.meanwhile = somebody_writes
    write()
    assert do_jobs() == ["done"]
    assert db.session.scalar(select(settings.Settings.tagline)) == "written meanwhile"


def test_a_letter_that_comes_twice_can_be_told(
    clock: Clock, app: Flask, opened: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails after the server took it: at least once is all that can be promised."""
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "finished", fails_with(Unavailable()))
        write()
        assert do_jobs() == ["failed"]
    clock.shift(timedelta(minutes=1))
    assert do_jobs() == ["done"]
    first, second = opened.received
    assert first.raw == second.raw
    assert first.message["Message-ID"]


def fails_with(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


# Who listens on the way


def test_a_password_is_sent_through_an_encrypted_line(
    app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, context = certificate(tmp_path)
    monkeypatch.setattr(smtp, "is_here", lambda host: False)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    url = office.url.replace("//", "//me%40home:p%3Aw%2F%25@")
    monkeypatch.setitem(app.config, "MAIL_URL", url)
    write()
    with office.open(tls_context=context, auth_required=True, authenticator=office.sign_in):
        assert do_jobs() == ["done"]
    assert office.passwords == [(b"me@home", b"p:w/%")]
    assert office.received[0].encrypted


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_letter(
    app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, context = certificate(tmp_path)
    monkeypatch.setattr(smtp, "is_here", lambda host: False)
    monkeypatch.setitem(app.config, "MAIL_URL", office.url.replace("//", "//me:secret@"))
    write()
    with office.open(tls_context=context, authenticator=office.sign_in):
        assert do_jobs() == ["failed"]
    assert "CERTIFICATE_VERIFY_FAILED" in str(db.session.scalar(select(Job.error)))
    assert (office.passwords, office.received) == ([], [])
    assert the_letter().given_up_at is None


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_password_is_not_sent_in_the_clear(
    app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "is_here", lambda host: False)
    monkeypatch.setitem(app.config, "MAIL_URL", office.url.replace("//", "//me:secret@"))
    write()
    with office.open(auth_require_tls=False, authenticator=office.sign_in):
        assert do_jobs() == ["failed"]
    assert "offers no encryption" in str(db.session.scalar(select(Job.error)))
    assert (office.passwords, office.received) == ([], [])


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_line_may_be_encrypted_from_the_beginning(
    app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, context = certificate(tmp_path)
    monkeypatch.setattr(smtp, "is_here", lambda host: False)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setitem(app.config, "MAIL_URL", office.url.replace("smtp:", "smtps:"))
    write()
    with office.open(ssl_context=context):
        assert do_jobs() == ["done"], db.session.scalar(select(Job.error))
    assert len(office.received) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_server_on_this_machine_needs_nobody_to_vouch_for_it(
    app: Flask, office: PostOffice, tmp_path: Path
) -> None:
    _, context = certificate(tmp_path)
    write()
    with office.open(tls_context=context, require_starttls=True):
        assert do_jobs() == ["done"]
    assert office.received[0].encrypted
    assert [smtp.is_here(host) for host in ("localhost", "::1", "127.0.0.9")] == [True] * 3
    assert [smtp.is_here(host) for host in ("mail.example.org", "192.168.1.1", "")] == [False] * 3

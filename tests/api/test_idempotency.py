"""A request with a key, sent as often as you like, does what it does once."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.accounts.tokens import ApiToken
from blog.api.idempotency import Answer
from blog.db import db, now, transaction
from config import ROOT
from tests.at_once import at_once
from tests.program import Program, program_of, token_of

ZOE = {"username": "zoe", "email": "zoe@example.com"}


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(User)) or 0


def send(program: Program, given: Any = None, key: str = "one") -> Any:
    return program.post("/api/users", json=given or ZOE, headers={"Idempotency-Key": key})


def test_sent_again_it_gets_the_first_answer(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    first = send(program)
    again = send(program)
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    for name in ("Location", "ETag", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert people() == 2


def test_the_first_answer_is_given_whatever_happened_since(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    first = send(program)
    assert program.delete("/api/users/{}".format(first.get_json()["id"])).status_code == 204
    assert send(program).data == first.data
    assert people() == 1


def test_a_key_with_another_request_is_refused(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    send(program)
    others = [
        send(program, {"username": "yan"}),
        program.post("/api/tokens", json={"name": "x"}, headers={"Idempotency-Key": "one"}),
    ]
    for answer in others:
        assert answer.status_code == 422
        assert answer.get_json()["type"].endswith("/api/docs#key-reused")
        assert list(answer.get_json()["errors"]) == ["Idempotency-Key"]
    assert people() == 2


def test_what_was_refused_may_be_tried_again(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    assert send(program, {"username": "admin"}).status_code == 409
    assert send(program, {"username": "zoe", "email": "x"}).status_code == 422
    assert send(program).status_code == 201


def test_everybody_has_keys_of_their_own(app: Flask, admin: User, owner: User) -> None:
    assert send(program_of(app, admin)).status_code == 201
    assert send(program_of(app, owner), {"username": "yan"}).status_code == 201


def test_a_person_has_the_same_keys_with_every_token(app: Flask, admin: User) -> None:
    first = send(program_of(app, admin))
    assert send(program_of(app, admin)).data == first.data


def test_a_token_that_may_not_do_it_is_not_told_of_it(app: Flask, admin: User) -> None:
    send(program_of(app, admin))
    assert send(program_of(app, admin, "write")).status_code == 403


@pytest.mark.parametrize("key", ["", "a b", "\u00e9", "x" * 256, "\t"])
def test_a_key_is_ascii_without_spaces(app: Flask, admin: User, key: str) -> None:
    answer = send(program_of(app, admin), key=key)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["Idempotency-Key"]


def test_a_key_is_forgotten_after_a_day(app: Flask, clock: Any, admin: User) -> None:
    program = program_of(app, admin)
    send(program, key="x" * 255)
    clock.shift(timedelta(hours=23, minutes=59))
    assert send(program, key="x" * 255).headers["Idempotency-Replayed"] == "true"
    clock.shift(timedelta(minutes=2))
    assert send(program, {"username": "yan"}, key="x" * 255).status_code == 201
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 1


def test_whatever_is_old_is_forgotten_in_the_end(app: Flask, clock: Any, admin: User, owner: User) -> None:
    send(program_of(app, admin))
    clock.shift(timedelta(hours=25))
    with transaction():
        Answer.forget_old(now())
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 0


def test_many_at_once_do_it_once(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    answers = at_once(app, *[lambda: send(program)] * 8)
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    made = [answer.data for answer in answers if answer.status_code == 201]
    assert len(set(made)) == 1
    assert all(
        answer.get_json()["type"].endswith("#still-running") and answer.headers["Retry-After"]
        for answer in answers
        if answer.status_code == 409
    )
    assert people() == 2


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Joining takes until it is told to go on: (it has begun, it may end)."""
    begun, end, join = threading.Event(), threading.Event(), User.join

    def wait_and_join(**details: Any) -> User:
        begun.set()
        assert end.wait(20)
        return join(**details)

    monkeypatch.setattr(User, "join", wait_and_join)
    return begun, end


def test_while_the_first_still_runs_the_second_is_told_so(
    app: Flask, admin: User, slow: tuple[threading.Event, threading.Event]
) -> None:
    """On SQLite, which has one writer, it waits for its turn instead; the effect is the same."""
    begun, end = slow
    program = program_of(app, admin)
    answers: list[Any] = []

    def keep() -> None:
        with app.app_context():
            answers.append(send(program))

    first = threading.Thread(target=keep)
    first.start()
    assert begun.wait(20)
    if db.engine.dialect.name == "postgresql":
        second = send(program)
        assert second.status_code == 409
        assert second.headers["Retry-After"] == "1"
        end.set()
        first.join(20)
    else:
        threading.Timer(0.3, end.set).start()
        second = send(program)
        first.join(20)
        assert second.data == answers[0].data
    assert answers[0].status_code == 201
    assert send(program).data == answers[0].data


def test_a_process_that_dies_on_the_way_leaves_nothing_behind(app: Flask, admin: User) -> None:
    key = str(token_of(admin).key)
    killed = subprocess.run(
        [sys.executable, "-c", DYING, app.config["DATABASE_URL"], key],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr.decode()
    assert people() == 1
    assert send(Program(app, key)).status_code == 201
    assert people() == 2


DYING = """
import os, sys
from tests.conftest import make_app
from tests.program import Program
from blog import api

app = make_app(sys.argv[1])
changed = api.Resource.created

def die(self, *arguments):
    changed(self, *arguments)
    os.kill(os.getpid(), 9)

api.Resource.created = die
given = {"username": "zoe", "email": "zoe@example.com"}
Program(app, sys.argv[2]).post("/api/users", json=given, headers={"Idempotency-Key": "one"})
"""


# Secrets


def test_a_secret_is_told_again_to_the_token_that_asked(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    ask = {"json": {"name": "For backups"}, "headers": {"Idempotency-Key": "one"}}
    first = program.post("/api/tokens", **ask)
    assert program.post("/api/tokens", **ask).get_json() == first.get_json()
    assert Program(app, first.get_json()["token"]).get("/api/tokens").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 2


def test_a_secret_is_told_to_no_other_token(app: Flask, alice: User) -> None:
    ask = {"json": {"name": "For backups"}, "headers": {"Idempotency-Key": "one"}}
    program_of(app, alice).post("/api/tokens", **ask)
    answer = program_of(app, alice).post("/api/tokens", **ask)
    assert answer.status_code == 409
    assert "mh_" not in answer.text


def test_no_secret_is_kept_that_could_be_read(app: Flask, alice: User, scratch: Path) -> None:
    ask = {"json": {"name": "For backups"}, "headers": {"Idempotency-Key": "one"}}
    key = program_of(app, alice).post("/api/tokens", **ask).get_json()["token"]
    kept = db.session.scalars(select(Answer)).one()
    assert key.encode() not in kept.body
    assert b"For backups" not in kept.body
    assert key not in repr(kept.headers)


def test_every_post_takes_a_key(app: Flask, applications: Callable[[str], Flask]) -> None:
    paths = app.extensions["api"].document["paths"]
    for path, methods in paths.items():
        named = [one.get("$ref", "") for one in methods.get("post", {}).get("parameters", [])]
        assert "post" not in methods or "#/components/parameters/Idempotency-Key" in named, path

"""`flask users …`: whoever runs the site makes people, lists them, and lets them back in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now, transaction
from tests import make
from tests.at_once import at_once
from tests.program import Program
from tests.visitor import Visitor

NEW = "a rather long new password"


def run(app: Flask, *arguments: str, **options: Any) -> Result:
    db.session.commit()
    ended = app.test_cli_runner().invoke(args=["users", *arguments], **options)
    db.session.expire_all()
    return ended


def last_entry() -> tuple[str, str, str]:
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    return entry.actor_name, entry.action, entry.label


def zoe() -> User:
    found: User = db.session.scalars(User.named("zoe")).one()
    return found


def test_it_works(app: Flask) -> None:
    create = ["create", "zoe", "--email", "zoe@example.com", "--role", "author", "--name", "Zoe Z."]
    ended = run(app, *create, "--password-stdin", input=f"{NEW}\n")
    assert (ended.exit_code, ended.output) == (0, "zoe is here, as author\n")
    assert zoe().has_password(NEW)
    assert (zoe().role, zoe().email, zoe().display_name) == ("author", "zoe@example.com", "Zoe Z.")
    assert last_entry() == ("command line", "created", "zoe")
    assert run(app, "list").output == "zoe\tauthor\tzoe@example.com\tactive\n"


def test_the_password_is_asked_for_twice_and_not_shown(app: Flask) -> None:
    ended = run(app, "create", "zoe", "--email", "zoe@example.com", input=f"{NEW}\n{NEW}\n")
    assert ended.exit_code == 0
    assert NEW not in ended.output
    assert zoe().has_password(NEW)


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (["ALICE", "--email", "x@example.com"], NEW, "That username is taken"),
        (["a1ice", "--email", "x@example.com"], NEW, "looks just like one that is"),
        (["zoe", "--email", "Alice@example.com"], NEW, "That e-mail address is taken."),
        (["a b", "--email", "x@example.com"], NEW, "Use letters and digits"),
        (["zoe", "--email", "x@example.com"], "password", "password"),
        (["zoe", "--email", "x@example.com", "--role", "king"], NEW, "king"),
        (["zoe"], NEW, "--email"),
    ],
)
def test_what_cannot_be_is_told_on_a_line(
    app: Flask, alice: User, arguments: list[str], password: str, told: str
) -> None:
    ended = run(app, "create", *arguments, "--password-stdin", input=f"{password}\n")
    assert ended.exit_code != 0
    assert told in ended.output
    assert "Traceback" not in ended.output


@pytest.fixture
def crowd(app: Flask, alice: User, bob: User, charlie: User, admin: User) -> None:
    alice.display_name = "Alice Müller"
    alice.created_at = datetime(2026, 1, 10, 22, 59, tzinfo=UTC)
    bob.created_at = charlie.created_at = admin.created_at = datetime(2025, 1, 1, tzinfo=UTC)
    make.post(alice)
    with transaction():
        db.session.merge(charlie).deactivate(now())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([], ["admin", "alice", "bob", "charlie"]),
        (["ALI"], ["alice"]),
        (["MÜL"], ["alice"]),
        (["@example.com", "--role", "author"], ["alice", "bob"]),
        (["--active"], ["admin", "alice", "bob"]),
        (["--deactivated"], ["charlie"]),
        (["--published"], ["alice"]),
        (["--unpublished", "--role", "author"], ["bob"]),
        (["--joined-since", "2026-01-10"], ["alice"]),
        (["nobody"], []),
    ],
    ids=str,
)
def test_people_are_listed(app: Flask, crowd: None, asked: list[str], found: list[str]) -> None:
    ended = run(app, "list", *asked)
    assert ended.exit_code == 0, ended.output
    assert [line.split("\t")[0] for line in ended.output.splitlines()] == found


def test_somebody_gets_another_role(app: Flask, alice: User) -> None:
    assert run(app, "role", "ALICE", "owner").exit_code == 0
    assert alice.role == "owner"
    assert last_entry() == ("command line", "changed role", "alice")
    ended = run(app, "role", "alice", "reader")
    assert ended.exit_code == 1
    assert "last owner" in ended.output
    assert alice.role == "owner"


def test_the_owner_gets_back_in(app: Flask, owner: User, client: Visitor) -> None:
    with transaction():
        owner.totp_secret = "A" * 32
        db.session.connection().exec_driver_sql("UPDATE users SET deactivated_at = created_at")
    ended = run(app, "password", "owner", "--reset-codes", "--password-stdin", input=f"{NEW}\n")
    assert (ended.exit_code, ended.output) == (0, "owner has a new password\n")
    answer = client.post("/login", data={"username": "owner", "password": NEW})
    assert answer.status_code == 302
    assert client.get("/admin/people").status_code == 200


def test_somebody_is_kept_out_and_let_in_again(app: Flask, alice: User, alice_client: Visitor) -> None:
    key = run(app, "token", "alice", "--scope", "read").output.split()[-1]
    assert Program(app, key).get("/api/users").status_code == 200
    assert run(app, "deactivate", "alice").output == "alice can no longer sign in\n"
    assert alice_client.get("/account/").status_code == 302
    assert Program(app, key).get("/api/users").status_code == 401
    assert last_entry() == ("command line", "deactivated", "alice")
    assert run(app, "activate", "alice").output == "alice may sign in again\n"
    assert alice.is_active
    assert last_entry() == ("command line", "activated", "alice")
    assert Program(app, key).get("/api/users").status_code == 401


def test_the_last_owner_stays(app: Flask, owner: User) -> None:
    ended = run(app, "deactivate", "owner")
    assert ended.exit_code == 1
    assert "last owner" in ended.output
    assert owner.is_active


def test_of_two_owners_who_are_deactivated_at_once_one_stays(app: Flask, owner: User) -> None:
    other = make.user("other", role="owner")
    names = ("owner", "other")
    ended = at_once(
        app,
        *[
            lambda name=name: app.test_cli_runner().invoke(args=["users", "deactivate", name])
            for name in names
        ],
    )
    db.session.expire_all()
    assert [owner.is_active, other.is_active].count(True) == 1, ended


@pytest.mark.parametrize("command", ["role", "password", "deactivate", "activate", "token"])
def test_nobody_is_made_by_a_wrong_name(app: Flask, command: str) -> None:
    more = {"role": ["author"], "password": ["--password-stdin"]}.get(command, [])
    ended = run(app, command, "nobody", *more, input=f"{NEW}\n")
    assert ended.exit_code == 1
    assert "there is nobody called nobody" in ended.output

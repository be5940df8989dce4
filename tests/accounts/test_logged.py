"""What people do with accounts is in the log, and no secret of theirs is."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.setup import setup_key
from blog.audit import ENTRIES, Entry
from blog.db import db
from tests import make
from tests.conftest import visitor
from tests.visitor import Visitor

NEW = "a rather long new password"


def told() -> list[tuple[str, str, str]]:
    """Who did what to whom, by name, from the first on."""
    db.session.rollback()  # and look anew
    found = select(Entry.actor_name, Entry.action, Entry.label).order_by(Entry.id)
    return [(row.actor_name, row.action, row.label) for row in db.session.execute(found)]


def everything() -> str:
    db.session.rollback()
    return json.dumps([dict(row._mapping) for row in db.session.execute(select(ENTRIES))], default=str)


def test_signing_in_and_out_is_logged(client: Visitor, alice: User) -> None:
    client.post("/login", data={"username": "alice", "password": make.PASSWORD})
    client.post("/logout")
    assert told() == [("alice", "signed in", "alice"), ("alice", "signed out", "alice")]
    assert make.PASSWORD not in everything()


def test_who_fails_to_sign_in_is_logged_by_account_but_not_by_what_was_typed(
    client: Visitor, alice: User
) -> None:
    """Now and then that is a password."""
    for name in ("alice", "Alice@example.com", "a secret, typed into the wrong field"):
        client.post("/login", data={"username": name, "password": "another secret"})
    assert told() == [
        ("", "failed to sign in", "alice"),
        ("", "failed to sign in", "alice"),
        ("", "failed to sign in", ""),
    ]
    assert "secret" not in everything()


def test_setting_up_is_logged_as_the_owners_doing(client: Visitor) -> None:
    person = {"username": "olivia", "email": "o@example.com", "password": NEW, "password_again": NEW}
    answer = client.post("/setup", data={"key": setup_key(), "site_title": "Ours", **person})
    assert answer.status_code == 302, answer.text
    assert told() == [
        ("olivia", "set up this site", "olivia"),
        ("olivia", "created", "Ours"),
        ("olivia", "signed in", "olivia"),
    ]
    assert NEW not in everything()
    assert setup_key() not in everything()


def test_a_changed_profile_is_logged(alice_client: Visitor) -> None:
    alice_client.post("/account/", data={"display_name": "Alice B.", "biography": "Writes."})
    assert told()[-1] == ("alice", "changed", "alice")
    changed = db.session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert changed
    assert (changed.before["display_name"], changed.after["display_name"]) == ("Alice", "Alice B.")


def test_a_changed_password_is_logged_without_it(alice_client: Visitor, alice: User) -> None:
    form = {"current_password": make.PASSWORD, "password": NEW, "password_again": NEW}
    assert alice_client.post("/account/password", data=form).status_code == 302
    assert ("alice", "changed password", "alice") in told()
    db.session.refresh(alice)
    assert alice.password_hash
    assert [secret for secret in (NEW, make.PASSWORD, alice.password_hash) if secret in everything()] == []


@pytest.fixture
def command(app: Flask) -> Callable[..., Result]:
    def run(*words: str, password: str = "") -> Result:
        db.session.commit()
        result = app.test_cli_runner().invoke(args=["users", *words], input=f"{password}\n")
        assert result.exit_code == 0, result.output
        return result

    return run


def test_commands_are_logged(command: Callable[..., Result], owner: User) -> None:
    command("create", "alice", "--email", "alice@example.com", "--password-stdin", password=NEW)
    command("role", "alice", "author")
    command("password", "alice", "--password-stdin", password=f"{NEW} too")
    command("deactivate", "alice")
    acts = ["created", "changed role", "reset password", "deactivated"]
    assert told() == [("command line", act, "alice") for act in acts]
    changes = [(row.before, row.after) for row in db.session.scalars(select(Entry).order_by(Entry.id))]
    assert changes[0][1]["email"] == "alice@example.com"
    assert changes[1] == ({"role": "reader"}, {"role": "author"})
    assert "deactivated_at" in changes[3][1]
    assert NEW not in everything()


def test_a_command_that_fails_is_not_logged(app: Flask, owner: User) -> None:
    result = app.test_cli_runner().invoke(args=["users", "deactivate", "owner"])
    assert result.exit_code == 1
    assert told() == []


def test_who_deletes_an_account_is_told_with_what_it_was(
    app: Flask, alice_client: Visitor, alice: User
) -> None:
    """Their own entries stay as they were."""
    number = alice.id
    db.session.delete(alice)
    db.session.commit()
    assert told() == [("alice", "signed in", "alice")]
    assert db.session.scalars(select(Entry.actor_id)).all() == [number]
    assert visitor(app).get("/authors/alice").status_code == 404

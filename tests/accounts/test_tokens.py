"""API tokens: how they are made, shown once, noted when used, and ended."""

import html
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.accounts.tokens import MOST, ApiToken, Scope
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.errors import Conflict, Forbidden
from tests.at_once import at_once
from tests.letters import letters_to
from tests.program import Program, program_of, token_of
from tests.visitor import Visitor

FORM = {"name": "For backups", "scope": "read", "days": "90"}
KEY = r"mh_[A-Za-z0-9_-]{43}"


def key_on(page: str) -> str:
    found = set(re.findall(rf"{KEY}", html.unescape(page)))
    assert len(found) == 1
    return str(found.pop())


def works(app: Flask, key: str | None) -> bool:
    return Program(app, key).get("/api/users").status_code == 200


# Made on the page


def test_a_token_is_made_and_shown_once(app: Flask, alice: User, alice_client: Visitor) -> None:
    made = alice_client.post("/account/tokens", data=FORM)
    assert made.status_code == 200
    key = key_on(made.text)
    assert works(app, key)
    later = alice_client.get("/account/tokens")
    assert "For backups" in later.text
    assert not re.search(KEY, later.text)


def test_only_its_hash_is_kept(app: Flask, alice: User, alice_client: Visitor) -> None:
    key = key_on(alice_client.post("/account/tokens", data=FORM).text)
    kept = db.session.execute(select(ApiToken.__table__)).one()
    assert key not in repr(kept)
    assert kept.key_hash not in key


def test_sent_twice_the_form_makes_one_token(app: Flask, alice: User, alice_client: Visitor) -> None:
    form = {**FORM, "nonce": "only-once"}
    first = alice_client.post("/account/tokens", data=form)
    again = alice_client.post("/account/tokens", data=form)
    assert key_on(first.text)
    assert again.status_code == 302
    assert not re.search(KEY, alice_client.get(again.headers["Location"]).text)
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 1


@pytest.mark.parametrize(("days", "lives"), [("30", 30), ("90", 90), ("365", 365), ("0", None)])
def test_it_ends_when_its_person_says(
    app: Flask, clock: Any, alice: User, alice_client: Visitor, days: str, lives: int | None
) -> None:
    key = key_on(alice_client.post("/account/tokens", data={**FORM, "days": days}).text)
    if lives is None:
        clock.shift(timedelta(days=10_000))
        assert works(app, key)
        return
    clock.shift(timedelta(days=lives, seconds=-1))
    assert works(app, key)
    clock.shift(timedelta(seconds=1))
    assert not works(app, key)


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 81}, {"scope": "king"}, {"scope": "admin"}, {"days": "7"}, {"days": "x"}],
    ids=str,
)
def test_what_is_wrong_is_told_in_the_form(alice: User, alice_client: Visitor, wrong: dict[str, str]) -> None:
    answer = alice_client.post("/account/tokens", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert not re.search(KEY, answer.text)
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 0


def test_a_token_for_admin_is_offered_to_admins(alice_client: Visitor, admin_client: Visitor) -> None:
    assert 'value="admin"' not in alice_client.get("/account/tokens").text
    assert 'value="admin"' in admin_client.get("/account/tokens").text
    assert key_on(admin_client.post("/account/tokens", data={**FORM, "scope": "admin"}).text)


def test_nobody_makes_one_without_signing_in(client: Visitor) -> None:
    assert "/login" in client.get("/account/tokens").headers["Location"]
    assert client.post("/account/tokens", data=FORM).status_code in {302, 403}
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 0


def test_whoever_signed_in_long_ago_is_asked_again(
    app: Flask, clock: Any, alice: User, alice_client: Visitor
) -> None:
    clock.shift(timedelta(minutes=16))
    assert "/account/confirm" in alice_client.get("/account/tokens").headers["Location"]
    answer = alice_client.post("/account/tokens", data=FORM)
    assert answer.status_code == 403
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 0


def test_its_person_is_told_by_mail_and_the_log_knows(alice: User, alice_client: Visitor) -> None:
    key = key_on(alice_client.post("/account/tokens", data=FORM).text)
    (letter,) = letters_to("alice@example.com")
    assert "For backups" in letter.body
    entry = db.session.scalars(select(Entry).where(Entry.action == "made an API token")).one()
    assert (entry.actor_id, entry.label) == (alice.id, "For backups")
    assert key not in letter.body + repr(entry.after)


# Ended


def test_an_ended_token_is_good_for_nothing(app: Flask, alice: User, alice_client: Visitor) -> None:
    token = token_of(alice, "read")
    assert works(app, token.key)
    answer = alice_client.post(f"/account/tokens/{token.id}/end")
    assert answer.status_code == 302
    assert not works(app, token.key)
    assert "<td>read</td>" not in alice_client.get("/account/tokens").text


def test_nobody_ends_the_token_of_another(app: Flask, alice: User, bob_client: Visitor) -> None:
    token = token_of(alice, "read")
    assert bob_client.post(f"/account/tokens/{token.id}/end").status_code == 404
    assert works(app, token.key)


def test_an_expired_token_is_listed_until_it_is_ended(clock: Any, alice: User, alice_client: Visitor) -> None:
    token_of(alice, "read", expires_at=now() + timedelta(minutes=1))
    clock.shift(timedelta(minutes=2))
    page = alice_client.get("/account/tokens").text
    assert "For tests" in page
    assert "<strong>over</strong>" in page


def test_deactivating_ends_all_tokens_for_good(app: Flask, alice: User) -> None:
    tokens = [token_of(alice, scope) for scope in ("read", "write")]
    with transaction():
        alice.deactivate(now())
    assert not any(works(app, token.key) for token in tokens)
    with transaction():
        alice.deactivated_at = None
    assert not any(works(app, token.key) for token in tokens)


def test_ending_many_spares_those_of_others(app: Flask, alice: User, bob: User) -> None:
    mine, other = token_of(alice, "read"), token_of(bob, "read")
    with transaction():
        ApiToken.end_all(select(User.id).where(User.username == "alice"), now())
    assert (works(app, mine.key), works(app, other.key)) == (False, True)


# Used


def test_its_last_use_is_noted_to_the_minute(app: Flask, clock: Any, alice: User) -> None:
    token = token_of(alice, "read")
    program = Program(app, token.key)

    def last_use() -> Any:
        return db.session.scalar(select(ApiToken.last_used_at))

    assert last_use() is None
    program.get("/api/users")
    first = now()
    assert last_use() == first
    clock.shift(timedelta(seconds=59))
    program.get("/api/users")
    assert last_use() == first
    clock.shift(timedelta(seconds=1))
    program.get("/api/users")
    assert last_use() == first + timedelta(minutes=1)


def test_a_refused_request_of_a_good_token_is_a_use(app: Flask, alice: User) -> None:
    program_of(app, alice, "read").post("/api/tokens", json={})
    assert db.session.scalar(select(ApiToken.last_used_at)) is not None


# Made


def test_nobody_has_a_token_for_more_than_they_may(alice: User, admin: User) -> None:
    with pytest.raises(Forbidden):
        token_of(alice, "admin")
    assert token_of(admin, "admin").key


def test_whoever_is_deactivated_gets_none(app: Flask, alice: User) -> None:
    with transaction():
        alice.deactivate(now())
    with pytest.raises(Conflict):
        token_of(alice, "read")


def test_there_is_an_end_to_them_also_when_many_ask_at_once(app: Flask, alice: User) -> None:
    for number in range(MOST - 2):
        ApiToken.issue(to=alice, name=f"Token {number}", scope=Scope.READ, at=now())
    db.session.commit()

    def ask() -> None:
        with transaction():
            ApiToken.issue(to=db.session.get(User, alice_id), name="More", scope=Scope.READ, at=now())  # type: ignore[arg-type]

    alice_id = alice.id
    ended = at_once(app, *[ask] * 5)
    assert sum(isinstance(one, Conflict) for one in ended) == 3
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == MOST


def test_no_key_stands_in_the_log(
    app: Flask, alice: User, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    logging.getLogger("blog").setLevel("DEBUG")
    token = token_of(alice, "read")
    program = Program(app, token.key)
    program.get("/api/users")
    program.post("/api/users", json={"username": token.key})
    Program(app, str(token.key)[:-1] + "x").get("/api/users")
    told = capsys.readouterr()
    assert str(token.key)[3:] not in caplog.text + told.out + told.err


# The command


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    return lambda *words: app.test_cli_runner().invoke(args=["users", "token", *words])


def test_a_command_makes_one_and_shows_it_last(
    app: Flask, clock: Any, alice: User, run: Callable[..., Result]
) -> None:
    result = run("alice", "--scope", "write", "--name", "For cron", "--expires", "7")
    assert result.exit_code == 0
    key = result.output.split()[-1]
    assert re.fullmatch(KEY, key)
    token = db.session.scalars(select(ApiToken)).one()
    assert (token.name, token.scope, token.expires_at) == ("For cron", "write", now() + timedelta(days=7))
    assert works(app, key)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nobody"], "there is nobody called nobody"),
        (["alice", "--scope", "admin"], "are for admins"),
        (["alice", "--scope", "king"], "Invalid value"),
        (["alice", "--expires", "0"], "Invalid value"),
    ],
)
def test_a_command_that_cannot_says_why(
    alice: User, run: Callable[..., Result], words: list[str], why: str
) -> None:
    result = run(*words)
    assert result.exit_code != 0
    assert why in result.output
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 0

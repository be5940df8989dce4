"""/api/tokens: a program sees, makes and ends tokens of its own person."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.accounts.tokens import ApiToken
from blog.audit import Entry
from blog.db import db, now
from blog.limits import HOUR, Limit, Rate
from tests.letters import letters_to
from tests.program import Program, program_of, token_of


def test_it_works(app: Flask, clock: Any, alice: User) -> None:
    program = program_of(app, alice)
    made = program.post("/api/tokens", json={"name": " For  backups ", "expires_in_days": 7})
    assert made.status_code == 201
    told = made.get_json()
    key = told.pop("token")
    assert told == {
        "id": told["id"],
        "name": "For backups",
        "scope": "read",
        "created_at": now().isoformat(),
        "expires_at": (now() + timedelta(days=7)).isoformat(),
        "last_used_at": None,
    }
    address = made.headers["Location"].removeprefix("http://localhost")
    again = program.get(address)
    assert again.get_json() == told
    assert again.headers["ETag"] == made.headers["ETag"]

    other = Program(app, key)
    assert other.get("/api/tokens").status_code == 200
    assert program.get(address).get_json()["last_used_at"] == now().isoformat()
    assert program.delete(address).status_code == 204
    assert other.get("/api/tokens").status_code == 401
    assert program.get(address).status_code == 404


def test_only_ones_own_are_seen_and_ended(app: Flask, alice: User, bob: User) -> None:
    hers, his = token_of(alice, "write", name="Hers"), token_of(bob, "write", name="His")
    program = Program(app, hers.key)
    assert [token["name"] for token in program.get("/api/tokens").get_json()] == ["Hers"]
    assert program.get(f"/api/tokens/{his.id}").status_code == 404
    assert program.delete(f"/api/tokens/{his.id}").status_code == 404
    assert Program(app, his.key).get("/api/tokens").status_code == 200


def test_not_even_admins_see_those_of_others(app: Flask, admin: User, alice: User) -> None:
    token = token_of(alice, "read")
    assert program_of(app, admin).get(f"/api/tokens/{token.id}").status_code == 404


def test_ended_tokens_are_gone_and_expired_ones_are_listed(app: Flask, clock: Any, alice: User) -> None:
    token_of(alice, "read", name="Expired", expires_at=now() + timedelta(minutes=1))
    token_of(alice, "read", name="Ended").end(now())
    db.session.commit()
    clock.shift(timedelta(hours=1))
    told = program_of(app, alice).get("/api/tokens?sort=name").get_json()
    assert [token["name"] for token in told] == ["Expired", "For tests"]


@pytest.mark.parametrize(
    ("own", "wanted", "status"), [("write", "write", 201), ("write", "admin", 403), ("admin", "admin", 201)]
)
def test_a_token_makes_none_that_goes_further(
    app: Flask, admin: User, own: str, wanted: str, status: int
) -> None:
    answer = program_of(app, admin, own).post("/api/tokens", json={"name": "x", "scope": wanted})
    assert answer.status_code == status
    if status == 403:
        assert f'scope="{wanted}"' in answer.headers["WWW-Authenticate"]


def test_a_token_makes_none_that_lasts_longer(app: Flask, clock: Any, alice: User) -> None:
    end = now() + timedelta(days=2)
    program = Program(app, token_of(alice, "write", expires_at=end).key)
    for days, expected in [(None, end), (30, end), (1, now() + timedelta(days=1))]:
        made = program.post("/api/tokens", json={"name": "x", "expires_in_days": days}).get_json()
        assert made["expires_at"] == expected.isoformat()


def test_a_token_for_admin_is_for_admins(app: Flask, alice: User) -> None:
    assert program_of(app, alice).post("/api/tokens", json={"name": "x", "scope": "admin"}).status_code == 403


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x\u0007"}, "name"),
        ({"name": "x", "scope": "king"}, "scope"),
        ({"name": "x", "expires_in_days": 0}, "expires_in_days"),
        ({"name": "x", "expires_in_days": 3651}, "expires_in_days"),
        ({"name": "x", "expires_in_days": "7"}, "expires_in_days"),
        ({"name": "x", "expires_in_days": 1.5}, "expires_in_days"),
        ({"name": "x", "expires_in_days": True}, "expires_in_days"),
        ({"name": "x", "user_id": 1}, "user_id"),
        ({"name": "x", "key_hash": "x"}, "key_hash"),
    ],
    ids=str,
)
def test_what_cannot_be_taken_is_told(app: Flask, alice: User, given: dict[str, Any], field: str) -> None:
    answer = program_of(app, alice).post("/api/tokens", json=given)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]


def test_an_expiry_may_be_written_as_any_whole_number(app: Flask, alice: User) -> None:
    assert (
        program_of(app, alice).post("/api/tokens", json={"name": "x", "expires_in_days": 7.0}).status_code
        == 201
    )


def test_its_person_is_told_and_the_log_knows(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    made = program.post("/api/tokens", json={"name": "For backups"}).get_json()
    (letter,) = letters_to("alice@example.com")
    assert "For backups" in letter.body
    program.delete(f"/api/tokens/{made['id']}")
    actions = db.session.scalars(
        select(Entry.action).where(Entry.actor_id == alice.id).order_by(Entry.id)
    ).all()
    assert actions == ["made an API token", "ended an API token"]


def test_making_too_many_is_refused_for_a_while(app_with: Any, alice: User) -> None:
    strict = app_with(LIMITS={"token": Limit(Rate(2, HOUR), Rate(2, HOUR))})
    program = program_of(strict, alice)
    statuses = [program.post("/api/tokens", json={"name": "x"}).status_code for _ in range(4)]
    assert statuses == [201, 201, 429, 429]
    assert program.get("/api/tokens").status_code == 200


def test_guessing_is_refused_for_a_while(app_with: Any, alice: User) -> None:
    strict = app_with(LIMITS={"wrong token": Limit(Rate(3, HOUR))})
    guesses = [Program(strict, f"mh_{number:043}").get("/api/users") for number in range(5)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429, 429]
    assert int(guesses[-1].headers["Retry-After"]) > 0
    assert program_of(strict, alice).get("/api/users").status_code == 200  # a good one is not held up by them


def test_their_number_does_not_cost_more(app: Flask, alice: User) -> None:
    assert db.session.scalar(select(func.count()).select_from(ApiToken)) == 0
    token = token_of(alice, "read")
    assert Program(app, token.key).get("/api/tokens?limit=1").headers["X-Total-Count"] == "1"

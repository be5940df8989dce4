"""/api/users: making an account."""

from typing import Any

import pytest
from flask import Flask

from blog.accounts.models import User
from blog.db import db
from tests.at_once import at_once
from tests.program import program_of


@pytest.mark.parametrize("who", ["alice", "editor"])
def test_whoever_is_no_admin_makes_nobody(app: Flask, request: pytest.FixtureRequest, who: str) -> None:
    answer = program_of(app, request.getfixturevalue(who)).post("/api/users", json={"username": "zoe"})
    assert answer.status_code == 403
    assert User.there_is_one()
    assert db.session.scalar(User.named("zoe")) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "ALICE"}, "username"),
        ({"username": "\uff41lice"}, "username"),
        ({"username": "zoe", "email": "Alice@Example.com"}, "email"),
    ],
    ids=str,
)
def test_what_is_taken_is_told_by_field(
    app: Flask, admin: User, alice: User, given: dict[str, Any], field: str
) -> None:
    answer = program_of(app, admin).post("/api/users", json=given)
    assert answer.status_code == 409
    assert list(answer.get_json()["errors"]) == [field]
    assert answer.get_json()["type"].endswith("#taken")


def test_of_many_who_want_one_name_one_gets_it(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    ended = at_once(app, *[lambda: program.post("/api/users", json={"username": "zoe"}).status_code] * 5)
    assert sorted(ended) == [201, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "username"),
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "a" * 41}, "username"),
        ({"username": "zoe", "email": "nobody"}, "email"),
        ({"username": "zoe", "email": "a@b\u0000.org"}, "email"),
        ({"username": "zoe", "display_name": "x" * 81}, "display_name"),
        ({"username": "zoe", "biography": "x" * 2001}, "biography"),
        ({"username": "zoe", "role": "king"}, "role"),
        ({"username": "zoe", "role": None}, "role"),
        ({"username": "zoe", "password": "short"}, "password"),
        ({"username": "zoe", "password": "1234567890"}, "password"),
        ({"username": "zoe", "password": None}, "password"),
    ],
    ids=str,
)
def test_what_cannot_be_taken_is_told(app: Flask, admin: User, given: dict[str, Any], field: str) -> None:
    answer = program_of(app, admin).post("/api/users", json=given)
    assert answer.status_code == 422, answer.text
    assert list(answer.get_json()["errors"]) == [field]
    assert db.session.scalar(User.named("zoe")) is None


def test_whoever_is_given_a_password_signs_in_by_it(app: Flask, admin: User) -> None:
    password = "the river is wide in May"
    given = {"username": "zoe", "password": password}
    assert password not in program_of(app, admin).post("/api/users", json=given).text
    zoe = db.session.scalar(User.named("zoe"))
    assert zoe
    assert zoe.has_password(password)

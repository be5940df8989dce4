"""Wrong passwords: how many are taken, for whichever name of an account, from however many at once."""

from collections.abc import Callable

import pytest
from flask import Flask

from blog.accounts.models import User
from blog.limits import HOUR, Limit, Rate
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.limited import counts
from tests.visitor import Visitor

WRONG = "not the password"


def sign_ins(name: str, client: Visitor, password: str = WRONG) -> int:
    return client.post("/login", data={"username": name, "password": password}).status_code


@pytest.fixture
def three_sign_ins(app_with: Callable[..., Flask]) -> Flask:
    limit = Limit(Rate(100, HOUR), Rate(3, HOUR), failures=True, strict=True)
    return app_with(LIMITS={"sign in": limit}, PROPAGATE_EXCEPTIONS=False)


def test_wrong_passwords_for_one_account_are_limited_by_whichever_name(
    three_sign_ins: Flask, alice: User
) -> None:
    client = visitor(three_sign_ins)
    names = ["alice", "ALICE ", "Alice@Example.com", "alice", "alice@example.com"]
    assert [sign_ins(name, client) for name in names] == [422, 422, 422, 429, 429]
    assert sign_ins("alice", client, make.PASSWORD) == 429
    assert sign_ins("bob", client) == 422


def test_names_that_nobody_has_are_limited_just_so(three_sign_ins: Flask) -> None:
    client = visitor(three_sign_ins)
    assert [sign_ins(name, client) for name in ["carol", "Carol", "carol", "carol"]] == [422, 422, 422, 429]
    assert "carol" not in str(counts())


def test_signing_in_is_not_counted(three_sign_ins: Flask, alice: User) -> None:
    for _ in range(5):
        assert sign_ins("alice", visitor(three_sign_ins), make.PASSWORD) == 302
    assert [sign_ins("alice", visitor(three_sign_ins)) for _ in range(4)] == [422, 422, 422, 429]


@pytest.mark.parametrize("name", ["", "\0", "a\x07b", "x" * 100_000, "\u202e"])
def test_a_name_that_cannot_be_one_is_refused_by_the_form(three_sign_ins: Flask, name: str) -> None:
    assert sign_ins(name, visitor(three_sign_ins)) == 422


def test_fifty_sign_ins_at_once_pass_the_limit_exactly(app_with: Callable[..., Flask], alice: User) -> None:
    site = app_with(LIMITS={"sign in": Limit(Rate(100, HOUR), Rate(20, HOUR), failures=True, strict=True)})
    answers = at_once(site, *[lambda: sign_ins("alice", visitor(site))] * 50)
    assert sorted(answers) == [422] * 20 + [429] * 30

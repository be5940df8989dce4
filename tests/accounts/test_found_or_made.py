"""Whoever is here is found, whoever is not is made: once, however many ask at the same moment."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db, transaction
from blog.errors import Conflict
from tests.at_once import at_once, meet_after


def zoe() -> int | None:
    found: int | None = db.session.scalar(User.named("zoe").with_only_columns(User.id))
    return found


def make_zoe() -> User:
    return User.join(username="zoe", display_name="Zoe")


def found_or_made() -> int:
    with transaction():
        return User.found_or_made(zoe, make_zoe)


def test_it_works(app: Flask) -> None:
    made = found_or_made()
    assert found_or_made() == made
    assert db.session.get_one(User, made).username == "zoe"


@pytest.mark.parametrize("people", [2, 5])
def test_of_many_at_once_all_get_the_same(app: Flask, monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """Each has looked, and found nobody, before the first is made."""
    meet_after(monkeypatch, User, "named", people)
    ended = at_once(app, *[found_or_made] * people)
    assert len(set(ended)) == 1, ended
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_what_was_done_before_in_the_transaction_stays(app: Flask, alice: User) -> None:
    """The one who comes too late has lost nothing but the attempt."""
    looks = iter([None, alice.id])
    with transaction():
        alice.biography = "Writes."
        db.session.flush()
        found = User.found_or_made(
            lambda: next(looks), lambda: User.join(username="ALICE", display_name="Another")
        )
    assert found == alice.id
    assert alice.biography == "Writes."


def test_nobody_tries_for_ever(app: Flask, alice: User) -> None:
    with pytest.raises(Conflict), transaction():
        User.found_or_made(lambda: None, lambda: User.join(username="alice", display_name="Another"))

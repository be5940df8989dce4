"""`flask shell`: what stands ready in it."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import Model, db, now, transaction
from blog.shell import at_hand
from tests import make
from tests.broken import out_of_reach


def test_the_database_and_every_model_are_at_hand(app: Flask) -> None:
    names = app.make_shell_context()
    assert (names["db"], names["select"], names["now"], names["transaction"]) == (
        db,
        select,
        now,
        transaction,
    )
    for mapper in Model.registry.mappers:
        assert names[mapper.class_.__name__] is mapper.class_


def test_no_two_models_share_a_name() -> None:
    names = [mapper.class_.__name__ for mapper in Model.registry.mappers]
    assert len(names) == len(set(names))
    assert not set(names) & {"db", "select", "now", "transaction", "me", "app", "g"}


def test_the_owner_is_at_hand_as_me(app: Flask, alice: User, owner: User) -> None:
    make.user("second", role="owner")
    assert at_hand()["me"] == owner


def test_whoever_has_left_is_not_me(app: Flask, owner: User) -> None:
    second = make.user("second", role="owner")
    with transaction():
        owner.deactivate(now())
    assert at_hand()["me"] == second


def test_a_new_site_has_no_me(app: Flask) -> None:
    assert at_hand()["me"] is None


def test_the_shell_opens_without_a_database(app: Flask, app_with: Callable[..., Flask]) -> None:
    """One may want to look why there is none."""
    address = out_of_reach(app.config["DATABASE_URL"])
    with app_with(DATABASE_URL=address, SQLALCHEMY_ENGINE_OPTIONS={}).app_context():
        assert at_hand()["me"] is None

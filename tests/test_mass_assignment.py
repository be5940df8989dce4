"""Nobody is given a role by naming it: not in any form, and not in any body of the API."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog.access import Role
from blog.accounts.models import User
from blog.accounts.tokens import Scope
from blog.db import db
from blog.limits import LIMITS, MINUTE, Limit, Rate
from tests import make
from tests.reading import fields_on
from tests.walk import Ground, Step, Walk, as_sent, body_for, is_api, steps

BELOW_OWNER = [role for role in Role if role is not Role.OWNER]

# What would be taken for fields that stand empty.
TYPED = {
    "email": "new@example.com",
    "days": "30",
    "theme_colour": "#123456",
    "current_password": make.PASSWORD,
}
WANTED = {
    "role": "owner",
    "user.role": "owner",
    "user[role]": "owner",
    "roles": "owner",
    "is_admin": "y",
    "is_owner": "true",
    "user_id": "1",
    "at_most": "owner",
    "scope": "admin",
    "shown_to": "reader",
}

pytestmark = pytest.mark.parametrize(
    "engine_name", ["sqlite"]
)  # what forms and bodies may name is the same on both


@pytest.fixture
def site(app_with: Callable[..., Flask]) -> Flask:
    return app_with(LIMITS=dict.fromkeys(LIMITS, Limit(Rate(10**6, MINUTE))))


def roles() -> dict[int, str]:
    return {row.id: row.role for row in db.session.execute(select(User.id, User.role))}


def risen(before: dict[int, str]) -> dict[int, str]:
    """Those who are more than they were, and owners who were not here."""
    return {
        user_id: role
        for user_id, role in roles().items()
        if role != before.get(user_id) and (user_id in before or role == Role.OWNER)
    }


@pytest.mark.parametrize("role", [None, Role.READER, Role.ADMIN])  # admins reach the forms of all between
def test_no_form_gives_a_role(site: Flask, role: Role | None) -> None:
    walk = Walk(site, role)
    for step in steps(site):
        if step.method != "GET" and not is_api(site, step):
            ground = walk.ground(step)
            before = roles()
            answer = ground.client.post(walk.address(ground, step), data=filled(walk, ground, step))
            assert answer.status_code < 500, step
            assert not risen(before), step
            if answer.status_code < 400:  # something may be other than it was
                walk.begin_again()


def filled(walk: Walk, ground: Ground, step: Step) -> dict[str, Any]:
    """The form of that page as it would be sent, and all that was not asked for."""
    page = ground.client.get(walk.address(ground, step))
    shown = fields_on(page) if page.status_code == 200 and page.mimetype == "text/html" else {}
    typed = {name: field.value or TYPED.get(name, "a few words") for name, field in shown.items()}
    return {**typed, **WANTED}


# What is not asked for is dropped before anybody looks at a role: one role tries all of it.
PLAIN, *OTHERS = {"role": "owner"}, {"roles": ["owner"]}, {"user": {"role": "owner"}}, {"at_most": None}
TRIED = [*((role, PLAIN) for role in BELOW_OWNER), *((Role.AUTHOR, other) for other in OTHERS)]


@pytest.mark.parametrize(("role", "wanted"), TRIED)
def test_no_body_gives_a_role(site: Flask, role: Role, wanted: dict[str, Any]) -> None:
    walk = Walk(site, role, Scope.ADMIN)
    for step in steps(site):
        if step.method in {"POST", "PUT", "PATCH"} and is_api(site, step):
            ground = walk.ground(step)
            before = roles()
            body = {**(body_for(site, step, ground) or {}), **wanted}
            answer = ground.client.send(step.method, walk.address(ground, step), **as_sent(step, body))
            assert answer.status_code in {403, 404, 422}, (step, answer.text)
            assert not risen(before), step


def test_a_rise_would_be_found(site: Flask, alice: User) -> None:
    before = roles()
    alice.role = "editor"
    assert risen(before) == {alice.id: "editor"}

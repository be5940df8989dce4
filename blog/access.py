"""Who may do what: one table, and the decorators by which every route states its access."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog.errors import Forbidden, SignedOut, sent

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """Each may do what those before it may."""

    READER = "reader"
    AUTHOR = "author"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"

    def reaches(self, other: "Role") -> bool:
        return RANKS[self] >= RANKS[other]


RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Rule:
    """The least role that may do this everywhere, and the least that may with what is one's own."""

    everywhere: Role
    own: Role | None = None


PERMISSIONS = {
    "comment": Rule(Role.READER),
    "delete comment": Rule(Role.EDITOR, own=Role.READER),
    "write posts": Rule(Role.AUTHOR),
    "edit post": Rule(Role.EDITOR, own=Role.AUTHOR),
    "manage people": Rule(Role.ADMIN),
    "manage site": Rule(Role.ADMIN),
    "manage jobs": Rule(Role.ADMIN),
    "read mail": Rule(Role.ADMIN),
    "see the log": Rule(Role.ADMIN),
}


def may(person: Any, permission: str, thing: Any = None) -> bool:
    """Whether `person` may do this: to `thing`, which knows its `author_id`, or without it to everything."""
    rule = PERMISSIONS[permission]
    if not person.is_authenticated:
        return False
    role = acting_role(person)
    if role.reaches(rule.everywhere):
        return True
    return bool(thing and rule.own and role.reaches(rule.own) and thing.author_id == person.id)


def acting_role(person: Any) -> Role:
    """Their role, or the one that their API token stops at: see `User.at_most`."""
    role = Role(person.role)
    return person.at_most if person.at_most and role.reaches(person.at_most) else role


def init_app(app: Flask) -> None:
    app.jinja_env.globals["may"] = lambda permission, thing=None: may(current_user, permission, thing)


def public(view: View) -> View:
    """Everybody may read this."""
    return stated(view, "public")


def signed_in(view: View) -> View:
    """For people who are signed in; others are asked to, and come back here."""
    return guarded(view, lambda: True, "signed in")


def permitted(permission: str) -> Callable[[View], View]:
    """For people whose role has this permission, everywhere."""
    return lambda view: guarded(view, lambda: may(current_user, permission), permission)


def guarded(view: View, allowed: Callable[[], bool], access: str) -> View:
    @wraps(view)
    def guard(*args: Any, **values: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if not allowed():
            raise Forbidden
        return view(*args, **values)

    return stated(cast("View", guard), access)


def stated(view: View, access: str) -> View:
    vars(view)["access"] = access
    return view


def ask_to_sign_in() -> Response:
    """Lead to the sign-in page and back; whatever was typed stays on a page of its own meanwhile."""
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
    if sent()["texts"]:
        raise SignedOut
    return redirect(url_for("accounts.login"))

"""Who may do what: one table, and the decorators by which every route states its access."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, false, or_, true
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
    """The least role that may do this everywhere, with what is one's own, with what a team shares of which one is a
    member, and with a team of which one is a lead.
    """

    everywhere: Role
    own: Role | None = None
    member: Role | None = None
    lead: Role | None = None

    @property
    def least(self) -> Role:
        """Who may do it to something at all."""
        named: list[Role] = [role for role in vars(self).values() if role]
        return min(named, key=RANKS.__getitem__)


# What a route is stated to need, where that is not "public" or "signed in": that is everybody, with what is their own.
PERMISSIONS = {
    "comment": Rule(Role.READER),
    "delete comment": Rule(Role.EDITOR, own=Role.READER),
    "write posts": Rule(Role.AUTHOR),
    "read draft": Rule(Role.EDITOR, own=Role.AUTHOR, member=Role.READER),
    "edit post": Rule(Role.EDITOR, own=Role.AUTHOR, member=Role.AUTHOR),  # as a member: while it is a draft
    "publish post": Rule(Role.EDITOR, own=Role.AUTHOR),  # or take it back, archive, delete or share it
    "see teams": Rule(Role.READER),  # by a program; the pages are public
    "lead team": Rule(Role.ADMIN, lead=Role.READER),  # its members and its description
    "manage teams": Rule(Role.ADMIN),
    "see people": Rule(Role.AUTHOR, own=Role.READER),  # readers, and all others: whoever has published
    "change person": Rule(Role.ADMIN, own=Role.READER),  # of oneself, what others read
    "manage people": Rule(Role.ADMIN),
    "use admin tokens": Rule(Role.ADMIN),
    "invite people": Rule(Role.ADMIN),
    "manage site": Rule(Role.ADMIN),
    "manage jobs": Rule(Role.ADMIN),
    "read mail": Rule(Role.ADMIN),
    "see the log": Rule(Role.ADMIN),
}

NOT_UPWARDS = {"change person", "manage people"}  # nobody does this to whoever is above them


def may(person: Any, permission: str, thing: Any = None) -> bool:
    """Whether `person` may do this: to `thing`, which knows its `author_id` or is a person, or without it to everything.

    Who is in which team only the database knows: see `within`.
    """
    rule = PERMISSIONS[permission]
    if not person.is_authenticated:
        return False
    role = acting_role(person)
    if role.reaches(rule.everywhere):
        return not (thing and permission in NOT_UPWARDS) or role.reaches(Role(thing.role))
    return bool(thing and rule.own and role.reaches(rule.own) and owner_of(thing) == person.id)


def owner_of(thing: Any) -> int:
    """The id of whoever it belongs to; people belong to themselves."""
    owner: int = thing.author_id if hasattr(thing, "author_id") else thing.id
    return owner


def may_at_all(person: Any, permission: str) -> bool:
    """Whether there may be something that they may do this to. What exactly, the select says that finds it."""
    return bool(person.is_authenticated and acting_role(person).reaches(PERMISSIONS[permission].least))


Way = Callable[[int], ColumnElement[bool]]


def within(person: Any, permission: str, **ways: Way) -> ColumnElement[bool]:
    """The condition for all that `person` may do this to. Each of `ways` is called as it is in Rule, and says of an id
    what is theirs in that way: `within(person, "edit post", own=Post.is_by, member=Post.is_shared_with)`.
    """
    if may(person, permission):
        return true()
    if not person.is_authenticated:
        return false()
    rule, role = PERMISSIONS[permission], acting_role(person)
    least = {name: getattr(rule, name) for name in ways}
    open_to = [way(person.id) for name, way in ways.items() if least[name] and role.reaches(least[name])]
    return or_(false(), *open_to)


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
    """For people whose role has this permission, if only for what is their own: see `may_at_all`."""
    return lambda view: guarded(view, lambda: may_at_all(current_user, permission), permission)


def hiding(permission: str) -> Callable[[View], View]:
    """What readers do not see is not found here by anybody who has not this permission for it. Says so, no more."""

    def state(view: View) -> View:
        vars(view)["hides"] = permission
        return view

    return state


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

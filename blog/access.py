"""Who may do what: one table, and the decorators by which every route states its access."""

from collections.abc import Callable, Collection
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


class Nobody:
    """Whoever is not signed in, for selects that are made once for all of them."""

    is_authenticated = False


NOBODY = Nobody()
RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Rule:
    """The least role that may do this everywhere (None where nobody may), with what is one's own, with what a team shares
    of which one is a member, and with a team of which one is a lead.
    """

    everywhere: Role | None
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
    "change comment": Rule(None, own=Role.READER),  # under a post, for ten minutes
    "delete comment": Rule(Role.EDITOR, own=Role.READER),
    "moderate comments": Rule(Role.EDITOR, own=Role.AUTHOR),  # own: those under their own posts
    "read posts": Rule(Role.READER),  # by a program; the pages are public
    "write posts": Rule(Role.AUTHOR),
    "read draft": Rule(Role.EDITOR, own=Role.AUTHOR, member=Role.READER),
    "edit post": Rule(Role.EDITOR, own=Role.AUTHOR, member=Role.AUTHOR),  # as a member: while it is a draft
    "publish post": Rule(Role.EDITOR, own=Role.AUTHOR),  # or take it back, archive, delete or share it
    "send media": Rule(Role.AUTHOR),  # and see what others sent
    "change media": Rule(Role.EDITOR, own=Role.AUTHOR),  # what is said of it; or delete it
    "arrange series": Rule(Role.EDITOR),
    "manage tags": Rule(Role.EDITOR),  # those that are there: new ones come with whatever is tagged
    "see teams": Rule(Role.READER),  # by a program; the pages are public
    "lead team": Rule(Role.ADMIN, lead=Role.READER),  # its members and its description
    "manage teams": Rule(Role.ADMIN),
    "begin projects": Rule(Role.AUTHOR),
    "work on projects": Rule(
        Role.EDITOR, own=Role.READER, member=Role.READER
    ),  # see them, and what is in them
    "lead projects": Rule(Role.EDITOR, own=Role.READER),  # their words, their people, and when they end
    "make tasks": Rule(Role.AUTHOR),
    "work on tasks": Rule(Role.EDITOR, own=Role.READER, member=Role.READER),  # own: to make, or to do
    "arrange templates": Rule(Role.EDITOR),
    "purge tasks": Rule(Role.EDITOR, own=Role.READER),  # own: they made it, or own its project
    "see people": Rule(Role.AUTHOR, own=Role.READER),  # readers, and all others: whoever has published
    "change person": Rule(Role.ADMIN, own=Role.READER),  # of oneself, what others read
    "manage people": Rule(Role.ADMIN),
    "use admin tokens": Rule(Role.ADMIN),
    "invite people": Rule(Role.ADMIN),
    "see statistics": Rule(Role.EDITOR, own=Role.AUTHOR),
    "give credits": Rule(Role.READER),  # of their own
    "grant credits": Rule(Role.ADMIN),  # which are then given on by whoever holds them
    "manage site": Rule(Role.ADMIN),
    "manage jobs": Rule(Role.ADMIN),
    "read mail": Rule(Role.ADMIN),
    "see the log": Rule(Role.ADMIN),
    "see queries": Rule(Role.ADMIN),
}

NOT_UPWARDS = {"change person", "manage people"}  # nobody does this to whoever is above them


def may(person: Any, permission: str, thing: Any = None) -> bool:
    """Whether `person` may do this: to `thing`, which knows its `author_ids` or `author_id`, or is a person, or without it to everything.

    Who is in which team only the database knows: see `within`.
    """
    rule = PERMISSIONS[permission]
    if not person.is_authenticated:
        return False
    role = acting_role(person)
    if rule.everywhere and role.reaches(rule.everywhere):
        return not (thing and permission in NOT_UPWARDS) or role.reaches(Role(thing.role))
    return bool(thing and rule.own and role.reaches(rule.own) and person.id in owners_of(thing))


def owners_of(thing: Any) -> Collection[int]:
    """The ids of those to whom it belongs: one author, or several; people belong to themselves."""
    if hasattr(thing, "author_ids"):
        several: Collection[int] = thing.author_ids
        return several
    return [thing.author_id if hasattr(thing, "author_id") else thing.id]


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
    app.jinja_env.globals["may_at_all"] = lambda permission: may_at_all(current_user, permission)


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
    if sent()["texts"] or request.is_json:  # a script is told; it cannot be led
        raise SignedOut
    return redirect(url_for("accounts.login"))

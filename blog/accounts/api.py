"""/api/users: people. What is told of them depends on who asks, and so does what may be changed."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app, url_for
from flask_login import current_user
from marshmallow import ValidationError, fields, post_dump
from sqlalchemy import Select, select

from blog import audit
from blog.access import Role, may
from blog.accounts import usernames
from blog.accounts.finding import known_to, narrowed
from blog.accounts.forms import LONGEST_PASSWORD, SHORTEST_PASSWORD
from blog.accounts.leaving import leave
from blog.accounts.managing import ABOVE, refuse_above
from blog.accounts.models import User
from blog.api import Resource
from blog.api.fields import Choice, Day, Flag, Given, Shown, Text, Whole, beginning_of
from blog.db import db, now, the_one
from blog.errors import Forbidden, Invalid
from blog.security import LARGEST_NUMBER
from blog.settings import site

PRIVATE = {"email", "role", "active"}  # told to oneself, and to those who manage people
OWN = {"display_name", "biography"}  # what people may change of themselves


class Username(Text):
    """Letters and digits of one script, with . _ - between them."""

    def __init__(self, **options: Any) -> None:
        about = {"format": "username", "description": str(self.__doc__)}
        super().__init__(usernames.LONGEST, least=1, line=True, metadata=about, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        name = usernames.normal(super()._deserialize(value, attr, data, **options))
        try:
            usernames.check(name)
        except Invalid as problem:
            raise ValidationError(problem.detail) from None
        return name


class Address(Text):
    """An e-mail address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(254, least=3, line=True, metadata={"format": "email"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        address = str(super()._deserialize(value, attr, data, **options))
        try:
            validate_email(address, check_deliverability=False)
        except EmailNotValidError:
            raise ValidationError("This is no e-mail address.") from None
        return address


class Person(Shown):
    """Somebody with an account."""

    id = fields.Integer(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    biography = fields.String(required=True)
    url = fields.Function(
        lambda person: current_app.config["SITE_URL"] + url_for("lists.author", username=person.username),
        required=True,
        metadata={"type": "string", "format": "uri", "description": "Their page."},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    email = fields.String(allow_none=True, metadata={"description": "Told to themselves, and to admins."})
    role = fields.String(
        metadata={"enum": list(map(str, Role)), "description": "Told as the e-mail address is."}
    )
    active = fields.Boolean(attribute="is_active", metadata={"description": "Told as the e-mail address is."})

    @post_dump(pass_original=True)
    def keep_private(self, told: dict[str, Any], person: User, **options: Any) -> dict[str, Any]:
        if person.id == current_user.id or may(current_user, "manage people"):
            return told
        return {name: value for name, value in told.items() if name not in PRIVATE}


class PersonGiven(Given):
    """What there is to say of somebody."""

    username = Username(required=True)
    display_name = Text(80, least=1, line=True, required=True)
    email = Address(allow_none=True, load_default=None)
    biography = Text(2000, load_default="")
    role = Choice(Role, load_default=str(Role.READER))
    active = Flag(load_default=True)


class NewPerson(Given):
    """Somebody new; without a password they can set one by e-mail."""

    username = Username(required=True)
    display_name = Text(80, line=True, load_default="")
    email = Address(allow_none=True, load_default=None)
    biography = Text(2000, load_default="")
    role = Choice(Role, load_default=str(Role.READER))
    password = fields.String(
        validate=lambda text: SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD,
        metadata={"minLength": SHORTEST_PASSWORD, "maxLength": LONGEST_PASSWORD, "format": "password"},
    )


class PeopleAsked(Given):
    q = Text(
        100,
        line=True,
        metadata={"description": "A part of their username or name; for admins, also of their e-mail."},
    )
    role = Choice(Role, metadata={"description": "For admins."})
    active = Flag(metadata={"description": "For admins; without it, both are listed."})
    joined_since = Day(metadata={"description": "Whoever joined on this day or later, on the site's clock."})
    team = Text(100, line=True, metadata={"description": "The slug of a team that they are in."})
    has_published = Flag(metadata={"description": "Whether readers find a post of theirs."})


SORTS = {
    "username": User.username_key,
    "display_name": User.display_name,
    "created_at": User.created_at,
    "email": User.email_key,
}
FOR_ADMINS = {"role", "active"}


def find(user_id: int, *, to_change: bool = False) -> User:
    """The person, if they may be known of; to be changed, they are held until the transaction ends."""
    found = select(User).where(User.id == user_id, known_to(current_user))
    return the_one(found, User, to_change=to_change)


people = Resource("users", "People", "Everybody with an account.", shows=Person, find=find, one="user_id")


@people.lists(PeopleAsked, sorts=SORTS, by="username", key=User.id, access="see people")
def list_people(asked: Mapping[str, Any]) -> Select[Any]:
    """Everybody whom you may know of

    Readers see those who have published, authors and editors everybody who is here, admins also who was deactivated.
    """
    manages = may(current_user, "manage people")
    if not manages and (FOR_ADMINS & asked.keys() or {"email", "-email"} & set(asked["sort"])):
        raise Forbidden("Only admins look for people by role, e-mail address, or whether they are active.")
    since = asked.get("joined_since")
    return narrowed(
        select(User).where(known_to(current_user)),
        q=asked.get("q", ""),
        role=asked.get("role"),
        active=asked.get("active"),
        joined_since=since and beginning_of(since, site().time_zone),
        published=asked.get("has_published"),
        team=asked.get("team", ""),
        emails=manages,
    )


@people.creates(NewPerson, access="manage people")
def create_person(given: dict[str, Any]) -> User:
    """Make an account

    409 names the field where the username or the e-mail address is taken. Nobody gives a role above their own.
    """
    refuse_above(current_user, given["role"])
    return User.join(**given)


@people.reads(access="see people")
def read_person(person: User) -> User:
    """One person"""
    return person


@people.replaces(PersonGiven, access="change person")
def replace_person(person: User, given: Mapping[str, Any]) -> None:
    """Say anew all that there is to say of somebody

    People may change their own name and biography, admins everything. Nobody changes whoever is above them.
    """
    change_person(person, given)


@people.changes(PersonGiven, access="change person")
def change_person(person: User, given: Mapping[str, Any]) -> None:
    """Change what is said of somebody

    People may change their own name and biography, admins everything. Nobody changes whoever is above them.
    """
    changed = {name for name, value in given.items() if value != value_of(person, name)}
    refuse_change(person, changed)
    for name in changed - {"email", "role", "active"}:
        setattr(person, name, given[name])
    if "email" in changed:
        person.change_email(given["email"])
    if "role" in changed:
        refuse_above(current_user, given["role"])
        person.become(Role(given["role"]))
    if "active" in changed:
        activate(person, given["active"])


def value_of(person: User, name: str) -> Any:
    return person.is_active if name == "active" else getattr(person, name)


def activate(person: User, active: bool) -> None:
    if active:
        person.activate()
    else:
        person.deactivate(now())


def refuse_change(person: User, changed: set[str]) -> None:
    if not may(current_user, "change person") and (
        changed - OWN or not may(current_user, "change person", person)
    ):
        raise Forbidden("People change their own name and biography here; the rest is for admins.")
    if not may(current_user, "change person", person):
        raise Forbidden(ABOVE)


class Leaving(Given):
    """What becomes of what somebody wrote."""

    posts_to = Whole(
        1, LARGEST_NUMBER, metadata={"description": "The `id` of whoever takes over their posts."}
    )
    with_posts = Flag(metadata={"description": "Whether their posts go, too."})


@people.deletes(Leaving, access="manage people")
def delete_person(person: User, asked: Mapping[str, Any]) -> None:
    """Delete somebody, with their comments

    Where there are posts, it has to be said what becomes of them: 409 tells how many there are.
    """
    if not may(current_user, "manage people", person):
        raise Forbidden(ABOVE)
    heir = db.session.get(User, asked["posts_to"]) if "posts_to" in asked else None
    if "posts_to" in asked and heir is None:
        raise Invalid("There is no such person.", "posts_to", kind="invalid")
    posts = leave(person, heir=heir, with_posts=asked.get("with_posts", False))
    audit.record("deleted", person, after={"posts": posts, "posts_to": heir and heir.username})

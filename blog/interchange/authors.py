"""Whose posts these are: people found by the names that files give, or made where there are none."""

import re
from contextlib import suppress

from slugify import slugify
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from blog.access import Role
from blog.accounts.models import User, key_of
from blog.db import db
from blog.interchange.draft import Draft, Refused

LONGEST_NAME = 80
LONGEST_USERNAME = 40
TRIES = 5
NOBODY = "Author"  # whose posts they are that name nobody, on a site that has no owner yet


class Authors:
    """Finds each once. What was found while a transaction ran that failed has to be forgotten."""

    def __init__(self, fallback: int | None) -> None:
        self.fallback = fallback
        self.found: dict[tuple[str, str], int] = {}

    def forget(self) -> None:
        self.found.clear()

    def of(self, draft: Draft) -> int:
        """The id of the first author; whoever is not here yet is made. Without a name it is the fallback."""
        if not draft.authors and self.fallback is not None:
            return self.fallback
        names = ((draft.authors or (NOBODY,))[0][:LONGEST_NAME].strip(), draft.username)
        if names not in self.found:
            self.found[names] = found_or_made(*names)
        return self.found[names]


def found_or_made(name: str, username: str) -> int:
    """Another import may make the same person meanwhile: then the second look finds them."""
    for _ in range(TRIES):
        found = known_by(name, username)
        if found is not None:
            return found
        with suppress(IntegrityError):
            return make(name, free_username(username or name))
    raise Refused(f"no account could be made for its author, {name}")


def make(name: str, username: str) -> int:
    """Somebody who writes, and who cannot sign in until given a password."""
    with db.session.begin_nested():
        made = User.join(username=username, display_name=name, role=Role.AUTHOR)
    return made.id


def known_by(name: str, username: str) -> int | None:
    """Somebody with this username, e-mail address or name as readers see it, in that order.

    A `username`, which an export gives, tells people of one name apart: then the name has to be theirs, and the
    username this one, or this one with the number that it got here.
    """
    if username:
        named = select(User.id, User.username).where(User.display_name == name).order_by(User.id)
        numbered = re.compile(re.escape(username) + r"(-\d+)?", re.IGNORECASE)
        return next(
            (found.id for found in db.session.execute(named) if numbered.fullmatch(found.username)), None
        )
    key = key_of(name)
    same = or_(User.username_key == key, User.email_key == key, User.display_name == name)
    first = (User.username_key != key, User.email_key.is_distinct_from(key), User.id)
    return db.session.scalar(select(User.id).where(same).order_by(*first).limit(1))


def free_username(name: str) -> str:
    """A username made from a name in any script, with a number where it is taken."""
    usable = re.fullmatch(r"\w+([._-]\w+)*", name) and len(name) <= LONGEST_USERNAME
    base = name if usable else slugify(name, max_length=LONGEST_USERNAME, word_boundary=True) or "author"
    username, number = base, 1
    while db.session.scalar(select(User.id).where(User.username_key == key_of(username))) is not None:
        number += 1
        username = f"{base[: LONGEST_USERNAME - 1 - len(str(number))]}-{number}"
    return username

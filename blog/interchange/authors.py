"""Whose posts these are: people found by the names that files give, or made where there are none."""

import re

from slugify import slugify
from sqlalchemy import or_, select

from blog.access import Role
from blog.accounts import usernames
from blog.accounts.models import User, key_of
from blog.db import db
from blog.errors import Conflict
from blog.interchange.draft import Draft, Refused

LONGEST_NAME = 80
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
        return self.called((draft.authors or (NOBODY,))[0], draft.username)

    def called(self, name: str, username: str) -> int:
        names = (name[:LONGEST_NAME].strip(), username)
        if names not in self.found:
            self.found[names] = found_or_made(*names)
        return self.found[names]


def found_or_made(name: str, username: str) -> int:
    """Whoever is made writes, and cannot sign in until given a password."""

    def make() -> User:
        return User.join(username=free_username(username or name), display_name=name, role=Role.AUTHOR)

    try:
        return User.found_or_made(lambda: known_by(name, username), make)
    except Conflict:
        raise Refused(f"no account could be made for its author, {name}") from None


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
    longest = usernames.LONGEST
    usable = usernames.fits(name)
    base = name if usable else slugify(name, max_length=longest, word_boundary=True) or "author"
    username, number = base, 1
    while db.session.scalar(User.mistaken_for(username).with_only_columns(User.id).limit(1)) is not None:
        number += 1
        username = f"{base[: longest - 1 - len(str(number))]}-{number}"
    return username

"""Filters that a person has saved under a name: each is what the address of a list, a board or a calendar asks for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.models import User
from blog.db import Model, db, one_at_a_time, utc_now
from blog.errors import Conflict, Invalid
from blog.text import clean, one_line

LONGEST_NAME = 60
LONGEST_QUERY = 3_000  # twelve values of at most 200 characters fit, unless nearly all are signs that an address spells out
MOST = 50  # of one person


class SavedFilter(Model):
    """A selection of tasks, by the name that one person gave it. Nobody else sees it."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        UniqueConstraint(
            "user_id", "name", info={"message": "You have saved another one by this name.", "field": "name"}
        ),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        CheckConstraint(f"length(query) BETWEEN 1 AND {LONGEST_QUERY}", name="query"),
    )

    @classmethod
    def of(cls, user_id: int) -> Select["SavedFilter"]:
        """By name."""
        return select(cls).where(cls.user_id == user_id).order_by(func.lower(cls.name), cls.id)

    @classmethod
    def keep(cls, name: str, asked: Mapping[str, Any], *, by: User) -> "SavedFilter":
        """Save this under a name, in the place of what they had saved under it. Conflict where there are too many."""
        name, query = named(name), urlencode(asked)
        if not 0 < len(query) <= LONGEST_QUERY:
            raise Invalid(
                "There is nothing to save: narrow the list first."
                if not query
                else "That is too much to save."
            )
        one_at_a_time(f"saved filters of {by.id}")
        found = db.session.scalar(cls.of(by.id).where(cls.name == name))
        if found is None:
            if (db.session.scalar(select(func.count()).where(cls.user_id == by.id)) or 0) >= MOST:
                raise Conflict(f"You have saved {MOST} already. Delete those that you no longer need.")
            found = cls(user_id=by.id, name=name)
            db.session.add(found)
        found.query = query
        return found

    def rename(self, name: str) -> None:
        self.name = named(name)


def named(name: str) -> str:
    name = clean(one_line(name), "name")
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(f"Give it a name of at most {LONGEST_NAME} characters.", "name")
    return name

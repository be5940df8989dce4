"""API tokens: named, scoped, with an end; shown once, kept as a hash."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    Update,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.access import Role, may
from blog.accounts.keys import LENGTH_OF_HASH, hash_of, new_key
from blog.db import Model, db, one_at_a_time, utc_now
from blog.errors import Conflict, Forbidden

if TYPE_CHECKING:
    from blog.accounts.models import User

PREFIX = "mh_"  # tells whoever finds one in a file what it is
MOST = 100  # that one person has at a time
USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """How far a token goes; each goes as far as those before it. None goes further than its person."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def reaches(self, other: "Scope") -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)

    @property
    def at_most(self) -> Role | None:
        """The role at which it stops."""
        return None if self is Scope.ADMIN else Role.EDITOR


class ApiToken(Model):
    """What a program signs in with, for its person."""

    __tablename__ = "api_tokens"
    __logged__ = ("name", "scope", "expires_at", "ended_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[str] = mapped_column(String(10))
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime | None] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()

    key = cast("str | None", None)  # only in the hand that has just made it

    __table_args__ = (
        UniqueConstraint("key_hash"),
        CheckConstraint("scope IN ('read', 'write', 'admin')", name="scope"),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    )

    # Questions

    @classmethod
    def of(cls, person: Any) -> Select["ApiToken"]:
        """Those of a person that were not ended; also those that have expired, to be seen and cleared away."""
        return select(cls).where(cls.user_id == person.id, cls.ended_at.is_(None))

    @classmethod
    def is_good(cls, key: str, at: datetime) -> ColumnElement[bool]:
        """Whether this is the key of a token that is neither ended nor expired."""
        lasts = or_(cls.expires_at.is_(None), cls.expires_at > at)
        return and_(cls.key_hash == hash_of(key), cls.ended_at.is_(None), lasts)

    def is_over(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    # Verbs

    @classmethod
    def issue(
        cls, *, to: "User", name: str, scope: Scope, at: datetime, expires_at: datetime | None = None
    ) -> "ApiToken":
        """A new token with its `key`, which nobody can read again. Not committed.

        Raises Forbidden for a scope that is more than the person may, and Conflict where they have too many, or are
        deactivated.
        """
        if not to.is_active:
            raise Conflict(f"{to.username} is deactivated, and so would be the token.")
        if scope is Scope.ADMIN and not may(to, "use admin tokens"):
            raise Forbidden("Tokens for “admin” are for admins.")
        one_at_a_time(f"tokens of {to.id}")
        if (db.session.scalar(select(func.count()).select_from(cls.of(to).subquery())) or 0) >= MOST:
            raise Conflict(f"There are {MOST} tokens already. End those that nobody uses.")
        key = PREFIX + new_key()
        times = {"created_at": at, "expires_at": expires_at}
        token = cls(user_id=to.id, name=name, scope=scope, key_hash=hash_of(key), **times)
        token.key = key
        db.session.add(token)
        return token

    def end(self, at: datetime) -> None:
        """Good for nothing from now on."""
        self.ended_at = self.ended_at or at

    @classmethod
    def end_all(cls, people: Sequence[int] | Select[int], at: datetime) -> None:
        """End all tokens of these people (their ids). One statement."""
        db.session.execute(
            update(cls).where(cls.user_id.in_(people), cls.ended_at.is_(None)).values(ended_at=at)
        )

    @classmethod
    def was_used(cls, token_id: int, at: datetime) -> Update:
        """Remembers that it was used, to the minute."""
        stale = or_(cls.last_used_at.is_(None), cls.last_used_at <= at - USED_EVERY)
        return update(cls).where(cls.id == token_id, stale).values(last_used_at=at)

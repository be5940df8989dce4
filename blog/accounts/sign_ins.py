"""Sessions: one row for each sign-in, listed with device and last use, ended singly or all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ForeignKey,
    ScalarSelect,
    Select,
    String,
    UniqueConstraint,
    Update,
    delete,
    false,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.keys import LENGTH_OF_HASH, hash_of, new_key
from blog.db import Model, db, now, utc_now
from blog.jobs import every

# How long a session lasts: where its person asked to stay signed in, and where not (then it also ends with the browser).
REMEMBERED = timedelta(days=60)
LONGEST = timedelta(days=14)
UNUSED = timedelta(hours=24)
WRITTEN_EVERY = timedelta(minutes=5)  # how exactly the last use is known
RECENT = timedelta(minutes=15)  # how long a proof of who it is lasts


BESIDE: dict[str, Callable[[], ScalarSelect[Any]]] = {}  # what features want to know of whoever is signed in


@dataclass(frozen=True)
class Present:
    """What a request knows of the session that it belongs to."""

    id: int
    remembered: bool
    created_at: datetime
    confirmed_at: datetime
    last_used_at: datetime
    beside: Mapping[str, Any] = field(default_factory=dict)  # what features asked for BESIDE it

    def is_noted(self, at: datetime) -> bool:
        """Whether its last use is known exactly enough."""
        return at - self.last_used_at < WRITTEN_EVERY

    def is_recent(self, at: datetime) -> bool:
        """Whether its person has proven not long ago who it is."""
        return at - self.confirmed_at < RECENT


class SignIn(Model):
    """A session. The browser holds its key; here is only the hash, so that the table signs nobody in."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    method: Mapped[str] = mapped_column(
        String(20)
    )  # password, code, recovery code, passkey, setup, invitation
    remembered: Mapped[bool] = mapped_column(default=False, server_default=false())
    device: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    confirmed_at: Mapped[datetime] = mapped_column(server_default=utc_now())  # when who it is was last proven
    last_used_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("key_hash"),)

    @classmethod
    def begin(cls, user_id: int, *, at: datetime, remembered: bool, **seen: str) -> str:
        """Make a session (`seen`: method, device, address): its key, which is kept nowhere else."""
        key = new_key()
        times = {"created_at": at, "confirmed_at": at, "last_used_at": at}
        end = end_of(at, remembered=remembered, used=at)
        db.session.add(
            cls(
                user_id=user_id, key_hash=hash_of(key), remembered=remembered, expires_at=end, **times, **seen
            )
        )
        return key

    @classmethod
    def of(cls, user_id: int, at: datetime) -> Select["SignIn"]:
        """Somebody's sessions, the one used last first."""
        mine = select(cls).where(cls.user_id == user_id, cls.expires_at > at)
        return mine.order_by(cls.last_used_at.desc(), cls.id.desc())

    @classmethod
    def end_one(cls, user_id: int, sign_in_id: int) -> bool:
        """One of somebody's sessions; False where it is not theirs, or over."""
        ended = delete(cls).where(cls.user_id == user_id, cls.id == sign_in_id)
        return db.session.execute(ended.returning(cls.id)).first() is not None

    @classmethod
    def end_all(cls, user_id: int, keeping: int | None = None) -> int:
        """All of somebody's sessions, but perhaps the one with the id `keeping`: how many."""
        ended = delete(cls).where(cls.user_id == user_id, cls.id.is_distinct_from(keeping))
        return len(db.session.execute(ended.returning(cls.id)).all())

    @classmethod
    def end_of(cls, people: Sequence[int]) -> None:
        """All sessions of these people (their ids). One statement."""
        db.session.execute(delete(cls).where(cls.user_id.in_(people)))

    @classmethod
    def renew(cls, sign_in_id: int, at: datetime) -> str:
        """Its person has proven again who it is: its new key."""
        key = new_key()
        mine = update(cls).where(cls.id == sign_in_id)
        db.session.execute(mine.values(key_hash=hash_of(key), confirmed_at=at))
        return key

    @classmethod
    def note_use(cls, present: Present, address: str, at: datetime) -> Update:
        """Writes down that it was used, unless another request just did; so it also lasts longer."""
        end = end_of(present.created_at, remembered=present.remembered, used=at)
        stale = update(cls).where(cls.id == present.id, cls.last_used_at <= at - WRITTEN_EVERY)
        return stale.values(last_used_at=at, address=address, expires_at=end)


def end_of(begun: datetime, *, remembered: bool, used: datetime) -> datetime:
    """When a session is over that is not used again."""
    return begun + REMEMBERED if remembered else min(begun + LONGEST, used + UNUSED)


@every("sessions.forget", hours=1)
def forget() -> None:
    db.session.execute(delete(SignIn).where(SignIn.expires_at <= now()))

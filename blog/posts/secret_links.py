"""Secret links: a draft, or a change that waits, for one guest to read."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.keys import LENGTH_OF_HASH, hash_of, new_key
from blog.db import Model, db, one_at_a_time, utc_now
from blog.errors import Conflict
from blog.posts.models import Post
from blog.text import clean

if TYPE_CHECKING:
    from blog.accounts.models import User

LONGEST_NAME = 80
MOST = 50  # of one post that can be used at a time
NOTED_EVERY = timedelta(minutes=1)


class SecretLink(Model):
    """What opens one post for a guest: its key is in the address, and kept here as a hash alone."""

    __tablename__ = "secret_links"
    __logged__ = ("name", "expires_at", "withdrawn_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))  # whom it is for
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime] = mapped_column()
    withdrawn_at: Mapped[datetime | None] = mapped_column()
    opened_at: Mapped[datetime | None] = mapped_column()  # last, to the minute

    by: Mapped["User | None"] = relationship(lazy="raise")

    key = cast("str | None", None)  # only in the hand that has just made it

    __table_args__ = (
        UniqueConstraint("key_hash"),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
    )

    # Questions

    @classmethod
    def of_post(cls, post_id: int) -> Select["SecretLink"]:
        """All that were made for it, newest first."""
        return select(cls).where(cls.post_id == post_id).order_by(cls.id.desc())

    @classmethod
    def opened_by(cls, key: str, at: datetime) -> Select["SecretLink"]:
        """The one with this key, if it is neither withdrawn nor expired, and its post not deleted."""
        lasts = (cls.withdrawn_at.is_(None), cls.expires_at > at)
        found = select(cls).join(Post, Post.id == cls.post_id)
        return found.where(cls.key_hash == hash_of(key), *lasts, Post.is_there())

    def is_over(self, at: datetime) -> bool:
        return self.withdrawn_at is not None or self.expires_at <= at

    # Verbs

    @classmethod
    def make(cls, post: Any, *, name: str, by: "User", at: datetime, lasts: timedelta) -> "SecretLink":
        """A new one with its `key`, which nobody can read again. Not committed. Conflict where there are too many."""
        one_at_a_time(f"secret links of {post.id}")
        good = (cls.post_id == post.id, cls.withdrawn_at.is_(None), cls.expires_at > at)
        if (db.session.scalar(select(func.count()).where(*good)) or 0) >= MOST:
            raise Conflict(f"There are {MOST} links to this post already. Withdraw those that nobody needs.")
        key = new_key()
        made = cls(post_id=post.id, by_id=by.id, name=clean(name, "name"), key_hash=hash_of(key))
        made.created_at, made.expires_at, made.key = at, at + lasts, key
        db.session.add(made)
        return made

    def withdraw(self, at: datetime) -> None:
        """It opens nothing from now on."""
        self.withdrawn_at = self.withdrawn_at or at

    def is_opened_anew(self, at: datetime) -> bool:
        """Whether that is to be noted: once a minute."""
        return self.opened_at is None or self.opened_at <= at - NOTED_EVERY

    @classmethod
    def note_opening(cls, link_id: int, at: datetime) -> None:
        """One statement; of many at once, the first alone changes something."""
        old = or_(cls.opened_at.is_(None), cls.opened_at <= at - NOTED_EVERY)
        db.session.execute(update(cls).where(cls.id == link_id, old).values(opened_at=at))

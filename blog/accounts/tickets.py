"""Links in e-mails that do one thing once: set a new password, or confirm an address."""

from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.keys import LENGTH_OF_HASH, hash_of, new_key
from blog.db import Model, db, now, utc_now
from blog.errors import Invalid
from blog.jobs import every

LASTS = {"password": timedelta(hours=1), "email": timedelta(days=1)}


class Ticket(Model):
    """Proof that somebody reads a mailbox. The link holds the key; here is only its hash."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        UniqueConstraint("key_hash"),
        CheckConstraint("purpose IN ('password', 'email')", name="purpose"),
    )

    @classmethod
    def issue(cls, user_id: int, purpose: str, email: str, at: datetime) -> str:
        """A new link's key; those that were sent before for the same purpose end."""
        cls.end_all(user_id, purpose)
        key = new_key()
        times = {"created_at": at, "expires_at": at + LASTS[purpose]}
        db.session.add(cls(user_id=user_id, purpose=purpose, email=email, key_hash=hash_of(key), **times))
        return key

    @classmethod
    def is_good(cls, key: str, purpose: str, at: datetime) -> ColumnElement[bool]:
        return and_(
            cls.key_hash == hash_of(key), cls.purpose == purpose, cls.used_at.is_(None), cls.expires_at > at
        )

    @classmethod
    def with_key(cls, key: str, purpose: str, at: datetime) -> "Ticket | None":
        ticket: Ticket | None = db.session.scalar(select(cls).where(cls.is_good(key, purpose, at)))
        return ticket

    @classmethod
    def redeem(cls, key: str, purpose: str, at: datetime) -> "Ticket":
        """Use up the link: of two at the same moment one gets it. Invalid if it is no longer good."""
        used = update(cls).where(cls.is_good(key, purpose, at)).values(used_at=at).returning(cls)
        ticket: Ticket | None = db.session.scalar(used)
        if ticket is None:
            raise Invalid("This link was used before, or it is too old. Ask for a new one.")
        return ticket

    @classmethod
    def end_all(cls, user_id: int, purpose: str) -> None:
        db.session.execute(delete(cls).where(cls.user_id == user_id, cls.purpose == purpose))


@every("tickets.forget", hours=1)
def forget() -> None:
    db.session.execute(delete(Ticket).where(Ticket.expires_at <= now()))

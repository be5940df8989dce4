"""The secret address under which a person's calendar reads what is due and what appears."""

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.keys import LENGTH_OF_HASH, hash_of, new_key
from blog.accounts.models import User
from blog.db import Model, db, utc_now


class CalendarLink(Model):
    """One for each person: its key is in the address, and kept here as a hash alone. Made anew, the former one ends."""

    __tablename__ = "calendar_links"
    __logged__ = ("created_at",)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    key = cast("str | None", None)  # only in the hand that has just made it

    __table_args__ = (UniqueConstraint("key_hash"),)

    @classmethod
    def of(cls, user_id: int) -> Select["CalendarLink"]:
        return select(cls).where(cls.user_id == user_id)

    @classmethod
    def person_with(cls, key: str) -> Select[User]:
        """Whose it is, if they are still here."""
        theirs = select(User).join(cls, cls.user_id == User.id)
        return theirs.where(cls.key_hash == hash_of(key), User.deactivated_at.is_(None))

    @classmethod
    def make(cls, person: User, at: datetime) -> "CalendarLink":
        """A new one with its `key`, which nobody can read again, in the place of the former. Not committed."""
        link = db.session.scalar(cls.of(person.id).with_for_update()) or cls(user_id=person.id)
        link.key = new_key()
        link.key_hash, link.created_at = hash_of(link.key), at
        db.session.add(link)
        return link

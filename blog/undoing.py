"""Taking back what was done to many things at once: what posts, comments and tasks have in common."""

from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ForeignKey, Select, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import db, now, utc_now

KEPT_FOR = timedelta(days=1)


class Undoable:
    """One such act, by the key with which whoever did it takes it back within a day; afterwards it stays without what it
    was done to.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    act: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)
    undone_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def of(cls, key: str, by_id: int, at: datetime) -> Select[Self]:
        return select(cls).where(cls.key == key, cls.by_id == by_id, cls.created_at > at - KEPT_FOR)

    @classmethod
    def forget_old(cls) -> None:
        """What is older than a day cannot be taken back any more."""
        db.session.execute(delete(cls).where(cls.created_at <= now() - KEPT_FOR))

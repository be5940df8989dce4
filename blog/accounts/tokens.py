"""API tokens: named, scoped, with an end; shown once, kept as a hash."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.keys import LENGTH_OF_HASH
from blog.db import Model, utc_now


class ApiToken(Model):
    """What a program signs in with, for its person."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[str] = mapped_column(String(10))
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime | None] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        UniqueConstraint("key_hash"),
        CheckConstraint("scope IN ('read', 'write', 'admin')", name="scope"),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    )

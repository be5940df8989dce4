"""Who did what to what: append-only, each entry carrying the hash of the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, utc_now


class Entry(Model):
    """One thing that was done. No foreign keys: it outlives whom and what it speaks of, unchanged."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=utc_now())
    actor_id: Mapped[int | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    action: Mapped[str] = mapped_column(String(50))
    thing: Mapped[str] = mapped_column(String(50))
    thing_id: Mapped[int | None] = mapped_column()
    label: Mapped[str] = mapped_column(String(200), default="", server_default="")
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("previous_hash"),  # the chain cannot fork
        CheckConstraint("length(action) BETWEEN 1 AND 50", name="action"),
        Index(None, "action", id.desc()),
        Index(None, "actor_id", id.desc()),
        Index(None, "thing", "thing_id", id.desc()),
    )

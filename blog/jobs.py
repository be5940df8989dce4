"""Work that happens after the response: a durable queue in the same database, enqueued by the transaction that causes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, utc_now

WAITING = text("finished_at IS NULL AND given_up_at IS NULL")


class Job(Model):
    """Something to do at a time: done at least once, tried again when it fails, at most one waiting for each key."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    key: Mapped[str | None] = mapped_column(String(200))
    due_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    given_up_at: Mapped[datetime | None] = mapped_column()
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_jobs_waiting", due_at, id, sqlite_where=WAITING, postgresql_where=WAITING),
        Index("uq_jobs_key", key, unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
    )

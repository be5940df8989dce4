"""What every JSON route shares: token sign-in, body checks, one error shape, pages by links, one effect for each key."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, utc_now


class Answer(Model):
    """What a request with an Idempotency-Key was answered, for when it is sent again; no status while it still runs."""

    __tablename__ = "answers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column()
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)

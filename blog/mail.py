"""E-mail: letters are written in the transaction that causes them, and sent by a job."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, utc_now


class Letter(Model):
    """An e-mail, sent or still to be sent."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    sent_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        CheckConstraint("length(recipient) BETWEEN 3 AND 254", name="recipient"),
        CheckConstraint("length(subject) BETWEEN 1 AND 200", name="subject"),
        Index(None, sent_at, created_at.desc()),
    )

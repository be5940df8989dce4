"""Passkeys: signing in without a password (WebAuthn)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, utc_now


class Passkey(Model):
    """What a device or a key holds the other half of."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    last_used_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        UniqueConstraint("credential_id", info={"message": "This passkey is registered already."}),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    )

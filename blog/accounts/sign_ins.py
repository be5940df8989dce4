"""Sessions: one row for each sign-in, listed with device and last use, ended singly or all."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.keys import LENGTH_OF_HASH
from blog.db import Model, utc_now


class SignIn(Model):
    """A session. The browser holds its key; here is only the hash, so that the table signs nobody in."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    method: Mapped[str] = mapped_column(String(20))  # password, passkey, setup, invitation, reset
    device: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    confirmed_at: Mapped[datetime] = mapped_column(server_default=utc_now())  # when who it is was last proven
    last_used_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("key_hash"),)

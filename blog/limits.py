"""How often something may be tried: counted in the database, so that all processes and machines count together."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model


class Count(Model):
    """How often a thing was tried since its time began."""

    __tablename__ = "counts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (CheckConstraint("number > 0", name="number"),)

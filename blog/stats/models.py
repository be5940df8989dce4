"""What is counted as it happens: views by post, day and visitor, where they came from, and a counter for each post.

None of it stands in `posts`: a view must not raise a post's version, change when it was changed, wake its triggers, or
throw away the pages that are kept of it. What belonged to a post that is deleted for good stays, without a post, so that
sums of days remain what they were.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db

LONGEST_HOST = 253  # characters of a name in the DNS
LENGTH_OF_VISITOR = 32  # hexadecimal digits: 128 bits, so that no two visitors of a day are taken for one

Many = BigInteger().with_variant(Integer, "sqlite")  # SQLite's integers are as large by themselves


def insert(model: type[Model]) -> Any:
    """Each engine's own INSERT, for what is to happen where the row is there: both say it in the same words."""
    postgres = db.session.connection().dialect.name == "postgresql"
    return postgresql.insert(model) if postgres else sqlite.insert(model)


class Salt(Model):
    """What makes the visitors of one day unrecognisable on the next: random, and gone when its day is over."""

    __tablename__ = "view_salts"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))


class View(Model):
    """How often one visitor opened one post on one day, and whether they came to its end. Kept for 30 days."""

    __tablename__ = "post_views"

    id: Mapped[int] = mapped_column(Many, primary_key=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    day: Mapped[date] = mapped_column()
    visitor: Mapped[str] = mapped_column(String(LENGTH_OF_VISITOR))
    views: Mapped[int] = mapped_column(default=1, server_default="1")
    ended: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        UniqueConstraint("post_id", "day", "visitor"),
        CheckConstraint("views >= 1", name="views"),
        CheckConstraint(f"length(visitor) BETWEEN 1 AND {LENGTH_OF_VISITOR}", name="visitor"),
        Index(None, "day", "visitor"),
    )


class Referral(Model):
    """How many views of one post on one day came from a page of one host; "" stands for hosts beyond the limit.

    Kept for 30 days.
    """

    __tablename__ = "post_referrals"

    id: Mapped[int] = mapped_column(Many, primary_key=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    day: Mapped[date] = mapped_column(index=True)
    host: Mapped[str] = mapped_column(String(LONGEST_HOST))
    views: Mapped[int] = mapped_column(default=1, server_default="1")

    __table_args__ = (
        UniqueConstraint("post_id", "day", "host"),
        CheckConstraint("views >= 1", name="views"),
        CheckConstraint(f"length(host) <= {LONGEST_HOST}", name="host"),
    )


class Counter(Model):
    """All views of a post since it was written. Visitors are new each day; `recent_views` are those of 30 days, as of
    the last roll-up.
    """

    __tablename__ = "post_counters"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    view_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    visitor_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    end_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    recent_views: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")

    __table_args__ = (
        CheckConstraint("view_count >= 0", name="view_count"),
        CheckConstraint("visitor_count >= 0", name="visitor_count"),
        CheckConstraint("end_count >= 0", name="end_count"),
        CheckConstraint("recent_views >= 0", name="recent_views"),
        Index(None, recent_views.desc(), view_count.desc(), "post_id"),
    )

"""What the views were rolled up into, day by day, and what is kept of them for good: see `blog.stats.rolling`.

Whoever opens two posts on a day is one visitor, who made two visits: a visit is a post, opened by somebody on a day.
`ends` are the visits that came to the end of the post.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model
from blog.stats.models import LONGEST_HOST, Many


class SiteDay(Model):
    """All of a day. Every day since the first view has one, also those without a view, so it is the calendar as well."""

    __tablename__ = "site_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    visitors: Mapped[int] = mapped_column(BigInteger)
    visits: Mapped[int] = mapped_column(BigInteger)
    ends: Mapped[int] = mapped_column(BigInteger)
    rolled_at: Mapped[datetime] = mapped_column()

    __table_args__ = (CheckConstraint("views >= 0", name="views"),)


class PostDay(Model):
    """Of a post, or of those that are gone."""

    __tablename__ = "post_days"

    id: Mapped[int] = mapped_column(Many, primary_key=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    day: Mapped[date] = mapped_column()
    views: Mapped[int] = mapped_column(BigInteger)
    visitors: Mapped[int] = mapped_column(BigInteger)
    ends: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("post_id", "day"),
        CheckConstraint("views >= 1", name="views"),
        Index(None, "day", "post_id", "views"),
    )


class AuthorDay(Model):
    """Of all posts of an author, as they were theirs on that day. Visitors of several of them are one visitor."""

    __tablename__ = "author_days"

    id: Mapped[int] = mapped_column(Many, primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    day: Mapped[date] = mapped_column(index=True)
    views: Mapped[int] = mapped_column(BigInteger)
    visitors: Mapped[int] = mapped_column(BigInteger)
    visits: Mapped[int] = mapped_column(BigInteger)
    ends: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("author_id", "day"),
        CheckConstraint("views >= 1", name="views"),
    )


class ReferralDay(Model):
    """From one host to the posts of an author; "" stands for the smaller ones of a day."""

    __tablename__ = "referral_days"

    id: Mapped[int] = mapped_column(Many, primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    day: Mapped[date] = mapped_column()
    host: Mapped[str] = mapped_column(String(LONGEST_HOST))
    views: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("author_id", "day", "host"),
        CheckConstraint("views >= 1", name="views"),
        CheckConstraint(f"length(host) <= {LONGEST_HOST}", name="host"),
        Index(None, "day", "host", "views"),
    )


class AuthorMonth(Model):
    """What an author published in a month of the site's clock, with its comments: made anew at each roll-up."""

    __tablename__ = "author_months"

    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    posts: Mapped[int] = mapped_column()
    words: Mapped[int] = mapped_column(BigInteger)
    fewest_words: Mapped[int] = mapped_column()
    most_words: Mapped[int] = mapped_column()
    comments: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("posts >= 1", name="posts"),)

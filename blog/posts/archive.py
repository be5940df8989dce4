"""How many posts each month has, with months as the site's clock has them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, values
from sqlalchemy.sql import column

from blog.db import UtcDateTime, db
from blog.posts.models import Post


@dataclass(frozen=True)
class Month:
    year: int
    month: int
    posts: int


def months(at: datetime, time_zone: str) -> list[Month]:
    """The months that have published posts, newest first. Two queries.

    SQLite knows no time zones, so the months' limits are made here; the count of each is a range of the index.
    """
    zone = ZoneInfo(time_zone)
    first, last = db.session.execute(
        select(func.min(Post.published_at), func.max(Post.published_at)).where(Post.is_visible(at))
    ).one()
    if first is None or last is None:
        return []
    limits = limits_between(first.astimezone(zone), last.astimezone(zone))
    counts = posts_between(limits, at)
    return [Month(start.year, start.month, counts[start]) for start, _ in reversed(limits) if counts[start]]


def limits_between(first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """(start, end) of each month from that of `first` to that of `last`, in their zone."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + 1)
    starts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=first.tzinfo) for number in numbers]
    return list(pairwise(starts))


def posts_between(limits: list[tuple[datetime, datetime]], at: datetime) -> dict[datetime, int]:
    spans = (
        values(column("start", UtcDateTime()), column("end", UtcDateTime()), name="spans").data(limits).cte()
    )
    within = select(func.count()).where(Post.is_visible(at), Post.is_between(spans.c.start, spans.c.end))
    counted = db.session.execute(select(spans.c.start, within.correlate(spans).scalar_subquery()))
    zone = limits[0][0].tzinfo
    return {start.astimezone(UTC).astimezone(zone): posts for start, posts in counted}

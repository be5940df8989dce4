"""How many posts each month has, with months as the site's clock has them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, values
from sqlalchemy.sql import column

from blog.db import UtcDateTime, db
from blog.posts.models import Post
from blog.posts.publishing import Status


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
    first, last = db.session.execute(select(edge(func.min, at), edge(func.max, at))).one()
    if first is None or last is None:
        return []
    limits = limits_between(first.astimezone(zone), last.astimezone(zone))
    counts = posts_between(limits)
    found = [Month(start.year, start.month, counts[start.astimezone(UTC)]) for start, _ in reversed(limits)]
    return [month for month in found if month.posts]


def edge(least_or_greatest: Any, at: datetime) -> Any:
    """The first or last time of publication: each on its own is one step in the index."""
    return select(least_or_greatest(Post.published_at)).where(Post.is_visible(at)).scalar_subquery()


def limits_between(first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """(start, end) of each month from that of `first` to that of `last`, in their zone; nothing after `last`."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=first.tzinfo) for number in numbers]
    return list(pairwise([*starts, last + timedelta.resolution]))


def posts_between(limits: list[tuple[datetime, datetime]]) -> dict[datetime, int]:
    """By start, in UTC: a month may begin at a midnight that its zone's clocks leave out."""
    spans = (
        values(column("start", UtcDateTime()), column("end", UtcDateTime()), name="spans").data(limits).cte()
    )
    published = (
        Post.status == Status.PUBLISHED,
        Post.published_at >= spans.c.start,
        Post.published_at < spans.c.end,
    )
    counted = select(func.count()).where(*published).correlate(spans).scalar_subquery()
    rows = db.session.execute(select(spans.c.start, counted.label("posts")))
    return {row.start: row.posts for row in rows}

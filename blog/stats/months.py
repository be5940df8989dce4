"""What authors published, by month of the site's clock: how much, how long, and how much was said under it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Subquery, column, delete, func, insert, select, values

from blog.comments.models import Comment
from blog.db import UtcDateTime, db
from blog.posts.archive import edge, limits_between
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.stats.days import AuthorMonth

COLUMNS = ("author_id", "month", "posts", "words", "fewest_words", "most_words", "comments")


def roll_up_months(at: datetime, zone: ZoneInfo) -> None:
    """Make all of them anew: there are few, and posts move from month to month and from author to author."""
    db.session.execute(delete(AuthorMonth), execution_options={"synchronize_session": False})
    first, last = db.session.execute(select(edge(func.min, at), edge(func.max, at))).one()
    if first is None or last is None:
        return
    limits = limits_between(first.astimezone(zone), last.astimezone(zone))
    spans = [
        (start.date().replace(day=1), start.astimezone(UTC), end.astimezone(UTC)) for start, end in limits
    ]
    fill_from(spans)


def fill_from(months: list[tuple[date, datetime, datetime]]) -> None:
    """SQLite knows no time zones, so each month comes with its limits; its posts are a range of an index."""
    columns = (column("month", Date), column("start", UtcDateTime()), column("end", UtcDateTime()))
    spans = values(*columns, name="spans").data(months).cte("spans")
    comments = comments_by_post()
    measured = (
        func.count(),
        func.sum(Post.word_count),
        func.min(Post.word_count),
        func.max(Post.word_count),
        func.coalesce(func.sum(comments.c.comments), 0),
    )
    published = (
        Post.status == Status.PUBLISHED,
        Post.published_at >= spans.c.start,
        Post.published_at < spans.c.end,
    )
    found = (
        select(Post.author_id, spans.c.month, *measured)
        .select_from(spans)
        .join(Post, published[0] & published[1] & published[2])
        .outerjoin(comments, comments.c.post_id == Post.id)
        .group_by(Post.author_id, spans.c.month)
    )
    db.session.execute(insert(AuthorMonth).from_select(list(COLUMNS), found))


def comments_by_post() -> Subquery:
    counted = select(Comment.post_id, func.count().label("comments")).where(Comment.is_shown())
    return counted.group_by(Comment.post_id).subquery("comments_by_post")

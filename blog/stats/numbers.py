"""The questions of the statistics: each is one select, over sums of days and months, for the whole site or one author.

None of them reads a view or a text: they cost as much as there are days, months and authors, however much is read.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, case, cast, func, select, true

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import Rows
from blog.posts.models import Post
from blog.stats.days import AuthorDay, AuthorMonth, ReferralDay, SiteDay
from blog.stats.models import Counter

A_WEEK = 7
MOST_POSTS, MOST_HOSTS, MOST_AUTHORS, MOST_MONTHS = 20, 20, 100, 240


class Asked(NamedTuple):
    """Whose numbers: those of an author, or with None of everybody; since which day; and for now."""

    author_id: int | None
    since: date
    at: datetime


def is_theirs(column: Any, asked: Asked) -> ColumnElement[bool]:
    return true() if asked.author_id is None else column == asked.author_id


def quotient(dividend: Any, divisor: Any) -> ColumnElement[float]:
    """0 where there is nothing to divide by."""
    return func.coalesce(cast(dividend, Float) / func.nullif(divisor, 0), 0.0)


def day_numbers(asked: Asked) -> Rows:
    """Every day: `day views visitors visits ends`. The days are those of the site, also where the author has none."""
    if asked.author_id is None:
        return select(SiteDay.day, SiteDay.views, SiteDay.visitors, SiteDay.visits, SiteDay.ends)
    of_day = (AuthorDay.day == SiteDay.day) & (AuthorDay.author_id == asked.author_id)
    names = ("views", "visitors", "visits", "ends")
    numbers = [func.coalesce(getattr(AuthorDay, name), 0).label(name) for name in names]
    return select(SiteDay.day, *numbers).outerjoin(AuthorDay, of_day)


def days(asked: Asked) -> Rows:
    """`day views visitors visits ends usual_views`: the last is the mean of the week that ends with the day."""
    week_before = asked.since - timedelta(days=A_WEEK - 1)
    counted = day_numbers(asked).where(SiteDay.day >= week_before).cte("counted")
    usual = func.avg(counted.c.views).over(order_by=counted.c.day, rows=(1 - A_WEEK, 0))
    measured = select(counted, cast(usual, Float).label("usual_views")).cte("measured")
    return select(measured).where(measured.c.day >= asked.since).order_by(measured.c.day)


def totals(asked: Asked) -> Rows:
    """One row: what the days add up to, what was ever published, and when all of it was summed up."""
    counted = day_numbers(asked).where(SiteDay.day >= asked.since).cte("counted")
    read = select(
        *(
            func.coalesce(func.sum(counted.c[name]), 0).label(name)
            for name in ("views", "visitors", "visits", "ends")
        ),
        quotient(func.sum(counted.c.ends), func.sum(counted.c.visits)).label("share_read_to_the_end"),
    ).cte("read")
    written = select(*measures()).where(is_theirs(AuthorMonth.author_id, asked)).cte("written")
    rolled_at = select(func.max(SiteDay.rolled_at)).scalar_subquery().label("rolled_at")
    return select(read, written, rolled_at).join_from(read, written, true())


def measures() -> list[ColumnElement[Any]]:
    """What months add up to: `posts mean_words fewest_words most_words comments comments_per_post`."""
    posts, words, comments = (
        func.coalesce(func.sum(part), 0)
        for part in (AuthorMonth.posts, AuthorMonth.words, AuthorMonth.comments)
    )
    return [
        posts.label("posts"),
        quotient(words, posts).label("mean_words"),
        func.coalesce(func.min(AuthorMonth.fewest_words), 0).label("fewest_words"),
        func.coalesce(func.max(AuthorMonth.most_words), 0).label("most_words"),
        comments.label("comments"),
        quotient(comments, posts).label("comments_per_post"),
    ]


def posts(asked: Asked) -> Rows:
    """The most read of the last 30 days, with all that was ever counted of them."""
    counters = (Counter.recent_views, Counter.view_count, Counter.visitor_count, Counter.end_count)
    shown = select(Post.id).where(Post.id == Counter.post_id, Post.is_visible(asked.at))
    theirs = select(Counter.post_id, *counters).where(
        shown.where(
            is_theirs(Post.author_id, asked)
        ).exists()  # looked up one by one, in the order of the counters
    )
    order = (Counter.recent_views.desc(), Counter.view_count.desc(), Counter.post_id)
    best = theirs.order_by(*order).limit(MOST_POSTS).cte("best")
    said = select(func.count()).where(Comment.post_id == best.c.post_id, Comment.is_shown()).scalar_subquery()
    columns = (Post.id, Post.title, Post.slug, User.display_name.label("author"), Post.word_count)
    numbers = (best.c.recent_views, best.c.view_count, best.c.visitor_count, best.c.end_count)
    share = quotient(best.c.end_count, best.c.visitor_count).label("share_read_to_the_end")
    found = select(*columns, *numbers, share, said.label("comments")).join(best, best.c.post_id == Post.id)
    placed = (best.c.recent_views.desc(), best.c.view_count.desc(), best.c.post_id)
    return found.join(User, User.id == Post.author_id).order_by(*placed)


def referrers(asked: Asked) -> Rows:
    """`host views share`: where readers came from, the greatest first, and last, as "", all others."""
    theirs = (ReferralDay.day >= asked.since, is_theirs(ReferralDay.author_id, asked))
    by_host = select(ReferralDay.host, func.sum(ReferralDay.views).label("views")).where(*theirs)
    summed = by_host.group_by(ReferralDay.host).cte("summed")
    share = quotient(summed.c.views, func.sum(summed.c.views).over()).label("share")
    unnamed = case((summed.c.host == "", 1), else_=0)
    found = select(summed.c.host, summed.c.views, share)
    return found.order_by(unnamed, summed.c.views.desc(), summed.c.host).limit(MOST_HOSTS)


def authors(asked: Asked) -> Rows:
    """Who wrote how much, and who more than the mean of all authors."""
    summed = select(AuthorMonth.author_id, *measures()).group_by(AuthorMonth.author_id).cte("summed")
    mean = cast(func.avg(summed.c.posts).over(), Float).label("mean_posts")
    measured = select(summed, mean).cte("measured")
    above = (measured.c.posts > measured.c.mean_posts).label("above_the_mean")
    columns = [column for column in measured.c if column.name != "author_id"]
    found = select(User.username, User.display_name.label("author"), *columns, above)
    found = found.join(measured, measured.c.author_id == User.id).where(is_theirs(User.id, asked))
    return found.order_by(measured.c.posts.desc(), User.id).limit(MOST_AUTHORS)


def months(asked: Asked) -> Rows:
    """By month of the site's clock, the latest first: what was published, and how much that makes since the beginning."""
    theirs = select(AuthorMonth.month, *measures()).where(is_theirs(AuthorMonth.author_id, asked))
    summed = theirs.group_by(AuthorMonth.month).cte("summed")
    so_far = func.sum(summed.c.posts).over(order_by=summed.c.month).label("posts_so_far")
    return select(summed, so_far).order_by(summed.c.month.desc()).limit(MOST_MONTHS)

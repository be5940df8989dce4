"""What is asked for together: each question of the statistics by name, with what of its answer is told."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from blog.access import may
from blog.db import Rows, db, now
from blog.settings import site
from blog.stats import numbers
from blog.stats.counting import day_of
from blog.stats.numbers import Asked

PERIODS = (7, 30, 90, 365)  # days, with today
USUAL_PERIOD = 30


class Table(NamedTuple):
    """A question, and what of its answer is told in which order."""

    question: Callable[[Asked], Rows]
    columns: tuple[str, ...]


MEASURES = ("posts", "mean_words", "fewest_words", "most_words", "comments", "comments_per_post")
TABLES = {
    "days": Table(numbers.days, ("day", "views", "visitors", "visits", "ends", "usual_views")),
    "posts": Table(
        numbers.posts,
        (
            "title",
            "slug",
            "author",
            "word_count",
            "recent_views",
            "view_count",
            "visitor_count",
            "end_count",
            "share_read_to_the_end",
            "comments",
        ),
    ),
    "referrers": Table(numbers.referrers, ("host", "views", "share")),
    "authors": Table(numbers.authors, ("username", "author", *MEASURES, "mean_posts", "above_the_mean")),
    "months": Table(numbers.months, ("month", *MEASURES, "posts_so_far")),
}


def asked_by(person: Any, period: int) -> Asked:
    """What `person` may see: everybody's numbers, or those of their own posts."""
    at = now()
    since = day_of(at, site().time_zone) - timedelta(days=period - 1)
    return Asked(None if may(person, "see statistics") else person.id, since, at)


def answer(question: Rows) -> Sequence[Any]:
    return db.session.execute(question).all()

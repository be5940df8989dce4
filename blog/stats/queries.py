"""The queries of statistics by name, for `flask explain`: those of the whole site, which are the dearest."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from blog.db import Rows, now
from blog.explaining import named_query
from blog.settings import site
from blog.stats import numbers
from blog.stats.counting import day_of
from blog.stats.numbers import Asked
from blog.stats.tables import USUAL_PERIOD


def of_site(question: Callable[[Asked], Rows]) -> Rows:
    at = now()
    return question(Asked(None, day_of(at, site().time_zone) - timedelta(days=USUAL_PERIOD - 1), at))


@named_query("stats-totals")
def totals() -> Any:
    """What 30 days add up to, and all that was ever published."""
    return of_site(numbers.totals)


@named_query("stats-days")
def days() -> Any:
    """Views and visitors of 30 days, with the mean of each week."""
    return of_site(numbers.days)


@named_query("stats-posts")
def posts() -> Any:
    """The most read posts."""
    return of_site(numbers.posts)


@named_query("stats-referrers")
def referrers() -> Any:
    """Where the readers of 30 days came from."""
    return of_site(numbers.referrers)


@named_query("stats-authors")
def authors() -> Any:
    """Who wrote how much, and who more than the mean."""
    return of_site(numbers.authors)


@named_query("stats-months")
def months() -> Any:
    """What was published in each month."""
    return of_site(numbers.months)

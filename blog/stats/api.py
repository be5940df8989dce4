"""/api/stats: the numbers of `/stats/`, for programs."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import Response
from flask_login import current_user
from marshmallow import fields

from blog.api import Resource
from blog.api.etags import tagged
from blog.api.fields import Given, Shown, Whole
from blog.api.openapi import Route
from blog.api.resource import answer
from blog.errors import NotFound
from blog.stats import numbers
from blog.stats.tables import TABLES, USUAL_PERIOD, asked_by
from blog.stats.tables import answer as rows

MOST_DAYS = 366


def whole(description: str = "") -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": description} if description else {})


def fraction(description: str = "") -> fields.Float:
    return fields.Float(required=True, metadata={"description": description} if description else {})


class Measured(Shown):
    """How much was published, and how long it is."""

    posts = whole()
    mean_words = fraction()
    fewest_words = whole()
    most_words = whole()
    comments = whole()
    comments_per_post = fraction()


class DayShown(Shown):
    """A day of the site's clock."""

    day = fields.Date(required=True)
    views = whole()
    visitors = whole("Each once, however many posts they open.")
    visits = whole("Posts that somebody opened, each once for each visitor.")
    ends = whole("Visits that came to the end of the post.")
    usual_views = fraction("The mean of the week that ends with this day.")


class ReadPostShown(Shown):
    """A post that is read much."""

    id = whole()
    title = fields.String(required=True)
    slug = fields.String(required=True)
    author = fields.String(required=True)
    word_count = whole()
    recent_views = whole("Of the last 30 days.")
    view_count = whole()
    visitor_count = whole("Each new on each day.")
    end_count = whole()
    share_read_to_the_end = fraction("From 0 to 1.")
    comments = whole()


class HostShown(Shown):
    """Where readers came from; the empty name stands for all others."""

    host = fields.String(required=True)
    views = whole()
    share = fraction("From 0 to 1.")


class AuthorShown(Measured):
    """What somebody published."""

    username = fields.String(required=True)
    author = fields.String(required=True, metadata={"description": "As readers see the name."})
    mean_posts = fraction("Of all authors.")
    above_the_mean = fields.Boolean(required=True)


class MonthShown(Measured):
    """A month of the site's clock."""

    month = fields.Date(required=True, metadata={"description": "Its first day."})
    posts_so_far = whole("With all months before.")


class TotalsShown(Measured):
    """All of the days that were asked for, and all that was ever published."""

    views = whole()
    visitors = whole("Each new on each day.")
    visits = whole()
    ends = whole()
    share_read_to_the_end = fraction("From 0 to 1.")
    rolled_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        default_timezone=UTC,
        metadata={"description": "When all this was summed up; null before the first time."},
    )


class StatsShown(Shown):
    """Of the site for editors, of their own posts for authors."""

    totals = fields.Nested(TotalsShown, required=True)
    days = fields.List(fields.Nested(DayShown), required=True)
    posts = fields.List(fields.Nested(ReadPostShown), required=True)
    referrers = fields.List(fields.Nested(HostShown), required=True)
    authors = fields.List(fields.Nested(AuthorShown), required=True)
    months = fields.List(fields.Nested(MonthShown), required=True)


class StatsAsked(Given):
    days = Whole(
        1,
        MOST_DAYS,
        load_default=USUAL_PERIOD,
        metadata={"description": "Of how many days views and referrers are told, with today."},
    )


def find(**ids: Any) -> Any:
    raise NotFound


resource = Resource("stats", "Statistics", "Who reads what.", shows=StatsShown, find=find)


def read_stats() -> None:
    """Views, posts, referrers, authors and months

    Summed up every ten minutes: `totals.rolled_at` tells when.
    """


def told(asked: Mapping[str, Any]) -> Response:
    """Six queries."""
    wanted = asked_by(current_user, asked["days"])
    found = {name: rows(table.question(wanted)) for name, table in TABLES.items()}
    dumped = StatsShown().dump({"totals": rows(numbers.totals(wanted))[0], **found})
    return tagged(answer(dumped, 200), dumped)


resource.declare(
    "",
    Route(read_stats, "GET", "see statistics", [200, 304], tells=StatsShown(), endpoint="read"),
    told,
    query=StatsAsked,
)

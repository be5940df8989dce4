"""Proving that the numbers agree: what is counted twice is asked for twice, and every difference is told.

Each question adds up what must be equal, once with a plus and once with a minus: whatever is not zero is wrong.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, union_all

from blog.db import Rows, db
from blog.stats.days import AuthorDay, PostDay, ReferralDay, SiteDay
from blog.stats.models import Counter, Referral, View

MOST_TOLD = 100  # of each kind

ENDED = case((View.ended, 1), else_=0)


def findings(today: date) -> list[str]:
    """A sentence for each number that does not agree with another; to be asked right after a roll-up.

    Seven queries, each over all rows of its tables.
    """
    kept_since = db.session.scalar(select(func.min(View.day))) or today + timedelta(days=1)
    return [
        *told("post {0}: its counter", counters(kept_since), ("views", "visitors", "ends")),
        *told(
            "post {0} on {1}: its sum of the day", days_of_posts(kept_since), ("views", "visitors", "ends")
        ),
        *told(
            "{0}: the sum of the site, by its posts", days_of_posts_and_site(), ("views", "visits", "ends")
        ),
        *told(
            "{0}: the sum of the site, by its authors",
            days_of_authors_and_site(),
            ("views", "visits", "ends"),
        ),
        *told("{0}: the visitors of the site", visitors(kept_since), ("visitors",)),
        *told("{0}: the sum of other sites", referrals(kept_since), ("views",)),
    ]


def told(what: str, question: Rows, names: Iterable[str]) -> Iterator[str]:
    keys = len(question.selected_columns) - len(list(names))
    for row in db.session.execute(question.limit(MOST_TOLD)):
        wrong = [f"{number:+} {name}" for name, number in zip(names, row[keys:], strict=True) if number]
        key = [part if part is not None else "that is gone" for part in row[:keys]]
        yield f"{what.format(*key)} is off by {', '.join(wrong)}"


def differences(keys: int, *parts: Rows) -> Rows:
    """What does not add up to zero, by the first so many columns of each part."""
    rows = union_all(*parts).subquery()
    columns = list(rows.c)
    sums = [func.sum(column) for column in columns[keys:]]
    wrong: ColumnElement[bool] = sums[0] != 0
    for total in sums[1:]:
        wrong = wrong | (total != 0)
    return select(*columns[:keys], *sums).group_by(*columns[:keys]).having(wrong).order_by(*columns[:keys])


def minus(*columns: Any) -> list[Any]:
    return [-column for column in columns]


def counters(kept_since: date) -> Rows:
    """A counter is the sum of the days before rows are kept, and of the rows."""
    counted = select(Counter.post_id, Counter.view_count, Counter.visitor_count, Counter.end_count)
    days = select(PostDay.post_id, *minus(PostDay.views, PostDay.visitors, PostDay.ends))
    rows = select(View.post_id, *minus(View.views, literal(1), ENDED))
    before = (PostDay.day < kept_since, PostDay.post_id.is_not(None))
    return differences(1, counted, days.where(*before), rows.where(View.post_id.is_not(None)))


def days_of_posts(kept_since: date) -> Rows:
    days = select(PostDay.post_id, PostDay.day, PostDay.views, PostDay.visitors, PostDay.ends)
    rows = select(View.post_id, View.day, *minus(View.views, literal(1), ENDED))
    there = (PostDay.day >= kept_since, PostDay.post_id.is_not(None))
    return differences(2, days.where(*there), rows.where(View.post_id.is_not(None)))


SITE = select(SiteDay.day, SiteDay.views, SiteDay.visits, SiteDay.ends)


def days_of_posts_and_site() -> Rows:
    """Visitors of a post are visits to the site."""
    posts = minus(PostDay.views, PostDay.visitors, PostDay.ends)
    return differences(1, SITE, select(PostDay.day, *posts))


def days_of_authors_and_site() -> Rows:
    authors = minus(AuthorDay.views, AuthorDay.visits, AuthorDay.ends)
    return differences(1, SITE, select(AuthorDay.day, *authors))


def visitors(kept_since: date) -> Rows:
    site = select(SiteDay.day, SiteDay.visitors).where(SiteDay.day >= kept_since)
    rows = select(View.day, -func.count(View.visitor.distinct())).group_by(View.day)
    return differences(1, site, rows)


def referrals(kept_since: date) -> Rows:
    days = select(ReferralDay.day, ReferralDay.views).where(ReferralDay.day >= kept_since)
    return differences(1, days, select(Referral.day, -Referral.views))


def summary() -> str:
    """How much was looked at."""
    counts = [select(func.count()).select_from(table).scalar_subquery() for table in (Counter, View, PostDay)]
    posts, rows, days = db.session.execute(select(*counts)).one()
    views = db.session.scalar(select(func.coalesce(func.sum(SiteDay.views), 0)))
    return f"{views:,} views; {posts:,} counters, {rows:,} rows with visitors, {days:,} sums of days."

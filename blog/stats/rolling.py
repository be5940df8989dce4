"""Rolling up: what was counted becomes sums by day, which are kept; what was counted by visitor goes after 30 days."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, insert, literal, select, text, update

from blog.bulk import delete_where, insert_many
from blog.db import Model, Rows, UtcDateTime, db, now, one_at_a_time
from blog.jobs import every
from blog.posts.models import Post
from blog.settings import site
from blog.stats.counting import day_of, forget_salts
from blog.stats.days import AuthorDay, PostDay, ReferralDay, SiteDay
from blog.stats.models import Counter, Referral, View
from blog.stats.months import roll_up_months

KEPT_FOR = 30  # days that rows with visitors are kept, with today
RECENT = 30  # days that `Counter.recent_views` sums up, with today
MOST_HOSTS = 50  # of each author and day that are kept by name, those with the most views

NUMBERS = ("views", "visitors", "visits", "ends")
UNSEEN: Mapping[str, Any] = {"synchronize_session": False}


@every("stats.roll_up", minutes=10)
def roll_up_now() -> None:
    """What the pages of statistics read. Then what is too old to be kept goes."""
    at, zone = now(), site().time_zone
    roll_up(at, zone)
    forget(day_of(at, zone))


def roll_up(at: datetime, time_zone: str) -> None:
    """Sum up today and the day before the last that was summed up: by now nothing can be added to those before.

    Safe to run at any time, and again; not committed. Its cost is that of the rows of two days, and of one pass over
    the posts.
    """
    hold_still()
    today = day_of(at, time_zone)
    since = first_open_day(today)
    for table in (PostDay, AuthorDay, ReferralDay, SiteDay):
        delete_where(table, table.day >= since)
    fill(PostDay, ("post_id", "day", "views", "visitors", "ends"), by_post(since))
    fill(AuthorDay, ("author_id", "day", *NUMBERS), by_author(since))
    fill(ReferralDay, ("author_id", "day", "host", "views"), by_host(since))
    fill_site_days(since, today, at)
    count_recent(today)
    roll_up_months(at, ZoneInfo(time_zone))


def hold_still() -> None:
    """Until the transaction ends nobody else sums up, and views wait to be counted: all sums are of the same rows."""
    one_at_a_time("statistics")
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE post_views IN SHARE MODE"))


def first_open_day(today: date) -> date:
    """The day before the last one that was rolled up; a view may have come in just before its end."""
    last = db.session.scalar(select(func.max(SiteDay.day)).where(SiteDay.day <= today))
    if last is not None:
        return last - timedelta(days=1)
    return db.session.scalar(select(func.min(View.day))) or today


def fill(model: type[Model], columns: Iterable[str], found: Rows) -> None:
    db.session.execute(insert(model).from_select(list(columns), found), execution_options=UNSEEN)


ENDED = func.sum(case((View.ended, 1), else_=0))


def sums() -> tuple[ColumnElement[Any], ...]:
    """Views; visitors, each once; visits; and how many of these came to the end of a post: see `blog.stats.days`."""
    return func.sum(View.views), func.count(View.visitor.distinct()), func.count(), ENDED


def by_post(since: date) -> Rows:
    """Each row is another visitor, except of posts that are gone, whose visitors are visits."""
    numbers = (func.sum(View.views), func.count(), ENDED)
    return select(View.post_id, View.day, *numbers).where(View.day >= since).group_by(View.post_id, View.day)


def by_author(since: date) -> Rows:
    of_posts = select(Post.author_id, View.day, *sums()).outerjoin_from(View, Post, Post.id == View.post_id)
    return of_posts.where(View.day >= since).group_by(Post.author_id, View.day)


def by_host(since: date) -> Rows:
    """The greatest by name, and all others of an author and day as one: the sum stays what it was."""
    columns = (Post.author_id, Referral.day, Referral.host, func.sum(Referral.views).label("views"))
    found = select(*columns).outerjoin_from(Referral, Post, Post.id == Referral.post_id)
    summed = found.where(Referral.day >= since).group_by(*columns[:3]).cte("summed")
    greatest = (summed.c.views.desc(), summed.c.host)
    place = func.row_number().over(partition_by=(summed.c.author_id, summed.c.day), order_by=greatest)
    placed = select(summed, place.label("place")).cte("placed")
    name = case((placed.c.place <= MOST_HOSTS, placed.c.host), else_="")
    told = select(placed.c.author_id, placed.c.day, name, func.sum(placed.c.views))
    return told.group_by(placed.c.author_id, placed.c.day, name)


def fill_site_days(since: date, today: date, at: datetime) -> None:
    """Also the days without a view."""
    at_time = literal(at, UtcDateTime()).label("rolled_at")
    counted = select(View.day, *sums(), at_time).where(View.day >= since).group_by(View.day)
    fill(SiteDay, ("day", *NUMBERS, "rolled_at"), counted)
    known = set(db.session.scalars(select(SiteDay.day).where(SiteDay.day >= since)))
    days = (since + timedelta(days=number) for number in range((today - since).days + 1))
    nothing = {**dict.fromkeys(NUMBERS, 0), "rolled_at": at}
    rows = [{"day": day, **nothing} for day in days if day not in known]
    if rows:
        insert_many(SiteDay, rows)


def count_recent(today: date) -> None:
    """How often each post was read in the last days: only where that has changed."""
    since = today - timedelta(days=RECENT - 1)
    views = select(PostDay.post_id, func.sum(PostDay.views).label("views")).where(
        PostDay.day >= since, PostDay.post_id.is_not(None)
    )
    recent = views.group_by(PostDay.post_id).subquery("recent")
    present = func.coalesce(recent.c.views, 0)
    changed = (
        select(Counter.post_id, present.label("views"))
        .outerjoin(recent, recent.c.post_id == Counter.post_id)
        .where(Counter.recent_views != present)
        .subquery("changed")
    )
    raised = update(Counter).where(Counter.post_id == changed.c.post_id)
    db.session.execute(raised.values(recent_views=changed.c.views), execution_options=UNSEEN)


def forget(today: date) -> None:
    """Rows with visitors, when their days are over, and salts, by which nobody is counted any more."""
    kept_since = today - timedelta(days=KEPT_FOR - 1)
    for table in (View, Referral):
        delete_where(table, table.day < kept_since)
    forget_salts(today)

"""The calendar of what comes: posts and changes on the days when they appear, or have appeared."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy import ColumnElement, String, cast, literal, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.accounts.models import User
from blog.db import Rows, db, now, retried
from blog.errors import Conflict, Invalid, NotFound
from blog.posts.changes import PendingChange
from blog.posts.editor import own
from blog.posts.forms import why_no_moment
from blog.posts.models import Post
from blog.posts.publishing import FIRST_YEAR, LAST_YEAR, Status
from blog.posts.views import posts
from blog.settings import date_in_words, local_time, month_name, time_zone, today, utc_time

MOST_ENTRIES = 1000  # in a month; a calendar of more is read as the list at the desk
SEEN = (Status.DRAFT, Status.PUBLISHED)
ONE_DAY = timedelta(days=1)
WEEK = 7 * ONE_DAY


@dataclass
class Day:
    """A day of the page, which may be one of the month before or after."""

    date: date
    is_inside: bool
    is_today: bool
    entries: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Span:
    """What a page shows: a month in whole weeks, or a week; weeks begin as where the reader's language is spoken."""

    name: str  # as in the address
    first: date
    dates: list[date]

    @property
    def title(self) -> str:
        if self.name == "week":
            return f"{date_in_words(self.dates[0])} – {date_in_words(self.dates[-1])}"
        return month_name((self.first.year, self.first.month))

    @property
    def before(self) -> date:
        """A day of what comes before."""
        return self.first - ONE_DAY

    @property
    def after(self) -> date:
        return self.first + (WEEK if self.name == "week" else 31 * ONE_DAY)

    @property
    def other(self) -> dict[str, str]:
        """The month that a week is in; the week of today, or else the first one of a month."""
        if self.name == "week":
            return {"month": f"{self.first:%Y-%m}"}
        is_now = (self.first.year, self.first.month) == (today().year, today().month)
        return {"week": f"{today() if is_now else self.first}"}

    def at(self, day: date) -> dict[str, str]:
        """What the address asks for that shows as much around another day."""
        return {self.name: f"{day}" if self.name == "week" else f"{day:%Y-%m}"}

    def filled(self, entries: Iterable[tuple[date, Any]]) -> list[Day]:
        """Its days, each with its entries."""
        every, now_on = self.name == "week", today()
        days = {day: Day(day, every or day.month == self.first.month, day == now_on) for day in self.dates}
        for day, entry in entries:
            days[day].entries.append(entry)
        return list(days.values())


def what_comes() -> str:
    """The page of a month or a week: `/posts/?view=calendar`. One query."""
    span = asked_span()
    days = span.filled(posts_in(span))
    return render_template("posts/calendar.html", span=span, days=days, today=today())


def asked_span() -> Span:
    return asked_week(request.args["week"]) if "week" in request.args else asked_month()


def asked_month() -> Span:
    """Of `?month=2026-03`; the present month without it."""
    asked = request.args.get("month", f"{today():%Y-%m}")
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", asked)
    if not found or not FIRST_YEAR < int(found[1]) < LAST_YEAR:
        raise NotFound
    weeks = calendar.Calendar(get_locale().first_week_day)
    first = date(int(found[1]), int(found[2]), 1)
    return Span("month", first, list(weeks.itermonthdates(first.year, first.month)))


def asked_week(asked: str) -> Span:
    """Of `?week=2026-03-12`: the one that this day is in."""
    day = day_in(asked)
    if day is None or not FIRST_YEAR < day.year < LAST_YEAR:
        raise NotFound
    first = day - (day.weekday() - get_locale().first_week_day) % 7 * ONE_DAY
    return Span("week", first, [first + number * ONE_DAY for number in range(7)])


def day_in(text: str) -> date | None:
    """As 2026-01-15; None for what is no day."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def posts_in(span: Span, *among: ColumnElement[bool]) -> list[tuple[date, Any]]:
    """What appears then, for whoever asks, each with its day. One query."""
    found = entries(span.dates[0], span.dates[-1] + ONE_DAY, *among)
    return [(local_time(entry.at).date(), entry) for entry in found]


def entries(start: date, end: date, *among: ColumnElement[bool], person: Any = None) -> list[Any]:
    """What appears from the first day until before the last, for whoever asks, or for this person. One query."""
    person = person or current_user
    zone = ZoneInfo(time_zone())
    begin, finish = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (start, end))
    times = (Post.published_at >= begin, Post.published_at < finish, Post.status.in_(SEEN))
    appearing = found_at(Post.published_at, Post.title, "post", person).where(*times, *among)
    due = (PendingChange.publish_at >= begin, PendingChange.publish_at < finish)
    changing = found_at(PendingChange.publish_at, PendingChange.title, "change", person)
    changing = changing.join(PendingChange, PendingChange.post_id == Post.id)
    both = appearing.union_all(changing.where(*due, Post.is_there(), *among)).subquery()
    ordered = select(both).order_by(both.c.at, both.c.id).limit(MOST_ENTRIES)
    return list(db.session.execute(ordered).all())


def found_at(at: Any, title: Any, kind: str, person: Any) -> Rows:
    columns = (
        at.label("at"),
        Post.id,
        title.label("title"),
        Post.slug,
        Post.status,
        Post.version,
        Post.updated_at,
    )
    about = (User.display_name.label("author_name"), cast(literal(kind), String).label("kind"))
    mine = Post.is_editable_by(person).label("editable")
    movable = Post.is_editable_by(person, "publish post").label("movable")
    found = select(*columns, *about, mine, movable).join(User, User.id == Post.author_id)
    return found.where(Post.is_readable_by(person, now()))


# Moving to another day


@posts.post("/posts/<int:post_id>/day")
@permitted("publish post")
def move_to_day(post_id: int) -> Response:
    """Appear on another day, at the time of day as before: the post, or the change of it that waits."""
    reschedule(post_id)
    place: dict[str, Any] = {name: request.args[name] for name in ("month", "week") if name in request.args}
    return redirect(url_for("posts.manage", view="calendar", **place))


def reschedule(post_id: int) -> None:
    """As the form says that was sent: `day`, `kind` and `version`. What cannot be is told by a message."""
    try:
        flash(retried(lambda: moved(post_id)), "success")
    except (Conflict, Invalid) as problem:
        flash(problem.detail, "error")


def moved(post_id: int) -> str:
    post, at = own(post_id, "publish post", to_change=True), now()
    if request.form.get("version", "") not in {"", str(post.version)}:
        raise Conflict(f"Somebody else saved “{post.title}” meanwhile. Look whether it still holds.")
    is_change = request.form.get("kind") == "change" and post.change is not None
    before = post.change.publish_at if is_change and post.change else post.published_at
    time = on_day(before or at)
    move = post.move_change if is_change else post.move_to
    move(time, time_zone(), at)
    audit.record("moved to another day", post, after={"appears_at": time.isoformat(timespec="seconds")})
    return f"“{post.title}” now appears on {date_in_words(time)}."


def on_day(before: datetime) -> datetime:
    """The same time of the day that is asked for, on the clock of whoever asks."""
    day = day_in(request.form.get("day", ""))
    if day is None:
        raise Invalid("Choose a day.")
    moment = datetime.combine(day, local_time(before).time())
    problem = why_no_moment(moment)
    if problem:
        raise Invalid(problem)
    return utc_time(moment)

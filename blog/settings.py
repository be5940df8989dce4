"""What an editor may change about the site: one row, with defaults until it is first saved."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, dates
from babel.numbers import format_decimal as format_decimal_in
from flask import Flask, g, has_request_context
from flask_babel import Babel, format_date, format_decimal, format_time
from flask_login import current_user
from sqlalchemy import CheckConstraint, ScalarSelect, String, event, false, literal, select, true
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db, now
from blog.site_version import kept

MINUTE = timedelta(minutes=1)
BESIDE: dict[str, Callable[[], ScalarSelect[Any]]] = {}  # what features want to know for every page, by name
TIME_ZONES = {zone: zone.replace("_", " ") for zone in sorted(available_timezones())}


class Settings(Model):
    """The one row of settings; `id` is always 1."""

    __tablename__ = "settings"
    __logged__ = (
        "title",
        "tagline",
        "language",
        "time_zone",
        "posts_per_page",
        "comments_open",
        "guests_comment",
        "comments_held",
        "comment_days",
        "joining_open",
        "theme_colour",
        "trash_days",
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    title: Mapped[str] = mapped_column(String(100), default="Masthead")
    tagline: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    time_zone: Mapped[str] = mapped_column(String(50), default="UTC")
    posts_per_page: Mapped[int] = mapped_column(default=20)
    comments_open: Mapped[bool] = mapped_column(default=True)
    guests_comment: Mapped[bool] = mapped_column(default=False, server_default=false())
    comments_held: Mapped[str] = mapped_column(String(10), default="never", server_default="never")
    comment_days: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # then none is taken; 0 for never
    joining_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    theme_colour: Mapped[str] = mapped_column(String(7), default="#9a1c2e")
    trash_days: Mapped[int] = mapped_column(default=90, server_default="90")  # then it goes for good

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("length(title) BETWEEN 1 AND 100", name="title"),
        CheckConstraint("posts_per_page BETWEEN 1 AND 100", name="posts_per_page"),
        CheckConstraint("trash_days BETWEEN 1 AND 3650", name="trash_days"),
        CheckConstraint("comments_held IN ('never', 'first', 'always')", name="comments_held"),
        CheckConstraint("comment_days BETWEEN 0 AND 3650", name="comment_days"),
    )


@event.listens_for(Settings, "init")
def _start_from_defaults(settings: Settings, args: Any, values: dict[str, Any]) -> None:
    for column in Settings.__table__.columns:
        if column.default is not None:
            values.setdefault(column.name, column.default.arg)


def site() -> Settings:
    """The settings in force, as of this request; defaults where none were saved, or the database failed."""
    if "site" not in g:
        g.site, g.beside_site = (Settings(), {}) if g.get("without_database") else kept("settings", read)
    settings: Settings = g.site
    return settings


def read() -> tuple[Settings, dict[str, Any]]:
    """The settings, and what features read BESIDE them. One query, also where nothing was saved yet."""
    one = select(literal(1).label("one")).subquery()
    beside = {name: question() for name, question in BESIDE.items()}
    columns = [found.label(name) for name, found in beside.items()]
    found = select(Settings, *columns).select_from(one).outerjoin(Settings, true())
    row = db.session.execute(found).one()
    if row[0]:
        db.session.expunge(row[0])  # it outlives the request
    return row[0] or Settings(), dict(zip(beside, row[1:], strict=True))


def beside(name: str) -> Any:
    """What a feature reads with the settings of each page; None where the database failed."""
    site()
    return g.beside_site.get(name)


def save(**values: Any) -> None:
    """Change the settings; not committed."""
    row = db.session.get(Settings, 1) or Settings()
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    g.pop("site", None)
    g.pop("place", None)


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=lambda: Locale.parse(language(), sep="-"), timezone_selector=time_zone)
    app.jinja_env.filters.update(
        date=date_in_words,
        minutes=reading_minutes,
        day=lambda day: format_date(day, "medium", rebase=False),
        month=month_name,
        datetime=day_and_time,
        number=number_in_words,
        clock=lambda time: format_time(time, "short"),
        weekday=lambda day: format_date(day, "EEE d MMM", rebase=False),
        iso=lambda time: time.isoformat(timespec="seconds"),
    )

    @app.context_processor
    def settings_for_templates() -> dict[str, object]:
        return {"site": site(), "now": now(), "time_zone": time_zone()}


def language() -> str:
    """In which dates and numbers are shown: as whoever is signed in has chosen, else the site's."""
    return chosen("language") or site().language


def time_zone() -> str:
    """The clock by which times are shown and typed: as for the language."""
    return chosen("time_zone") or site().time_zone


def chosen(name: str) -> str | None:
    """What the person who is signed in wants otherwise than the site has it."""
    asks = has_request_context() and not g.get("without_database")
    found: str | None = getattr(current_user, name, None) if asks else None
    return found


def place() -> tuple[ZoneInfo, str]:
    """The clock and the language of whoever asks, found once for each request: a page has a hundred times on it."""
    if not has_request_context():
        return ZoneInfo(time_zone()), language()
    if "place" not in g:
        g.place = ZoneInfo(time_zone()), language()
    found: tuple[ZoneInfo, str] = g.place
    return found


def day_and_time(time: datetime) -> str:
    return moment_in_words(time, *place())


def date_in_words(time: date) -> str:
    zone, words = place()
    return day_in_words(time.astimezone(zone).date() if isinstance(time, datetime) else time, words)


def number_in_words(number: Any) -> str:
    return whole_in_words(number, place()[1]) if type(number) is int else str(format_decimal(number))


@lru_cache(maxsize=5000)
def whole_in_words(number: int, words: str) -> str:
    return str(format_decimal_in(number, locale=Locale.parse(words, sep="-")))


def reading_minutes(words: int) -> int:
    return max(1, round(words / 230))


def moment_in_words(time: datetime, zone: ZoneInfo, words: str) -> str:
    """Made once for each day and each minute of a day: a long thread of comments has a thousand times."""
    local = time.astimezone(zone)
    return f"{day_in_words(local.date(), words)}, {clock_in_words(local.hour, local.minute, words)}"


@lru_cache(maxsize=5000)
def day_in_words(day: date, words: str) -> str:
    return str(dates.format_date(day, "long", locale=Locale.parse(words, sep="-")))


@lru_cache(maxsize=5000)
def clock_in_words(hour: int, minute: int, words: str) -> str:
    return str(dates.format_time(clock(hour, minute), "short", locale=Locale.parse(words, sep="-")))


def month_name(month: tuple[int, int]) -> str:
    """(2026, 3) in words: March 2026."""
    return str(format_date(date(*month, 1), "LLLL yyyy", rebase=False))


def local_time(time: datetime) -> datetime:
    """A stored time on the clock of whoever asks, naive, as forms show it."""
    return time.astimezone(ZoneInfo(time_zone())).replace(tzinfo=None)


def today() -> date:
    """Which day it is on that clock."""
    return local_time(now()).date()


def utc_time(time: datetime) -> datetime:
    """A naive time that was read off that clock, in UTC."""
    return time.replace(tzinfo=ZoneInfo(time_zone())).astimezone(UTC)


def around_gap(time: datetime) -> tuple[datetime, datetime] | None:
    """For a naive time that this clock leaves out, the minute before the gap and the first after it; else None.

    Within a gap, `fold=1` gives the offset that holds after it (PEP 495), and with it a time from before.
    """
    zone = ZoneInfo(time_zone())
    before, after = (time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    if after.astimezone(zone).replace(tzinfo=None) == time:
        return None
    offset = after.astimezone(zone).utcoffset()
    while after - before > MINUTE:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    first = after.replace(second=0, microsecond=0)
    return local_time(first - MINUTE), local_time(first)

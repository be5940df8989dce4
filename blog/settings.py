"""What an editor may change about the site: one row, with defaults until it is first saved."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from flask import Flask, g, has_request_context
from flask_babel import Babel, format_date, format_decimal, format_time
from flask_login import current_user
from sqlalchemy import CheckConstraint, String, event, false, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db, now

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
        "joining_open",
        "theme_colour",
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    title: Mapped[str] = mapped_column(String(100), default="Masthead")
    tagline: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    time_zone: Mapped[str] = mapped_column(String(50), default="UTC")
    posts_per_page: Mapped[int] = mapped_column(default=20)
    comments_open: Mapped[bool] = mapped_column(default=True)
    joining_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    theme_colour: Mapped[str] = mapped_column(String(7), default="#9a1c2e")

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("length(title) BETWEEN 1 AND 100", name="title"),
        CheckConstraint("posts_per_page BETWEEN 1 AND 100", name="posts_per_page"),
    )


@event.listens_for(Settings, "init")
def _start_from_defaults(settings: Settings, args: Any, values: dict[str, Any]) -> None:
    for column in Settings.__table__.columns:
        if column.default is not None:
            values.setdefault(column.name, column.default.arg)


def site() -> Settings:
    """The settings in force, read once for each request; defaults where none were saved, or the database failed."""
    if "site" not in g:
        kept = None if g.get("without_database") else db.session.scalar(select(Settings))
        g.site = kept or Settings()
    settings: Settings = g.site
    return settings


def save(**values: Any) -> None:
    """Change the settings; not committed."""
    row = db.session.get(Settings, 1) or Settings()
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    g.pop("site", None)


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=lambda: Locale.parse(language(), sep="-"), timezone_selector=time_zone)
    app.jinja_env.filters.update(
        date=lambda time: format_date(time, "long"),
        month=month_name,
        datetime=day_and_time,
        number=format_decimal,
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


def day_and_time(time: datetime) -> str:
    return f"{format_date(time, 'long')}, {format_time(time, 'short')}"


def month_name(month: tuple[int, int]) -> str:
    """(2026, 3) in words: March 2026."""
    return str(format_date(date(*month, 1), "LLLL yyyy", rebase=False))


def local_time(time: datetime) -> datetime:
    """A stored time on the clock of whoever asks, naive, as forms show it."""
    return time.astimezone(ZoneInfo(time_zone())).replace(tzinfo=None)


def utc_time(time: datetime) -> datetime:
    """A naive time that was read off that clock, in UTC."""
    return time.replace(tzinfo=ZoneInfo(time_zone())).astimezone(UTC)

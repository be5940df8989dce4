"""The log as a page: who did what, narrowed by person, action, thing and days."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request
from sqlalchemy import ColumnElement, Row, Subquery, func, select

from blog.access import permitted
from blog.accounts.models import User
from blog.admin.views import admin
from blog.audit import Entry
from blog.db import db
from blog.errors import Invalid
from blog.paging import Order, asked_page, page_of
from blog.settings import utc_time

PER_PAGE = 50
NEWEST: Order = (Entry.id.desc(),)
FILTERS = ("person", "action", "thing", "from", "until")


@admin.get("/log")
@permitted("see the log")
def log() -> str:
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    page = page_of(select(Entry.id).where(*wanted(asked)), NEWEST, entries, asked_page(), PER_PAGE)
    choices = {"actions": values_of(Entry.action), "things": values_of(Entry.thing)}
    narrowed = {name: value for name, value in asked.items() if value}
    shown = {"page": page, "asked": asked, "narrowed": narrowed, "changes": changes}
    return render_template("admin/log.html", **shown, **choices)


def wanted(asked: dict[str, str]) -> Iterator[ColumnElement[bool]]:
    if asked["person"]:
        yield is_by(asked["person"])
    if asked["action"]:
        yield Entry.action == asked["action"]
    if asked["thing"]:
        yield Entry.thing == asked["thing"]
    if asked["from"]:
        yield Entry.at >= beginning_of(asked["from"], "from")
    if asked["until"]:
        yield Entry.at < beginning_of(asked["until"], "until", later=1)


def is_by(name: str) -> ColumnElement[bool]:
    """Whoever is called that now, also by what they were called before; else whoever was called that."""
    person: int | None = db.session.scalar(User.named(name).with_only_columns(User.id).limit(1))
    return Entry.actor_id == person if person else Entry.actor_name == name


def beginning_of(day: str, field: str, later: int = 0) -> datetime:
    """When this day, or one so many days later, begins on the site's clock."""
    try:
        return utc_time(datetime.combine(date.fromisoformat(day) + timedelta(days=later), time.min))
    except (ValueError, OverflowError):
        raise Invalid("Write a day as 2026-01-31.", field) from None


def entries(ids: Subquery) -> Sequence[Row[Any]]:
    columns = (Entry.id, Entry.at, Entry.actor_name, Entry.action, Entry.thing, Entry.label)
    details = (Entry.before, Entry.after, Entry.address)
    return db.session.execute(
        select(*columns, *details).join(ids, ids.c.id == Entry.id).order_by(*NEWEST)
    ).all()


def values_of(column: Any) -> list[str]:
    """Those that the column has, each found by one step in its index: however long the log is, they are few."""
    found = select(func.min(column).label("value")).cte("found", recursive=True)
    next_one = select(func.min(column)).where(column > found.c.value).correlate(found).scalar_subquery()
    found = found.union_all(select(next_one).where(found.c.value.is_not(None)))
    return [value for value in db.session.scalars(select(found.c.value)) if value is not None]


def changes(entry: Any) -> list[tuple[str, str, str]]:
    """(what, before, after), in the order of the names."""
    names = sorted({*entry.before, *entry.after})
    return [(name, in_words(entry.before.get(name)), in_words(entry.after.get(name))) for name in names]


def in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

"""Telling people on which day it is, on their own clock, that their tasks are due tomorrow, or are overdue."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, select

from blog.accounts.models import User
from blog.db import db, now
from blog.jobs import every
from blog.notices.models import Kind
from blog.notices.telling import tell
from blog.settings import site
from blog.tasks.models import Task, task_assignees

DAY = timedelta(days=1)
LATEST = timedelta(days=7)  # what has been overdue for longer is known, or nobody looked


@every("tasks.tell_due", minutes=30)
def tell_due() -> None:
    """Once of each task and date. Whoever is to do it is told, or where that is nobody, whoever made it."""
    at = now()
    for today, zones in days_now(at).items():
        tomorrow = Task.due_date == today + DAY
        late = Task.due_date.between(today - LATEST, today - DAY)
        for kind, due, word in ((Kind.TOMORROW, tomorrow, "due"), (Kind.OVERDUE, late, "overdue")):
            for people in (doers(), makers()):
                found = people.where(live_by(zones), Task.is_open(), Task.is_there(), due)
                tell(kind, found, at=at, event=dated(word), task_id=Task.id, title=Task.title)


def days_now(at: datetime) -> dict[date, list[str]]:
    """Which day it is for whom: at most three. One query."""
    found: dict[date, list[str]] = defaultdict(list)
    for zone in db.session.scalars(select(clock()).distinct()):
        found[at.astimezone(ZoneInfo(zone)).date()].append(zone)
    return found


def clock() -> ColumnElement[str]:
    return func.coalesce(User.time_zone, site().time_zone)


def live_by(zones: list[str]) -> ColumnElement[bool]:
    return clock().in_(zones)


def doers() -> Select[Any]:
    found = select(User.id).select_from(Task).join(task_assignees, task_assignees.c.task_id == Task.id)
    return found.join(User, User.id == task_assignees.c.user_id)


def makers() -> Select[Any]:
    """Of what nobody does."""
    found = select(User.id).select_from(Task).join(User, User.id == Task.made_by_id)
    return found.where(~exists().where(task_assignees.c.task_id == Task.id).correlate(Task))


def dated(word: str) -> ColumnElement[str]:
    """What happens to a task once for each of its dates."""
    number, day = cast(Task.id, String), cast(Task.due_date, String)
    return literal(f"{word} ") + number + literal(" ") + day

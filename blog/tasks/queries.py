"""The queries of tasks by name, for `flask explain`: the first page of the list, narrowed by each of its filters."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db
from blog.explaining import named_query
from blog.settings import today
from blog.tags.models import Tag
from blog.tasks.board import first_of
from blog.tasks.calendar import due_between
from blog.tasks.desk import PER_PAGE
from blog.tasks.feed import AFTER, BEFORE
from blog.tasks.finding import narrowing, order_of
from blog.tasks.models import Task, task_assignees, task_tags
from blog.tasks.states import Status
from blog.teams.models import Team


def most_frequent(column: Any, name: Any) -> Any:
    """What most tasks have in this column, by the name that a filter takes."""
    most = select(column).where(column.is_not(None)).group_by(column).order_by(func.count().desc()).limit(1)
    found = db.session.scalar(most)
    return (
        found
        if name is None or found is None
        else db.session.scalar(select(name).where(name.class_.id == found))
    )


ASKED: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "all": ("in the usual order", dict),
    "status": ("with a status", lambda: {"status": "pending"}),
    "priority": ("with a priority", lambda: {"priority": "high"}),
    "project": (
        "of the project that has most",
        lambda: {"project_id": most_frequent(Task.project_id, None) or 0},
    ),
    "team": (
        "of a team's projects",
        lambda: {"team": db.session.scalar(select(Team.slug).limit(1)) or "none"},
    ),
    "assignee": (
        "of whoever has most",
        lambda: {"assignee": most_frequent(task_assignees.c.user_id, User.username) or "nobody"},
    ),
    "tag": (
        "with the tag that most have",
        lambda: {"tag": most_frequent(task_tags.c.tag_id, Tag.slug) or "none"},
    ),
    "post": (
        "about the post that most are about",
        lambda: {"post_id": most_frequent(Task.post_id, None) or 0},
    ),
    "overdue": ("that are overdue", lambda: {"due": "overdue"}),
    "week": ("that are due this week", lambda: {"due": "week"}),
    "undated": ("without a date", lambda: {"due": "none"}),
    "dates": (
        "due from one day to another",
        lambda: {"due_after": today(), "due_before": today() + timedelta(days=30)},
    ),
    "text": ("with a text", lambda: {"q": "letter"}),
    "by-due": ("last due first", lambda: {"sort": "-due_date"}),
    "by-priority": ("most important first", lambda: {"sort": "-priority"}),
    "by-status": ("by status", lambda: {"sort": "status"}),
    "by-title": ("by title", lambda: {"sort": "title"}),
    "by-created": ("last made first", lambda: {"sort": "-created_at"}),
    "by-updated": ("last changed first", lambda: {"sort": "-updated_at"}),
}


def page_narrowed(asked: Callable[[], dict[str, Any]]) -> Any:
    """As an editor asks for it, who sees all."""
    given = asked()
    found = select(Task.id).where(Task.is_there(), *narrowing(given, today()))
    return found.order_by(*order_of([given.get("sort", "")])).limit(PER_PAGE)


@named_query("tasks-board")
def board_of_editor() -> Any:
    """The first cards of each column of the board."""
    return first_of(Status, (Task.is_there(),))


@named_query("tasks-calendar")
def month_of_editor() -> Any:
    """What is due within five weeks, for the calendar."""
    return due_between(today(), today() + timedelta(weeks=5), Task.is_there())


@named_query("tasks-feed")
def feed_of_editor() -> Any:
    """What is due, as calendar programs read it."""
    return due_between(today() - BEFORE, today() + AFTER, Task.is_there(), Task.is_open())


def register() -> None:
    for name, (about, asked) in ASKED.items():

        def make(asked: Callable[[], dict[str, Any]] = asked) -> Any:
            return page_narrowed(asked)

        make.__doc__ = f"The first page of tasks {about}."
        named_query(f"tasks-{name}")(make)


register()

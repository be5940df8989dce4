"""Which tasks are asked for: what the pages, the API and work on many at once can narrow them by."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY

from blog.accounts.models import User, key_of
from blog.bulk import on_postgresql
from blog.paging import Order
from blog.projects.models import Project
from blog.tags.models import Tag
from blog.tasks.models import Task, task_assignees, task_tags
from blog.tasks.states import NEVER
from blog.teams.models import Team
from blog.text import slug_of

Way = Callable[[Any], ColumnElement[bool]]

DUE = ("overdue", "today", "week", "none")
NONE = "none"
GRAM = 3  # characters: the index is of every three that follow one another

SORTS = {
    "due_date": Task.due_date,
    "priority": Task.priority,
    "title": Task.title,
    "status": Task.status,
    "created_at": Task.created_at,
    "updated_at": Task.updated_at,
}
USUAL = "due_date,-priority"


def narrowing(asked: Mapping[str, Any], today: date, first_weekday: int = 0) -> list[ColumnElement[bool]]:
    """A condition for each name in `asked` that asks for something; names of something else are passed over."""
    ways: dict[str, Way] = {**WAYS, "due": lambda due: is_due(due, today, first_weekday)}
    return [ways[name](value) for name, value in asked.items() if value and name in ways]


def order_of(names: list[str]) -> Order:
    """Of the names that may be sorted by, each with a minus where the order is turned round; without any, the usual."""
    known = [name for name in names if name.lstrip("-") in SORTS]
    if not known:
        return Task.next_due
    terms = [SORTS[name.lstrip("-")].desc() if name[0] == "-" else SORTS[name].asc() for name in known]
    return (*terms, Task.id.desc() if known[-1][0] == "-" else Task.id.asc())


def is_due(due: str, today: date, first_weekday: int) -> ColumnElement[bool]:
    """The week begins with `first_weekday`, 0 for Monday."""
    if due == "overdue":
        return Task.is_overdue(today)
    if due == "today":
        return Task.due_date == today
    if due == "week":
        begin = today - timedelta(days=(today.weekday() - first_weekday) % 7)
        return Task.due_date.between(begin, begin + timedelta(days=6))
    return Task.due_date == NEVER


def with_status(status: str) -> ColumnElement[bool]:
    return Task.is_open() if status == "open" else Task.status == status


def of_project(project_id: Any) -> ColumnElement[bool]:
    """None while it is in the trash, which the index of its tasks need not be asked about."""
    if project_id == NONE:
        return Task.project_id.is_(None)
    there = select(Project.id).where(Project.id == int(project_id), Project.is_there())
    return and_(Task.project_id == int(project_id), there.correlate(None).exists())


def of_team(slug: str) -> ColumnElement[bool]:
    found = select(Project.id).join(Team, Team.id == Project.team_id).where(Team.slug == slug)
    found = found.where(Project.is_there())
    return Task.project_id.in_(found)


def of_person(name: str) -> ColumnElement[bool]:
    """Who is to do it, by username or by number."""
    known = [User.username_key == key_of(name), *([User.id == int(name)] if is_number(name) else [])]
    theirs = select(task_assignees.c.task_id).join(User, User.id == task_assignees.c.user_id)
    return Task.id.in_(theirs.where(or_(*known)))


def with_tag(name: str) -> ColumnElement[bool]:
    tagged = select(task_tags.c.task_id).join(Tag, Tag.id == task_tags.c.tag_id)
    return Task.id.in_(tagged.where(Tag.slug == slug_of(name)))


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


FTS5 = table("task_index", column("rowid"))
GRAMS = table("task_index", column("task_id"), column("grams", ARRAY(Text)))
WHOLE_ROW: ColumnElement[str] = literal_column("task_index")  # how FTS5 is asked


def with_text(given: str) -> ColumnElement[bool]:
    """In its title or description, without regard to case. What is shorter than GRAM is in no index."""
    wanted = given.casefold()
    if len(wanted) < GRAM:
        return Task.words.contains(wanted, autoescape=True)
    if on_postgresql():
        grams = func.task_grams(literal(wanted), type_=ARRAY(Text))
        near = select(GRAMS.c.task_id).where(GRAMS.c.grams.bool_op("@>")(grams))
        return and_(Task.id.in_(near), Task.words.contains(wanted, autoescape=True))
    phrase = '"' + wanted.replace('"', '""') + '"'
    return Task.id.in_(select(FTS5.c.rowid).where(WHOLE_ROW.bool_op("MATCH")(bindparam(None, phrase))))


WAYS: dict[str, Way] = {
    "q": with_text,
    "status": with_status,
    "priority": lambda priority: Task.priority == priority,
    "project_id": of_project,
    "team": of_team,
    "assignee": of_person,
    "tag": with_tag,
    "post_id": lambda post_id: Task.post_id == int(post_id),
    "due_after": lambda day: Task.due_date >= day,
    "due_before": lambda day: and_(Task.due_date <= day, Task.due_date < NEVER),
}

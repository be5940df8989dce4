"""What a list tells of a task: columns, people and tags, never the description."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Subquery, literal, select

from blog.accounts.models import User
from blog.db import db
from blog.projects.models import Project
from blog.tags.models import Tag
from blog.tasks.models import Task, task_assignees, task_tags
from blog.tasks.states import OPEN

Names = list[tuple[str, str]]


@dataclass(slots=True, frozen=True)
class TaskCard:
    id: int
    title: str
    status: str
    priority: str
    due_date: date | None
    updated_at: datetime
    version: int
    project_id: int | None
    project_name: str | None
    held_up: bool  # it waits for another
    people: Names  # (name, username), by name
    tags: Names  # (name, slug), by name

    def is_late(self, today: date) -> bool:
        return self.status in OPEN and self.due_date is not None and self.due_date < today


def cards(ids: Subquery, order: Iterable[Any]) -> list[TaskCard]:
    """Two queries, whatever the number of tasks."""
    columns = (Task.id, Task.title, Task.status, Task.priority, Task.due_date, Task.updated_at, Task.version)
    found = select(*columns, Task.project_id, Project.name, Task.is_held_up()).join(ids, ids.c.id == Task.id)
    found = found.outerjoin(Task.project).order_by(*order)
    rows = db.session.execute(found).all()
    found_beside = beside([row.id for row in rows])
    told: list[list[Any]] = [[*row, *found_beside[row.id]] for row in rows]
    return [TaskCard(*values) for values in told]


def beside(task_ids: Sequence[int]) -> dict[int, tuple[Names, Names]]:
    """The people (name, username) and the tags (name, slug) of each. One query."""
    people = (
        select(
            task_assignees.c.task_id, User.display_name.label("name"), User.username, literal(0).label("tag")
        )
        .join(User, User.id == task_assignees.c.user_id)
        .where(task_assignees.c.task_id.in_(task_ids))
    )
    tags = (
        select(task_tags.c.task_id, Tag.name, Tag.slug, literal(1))
        .join(Tag, Tag.id == task_tags.c.tag_id)
        .where(task_tags.c.task_id.in_(task_ids))
    )
    both = people.union_all(tags).subquery()
    found: dict[int, tuple[Names, Names]] = {task_id: ([], []) for task_id in task_ids}
    for row in db.session.execute(select(both).order_by(both.c.name)):
        found[row.task_id][row.tag].append((row.name, row.username))
    return found

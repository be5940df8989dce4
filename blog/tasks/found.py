"""One task, found by whoever may work on it."""

from typing import Any

from flask_login import current_user
from sqlalchemy import ColumnElement, select

from blog.db import the_one
from blog.notices.models import Notice, seen_where
from blog.tasks.models import Task


def worked_on(task_id: int, *, to_change: bool = False) -> Task:
    return the(task_id, Task.is_worked_on_by(current_user), to_change)


def in_trash(task_id: int, *, to_change: bool = False) -> Task:
    return the(task_id, Task.is_in_trash_of(current_user), to_change)


def the(task_id: int, condition: ColumnElement[bool], to_change: bool = False) -> Task:
    """The task, if the person may work on it; else NotFound. To be changed, it is held until the transaction ends."""
    found = Task.whole(select(Task).where(Task.id == task_id, condition))
    return the_one(found, Task, to_change=to_change)


@seen_where
def is_of_task_of(person: Any) -> ColumnElement[bool]:
    """Of notices: whether the person works on the task that one is about."""
    return select(Task.id).where(Task.id == Notice.task_id, Task.is_worked_on_by(person)).exists()

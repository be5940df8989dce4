"""/api/tasks: what is to be done, told to whoever works on it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import defer, selectinload

from blog import audit
from blog.accounts.models import User
from blog.api import Resource
from blog.db import now
from blog.settings import today
from blog.tasks.api_fields import (
    ChangeShown,
    DaysAsked,
    DeletedTask,
    TaskGiven,
    TaskListed,
    TasksAsked,
    TaskShown,
)
from blog.tasks.checklist import Step
from blog.tasks.choices import people_with, refuse_unknown, tasks_with
from blog.tasks.finding import SORTS, USUAL, narrowing
from blog.tasks.found import in_trash, worked_on
from blog.tasks.history import TaskChange
from blog.tasks.models import Task

tasks = Resource("tasks", "Tasks", "What is to be done.", shows=TaskShown, find=worked_on, one="task_id")


@tasks.lists(
    TasksAsked,
    sorts=SORTS,
    by=USUAL,
    key=Task.id,
    access="work on tasks",
    shows=TaskListed,
    chooses=TaskShown,
)
def list_tasks(asked: Mapping[str, Any]) -> Select[Any]:
    """All tasks that you work on

    Their descriptions and checklists are told one by one, or where `fields` names them. Unsorted, they come by due date, those
    without one last, then the higher priority first; a task without a date counts as due after all others.
    """
    conditions = narrowing(asked, today(), get_locale().first_week_day)
    return told(select(Task).where(Task.is_worked_on_by(current_user), *conditions), asked.get("only", ()))


def told(found: Select[Any], only: Any) -> Select[Any]:
    """With what lists tell of each. Two queries, and one for checklists."""
    beside = [selectinload(Task.assignees).load_only(User.id), selectinload(Task.tags)]
    if "checklist" in only:
        beside.append(selectinload(Task.items))
    if "waits_for_ids" in only:
        beside.append(selectinload(Task.waits_for).load_only(Task.id))
    texts = [] if "description" in only else [defer(Task.description, raiseload=True)]
    return found.options(*beside, *texts)


@tasks.creates(TaskGiven, access="make tasks")
def create_task(given: Mapping[str, Any]) -> Task:
    """Make a task

    409 for a project that you do not work on, a post that you may not read, and for somebody who is not here.
    """
    task = made(given)
    audit.record("made", task)
    return task


def made(given: Mapping[str, Any]) -> Task:
    person, values = current_user._get_current_object(), values_of(given)
    values.pop("why", None)
    refuse_unknown(person, now(), **values)
    people = people_with(values.pop("assignee_ids", ()), person)
    others = tasks_with(values.pop("waits_for_ids", ()), person)
    return Task.make(by=person, at=now(), assignees=people, waits_for=others, **values)


def values_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """As the model takes them."""
    values = dict(given)
    if "checklist" in values:
        values["steps"] = [Step(one["text"], one["done"]) for one in values.pop("checklist")]
    return values


@tasks.reads(access="work on tasks")
def read_task(task: Task) -> Task:
    """One task"""
    return task


@tasks.replaces(TaskGiven, access="work on tasks")
def replace_task(task: Task, given: Mapping[str, Any]) -> None:
    """Say anew all that there is to say of a task"""
    change_task(task, given)


@tasks.changes(TaskGiven, access="work on tasks")
def change_task(task: Task, given: Mapping[str, Any]) -> None:
    """Change a task

    What is changed of its title, status, priority, date and people is in its history, with the reason in `why`.
    """
    person, values = current_user._get_current_object(), values_of(given)
    refuse_unknown(person, now(), task, **values)
    if "assignee_ids" in values:
        values["assignees"] = people_with(values.pop("assignee_ids"), person, task)
    if "waits_for_ids" in values:
        values["waits_for"] = tasks_with(values.pop("waits_for_ids"), person, task)
    task.edit(by=person, at=now(), **values)
    audit.record("edited", task)


@tasks.deletes(access="work on tasks")
def delete_task(task: Task) -> None:
    """Put a task into the trash

    It keeps its status, until it is restored or its time is over.
    """
    task.trash(by=current_user._get_current_object(), at=now())
    audit.record("deleted", task)


def find_in_trash(task_id: int, *, to_change: bool = False) -> Task:
    return in_trash(task_id, to_change=to_change)


@tasks.acts("restore", access="work on tasks", find=find_in_trash)
def restore_task(task: Task) -> None:
    """Take a task back out of the trash, as it was

    What is not in the trash is not found.
    """
    task.restore(by=current_user._get_current_object(), at=now())
    audit.record("restored", task)


deleted = Resource(
    "tasks/trash",
    "Deleted tasks",
    "Tasks in the trash, with the status that they had.",
    shows=DeletedTask,
    find=find_in_trash,
    one="task_id",
)


@deleted.lists(
    DaysAsked, sorts={"deleted_at": Task.deleted_at}, by="-deleted_at", key=Task.id, access="work on tasks"
)
def list_deleted_tasks(asked: Mapping[str, Any]) -> Select[Any]:
    """All tasks in the trash that you worked on

    The last deleted first; `/restore` brings one back.
    """
    found = select(Task).where(Task.is_in_trash_of(current_user))
    if "days" in asked:
        found = found.where(Task.deleted_at > now() - timedelta(days=asked["days"]))
    return told(found, ())


history = Resource(
    "tasks/<int:task_id>/history",
    "History of tasks",
    "What was changed of a task, by whom and why.",
    shows=ChangeShown,
    find=worked_on,
    one="change_id",
)


@history.lists(sorts={"id": TaskChange.id}, by="-id", key=TaskChange.id, access="work on tasks")
def list_task_changes(asked: Mapping[str, Any], task_id: int) -> Select[Any]:
    """All changes of a task

    The newest first. A project in the trash that is not yours to restore is not named.
    """
    return TaskChange.of(worked_on(task_id).id, current_user)

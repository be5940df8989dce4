"""Tasks in the trash: who finds which, and how they go for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import aliased

from blog import audit
from blog.access import permitted
from blog.accounts.models import User
from blog.bulk import delete_telling
from blog.db import db, transaction
from blog.errors import NotFound
from blog.projects.models import Project
from blog.tasks.models import Task
from blog.tasks.views import Page, tasks

deleted_last = (Task.deleted_at.desc(), Task.id.desc())


def in_trash_of(person: Any) -> Select[int]:
    return select(Task.id).where(Task.is_in_trash_of(person))


def rows(ids: Subquery) -> Sequence[Any]:
    """As blog.trash shows them. One query."""
    deleter = aliased(User)
    about = func.coalesce(Project.name, "").label("about")
    columns = (Task.id, Task.title, Task.deleted_at, about, deleter.display_name.label("deleted_by"))
    may_purge = Task.is_purged_by(current_user).label("may_purge")
    found = select(*columns, may_purge).join(ids, ids.c.id == Task.id).outerjoin(Task.project)
    return db.session.execute(
        found.outerjoin(deleter, deleter.id == Task.deleted_by_id).order_by(*deleted_last)
    ).all()


def purge(*conditions: ColumnElement[bool]) -> int:
    """Delete for good what is in the trash and is like this, with all that belongs to it: how many. One statement, and an
    entry in the log for each task.
    """
    gone = delete_telling(Task, [Task.id, Task.title], Task.deleted_at.is_not(None), *conditions)
    audit.record_many("deleted for good", ((audit.Gone("task", row.id, row.title), {}) for row in gone))
    return len(gone)


def empty(person: Any) -> int:
    return purge(*theirs(person))


def purge_deleted(before: datetime) -> int:
    return purge(Task.deleted_at < before)


def mine(task_id: int) -> str:
    """The title of a task that they may delete for good; else NotFound."""
    found = select(Task.title).where(Task.id == task_id, *theirs(current_user))
    title = db.session.scalar(found.where(Task.deleted_at.is_not(None)))
    if title is None:
        raise NotFound
    return title


def theirs(person: Any) -> tuple[ColumnElement[bool], ...]:
    return Task.is_open_to(person), Task.is_purged_by(person)


@tasks.route("/tasks/<int:task_id>/purge", methods=["GET", "POST"])
@permitted("purge tasks")
def purge_one(task_id: int) -> Page:
    """Delete it for good, after asking."""
    title = mine(task_id)
    if request.method != "POST":
        question, goes = f"Delete “{title}” for good?", "It goes with its history."
        return render_template("trash/purge.html", question=question, goes=goes, of="tasks")
    with transaction():
        if not purge(Task.id == task_id, *theirs(current_user)):
            raise NotFound
    flash(f"“{title}” is gone for good.", "success")
    return redirect(url_for("trash.contents", of="tasks"))

"""The calendar of tasks: the days on which they are due, beside the posts that appear then. See blog.posts.calendar."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, literal, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.db import Rows, db, now, retried
from blog.errors import Conflict, Invalid
from blog.posts.calendar import MOST_ENTRIES, Span, asked_span, day_in, posts_in, reschedule
from blog.posts.models import Post
from blog.projects.models import Project
from blog.settings import date_in_words
from blog.tasks.desk import Filter, beside, here, shown_as
from blog.tasks.found import worked_on
from blog.tasks.models import Task
from blog.tasks.stale import refuse_stale
from blog.tasks.states import NEVER, Status
from blog.tasks.views import Page, tasks


@shown_as("calendar")
def as_calendar(asked: Filter) -> Page:
    """Two queries, beside those of every view."""
    span = asked_span()
    among = posts_about(asked, current_user, asked.conditions())
    days = span.filled([*tasks_in(span, asked), *posts_in(span, *among)])
    about = {"span": span, "days": days, "posts_are_narrowed": bool(among)}
    return render_template("tasks/calendar.html", **about, **beside(asked))


def tasks_in(span: Span, asked: Filter) -> list[tuple[date, Any]]:
    """What is due then, each with its day. Archived tasks only where they are asked for."""
    shown = asked.conditions() if asked.status else [*asked.conditions(), Task.status != Status.ARCHIVED]
    found = due_between(span.dates[0], span.dates[-1], Task.is_worked_on_by(current_user), *shown)
    return [(task.due_date, task) for task in db.session.execute(found)]


def due_between(first: date, last: date, *conditions: ColumnElement[bool]) -> Rows:
    columns = (Task.id, Task.title, Task.status, Task.priority, Task.due_date, Task.version, Task.updated_at)
    found = select(*columns, Project.name.label("project_name"), literal("task").label("kind"))
    found = found.outerjoin(Task.project)
    due = (Task.due_date >= first, Task.due_date <= last, *conditions)
    return found.where(*due).order_by(*Task.next_due).limit(MOST_ENTRIES)


def posts_about(
    asked: Filter, person: Any, conditions: list[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """All; of a narrowed selection, those that its tasks are about, whenever these are due."""
    if not asked._replace(view="", sort="").given():
        return []
    return [Post.id.in_(select(Task.post_id).where(Task.is_worked_on_by(person), *conditions))]


# Moving to another day


@tasks.post("/tasks/<int:task_id>/day")
@permitted("work on tasks")
def move_to_day(task_id: int) -> Response:
    """Be due on another day. A version in the form has to be the present one."""
    try:
        flash(retried(lambda: moved(task_id)), "success")
    except (Conflict, Invalid) as problem:
        flash(problem.detail, "error")
    return back()


def moved(task_id: int) -> str:
    task, day = worked_on(task_id, to_change=True), day_in(request.form.get("day", ""))
    refuse_stale(task, request.form.get("version", ""))
    if day is None or day == NEVER:
        raise Invalid("Choose a day.")
    task.edit(by=current_user._get_current_object(), at=now(), due_date=day)
    audit.record("edited", task)
    return f"“{task.title}” is due on {date_in_words(day)}."


@tasks.post("/tasks/posts/<int:post_id>/day")
@permitted("publish post")
def move_post_to_day(post_id: int) -> Response:
    """As in the calendar of posts, and back to this one."""
    reschedule(post_id)
    return back()


def back() -> Response:
    return redirect(url_for("tasks.manage", **{**here(), "view": "calendar"}))

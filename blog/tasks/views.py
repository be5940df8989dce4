"""/tasks/<id>: making a task, looking at it, changing it."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog import audit, markup
from blog.access import permitted
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound
from blog.messages import tell
from blog.posts.models import Post
from blog.security import keeps_text
from blog.settings import today
from blog.tasks import stale
from blog.tasks.choices import (
    others_for,
    people_for,
    people_with,
    posts_for,
    projects_for,
    refuse_unknown,
    tasks_with,
)
from blog.tasks.finding import is_number
from blog.tasks.forms import PRIORITIES, STATUSES, TaskForm
from blog.tasks.found import in_trash, worked_on
from blog.tasks.history import LONGEST_WHY, TaskChange
from blog.tasks.models import Task
from blog.tasks.states import Status
from blog.text import clean, one_line

tasks = Blueprint("tasks", __name__)

Page = str | tuple[str, int] | Response


@tasks.app_context_processor
def words_for_templates() -> dict[str, object]:
    return {"statuses": STATUSES, "priorities": PRIORITIES}


@tasks.route("/tasks/new", methods=["GET", "POST"])
@permitted("make tasks")
@keeps_text
def new() -> Page:
    """Links may say in which project, about which post and for which day: `?project_id=7`."""
    asked = {name: request.args.get(name, type=int) for name in ("project_id", "post_id")}
    form = offered(
        TaskForm(data={**asked, "due_date": request.args.get("due_date", type=date.fromisoformat)})
    )
    if form.validate_on_submit() and form.saves(lambda: make(form)):
        return redirect(form.location)
    return render_template("tasks/new.html", form=form), form.status_code


def asked_id(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if is_number(text) else None


def offered(form: TaskForm, task: Task | None = None) -> TaskForm:
    """With what may be chosen in it. Four or five queries."""
    person, post_id = current_user, task.post_id if task else asked_id("post_id")
    projects, posts = (
        projects_for(person, task.project_id if task else None),
        posts_for(person, now(), post_id),
    )
    return form.offer(projects, people_for(person, task), posts, others_for(person, task))


def make(form: TaskForm) -> str:
    person, values = current_user._get_current_object(), form.values()
    refuse_unknown(person, now(), **values)
    people = people_with(form.assignee_ids.data or [], person)
    others = tasks_with(form.waits_for_ids.data or [], person)
    task = Task.make(by=person, at=now(), assignees=people, waits_for=others, **values)
    audit.record("made", task)
    flash("The task is made.", "success")
    return url_for("tasks.show", task_id=task.id)


@tasks.get("/tasks/<int:task_id>")
@permitted("work on tasks")
def show(task_id: int) -> str:
    task = worked_on(task_id)
    about = {
        "description": markup.render_comment(task.description) if task.description else "",
        "history": db.session.execute(TaskChange.of(task.id, current_user)).all(),
        "post": post_of(task),
        "around": Task.around(task.id, Task.is_worked_on_by(current_user)),
        "today": today(),
        "longest_why": LONGEST_WHY,
    }
    return render_template("tasks/show.html", task=task, **about)


def post_of(task: Task) -> Any:
    """The post that it is about, as far as the person may read it."""
    columns = (Post.id, Post.title, Post.slug, Post.status, Post.published_at, Post.word_count)
    editable = Post.is_editable_by(current_user).label("editable")
    readable = (Post.id == task.post_id, Post.is_readable_by(current_user, now()))
    return task.post_id and db.session.execute(select(*columns, editable).where(*readable)).first()


@tasks.route("/tasks/<int:task_id>/edit", methods=["GET", "POST"])
@permitted("work on tasks")
@keeps_text
def edit(task_id: int) -> Page:
    task = worked_on(task_id)
    form = offered(TaskForm.of(task, stale.written(TaskForm.shown(task))), task)
    if form.validate_on_submit() and form.saves(lambda: change(task_id, form)):
        return redirect(form.location)
    return render_template("tasks/edit.html", form=form, task=worked_on(task_id)), form.status_code


def change(task_id: int, form: TaskForm) -> str:
    person, task = current_user._get_current_object(), worked_on(task_id, to_change=True)
    if form.seen not in {None, task.version}:
        stale.merge(form, task)
        flash(
            "Somebody else saved this task meanwhile. What they changed is kept, beside what you did.",
            "success",
        )
    values = form.values()
    refuse_unknown(person, now(), task, **values)
    people = people_with(form.assignee_ids.data or [], person, task)
    beside = {"assignees": people, "waits_for": tasks_with(form.waits_for_ids.data or [], person, task)}
    task.edit(by=person, at=now(), version=form.seen, why=str(form.why.data or ""), **beside, **values)
    audit.record("edited", task)
    flash("The task is saved.", "success")
    return url_for("tasks.show", task_id=task_id)


@tasks.post("/tasks/<int:task_id>/status")
@permitted("work on tasks")
def become(task_id: int) -> Response:
    """Take the status that a button or a form asks for."""
    status, why = request.form.get("status", ""), clean(one_line(request.form.get("why")))[:LONGEST_WHY]
    with transaction():
        task = worked_on(task_id, to_change=True)
        if status not in set(Status):
            raise Invalid("Choose a status.")
        although = bool(request.form.get("although"))
        task.become(status, by=current_user._get_current_object(), at=now(), why=why, although=although)
        audit.record("changed the status", task)
        title = task.title
    flash(f"“{title}” is {STATUSES[Status(status)].lower()}.", "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@tasks.post("/tasks/<int:task_id>/items/<int:item_id>")
@permitted("work on tasks")
def tick(task_id: int, item_id: int) -> Response:
    """A line of the checklist is done, or without `done` in the form is not."""
    with transaction():
        task = worked_on(task_id, to_change=True)
        item = next((item for item in task.items if item.id == item_id), None)
        if item is None:
            raise NotFound
        done = bool(request.form.get("done"))
        task.tick(item, done, by=current_user._get_current_object(), at=now())
        audit.record("ticked" if done else "unticked", task, after={"item": item.text})
    return redirect(url_for("tasks.show", task_id=task_id, _anchor=f"item-{item_id}"))


@tasks.route("/tasks/<int:task_id>/delete", methods=["GET", "POST"])
@permitted("work on tasks")
def delete(task_id: int) -> Page:
    task = worked_on(task_id)
    if request.method == "POST":
        with transaction():
            task = worked_on(task_id, to_change=True)
            task.trash(by=current_user._get_current_object(), at=now())
            audit.record("deleted", task)
            title = task.title
        tell(f"“{title}” is deleted.", undo=url_for("tasks.restore", task_id=task_id))
        return redirect(url_for("tasks.manage"))
    return render_template("tasks/delete.html", task=task)


@tasks.post("/tasks/<int:task_id>/restore")
@permitted("work on tasks")
def restore(task_id: int) -> Response:
    with transaction():
        task = in_trash(task_id, to_change=True)
        task.restore(by=current_user._get_current_object(), at=now())
        audit.record("restored", task)
        title = task.title
    flash(f"“{title}” is back, as it was.", "success")
    if request.form.get("from") == "trash":
        return redirect(url_for("trash.contents", of="tasks"))
    return redirect(url_for("tasks.show", task_id=task_id))

"""On the page of a task: writing about it, and changing or taking back what one wrote."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import permitted
from blog.db import db, now, the_one, transaction
from blog.forms import FormOnce
from blog.limits import limited
from blog.security import keeps_text
from blog.tasks.comments import LONGEST_COMMENT, TaskComment
from blog.tasks.found import worked_on
from blog.tasks.views import Page, tasks
from blog.text import stripped, unix_lines

SHOWN = 200  # the latest


class TaskCommentForm(FormOnce):
    content = TextAreaField(
        "Write about it",
        filters=[unix_lines, stripped],
        validators=[DataRequired("Write something."), Length(max=LONGEST_COMMENT)],
    )


def own(task_id: int, comment_id: int, *, to_change: bool = False) -> TaskComment:
    """One's own, on a task that one works on; else NotFound."""
    worked_on(task_id)
    found = select(TaskComment).where(TaskComment.id == comment_id, TaskComment.task_id == task_id)
    return the_one(found.where(TaskComment.is_own(current_user.id)), TaskComment, to_change=to_change)


@tasks.post("/tasks/<int:task_id>/comments")
@permitted("work on tasks")
@limited("comment")
@keeps_text
def write_about(task_id: int) -> Page:
    task, form = worked_on(task_id), TaskCommentForm()
    if form.validate_on_submit() and form.saves(lambda: write(task_id, form)):
        return redirect(form.location)
    return render_template("tasks/comment.html", form=form, task=task), form.status_code


def write(task_id: int, form: TaskCommentForm) -> str:
    task, person = worked_on(task_id, to_change=True), current_user._get_current_object()
    comment = TaskComment.write(task, str(form.content.data), by=person, at=now())
    audit.record("wrote about a task", comment, after={"task": task.title})
    return at(comment)


def at(comment: TaskComment) -> str:
    return url_for("tasks.show", task_id=comment.task_id, _anchor=f"comment-{comment.id}")


@tasks.route("/tasks/<int:task_id>/comments/<int:said_id>/edit", methods=["GET", "POST"])
@permitted("change comment")
@keeps_text
def edit_comment(task_id: int, said_id: int) -> Page:
    comment = own(task_id, said_id)
    form = TaskCommentForm(obj=comment)
    if form.validate_on_submit() and form.saves(lambda: change(task_id, said_id, form)):
        return redirect(form.location)
    about = {"task": worked_on(task_id), "comment": comment}
    return render_template("tasks/comment.html", form=form, **about), form.status_code


def change(task_id: int, said_id: int, form: TaskCommentForm) -> str:
    task, person = worked_on(task_id, to_change=True), current_user._get_current_object()
    comment = own(task_id, said_id, to_change=True)
    comment.edit(str(form.content.data), task, by=person, at=now())
    audit.record("edited", comment)
    return at(comment)


@tasks.post("/tasks/<int:task_id>/comments/<int:said_id>/delete")
@permitted("change comment")
def delete_comment(task_id: int, said_id: int) -> Response:
    with transaction():
        comment = own(task_id, said_id, to_change=True)
        audit.record("deleted", comment, before={"content": comment.content})
        db.session.delete(comment)
    flash("What you wrote is gone.", "success")
    return redirect(url_for("tasks.show", task_id=task_id))


def comment_form() -> TaskCommentForm:
    """For the page of a task, which sends it elsewhere."""
    return TaskCommentForm(formdata=None)


def said_about(task_id: int) -> Any:
    return TaskComment.latest(task_id, SHOWN)

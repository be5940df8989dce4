"""Tasks and posts know each other: the usual tasks of an article, what its publication completes, and reminders."""

import calendar
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.accounts.models import User
from blog.db import db, now, the_one, transaction
from blog.errors import Invalid
from blog.jobs import enqueue, job
from blog.posts.following import follows
from blog.posts.models import Post
from blog.settings import local_time, today
from blog.tasks import telling
from blog.tasks.cards import cards
from blog.tasks.finding import is_number
from blog.tasks.models import Task
from blog.tasks.states import Status
from blog.tasks.templates import TaskTemplate, due_on
from blog.tasks.views import tasks

PUBLISHED = "The post was published."
SHOWN = 50
MONTHS = 6


def tasks_about(post_id: int) -> tuple[list[Any], date]:
    """For the page of a post: its tasks, as far as the person works on them, and which day it is. Two queries."""
    mine = (Task.post_id == post_id, Task.is_worked_on_by(current_user), Task.status != Status.ARCHIVED)
    ids = select(Task.id).where(*mine).order_by(*Task.next_due).limit(SHOWN).subquery("page")
    return cards(ids, Task.next_due), today()


def theirs(post_id: int) -> Post:
    """The post, if the person edits it."""
    return the_one(Post.editable_by(current_user).where(Post.id == post_id), Post)


@tasks.post("/posts/<int:post_id>/tasks")
@permitted("edit post")
def add_usual(post_id: int) -> Response:
    """The tasks of the template that is chosen, those that it has not yet; counted from its publication, where that is set."""
    person, at = current_user._get_current_object(), now()
    with transaction():
        post, template = theirs(post_id), asked_template()
        published = local_time(post.published_at).date() if post.published_at else None
        missing = template.missing_for(post)
        for line in missing:
            about: dict[str, Any] = {
                "priority": line.priority,
                "completes_with_post": line.completes_with_post,
            }
            about |= {"due_date": due_on(line, published), "post_id": post.id, "assignees": [person]}
            audit.record("made", Task.make(by=person, at=at, title=line.title, **about))
    flash(f"{len(missing)} tasks are added." if missing else "It has all of them already.", "success")
    return redirect(url_for("posts.edit", post_id=post_id))


def asked_template() -> TaskTemplate:
    """The one that is chosen, else the first. Invalid where there is none."""
    asked, found = request.form.get("template_id", ""), TaskTemplate.whole()
    template = db.session.scalar(
        (found.where(TaskTemplate.id == int(asked)) if is_number(asked) else found).limit(1)
    )
    if template is None:
        raise Invalid("There is no such template.")
    return template


@follows
def complete_with(post: Post) -> None:
    """What was to be done by publishing it, is done. For its author: the site acts for them."""
    waits = (Task.post_id == post.id, Task.completes_with_post, Task.is_open(), Task.is_there())
    for task in db.session.scalars(select(Task).where(*waits).with_for_update(of=Task)):
        task.become(Status.COMPLETED, by=post.author, at=now(), why=PUBLISHED, although=True)
        audit.record("changed the status", task)


# Looking again


@tasks.post("/posts/<int:post_id>/reminder")
@permitted("edit post")
def remind_later(post_id: int) -> Response:
    """In half a year there will be a task to look at it again."""
    with transaction():
        post, at = theirs(post_id), months_after(now(), MONTHS)
        key = f"tasks.remind {post.id} {current_user.id}"
        enqueue("tasks.remind", at=at, key=key, post_id=post.id, user_id=current_user.id)
        audit.record("asked to be reminded", post)
    flash(f"In {MONTHS} months there will be a task for you to look at it again.", "success")
    return redirect(url_for("posts.edit", post_id=post_id))


def months_after(time: datetime, months: int) -> datetime:
    """The same day of a later month, or its last."""
    year, month = divmod(time.year * 12 + time.month - 1 + months, 12)
    day = min(time.day, calendar.monthrange(year, month + 1)[1])
    return time.replace(year=year, month=month + 1, day=day)


@job("tasks.remind")
def remind(post_id: int, user_id: int) -> None:
    """Nothing, where one of the two is no longer here."""
    post = db.session.scalar(select(Post).where(Post.id == post_id, Post.is_there()))
    person = db.session.get(User, user_id)
    if post is None or person is None or not person.is_active:
        return
    title, at = f"Look at “{post.title[:150]}” again", now()
    about: dict[str, Any] = {"post_id": post.id, "due_date": at.date(), "assignees": [person]}
    task = Task.make(by=person, at=at, title=title, **about)
    telling.assigned(task, (), by=None, at=at)
    audit.record("made", task, by=person)

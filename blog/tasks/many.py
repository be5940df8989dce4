"""At the desk, to many tasks at once: a preview of what will change, doing it, and taking it back."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog.access import permitted, signed_in
from blog.accounts.finding import known_to
from blog.accounts.models import User, key_of
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound, Problem
from blog.messages import tell
from blog.projects.models import Project
from blog.settings import today
from blog.tasks import bulk
from blog.tasks.bulk import MOST_DAYS, MOST_IDS, Chosen, Done, Order, Undone
from blog.tasks.choices import refuse_unknown
from blog.tasks.desk import Filter, asked_filter
from blog.tasks.finding import NONE, is_number
from blog.tasks.history import LONGEST_WHY
from blog.tasks.models import Task
from blog.tasks.states import Priority
from blog.tasks.undoing import Act, TaskUndo
from blog.tasks.views import Page, tasks
from blog.tasks.ways import BACK, WAYS, Way
from blog.text import clean, one_line

SHOWN = 10  # titles in a preview


@tasks.post("/tasks/bulk")
@permitted("work on tasks")
def do_to_many() -> Page:
    """First shows what will change; sent again with `sure`, it is done."""
    filter_ = asked_filter(request.form)
    given: dict[str, Any] = filter_.given()
    back = url_for("tasks.manage", **given)
    try:
        way, meant = asked_way(), chosen(filter_)
        order = ordered(way)
        if not request.form.get("sure"):
            return shown(way, order, meant, back)
        with transaction():
            done = bulk.do(order, meant)
    except Problem as problem:
        flash(problem.detail, "error")
        return redirect(back)
    undo = url_for("tasks.undo", undo_key=done.key) if done.changed else None
    tell(told(done, way), undo=undo)
    return redirect(back)


def shown(way: Way, order: Order, meant: Chosen, back: str) -> str:
    """The preview: how many, and the first of them."""
    changes, already = bulk.preview(order, meant)
    found = select(Task.title).where(order.allowed(), meant.condition(order.today), order.changes())
    titles = db.session.scalars(found.order_by(*Task.next_due).limit(SHOWN)).all()
    sent = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    about = {"changes": changes, "already": already, "titles": titles, "sent": sent, "back": back}
    return render_template("tasks/preview.html", way=way, **about)


def asked_way() -> Way:
    way = WAYS.get(request.form.get("act", ""))
    if way is None:
        raise Invalid("Choose what is to be done.")
    return way


def chosen(filter_: Filter) -> Chosen:
    """The tasks that are ticked, or if "all" is, those that the list shows on all its pages."""
    if request.form.get("every"):
        ids = db.session.scalars(
            select(Task.id).where(Task.is_worked_on_by(current_user), *filter_.conditions()).limit(MOST_IDS)
        )
        return Chosen(tuple(ids))
    ticked = {int(text) for text in request.form.getlist("ids") if is_number(text)}
    if not ticked:
        raise Invalid("Tick the tasks that you mean.")
    return Chosen(tuple(sorted(ticked)))


def ordered(way: Way) -> Order:
    """With what it takes. Invalid, or Conflict, where that is missing or not there."""
    person = current_user._get_current_object()
    why = clean(one_line(request.form.get("why")))[:LONGEST_WHY]
    takes: dict[str, Any] = {"status": way.status}
    if way.act is Act.PRIORITISE:
        takes["priority"] = asked_priority()
    if way.act is Act.POSTPONE:
        takes["days"] = asked_days()
    if way.act is Act.ASSIGN:
        takes["person"] = asked_person()
    if way.act is Act.MOVE:
        takes["project"] = asked_project()
    return Order(way.act, person, now(), today(), why, **takes)


def asked_priority() -> str:
    priority = request.form.get("new_priority", "")
    if priority not in set(Priority):
        raise Invalid("Choose a priority.")
    return priority


def asked_days() -> int:
    text = request.form.get("days", "")
    if not is_number(text) or not 0 < int(text) <= MOST_DAYS:
        raise Invalid(f"Say by how many days, at most {MOST_DAYS:,}.")
    return int(text)


def asked_person() -> User | None:
    """Nobody, where no name is given."""
    name = clean(one_line(request.form.get("new_person")))
    here = (User.deactivated_at.is_(None), known_to(current_user))
    found: User | None = db.session.scalar(select(User).where(User.username_key == key_of(name), *here))
    if name and found is None:
        raise Invalid(f"“{name}” is nobody here.")
    return found


def asked_project() -> Project | None:
    text = request.form.get("new_project", "")
    if text == NONE:
        return None
    if not is_number(text):
        raise Invalid("Choose a project.")
    refuse_unknown(current_user, now(), project_id=int(text))
    return db.session.get(Project, int(text))


def told(done: Done, way: Way) -> str:
    number = done.changed
    first = (
        f"{number:,} {'task is' if number == 1 else 'tasks are'} {way.becomes}."
        if number
        else "No task was changed."
    )
    return (
        f"{first} {done.already:,} {'was' if done.already == 1 else 'were'} so before."
        if done.already
        else first
    )


@tasks.post("/tasks/bulk/undo/<undo_key>")
@signed_in
def undo(undo_key: str) -> Response:
    """For whoever did it, within a day."""
    with transaction():
        found = db.session.scalar(TaskUndo.of(undo_key, current_user.id, now()).with_for_update())
        if found is None:
            raise NotFound("That can no longer be undone.")
        undone = bulk.undo(found, by=current_user._get_current_object(), at=now())
    tell(told_undone(undone))
    return redirect(url_for("tasks.manage"))


def told_undone(undone: Undone) -> str:
    if not undone.changed and not undone.left:
        return "That is undone already."
    first = (
        f"{undone.changed:,} of the tasks {BACK[undone.act]}." if undone.changed else "Nothing was undone."
    )
    left = (
        f" {undone.left:,} were left: they were changed since, or are no longer yours." if undone.left else ""
    )
    return first + left


def restore_ticked(person: Any, ids: Sequence[int]) -> int:
    """Out of the trash: how many of the tasks with these ids."""
    return bulk.do(Order(Act.RESTORE, person, now(), today()), Chosen(tuple(ids))).changed
